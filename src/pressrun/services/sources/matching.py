"""How well a book and what a file says of itself match, 0 to 100.

Titles match as wholes, never as parts: "It" does not match "Make It Stick". Differences that are let pass are blanks
and punctuation, a leading article, a subtitle that one side leaves out, and a typing error in a longer word. Numbers
must agree. An author who contradicts costs 20 in 100.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from pressrun.model.book import Book, fold
from pressrun.services.sources.catalogue import Claim, Entry

MIN_SCORE = 85.0
"""What a file needs to be chosen."""
NEAR_SCORE = 40.0
"""Letters that must agree, in percent, for a file to be named as a near one."""
MAX_NEAREST = 8

Agreement = Literal["agrees", "unknown", "unclear", "contradicts"]

_ARTICLES = frozenset(("the", "a", "an", "der", "die", "das", "le", "la", "les", "el", "los", "las", "il", "lo", "gli"))
_NOT_NAMES = frozenset(("and", "und", "et", "y", "e", "jr", "sr", "dr", "prof", "sir", "the", "von", "van"))
# No dash: in the name of a file it stands before the author as often as before a subtitle.
_SUBTITLE = re.compile(r"\s*[:;：；]\s*|,?\s+or,\s+|\s*[(（]")
_VOLUME = re.compile(r"(part|volume|vol|book|band|teil|tome|tomo|parte|season|episode)\b|第?\s*\d")


@dataclass(frozen=True)
class Match:
    """A file for a book. `author` is what the file says, None when it says nothing."""

    entry: Entry
    score: float
    author: str | None
    reason: str
    agreement: Agreement = "unknown"
    """Whether the author found is the one asked for."""


@lru_cache(maxsize=65536)
def normalize(text: str) -> str:
    """`text` as it is compared: folded, without accents, with blanks for punctuation."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", fold(text)) if unicodedata.category(each) != "Mn")
    whole = unicodedata.normalize("NFC", bare)
    kept = (each if each.isalnum() else "" if each in "'’ʼ\u200c\u200d" else " " for each in whole)
    return " ".join("".join(kept).split()) or fold(text)


@lru_cache(maxsize=65536)
def _without_article(title: str) -> str:
    first, _, rest = title.partition(" ")
    return rest if first in _ARTICLES and rest else title


@lru_cache(maxsize=65536)
def _main_part(title: str) -> str:
    """The title before its subtitle; the empty string when it has none, or when the subtitle counts volumes."""
    found = _SUBTITLE.search(fold(title))
    if not found or _VOLUME.match(fold(title), found.end()):
        return ""
    return normalize(fold(title)[: found.start()])


def _compact(title: str) -> str:
    return _without_article(title).replace(" ", "")


def title_score(left: str, right: str) -> float:
    """How well two titles match. Both are `normalize`."""
    from rapidfuzz import fuzz

    if left == right:
        return 100.0
    if _without_article(left) == _without_article(right):
        return 99.0
    if _compact(left) == _compact(right):
        return 97.0
    ratio = float(fuzz.ratio(left, right))
    if ratio < MIN_SCORE:
        return ratio
    pairs = list(zip(left.split(), right.split(), strict=False))
    same_length = len(left.split()) == len(right.split())
    return ratio if same_length and all(_same_word(*pair) for pair in pairs) else min(ratio, 75.0)


def _same_word(left: str, right: str) -> bool:
    """Equal, or a longer word with one letter wrong."""
    from rapidfuzz.distance import Levenshtein

    if left == right:
        return True
    return min(len(left), len(right)) >= 5 and (left + right).isalpha() and int(Levenshtein.distance(left, right)) == 1


def author_agreement(asked: str | None, said: str | None) -> Agreement:
    """Whether two names can be of the same person: a surname alone, initials and another order agree."""
    if not asked or not said:
        return "unknown"
    return _agreement(normalize(asked), normalize(said))


