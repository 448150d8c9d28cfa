"""Check a finished script for what a person would not say, and quote the sentences that contain it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from pressrun.model.script import Script
from pressrun.services.languages import detect_language, split_sentences, spoken_words
from pressrun.services.sentence_boundaries import ends_with_abbreviation

MAX_WARNINGS = 5
"""Warnings that are shown; of more, the number."""
MIN_SCENE_WORDS = 4.0
MIN_DETECTABLE_LETTERS = 200
"""Letters from which the detected language is worth a warning."""
MAX_QUOTE = 120

_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\]\("), "contains a link"),
    (re.compile(r"-->"), "contains an arrow"),
    (re.compile(r"</|<[a-zA-Z][^<>]*>"), "contains an HTML tag"),
    (re.compile(r"\\par\b|\\[a-z]{2,}\b"), "contains markup of RTF or LaTeX"),
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "contains an identifier"),
    (re.compile(r"\bhttps?://|\bwww\.\w"), "contains a web address"),
    (re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8});"), "contains an HTML entity"),
    (re.compile(r"\*\*|(?<![^\W_])__?(?=\w)|==\w|`|\{\{|~~"), "contains markup"),
    (re.compile(r"\d{1,2}:\d{2}:\d{2}[.,]\d{3}"), "contains a timestamp"),
    (re.compile(r"[\[\]]"), "contains a square bracket"),
    (re.compile("\ufffd"), "contains a character that could not be read"),
)
_SCRIPTS = {
    **dict.fromkeys(
        ("ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tg", "tt", "ce", "cv", "ba"), ("CYRILLIC",)
    ),
    "el": ("GREEK",),
    "hy": ("ARMENIAN",),
    "ka": ("GEORGIAN",),
    "am": ("ETHIOPIC",),
    "ti": ("ETHIOPIC",),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "sd", "ug", "ku"), ("ARABIC",)),
    **dict.fromkeys(("he", "yi"), ("HEBREW",)),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), ("DEVANAGARI",)),
    "bn": ("BENGALI",),
    "as": ("BENGALI",),
    "pa": ("GURMUKHI",),
    "gu": ("GUJARATI",),
    "or": ("ORIYA",),
    "ta": ("TAMIL",),
    "te": ("TELUGU",),
    "kn": ("KANNADA",),
    "ml": ("MALAYALAM",),
    "si": ("SINHALA",),
    "th": ("THAI",),
    "lo": ("LAO",),
    "km": ("KHMER",),
    "my": ("MYANMAR",),
    "bo": ("TIBETAN",),
    "dv": ("THAANA",),
    "ja": ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"),
    "zh": ("CJK", "BOPOMOFO"),
    "ko": ("HANGUL", "CJK"),
}
"""Language -> the scripts of its letters, as in their Unicode names. Latin letters occur in every language."""
_LATIN = ("LATIN", "FULLWIDTH", "HALFWIDTH", "MODIFIER", "MASCULINE", "FEMININE", "MICRO", "SUPERSCRIPT")
_SAME_LANGUAGE = (
    frozenset(("no", "nb", "nn", "da")),
    frozenset(("hr", "sr", "bs", "sh", "sl")),
    frozenset(("ms", "id")),
    frozenset(("cs", "sk")),
    frozenset(("gl", "pt")),
    frozenset(("af", "nl")),
    frozenset(("bg", "mk")),
    frozenset(("hi", "mr", "ne")),
    frozenset(("fa", "ur")),
)
"""Languages that the detector confuses."""


def script_warnings(script: Script) -> list[str]:
    """Return a warning for each sentence that a person would not say so, and for a text in another language."""
    found = list(dict.fromkeys(_find(script)))
    shown = found[:MAX_WARNINGS]
    if len(found) > MAX_WARNINGS:
        shown.append(f"{len(found) - MAX_WARNINGS} more sentences of script.json may not read well")
    return shown


def _find(script: Script) -> Iterator[str]:
    code = script.language
    spoken = "\n".join((script.hook, *(scene.narration for scene in script.scenes), script.close))
    if warning := language_warning(spoken, code, "The script"):
        yield warning
    parts = [
        ("The beginning", script.hook),
        *((f"Scene {n}", scene.narration) for n, scene in enumerate(script.scenes, 1)),
    ]
    for name, text in (*parts, ("The end", script.close), ("The short", script.short)):
        sentences = split_sentences(text, code)
        for sentence in sentences:
            if reason := _problem_of(sentence, code):
                yield f"{name}: {quote(sentence)} {reason}"
        if name.startswith("Scene") and spoken_words(text, code) < MIN_SCENE_WORDS:
            yield f"{name} has fewer than {MIN_SCENE_WORDS:.0f} words: {quote(text)}"


def _problem_of(sentence: str, code: str) -> str:
    for pattern, reason in _SIGNS:
        if pattern.search(sentence):
            return reason
    if abbreviation := ends_with_abbreviation(sentence):
        return f'ends with the abbreviation "{abbreviation}"'
    if foreign := foreign_letters(sentence, code):
        return f"contains letters that the voice may not know: {' '.join(foreign[:5])}"
    return ""


def foreign_letters(text: str, code: str) -> list[str]:
    """Return the letters of `text` that are neither of the scripts of the language nor Latin, each once."""
    if text.isascii():
        return []
    known = (*_SCRIPTS.get(code, ()), *_LATIN)
    letters = dict.fromkeys(each for each in text if each > "\u02ff" and each.isalpha())
    return [each for each in letters if not unicodedata.name(each, "LATIN").split()[0].startswith(known)]


def language_warning(text: str, code: str, name: str) -> str:
    """Return a warning if `text` is surely in another language than `code`, which the voice speaks, else nothing."""
    if sum(map(str.isalpha, text)) < MIN_DETECTABLE_LETTERS:
        return ""
    found = detect_language(text)
    if not found.sure or found.code == code or any({found.code, code} <= group for group in _SAME_LANGUAGE):
        return ""
    return (
        f"{name} is in another language ({found.code}) than the voice ({code}): {quote(text)} Set --language "
        f"{found.code}, or auto"
    )


def quote(text: str) -> str:
    """Return the beginning of a text in quotation marks, in one line."""
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= MAX_QUOTE else f'"{line[:MAX_QUOTE].rsplit(" ", 1)[0]}…"'
