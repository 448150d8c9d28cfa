"""What the program knows of languages: codes, direction, sentences, words, how long a text takes to say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from pressrun.errors import SettingsError
from pressrun.model.script import Direction
from pressrun.services.sentence_boundaries import correct_sentences, join_glued

FALLBACK_LANGUAGE = "en"

# ISO 639-1, all codes of the standard.
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee "
    "el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is "
    "it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms "
    "mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk "
    "sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi "
    "yo za zh zu"
)
LANGUAGE_CODES = frozenset(_CODES.split())
RIGHT_TO_LEFT = frozenset(["ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"])

CHARACTERS_PER_WORD = {"ja": 2.0, "zh": 1.5, "th": 4.0, "lo": 4.0, "km": 4.5, "my": 4.5, "bo": 2.5}
"""Languages written without blanks between words, and how many of their characters take as long to say as one word.

At 165 words a minute this makes 330 Japanese characters a minute, a little above the 300 that Japanese news readers
aim at, and 250 Chinese ones, the middle of the 200 to 300 usual in broadcasts. The others follow from the average
length of their words.
"""

MIN_DETECTABLE_LETTERS = 20
"""Letters below which the language of a text cannot be detected."""
MIN_PROBABILITY = 0.5
SAMPLE_LETTERS = 3000
"""Characters the detector looks at, from the beginning and from the middle."""

# What cannot stand in a word: blanks, punctuation and symbols, by their Unicode blocks. Apostrophes and hyphens can.
_WORD = re.compile(
    r"[^\s!-&(-,./:-@\[-`{-~\u00a1-\u00bf\u00d7\u00f7\u0589\u05be-\u05c6\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965"
    r"\u0f04-\u0f14\u104a-\u104f\u1361-\u1368\u17d4-\u17da\u2000-\u200b\u2012-\u2018\u201a-\u2bff\u3000-\u3004\u3008-\u3020"
    r"\u3030\u30fb\ufe10-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufffc\ufffd\U0001f000-\U0001faff]+"
)
_MARGIN = "'’-‑\u00ad"
_END = {"ja": "。", "zh": "。", "hi": "।", "mr": "।", "ne": "।", "bn": "।", "ur": "۔", "my": "။", "am": "።", "hy": "։",
        "th": "", "lo": ""}


@dataclass(frozen=True)
class Language:
    """The language of a text and how it was found; `reason` completes "en, ..."."""

    code: str
    direction: Direction
    reason: str
    sure: bool = True


def direction_of(code: str) -> Direction:
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


def parse_language(setting: str) -> str | None:
    """The ISO 639-1 code that the setting `language` means, None for "auto". Raises `SettingsError`."""
    code = re.split(r"[-_]", setting.strip().lower(), maxsplit=1)[0]
    if code == "auto":
        return None
    if code not in LANGUAGE_CODES:
        raise SettingsError(
            f'Setting language: "{setting}" is no language code', remedy='Use two letters, such as "en", or "auto".'
        )
    return code


def detect_language(text: str, setting: str = "auto") -> Language:
    """The language of `text`: as set, else detected, else English with a reason that says so.

    Raises `SettingsError` when the setting is neither "auto" nor an ISO 639-1 code.
    """
    code = parse_language(setting)
    if code is not None:
        return Language(code, direction_of(code), "set")
    if sum(map(str.isalpha, text)) < MIN_DETECTABLE_LETTERS:
        reason = "assumed: the text is too short to detect its language"
        return Language(FALLBACK_LANGUAGE, direction_of(FALLBACK_LANGUAGE), reason, False)
    code, probability = _detect(text)
    if probability < MIN_PROBABILITY:
        return Language(code, direction_of(code), "detected, but unsure: the text may mix languages", False)
    return Language(code, direction_of(code), "detected")


@cache
def _identifier() -> Any:
    """The detector; reading its model takes half a second, so it happens once in a process."""
    from py3langid import langid

    made = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    made.set_languages([label for label in made.labels if label in LANGUAGE_CODES])
    return made


def is_detectable(code: str) -> bool:
    """Whether the detector knows the language."""
    return code in _identifier().labels


def _detect(text: str) -> tuple[str, float]:
    middle = len(text) // 2
    sample = text
    if len(text) > 2 * SAMPLE_LETTERS:
        sample = f"{text[:SAMPLE_LETTERS]}\n{text[middle : middle + SAMPLE_LETTERS]}"
    code, probability = _identifier().classify(sample)
    return str(code), float(probability)


def split_sentences(text: str, code: str) -> list[str]:
    """The sentences of one paragraph, without the blanks around them."""
    import sentencex

    pieces = [each for part in join_glued(sentencex.segment(code, text)) if (each := " ".join(part.split()))]
    return correct_sentences(pieces, code)


def written_words(text: str) -> list[str]:
    """The runs of letters and digits of `text`, in any script."""
    return [word for run in _WORD.findall(text) if any(map(str.isalnum, word := run.strip(_MARGIN)))]


def words(text: str, code: str) -> list[str]:
    """The words of `text` as written. Languages without blanks between words give pairs of neighbouring letters."""
    found = written_words(text)
    if code not in CHARACTERS_PER_WORD:
        return found
    pairs: list[str] = []
    for run in found:
        if run.isascii() or len(run) < 3:
            pairs.append(run)
        else:
            pairs += [run[index : index + 2] for index in range(len(run) - 1)]
    # Pairs of hiragana are endings and particles, which say nothing of the subject.
    return [pair for pair in pairs if not all("\u3041" <= letter <= "\u309f" for letter in pair)]


def spoken_words(text: str, code: str) -> float:
    """How many words of an ordinary language `text` takes as long to say as; the measure of all lengths."""
    found = written_words(text)
    per_word = CHARACTERS_PER_WORD.get(code)
    if per_word is None:
        return float(len(found))
    return sum(1.0 if run.isascii() else len(run) / per_word for run in found)


def sentence_separator(code: str) -> str:
    """Return the text between two sentences."""
    return "" if code in ("ja", "zh") else " "


def end_mark(code: str) -> str:
    """Return the mark that ends a sentence without a mark of its own."""
    return _END.get(code, ".")
