"""Correct where sentences end, and find where a text without spaces may be broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OPENING = "\"'“”‘’«»„‚([{¿¡—–- "
_BEFORE_NUMBER = _words(
    "approx appx ca c cca circa cent vol vols ch chap chs no nos nr num fig figs p pp pg pgs sec sect arts para bk "
    "col cols l ll v vv str abs bd bde kap abb tab taf z ziff anm hs jg env éd t sept jan feb apr jun jul aug oct "
    "nov dec okt dez núm pág págs cf vgl vs lbs lb oz ft yd yds mi hr hrs min mins secs gal pts qt qts tsp tbsp ht "
    "temp avg incl excl bzw evtl ggf inkl zzgl abzgl exkl n b d s op opp ed eds janv févr avr juil août nov déc "
    "chap ap av env ene abr may ago set dic aprox séc art arts cap caps núms febbr genn lug sett ott cfr pag pagg "
    "kl ok kb ul č čís str rok resp ок рис стр гл табл п ст д кв с см прим ср вып т tel tél พ.ศ ค.ศ тел bl mt m.ö "
    "d.c p.ej"
)
"""Abbreviations, without their full stop, after which a number continues the sentence."""
_NUMBERED = _words(
    "séc sec siècle saec sv st vol vols ch chap nos nr bk book pt part fig figs p pp act sc bd kap t tome"
)
"""Abbreviations that a Roman numeral may follow."""
_TITLES = _words("m mm mme mmes mlle mgr mr mrs ms messrs dr drs prof hrn frl sra srta dra sig sigg dott ing geb")
_ROMANCE_TITLES = _words("st ste sto sta san av avda pl pza ap sr srs srtas profa d dna mons")
_TITLES_OF = {
    **dict.fromkeys(("fr", "es", "it", "pt", "ca", "gl", "ro"), _ROMANCE_TITLES),
    "nl": _words("dhr mevr mej"),
    "fi": _words("tri"),
    **dict.fromkeys(("da", "sv", "nb", "no", "nn"), _words("hr frk fru")),
    "pl": _words("inż hab doc ks św im ul"),
    **dict.fromkeys(("ru", "uk", "be", "bg"), _words("г-н г-жа проф акад им ул д-р")),
    **dict.fromkeys(("hi", "mr", "ne"), _words("डॉ डा श्री प्रो")),
    "th": _words("ดร ศ นพ"),
    "el": _words("κ κα δρ"),
}
"""Abbreviations that a name follows."""
_NEVER_LAST = _words(
    "approx ca cca e.g i.e z.b d.h p.ej p.ex cf vgl bzw resp vs viz sogen incl inkl excl messrs mr mrs dr prof mme "
    "mlle aprox zzgl abzgl bzgl sog ggf evtl cfr bijv mevr dhr d.w.z t.ex f.eks np tj tzw tzn npr т.е ок т.н напр"
)
"""Abbreviations that cannot end a sentence."""
_LETTER_END = re.compile(r"(?<![^\W_])[^\W\d_]\.$")
_ALWAYS_BEFORE = _words(
    "approx cca e.g i.e z.b d.h p.ej p.ex vgl bzw viz sogen aprox inkl exkl zzgl abzgl bzgl sog ggf evtl cfr bijv "
    "d.w.z t.ex f.eks tj tzw tzn npr т.е т.н напр"
)
"""Abbreviations that the rest of their sentence follows, whatever it begins with."""
_INITIAL = re.compile(r"(?<![^\W_])[^\W\d_a-zA-Z]\.$")
"""A single letter that is not Latin, as in "Е. И. Носов"."""
_INITIAL_LANGUAGES = _words("ja zh ko th lo km my")
_DATE_ENDING_KO = re.compile(r"(?:에|부터|까지|경|자|생)")
_LAST_WORD = re.compile(r"([^\W\d_][\w\u0900-\u0963\u0e31-\u0e4e.’']*)\.$|(?<!\w)([^\W\d_]\.(?:\s?[^\W\d_]\.)+)$")
_ROMAN = re.compile(r"[IVXLC]+(?![\w’'])")
_ORDINAL = re.compile(
    r"(?:^|\s)(?:im|am|vom|zum|beim|ins|dem|den|des|der|das|die|ab|bis|seit|und|i|det|på|v|ve|do|od)\s\d{1,2}\.$",
    re.IGNORECASE,
)
"""A number with a full stop that counts, as in the German "im 19. Jahrhundert"."""
_ORDINAL_LANGUAGES = _words("de da nb nn no fi cs sk hu pl hr sl et lv is lb")
_SAID_JA = re.compile(r"(?:と|って|という|などと|なんて|は|が|を|に|の|も|だ|です)")
_SAID_ZH = re.compile(r"[^，。！？]{0,6}[说說道问問喊叫答嚷笑]")
_KHMER_END = re.compile(r"(?<=[។៕៖།༎])\s*")
UNSPACED_PHRASES = frozenset(("th", "lo", "km", "my", "bo"))
"""Languages that put spaces between phrases instead of words."""


def correct_sentences(pieces: Sequence[str], code: str) -> list[str]:
    """Return the sentences of one paragraph with parts joined that belong together."""
    if code in ("km", "bo"):
        pieces = [part for piece in pieces for part in _KHMER_END.split(piece) if part.strip()]
    if len(pieces) < 2:
        return list(pieces)
    small = sum(_begins_small(piece) for piece in pieces[1:])
    all_small = (
        small == len(pieces) - 1
        and len(pieces) > 3
        and not any(letter.isupper() for piece in pieces for letter in piece)
    )
    joined = [pieces[0]]
    for before, piece in pairwise(pieces):
        if _continues(before, piece, code, all_small):
            joined[-1] = f"{joined[-1]}{'' if code in ('ja', 'zh') else ' '}{piece}"
        else:
            joined.append(piece)
    return joined


def join_glued(parts: Iterable[str]) -> Iterator[str]:
    """Yield the parts with those joined that no space separates after a single letter, as in "a.C." and "av. J.-C."."""
    before = ""
    for part in parts:
        if before and (part[:1] in "ºª" or (_LETTER_END.search(before) and (part[:1].isalpha() or part[:1] == "-"))):
            before += part
            continue
        if before:
            yield before
        before = part
    if before:
        yield before


def ends_with_abbreviation(sentence: str) -> str:
    """Return the abbreviation that a sentence cannot end with, e.g. "approx."; an empty string if it ends well."""
    word = _last_word(sentence)
    return f"{word}." if word in _NEVER_LAST else ""


def _begins_small(piece: str) -> bool:
    bare = piece.lstrip(_OPENING)
    return bare[:1].islower()


def _last_word(text: str) -> str:
    found = _LAST_WORD.search(text.rstrip())
    return re.sub(r"\s", "", found[1] or found[2] or "").rstrip(".").casefold() if found else ""


def _continues(before: str, piece: str, code: str, all_small: bool) -> bool:
    """Whether `piece` belongs to the sentence of `before`."""
    if code == "ja":
        return before.endswith(("」", "』")) and bool(_SAID_JA.match(piece))
    if code == "zh":
        return before.endswith(("”", "」", "』")) and bool(_SAID_ZH.match(piece))
    if _begins_small(piece):
        return not all_small
    word = _last_word(before)
    bare = piece.lstrip(_OPENING)
    if code == "ko" and before[-2:-1].isdigit() and before.endswith("."):
        return bare[:1].isdigit() or bool(_DATE_ENDING_KO.match(bare))
    if code not in _INITIAL_LANGUAGES and _INITIAL.search(before) and bare[:1].isalpha():
        return True
    if word in _ALWAYS_BEFORE:
        return True
    if code in _ORDINAL_LANGUAGES and _ORDINAL.search(before):
        return True
    if not word:
        return False
    if bare[:1].isdigit():
        return word in _BEFORE_NUMBER
    if _ROMAN.match(bare) and word in _NUMBERED:
        return True
    is_title = word in _TITLES or word in _TITLES_OF.get(code, ())
    return is_title and bare[:1].isalpha() and (len(word) > 1 or code == "fr")


def break_phrases(text: str, code: str) -> list[str]:
    """Return `text` in pieces between which a line may be broken. Joined, they are the text.

    Thai, Japanese and Chinese break between phrases, other languages without spaces between syllables. A grapheme
    cluster stays whole.
    """
    if (parser := _phrase_parser(code)) is not None:
        return [piece for piece in parser.parse(text) if piece]
    return list(_syllables(text, code))


@cache
def _phrase_parser(code: str) -> Any:
    import budoux

    loader = {
        "ja": budoux.load_default_japanese_parser,
        "zh": budoux.load_default_simplified_chinese_parser,
        "th": budoux.load_default_thai_parser,
    }.get(code)
    return loader() if loader else None


_LAO = r"(?<![\u0ec0-\u0ec4])(?:(?=[\u0ec0-\u0ec4])|(?=[\u0e81-\u0eae][\u0eb0-\u0ebd\u0ec8-\u0ecd]))"
_KHMER = r"(?<!\u17d2)(?=[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3])*[\u17b6-\u17c5])"
_BURMESE = r"(?<!\u1039)(?=[\u1000-\u102a\u103f](?![\u1037\u1038]?[\u103a\u1039]))"
_TIBETAN = r"(?<=\u0f0b)"
_SYLLABLES = {"lo": re.compile(_LAO), "km": re.compile(_KHMER), "my": re.compile(_BURMESE), "bo": re.compile(_TIBETAN)}
"""Where a syllable surely begins. Thai, Japanese and Chinese have a model instead."""


def _syllables(text: str, code: str) -> Iterator[str]:
    """Yield pieces of whole syllables."""
    start = 0
    for found in _SYLLABLES[code].finditer(text) if code in _SYLLABLES else ():
        if found.start() > start:
            yield text[start : found.start()]
            start = found.start()
    if start < len(text):
        yield text[start:]