@lru_cache(maxsize=65536)
def _agreement(left: str, right: str) -> Agreement:
    from rapidfuzz import fuzz

    if left.replace(" ", "") == right.replace(" ", ""):
        return "agrees"
    if left.isascii() != right.isascii():
        return "unclear"
    fewer, more = sorted((_names(left), _names(right)), key=len)
    if fewer and any(len(name) > 1 for name in fewer) and _all_in(fewer, more):
        return "agrees"
    alike = fuzz.token_sort_ratio(left, right)
    return "agrees" if alike >= 88 else "unclear" if alike >= 75 else "contradicts"


def _names(author: str) -> list[str]:
    return [name for name in author.split() if name not in _NOT_NAMES]


def _all_in(fewer: Sequence[str], more: Sequence[str]) -> bool:
    initials = "".join(name[0] for name in more)
    return all(
        any(_same_word(name, other) or (1 in (len(name), len(other)) and name[0] == other[0]) for other in more)
        or (len(name) > 1 and initials.startswith(name))
        for name in fewer
    )


def _score(book: Book, claim: Claim) -> tuple[float, Agreement, str]:
    title, said = normalize(book.title), normalize(claim.title)
    score, how = title_score(title, said), "title"
    agreement = author_agreement(book.author, claim.author)
    if score < MIN_SCORE and (main := _main_part(book.title) or title) and (other := _main_part(claim.title) or said):
        one_is_whole = not (_main_part(book.title) and _main_part(claim.title))
        if one_is_whole and main == other:
            score, how = 90.0, "title without subtitle"
    if score < MIN_SCORE and book.author and said in _with_author(book.title, book.author):
        return 98.0, "agrees", "title"
    if agreement == "contradicts":
        return score * 0.8, agreement, how
    return score - {"agrees": 0.0, "unknown": 2.0, "unclear": 4.0}[agreement], agreement, how


@lru_cache(maxsize=1024)
def _with_author(title: str, author: str) -> frozenset[str]:
    """Title and author, or surname, written together in either order."""
    whole, names = normalize(title), _names(normalize(author)) or [normalize(author)]
    return frozenset(
        form for start in {whole, _without_article(whole)} for name in (normalize(author), names[-1])
        for form in (f"{start} {name}", f"{name} {start}", f"{start} by {name}")
    )


def match_entry(book: Book, entry: Entry) -> Match:
    """The best reading of `entry` for `book`."""
    scored = [(*_score(book, claim), claim) for claim in entry.claims]
    score, agreement, how, claim = max(scored, key=lambda each: each[0])
    reason = f"{how} {'matches' if score >= MIN_SCORE else 'is near'}"
    if agreement == "contradicts":
        reason = f"{how} is near, but the author is {claim.author}"
    elif agreement == "agrees":
        reason = f"{how} and author match" if score >= MIN_SCORE else f"author matches, {how} does not"
    elif book.author:
        reason += ", the author is not named" if agreement == "unknown" else f", the author is written {claim.author}"
    return Match(entry, round(max(score, 0.0), 1), claim.author, reason, agreement)


@dataclass
class MatchIndex:
    """A folder made ready for many books: exact titles by look-up, near ones by rapidfuzz."""

    entries: Sequence[Entry]
    by_title: dict[str, set[int]] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number, entry in enumerate(self.entries):
            for claim in entry.claims:
                title = normalize(claim.title)
                self.titles.append(title)
                self.owners.append(number)
                for form in {_compact(title), _compact(_main_part(claim.title))} - {""}:
                    self.by_title.setdefault(form, set()).add(number)

    def matches(self, book: Book) -> list[Match]:
        """The files worth looking at, best first; of equal ones texts before captions before media, then by name."""
        from rapidfuzz import fuzz, process

        forms = {_compact(normalize(book.title)), _compact(_main_part(book.title))} - {""}
        if book.author:
            forms |= {_compact(form) for form in _with_author(book.title, book.author)}
        numbers = set().union(*(self.by_title.get(form, set()) for form in forms))
        near = process.extract(
            normalize(book.title), self.titles, scorer=fuzz.ratio, processor=None,
            limit=MAX_NEAREST, score_cutoff=NEAR_SCORE,
        )
        numbers.update(self.owners[index] for _, _, index in near)
        preference = ("text", "captions", "media")
        found = [match_entry(book, self.entries[number]) for number in numbers]
        return sorted(found, key=lambda each: (-each.score, preference.index(each.entry.kind), each.entry.location))
