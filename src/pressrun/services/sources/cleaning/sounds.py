"""Tell sounds and stage directions in brackets from words."""

from __future__ import annotations

import re

from pressrun.services.sources.cleaning.vocabulary import word_set

_WORDS = word_set(
    "music musical applause laughter laughs laugh laughing chuckles chuckle chuckling giggles giggling "
    "cheers cheering cheer clapping claps sighs sigh sighing gasps gasp gasping coughs cough coughing "
    "sniffs sniffles sobs sobbing crying cries screams screaming shouts shouting whispers whispering "
    "groans groaning grunts grunting snores snoring hums humming singing sings whistles whistling "
    "inaudible unintelligible indistinct crosstalk silence pause pauses beat beeping beeps beep bleep "
    "bleeps buzzing ringing rings ringtone knocking knocks footsteps thunder wind barking barks meows "
    "birds chirping engine siren sirens gunshot gunshots gunfire explosion explosions crash crashing "
    "rustling creaking creaks splash splashing static noise noises sound sounds audio feedback foreign "
    "blank_audio blank narrator clears throat exhales inhales panting breathing speaking foreign-language "
    "instrumental intro outro jingle theme sfx fx vo musik applaus gelächter lachen lacht lachend beifall "
    "seufzt seufzen stille geräusch geräusche räuspert unverständlich klatschen jubel schreit schreie "
    "husten hustet flüstert musique applaudissements rires rire soupire soupir silence inaudible bruit "
    "bruits toux chuchote música aplausos risas risa suspiro suspira silencio ruido inaudible musica "
    "applausi risate risata sospiro silenzio rumore aplausos risos risada suspiro silêncio ruído muziek "
    "applaus gelach zucht stilte музыка аплодисменты смех смеётся вздох тишина "
    "音楽 拍手 笑い 笑い声 笑 歓声 音乐 掌声 笑声 音樂 掌聲 笑聲 موسيقى تصفيق ضحك"
)
_DIRECTIONS = re.compile(
    r"(?:scene|act|cut|fade|fades|pan|zoom|int\.|ext\.|enter|exit|exeunt|curtain|b-?roll"
    r"|on[- ]screen|voice[- ]?over"
    r"|v\.?o\.?"
    r"|narrator|speaker|title card|transition|sound of|sounds of|sound effect|background|szene|akt|auftritt|vorhang"
    r"|scène|acte|escena|acto|scena|atto)\b",
    re.IGNORECASE,
)
_FUNCTION_WORDS = word_set(
    "the a an his her its their he she it they we i that this those these of to in is was were are be been "
    "had has have and or my our your for with not as by from on at who which der die das ein eine er sie "
    "es wir und le la les un une il elle et"
)
_COMPANIONS = word_set(
    "and in the a of background distance continues playing plays stops starts ends fades loud loudly soft softly quiet"
    " quietly light lightly scattered distant audience crowd people man woman men women boy girl child children baby"
    " dog dogs cat door phone bell bells car truck train plane gun dramatic upbeat sad tense ominous gentle"
    " piano guitar orchestra choir heavy deep nervously both all everyone he she they indistinctly inaudibly on off up"
    " down foreign language english french german spanish in out over"
)
EDITORS_WORDS = word_set("he she it they we i you that this those these who which and or but is was were are")
"""Words with which an editor's addition begins, and hardly ever a sound."""
_NOTES = re.compile(r"[♪♫♬♩#]")


def is_sound(inside: str, brackets: str) -> bool:
    """Return whether the words `inside` a pair of brackets name a sound or a direction. `brackets` is "[" or "("."""
    text = inside.strip(" .!…-–—")
    if not text or _NOTES.search(text) or not any(map(str.isalnum, text)):
        return True
    words = re.findall(r"[^\W\d_]+(?:[-'’_][^\W\d_]+)*", text.casefold())
    if not words or (len(words) > 8 and not text.isupper()):
        return brackets == "[" and bool(_DIRECTIONS.match(text)) and len(words) <= 40
    known = sum(word in _WORDS for word in words)
    if brackets == "[":
        if words[0] in _FUNCTION_WORDS and not text.isupper():
            return False  # an editor's words, as in "he heard [the wind]"
        return known > 0 or bool(_DIRECTIONS.match(text)) or (text.isupper() and len(text) > 3)
    # In round brackets people also write asides: only notes of sounds count, with the words that go with them.
    return known > 0 and len(words) <= 6 and all(word in _WORDS or word in _COMPANIONS for word in words)
