"""Script in, voice out: one sound file with the times of its words for the video, another for the short."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from shutil import rmtree
from typing import TYPE_CHECKING

from pressrun.errors import ScriptError, ServiceUnavailableError, VoiceError
from pressrun.media.sound import SAMPLE_BYTES, Sound, moved, silence, write_wav
from pressrun.media.spans import word_spans
from pressrun.model.script import Narration, Passage, Script
from pressrun.services.pace import LEAD, SHORT_LEAD, SHORT_TAIL, TAIL, video_seconds
from pressrun.services.protocols import Progress, Speech
from pressrun.stages.work import Work

if TYPE_CHECKING:
    from pressrun.services.protocols import Voice

SHORT_LIMITS = (60.0, 180.0)
"""Seconds that a short may take with its lead and tail: what every platform takes, and for a short that is meant to be
longer what YouTube has taken since October 2024 (YouTube Help, "Understand three-minute YouTube Shorts")."""
FRAME_ROOM = 0.5
"""Seconds below the limit, as the last frame and the sound of the encoder round up."""
ALIGN_HINT = "; the extra pressrun[align] places every word"
MISSED = 0.15
"""Share by which the spoken length may miss what was expected before it is worth a word."""
HURRY = 1.25
"""How much faster a short that is too long is spoken before it is cut."""

_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’»」』)]*$")


def run(work: Work) -> None:
    """Makes `voice.wav`, `words.json`, `short_voice.wav` and `short_words.json` of `script.json`.

    Raises `ScriptError` for a script without scenes or with an empty part, and `VoiceError` from the voice.
    """
    script = work.load("script.json", Script)
    parts = _parts(script)
    voice = _voice(work)
    speak = _speaker(work, voice, script.language)
    rate = int(work.settings["speech_rate"])
    total = len(parts) + 1
    progress: Progress = work.progress
    if prepare := getattr(voice, "prepare", None):
        texts = [*(text for _, text in parts), _plain(script.short)]
        prepare(texts, script.language, rate, work.progress, work.context)
        # What is left to do is done in a moment, and the user has seen all of the parts come.
        progress = _count_nothing
    progress(0, total, "parts")
    spoken: list[tuple[str, str, Speech]] = []
    for heading, text in parts:
        spoken.append((heading, text, speak(text, rate)))
        progress(len(spoken), total, "parts")
    pauses = _Pauses(LEAD, float(work.settings["scene_pause"]), TAIL)
    made = _joined(script, spoken, pauses)
    _save(work, "voice.wav", "words.json", made)
    _say_timing(work, made[1])
    if missed := _missed(made[0].seconds, video_seconds(script, rate, pauses.between), script.target_seconds):
        work.note(missed)
    limit = next(limit for limit in SHORT_LIMITS if work.settings["short_seconds"] <= limit)
    text, speech = _fitting_short(script.short, rate, limit, speak, work.note)
    short = _joined(script, [(script.title, text, speech)], _Pauses(SHORT_LEAD, 0, SHORT_TAIL))
    _save(work, "short_voice.wav", "short_words.json", short)
    progress(total, total, "parts")
    if work.context.parts:
        rmtree(work.context.parts, ignore_errors=True)


def _parts(script: Script) -> list[tuple[str, str]]:
    """(heading, text) in the order spoken."""
    if not script.scenes:
        raise ScriptError("script.json has no scenes", remedy="Remove it so that the stage process makes it again.")
    parts = [
        ("hook", script.book_title, script.hook),
        *((f"scenes[{n}].narration", scene.heading, scene.narration) for n, scene in enumerate(script.scenes)),
        ("close", script.title, script.close),
        ("short", script.title, script.short),
    ]
    for field, _, text in parts:
        if not any(each.isalnum() for each in text):
            raise ScriptError(
                f"script.json: the field {field} has nothing to say",
                remedy="Write its text, or remove the file so that the stage process makes it again.",
            )
    return [(heading, _plain(text)) for _, heading, text in parts[:-1]]


def _count_nothing(done: float, total: float, unit: str) -> None:
    """For what is counted already."""


def _plain(text: str) -> str:
    return " ".join(text.split())


def _voice(work: Work) -> Voice:
    from pressrun.services.voices import VOICES

    name = str(work.services["voice"])
    voice: Voice | None = VOICES.get(name)
    if voice is None:
        known = ", ".join(sorted(VOICES))
        raise ServiceUnavailableError(f'There is no voice "{name}"', remedy=f"Set voice to one of: {known}.")
    return voice


def _speaker(work: Work, voice: Voice, language: str) -> Callable[[str, int], Speech]:
    def speak(text: str, rate: int) -> Speech:
        return voice.speak(text, language, rate, work.context)

    return speak


@dataclass(frozen=True)
class _Pauses:
    """Seconds of silence before, between and after the passages; the cards cross-fade in those between."""

    lead: float
    between: float
    tail: float


def _joined(script: Script, spoken: list[tuple[str, str, Speech]], pauses: _Pauses) -> tuple[Sound, Narration]:
    """The passages one after the other with their pauses, and when each word is heard."""
    rate_hz = spoken[0][2].sample_rate
    pcm = bytearray(silence(pauses.lead, rate_hz))
    passages: list[Passage] = []
    for index, (heading, text, speech) in enumerate(spoken):
        if speech.sample_rate != rate_hz:
            raise VoiceError(
                f"The voice changed from {rate_hz} to {speech.sample_rate} samples per second within one script",
                remedy="Run the stage again with one voice.",
            )
        start = len(pcm) / SAMPLE_BYTES / rate_hz
        pcm += speech.pcm
        end = len(pcm) / SAMPLE_BYTES / rate_hz
        passages.append(Passage(heading, text, round(start, 4), round(end, 4), moved(speech.words, start)))
        pcm += silence(pauses.tail if index == len(spoken) - 1 else pauses.between, rate_hz)
    sound = Sound(bytes(pcm), rate_hz)
    timing = spoken[0][2].timing
    return sound, Narration(script.language, script.direction, round(sound.seconds, 4), timing, tuple(passages))


def _say_timing(work: Work, narration: Narration) -> None:
    """Where the times of the words come from, for `stages.json`, and for the user where captions are less exact."""
    work.fact("timing", narration.timing)
    if narration.timing == "alignment":
        work.note("The voice says nothing of its words: captions follow it by forced alignment")
    elif narration.timing == "sentence":
        work.note(
            "The voice says nothing of its words: captions follow it sentence by sentence, the lit word by estimate"
            + ALIGN_HINT * (narration.language == "en")
        )


def _missed(seconds: float, expected: float, target: float) -> str:
    """What the user is told of a voice that misses the length asked and was expected to meet it; empty otherwise."""
    if abs(seconds - target) <= MISSED * target or abs(seconds - expected) <= MISSED * expected:
        return ""
    return f"The video takes {seconds:.0f} s, {target:.0f} s were asked: the voice speaks at a pace of its own"


def _fitting_short(
    text: str, rate: int, most: float, speak: Callable[[str, int], Speech], note: Callable[[str], None]
) -> tuple[str, Speech]:
    """The short's text and sound within `most` seconds: spoken faster where that is enough, else cut by sentences."""
    limit = most - FRAME_ROOM - SHORT_LEAD - SHORT_TAIL
    text = _plain(text)
    speech = speak(text, rate)
    seconds = len(speech.pcm) / SAMPLE_BYTES / speech.sample_rate
    if seconds <= limit:
        return text, speech
    faster = min(round(rate * seconds / limit) + 4, round(rate * HURRY))
    speech = speak(text, faster)
    if len(speech.pcm) / SAMPLE_BYTES / speech.sample_rate <= limit:
        hurried = f"it is spoken at {faster} to stay under {most:.0f} s"
        note(f"The short takes {seconds:.0f} s at {rate} words per minute; {hurried}")
        return text, speech
    shorter = _cut(text, speech, limit)
    note(f"The short takes {seconds:.0f} s; it was cut to stay under {most:.0f} s and ends with: {shorter[-60:]!r}")
    return shorter, speak(shorter, faster)


def _cut(text: str, speech: Speech, limit: float) -> str:
    """`text` up to the last sentence, else the last word, that ends within `limit` seconds of `speech`."""
    fitting = [index for index, word in enumerate(speech.words) if word.end <= limit]
    ends = [index for index in fitting if _SENTENCE_END.search(speech.words[index].text)]
    last = (ends or fitting or [0])[-1]
    spans = word_spans(text, [word.text for word in speech.words])
    return text[: spans[last][1]] or text


def _save(work: Work, sound_name: str, words_name: str, made: tuple[Sound, Narration]) -> None:
    sound, narration = made
    with work.product(sound_name) as path:
        write_wav(path, sound)
    work.save(words_name, narration)
