"""Rate how representative each sentence is of the whole text, with LexRank from sumy on our own sentences and words.

LexRank (Erkan and Radev, 2004) was chosen over TextRank and LSA of the same library: on the example sources its first
sentences are those that name the subject of their paragraph, and it needs no tuning per language.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pressrun.services.writers.units import Unit

WINDOW_SENTENCES = 150
"""Sentences rated together: the time of LexRank grows with the square of their number."""
MIN_RATING, MAX_RATING = 0.4, 2.0

_NAMES = {
    "ar": "arabic", "zh": "chinese", "cs": "czech", "en": "english", "fr": "french", "de": "german", "el": "greek",
    "he": "hebrew", "it": "italian", "ja": "japanese", "ko": "korean", "pl": "polish", "pt": "portuguese",
    "sk": "slovak", "es": "spanish", "sv": "swedish", "th": "thai", "uk": "ukrainian",
}
# Additions to the list of the library.
_MORE = {"en": frozenset(("would", "could", "also", "one", "two", "even", "much", "may", "might", "must", "shall"))}


class _Words:
    """A tokenizer for sumy: its own needs a download, and the words of our sentences are already known."""

    def __init__(self, units: list[Unit]) -> None:
        self._tokens = {unit.text: unit.tokens for unit in units}

    def to_sentences(self, paragraph: str) -> tuple[str, ...]:
        return (paragraph,)

    def to_words(self, sentence: str) -> tuple[str, ...]:
        return self._tokens[sentence]


def rate_sentences(units: list[Unit], code: str) -> list[float]:
    """Return one rating per sentence, 1.0 on average, between `MIN_RATING` and `MAX_RATING`."""
    unimportant = stop_words(code) or frequent_words(units)
    found: list[float] = []
    for start in range(0, len(units), WINDOW_SENTENCES):
        found += _rate(units[start : start + WINDOW_SENTENCES], code, unimportant)
    return found


def _rate(units: list[Unit], code: str, unimportant: frozenset[str]) -> list[float]:
    if len(units) < 3:
        return [1.0] * len(units)
    import warnings

    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
    from sumy.summarizers.lex_rank import LexRankSummarizer

    tokenizer = _Words(units)
    document = ObjectDocumentModel([Paragraph([Sentence(unit.text, tokenizer) for unit in units])])
    summarizer = LexRankSummarizer(_stemmer(code))
    summarizer.stop_words = unimportant
    order: dict[int, float] = {}

    def keep_all(infos: list[Any]) -> list[Any]:
        order.update((info.order, float(info.rating)) for info in infos)
        return infos

    with warnings.catch_warnings():
        # Sentences without common words make the ranking divide by zero; the result is handled below.
        warnings.simplefilter("ignore", RuntimeWarning)
        summarizer(document, keep_all)
    raw = [order.get(number, 0.0) for number in range(len(units))]
    mean = sum(raw) / len(raw)
    if not mean > 0:
        return [1.0] * len(units)
    return [min(MAX_RATING, max(MIN_RATING, each / mean)) for each in raw]


def _stemmer(code: str) -> Any:
    from sumy.nlp.stemmers import Stemmer, null_stemmer

    try:
        return Stemmer(_NAMES[code])
    except (KeyError, LookupError):
        return null_stemmer


@lru_cache(maxsize=4)
def stop_words(code: str) -> frozenset[str]:
    """Return the stop words of a language; empty if there is no list."""
    from sumy.utils import get_stop_words

    try:
        known: frozenset[str] = get_stop_words(_NAMES[code])
    except (KeyError, LookupError):
        return frozenset()
    return known | _MORE.get(code, frozenset())


def frequent_words(units: Sequence[Unit]) -> frozenset[str]:
    """Estimate the stop words of a language without a list: short words found in many sentences of the text."""
    counts = Counter(token for unit in units for token in set(unit.tokens))
    least = max(3, len(units) // 8)
    return frozenset(token for token, count in counts.items() if len(token) <= 4 and count >= least)
