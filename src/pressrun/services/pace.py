"""Estimate how long a text takes to speak, with the silences between the parts of a video.

Words are a poor measure: an Arabic or Polish word takes eSpeak NG half as long again as an English one, a Japanese
word has no end. Letters are a good one, within 10 % for a paragraph. The table was measured with eSpeak NG 1.52 on
paragraphs of 50 to 220 words per language, sentence by sentence, at four settings of its rate. Other voices differ;
a writer without figures for them uses these.
"""

from __future__ import annotations

import re
from itertools import pairwise

from pressrun.model.script import Script

LEAD_SECONDS = 0.5
"""Seconds before the first word: the title card is seen before it is heard."""
TAIL_SECONDS = 1.4
"""Seconds after the last word: the end card can be read."""
SHORT_LEAD, SHORT_TAIL = 0.2, 0.6
"""The same of the short."""

RATES = (100, 165, 250, 340)
"""The settings, in words per minute, that the columns of the table belong to."""
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
"""Milliseconds per letter at each of `RATES`; the pauses of commas are in it, those between sentences are not."""
FALLBACK_LANGUAGES = "en"
"""Whose figures a language without a row has; they lie in the middle of the alphabets measured."""

LETTERS_PER_DIGIT = 6.0
"""Letters that a digit takes as long to say as: 1845 is eight English words."""
LETTERS_PER_UNSPACED_DIGIT = 3.0
LETTERS_PER_KANJI = 1.7
"""Kana that a Japanese reading of one kanji has on average."""
LETTERS_PER_UNSPACED_LATIN = 0.5

_SENTENCE_END = re.compile(r"[.!?…](?=[\"'”’»)\]]*\s+\S)|[。！？؟۔।](?=.)", re.DOTALL)


def spoken_seconds(text: str, code: str, rate: int) -> float:
    """Seconds that `text` takes to say at `rate` words per minute, with the pauses between its sentences."""
    letters = sum(_letters(character, code) for character in text if character.isalnum())
    pauses = len(_SENTENCE_END.findall(text.strip()))
    return letters * _letter_seconds(code, rate) + pauses * sentence_pause(rate)


def sentence_pause(rate: int) -> float:
    """Seconds between two sentences of one text: 0.78 at 100 words per minute, 0.41 at 165, 0.12 at 340, measured."""
    return max(0.05, 93.5 / rate - 0.155)


def video_seconds(script: Script, rate: int, pause: float) -> float:
    """Seconds of the whole video, silences included; `pause` as in `silence_seconds`."""
    said = (script.hook, *(scene.narration for scene in script.scenes), script.close)
    return silence_seconds(len(said), pause) + sum(spoken_seconds(text, script.language, rate) for text in said)


def short_seconds(script: Script, rate: int) -> float:
    """Seconds of the short, silences included."""
    return SHORT_LEAD + spoken_seconds(script.short, script.language, rate) + SHORT_TAIL


def silence_seconds(parts: int, pause: float) -> float:
    """Seconds of a video of `parts` passages, `pause` seconds apart, in which nothing is said."""
    return LEAD_SECONDS + (parts - 1) * pause + TAIL_SECONDS


def _letters(character: str, code: str) -> float:
    """How many ordinary letters of the language the character takes as long to say as."""
    unspaced = code in ("ja", "zh")
    if character.isdigit():
        return LETTERS_PER_UNSPACED_DIGIT if unspaced else LETTERS_PER_DIGIT
    if code == "ja" and "\u4e00" <= character <= "\u9fff":
        return LETTERS_PER_KANJI
    return LETTERS_PER_UNSPACED_LATIN if unspaced and character.isascii() else 1.0


def _letter_seconds(code: str, rate: int) -> float:
    """Between two measured rates the time follows 1 / rate; outside them the nearest is scaled."""
    times = MILLISECONDS_PER_LETTER.get(code, MILLISECONDS_PER_LETTER[FALLBACK_LANGUAGES])
    if rate <= RATES[0]:
        return times[0] * RATES[0] / rate / 1000
    for (slow, fast), (longer, shorter) in zip(pairwise(RATES), pairwise(times), strict=True):
        if rate <= fast:
            share = (1 / rate - 1 / fast) / (1 / slow - 1 / fast)
            return (shorter + share * (longer - shorter)) / 1000
    return times[-1] * RATES[-1] / rate / 1000
