"""Estimate how long a text takes to speak, including the pauses between the parts of a video.

Counting words is inaccurate: an Arabic or Polish word takes eSpeak NG 1.5 times as long as an English one, and Japanese
has no spaces. Counting letters is within 10 % for a paragraph. The table was measured with eSpeak NG 1.52 on paragraphs
of 50 to 220 words per language, sentence by sentence, at four rates. Other voices differ; writers without figures for
them use these.
"""

from __future__ import annotations

import re
from itertools import pairwise

from pressrun.model.script import Script

LEAD_SECONDS = 0.5
"""Seconds before the first word, while the title card is shown."""
TAIL_SECONDS = 1.4
"""Seconds after the last word, long enough to read the end card."""
SHORT_LEAD, SHORT_TAIL = 0.2, 0.6
"""The same silences for the short."""

RATES = (100, 165, 250, 340)
"""Words per minute of the columns of the table."""
MILLISECONDS_PER_LETTER: dict[str, tuple[float, float, float, float]] = {
    "ar": (180.3, 111.4, 75.2, 55.9),
    "de": (109.1, 65.8, 43.6, 32.1),
    "en": (112.7, 68.9, 46.1, 33.8),
    "es": (115.2, 70.8, 48.4, 39.2),
    "fr": (93.2, 55.1, 36.3, 26.7),
    "hi": (237.3, 139.7, 88.8, 68.5),
    "it": (113.2, 69.6, 46.9, 35.9),
    "ja": (237.8, 139.5, 88.2, 64.4),
    "ko": (320.8, 188.7, 122.3, 96.1),
    "nl": (118.0, 71.3, 46.6, 33.6),
    "pl": (132.0, 79.1, 51.4, 38.1),
    "pt": (126.2, 74.8, 48.6, 35.2),
    "ru": (96.9, 63.1, 46.9, 39.0),
    "tr": (140.2, 82.1, 52.8, 38.4),
    "zh": (470.2, 269.3, 163.8, 116.6),
}
"""Milliseconds per letter at each of `RATES`, including pauses at commas but not between sentences."""
MIN_SHARE = 0.45
"""Share of the time at the highest rate that any voice takes; about a fifth of the time at a normal rate."""
MIN_LETTERS = 12
"""Number of letters from which a text is long enough to compare: a voice may swallow half of a word."""
FALLBACK_LANGUAGES = "en"
"""Language whose figures are used for one without a row; they are in the middle of the alphabets measured."""

LETTERS_PER_DIGIT = 6.0
"""Number of letters that take as long to say as a digit: 1845 is eight English words."""
LETTERS_PER_UNSPACED_DIGIT = 3.0
LETTERS_PER_KANJI = 1.7
"""Average number of kana in the Japanese reading of a kanji."""
LETTERS_PER_UNSPACED_LATIN = 0.5
PARAGRAPH_PAUSE_SHARE = 1.5
"""Pause between two paragraphs, as a multiple of that between two sentences."""

_SENTENCE_END = re.compile(r"[.!?…](?=[\"'”’»)\]]*\s+\S)|[。！？؟۔।](?=.)", re.DOTALL)


def spoken_seconds(text: str, code: str, rate: int) -> float:
    """Return the seconds it takes to say `text` at `rate` words per minute, including pauses between sentences."""
    letters = sum(_letters(character, code) for character in text if character.isalnum())
    pauses = len(_SENTENCE_END.findall(text.strip()))
    return letters * _letter_seconds(code, rate) + pauses * sentence_pause(rate)


def min_spoken_seconds(text: str, code: str) -> float:
    """Return the seconds below which audio cannot be all of `text`: less than half of what the fastest voice takes."""
    letters = sum(character.isalnum() for character in text)
    return MIN_SHARE * letters * _letter_seconds(code, RATES[-1]) if letters >= MIN_LETTERS else 0.0


def sentence_pause(rate: int) -> float:
    """Return the seconds between two sentences: 0.78 at 100 words per minute, 0.41 at 165, 0.12 at 340, measured."""
    return max(0.05, 93.5 / rate - 0.155)


def paragraph_pause(rate: int) -> float:
    """Return the seconds between two paragraphs: more than between sentences, less than between scenes."""
    return PARAGRAPH_PAUSE_SHARE * sentence_pause(rate)


def video_seconds(script: Script, rate: int, pause: float) -> float:
    """Return the seconds of the whole video, including silences; `pause` as in `silence_seconds`."""
    passages = (script.hook, *(scene.narration for scene in script.scenes), script.close)
    return silence_seconds(len(passages), pause) + sum(spoken_seconds(text, script.language, rate) for text in passages)


def short_seconds(script: Script, rate: int) -> float:
    """Return the seconds of the short, including silences."""
    return SHORT_LEAD + spoken_seconds(script.short, script.language, rate) + SHORT_TAIL


def silence_seconds(parts: int, pause: float) -> float:
    """Return the silent seconds of a video of `parts` passages that are `pause` seconds apart."""
    return LEAD_SECONDS + (parts - 1) * pause + TAIL_SECONDS


def _letters(character: str, code: str) -> float:
    """Return the number of ordinary letters of the language that take as long to say as the character."""
    unspaced = code in ("ja", "zh")
    if character.isdigit():
        return LETTERS_PER_UNSPACED_DIGIT if unspaced else LETTERS_PER_DIGIT
    if code == "ja" and "\u4e00" <= character <= "\u9fff":
        return LETTERS_PER_KANJI
    return LETTERS_PER_UNSPACED_LATIN if unspaced and character.isascii() else 1.0


def _letter_seconds(code: str, rate: int) -> float:
    """Interpolate by 1 / rate between two measured rates; scale the nearest one outside them."""
    times = MILLISECONDS_PER_LETTER.get(code, MILLISECONDS_PER_LETTER[FALLBACK_LANGUAGES])
    if rate <= RATES[0]:
        return times[0] * RATES[0] / rate / 1000
    for (slow, fast), (longer, shorter) in zip(pairwise(RATES), pairwise(times), strict=True):
        if rate <= fast:
            share = (1 / rate - 1 / fast) / (1 / slow - 1 / fast)
            return (shorter + share * (longer - shorter)) / 1000
    return times[-1] * RATES[-1] / rate / 1000
