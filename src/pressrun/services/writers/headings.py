"""Short headings: the ones of the source, else a phrase that the scene itself uses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from pressrun.model.book import fold
from pressrun.services.languages import CHARACTERS_PER_WORD, words, written_words
from pressrun.services.writers.units import Unit

LONGEST = 60
"""Characters of a heading; longer ones are no headings."""
MOST_WORDS = 4

_BREAK = re.compile(r"[^\w\s'’\-‑\u064b-\u065f\u0900-\u0dff]+")
_NUMBERED = re.compile(
    r"^(?:(?:chapter|part|section|kapitel|teil|chapitre|capítulo)\s+)?(?:\d+|[ivxlc]+)(?:[.:)]\s*|\s*[-–—]\s*|$)",
    re.IGNORECASE,
)
_DETERMINERS = frozenset(
    ("the", "a", "an", "his", "her", "its", "their", "our", "your", "my", "of", "no", "every", "each", "many", "some",
     "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "le", "la", "les", "un",
     "une", "des", "du", "el", "los", "las", "una", "il", "lo", "gli", "i", "o", "os", "as", "um", "uma", "de", "het",
     "een")
)
_NOT_NOUNS = re.compile(r"(?:ly|ing|ed|n't|’t)$")
_VERBS = frozenset(
    ("left", "paid", "swore", "ran", "runs", "goes", "comes", "came", "went", "gives", "gave", "takes", "took", "made",
     "makes", "says", "said", "knows", "knew", "found", "kept", "keeps", "held", "holds", "began", "begins", "became",
     "becomes", "lies", "stood", "stands", "depend", "depends", "grew", "grows", "wrote", "writes", "sees", "shows")
)
"""Frequent English verbs that look like nouns to everything but a dictionary."""
_CJK_PHRASE = re.compile(r"[一-鿿々ァ-ヿー]{2,8}(?:の[一-鿿々ァ-ヿー]{1,8})?")


def own_heading(text: str, book_title: str) -> str:
    """A heading of the source as a card shows it; empty when it only repeats the title, numbers, or is too long."""
    clean = _NUMBERED.sub("", " ".join(text.split())).strip(" .:;,-–—")
    if not clean or len(clean) > LONGEST or fold(clean) == fold(book_title):
        return ""
    return clean[:1].upper() + clean[1:]


def phrase_of(
    scene: Sequence[Unit], everything: Sequence[Unit], code: str, stop: frozenset[str], used: Collection[str]
) -> str:
    """A phrase that stands in `scene`, is typical of it, and is none of `used`."""
    here = Counter(token for unit in scene for token in unit.tokens)
    all_over = Counter(token for unit in everything for token in unit.tokens)
    taken = {fold(each) for each in used}
    candidates: dict[str, float] = {}
    for number, unit in enumerate(scene):
        for phrase, quality in _phrases(unit.text, code, stop):
            tokens = [word.casefold() for word in words(phrase, code)]
            known = [token for token in tokens if token not in stop and token in here]
            telling = [here[token] ** 1.5 / all_over[token] + unit.rating / 4 for token in known]
            weight = quality * sum(telling) / len(telling) ** 0.75 if telling else quality
            candidates[phrase] = max(candidates.get(phrase, 0.0), weight * (1.4 if number == 0 else 1.0))
    fresh = {phrase: weight for phrase, weight in candidates.items() if fold(phrase) not in taken}
    if not fresh:
        return _beginning(scene[0].text, code, stop, taken)
    best = max(fresh, key=lambda phrase: (fresh[phrase], -len(phrase), phrase))
    return best[:1].upper() + best[1:]


def _phrases(text: str, code: str, stop: frozenset[str]) -> list[tuple[str, float]]:
    """(phrase, how much it looks like a noun with what belongs to it)."""
    if code in CHARACTERS_PER_WORD:
        return [(each, min(len(each), 6) / 3 + ("の" in each)) for each in _CJK_PHRASE.findall(text)]
    found: list[tuple[str, float]] = []
    for clause in _BREAK.split(text):
        said = clause.split()
        start = 0
        while start < len(said):
            end = start
            while end < len(said) and said[end].casefold() not in stop and end - start < MOST_WORDS:
                end += 1
            last = end
            if code == "de":
                # German nouns have a capital: the run ends with one.
                while last > start and not said[last - 1][:1].isupper():
                    last -= 1
            if last > start:
                found += _graded(said, start, last, stop)
            start = max(end, start + 1)
    return [(phrase, quality) for phrase, quality in found if 3 < len(phrase) <= LONGEST]


def _graded(said: list[str], start: int, end: int, stop: frozenset[str]) -> list[tuple[str, float]]:
    """A run of telling words, and the run with an "of the ..." that follows, with their quality."""
    before = said[start - 1].casefold() if start else ""
    after = said[end].casefold() if end < len(said) else ""
    run = _without_verb(said[start:end], before)
    if len(run) < end - start:
        after = ""
    quality = {1: 0.5, 2: 1.3, 3: 1.2}.get(len(run), 0.8)
    quality *= 1.4 if before in _DETERMINERS else 0.7
    quality *= 1.2 if not after or after in stop else 0.6
    if any(_NOT_NOUNS.search(word) or word.isdigit() or word in _VERBS for word in run):
        quality *= 0.4
    if all(word.startswith("ال") for word in run):
        quality *= 1.6
    lead = [said[start - 1]] if before in ("the", "a", "an") else []
    found = [(" ".join([*lead, *run]), quality)]
    if after == "of" and before in _DETERMINERS:
        tail_start = end + 1
        while tail_start < min(len(said), end + 3) and said[tail_start].casefold() in _DETERMINERS:
            tail_start += 1
        tail_end = tail_start
        while tail_end < min(len(said), tail_start + 2) and said[tail_end].casefold() not in stop:
            tail_end += 1
        if tail_end > tail_start:
            found.append((" ".join([*lead, *run, *said[end:tail_end]]), quality * 1.3))
    return found


def _without_verb(run: list[str], before: str) -> list[str]:
    """A name without the noun before it, and a singular noun without the verb after it, as far as letters tell."""
    name = next((index for index in range(1, len(run)) if run[index][:1].isupper() and run[index - 1].islower()), 0)
    if name and all(word[:1].isupper() for word in run[name:]):
        return run[name:]
    last = run[-1]
    singular = before in ("a", "an") and last.endswith("s") and not last.endswith(("ss", "us", "is"))
    if len(run) > 1 and (last.casefold() in _VERBS or singular):
        return run[:-1]
    return run


def _beginning(text: str, code: str, stop: frozenset[str], taken: Collection[str]) -> str:
    """The first words of a sentence, where nothing in it looks like a phrase."""
    if code in CHARACTERS_PER_WORD:
        run = written_words(text)[0]
        # Never between a letter and the marks that belong to it.
        return run[: next((end for end in range(12, len(run)) if run[end].isalpha()), len(run))]
    said = written_words(text)[: MOST_WORDS + 1]
    while len(said) > 1 and (said[-1].casefold() in stop or fold(" ".join(said)) in taken):
        said.pop()
    start = " ".join(said)[:LONGEST]
    return start[:1].upper() + start[1:]
