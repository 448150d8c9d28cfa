"""Score how well a book matches the title and author that a file claims, from 0 to 100.

Titles match as wholes, never as parts: "It" does not match "Make It Stick". Ignored differences are spaces and
punctuation, a leading article, "&" for "and", "II" for "2", a subtitle that one side omits, and a typo in a longer
word. Numbers must agree. A different author costs 20 points of 100.
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
"""Score from which a file is chosen."""
NEAR_SCORE = 40.0
"""Percentage of equal letters from which a file is named as a near one."""
MAX_NEAREST = 8

Agreement = Literal["agrees", "unknown", "unclear", "contradicts"]

_ARTICLES = frozenset(("the", "a", "an", "der", "die", "das", "le", "la", "les", "el", "los", "las", "il", "lo", "gli"))
_AND = frozenset((
    "and", "und", "et", "y", "e", "i", "en", "och", "og", "ja", "ve", "es", "si", "a", "oraz", "eta", "dan", "dhe",
    "va", "ir", "na", "και", "и", "і", "та", "და", "և", "ו", "و", "और", "এবং", "และ", "与", "和", "與", "及", "と",
    "및", "와", "과",
))
"""Words for "and". They only count as equal to "&" if the other title has "&" in the same place."""
_NUMBER_WORDS = {
    word: str(number)
    for number, words in enumerate((
        "one eins uno", "two zwei deux dos due", "three drei trois tres tre", "four vier quatre cuatro quattro",
        "five fünf funf cinq cinco cinque", "six sechs seis sei", "seven sieben sept siete sette",
        "eight acht huit ocho otto", "nine neun neuf nueve nove", "ten zehn dix diez dieci",
    ), start=1)
    for word in words.split()
} | {"vol": "volume", "pt": "part", "bd": "band", "bk": "book"}
_TEENS = (
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen"),
    *("sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = {
    **{word: str(number) for number, word in enumerate(_TEENS, start=11)},
    **{
        word: f"{number}0~"
        for number, word in enumerate(
            ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2
        )
    },
}
"""English words for numbers from eleven on; `~` marks tens that ones may follow."""
_TENS_AND_ONES = re.compile(r"(\d)0~ ([1-9])(?!\d)|(?<=0)~")
_ROMAN = re.compile(r"(?=[ivxlc])(x[cl]|l?x{0,3})(i[xv]|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_NOT_NAMES = frozenset(("&", "and", "und", "et", "y", "e", "jr", "sr", "dr", "prof", "sir", "the", "von", "van"))
# No dash: in a file name it precedes the author as often as a subtitle.
_SUBTITLE = re.compile(r"\s*[:;：；]\s*|,?\s+or,\s+|\s*[(（]")
_VOLUME = re.compile(
    r"(part|volume|vol|book|band|teil|tome|tomo|parte|season|episode)\b|第?\s*\d"
    r"|[ivxlc]+\s*(?:$|[:;,.)–—-])"
)


@dataclass(frozen=True)
class Match:
    """A file for a book. `author` is the one that the file names, or None."""

    entry: Entry
    score: float
    author: str | None
    reason: str
    agreement: Agreement = "unknown"
    """Whether the author of the file is that of the book."""


@lru_cache(maxsize=65536)
def normalize(text: str) -> str:
    """Return `text` in the form used for comparison: folded, without accents, with spaces for punctuation but "&"."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", fold(text)) if unicodedata.category(each) != "Mn")
    whole = unicodedata.normalize("NFC", bare).replace("&", " & ").replace(" + ", " & ")
    kept = (each if each.isalnum() or each == "&" else "" if each in "'’ʼ\u200c\u200d" else " " for each in whole)
    return " ".join("".join(kept).split()) or fold(text)


@lru_cache(maxsize=65536)
def _without_article(title: str) -> str:
    first, _, rest = title.partition(" ")
    return rest if first in _ARTICLES and rest else title


@lru_cache(maxsize=65536)
def _main_part(title: str) -> str:
    """Return the title before its subtitle, or an empty string if it has none or the subtitle counts volumes."""
    found = _SUBTITLE.search(fold(title))
    if not found or _VOLUME.match(fold(title), found.end()):
        return ""
    return normalize(fold(title)[: found.start()])


def _compact(title: str) -> str:
    return _without_article(title).replace(" ", "").replace("&", "")


@lru_cache(maxsize=65536)
def _with_digits(title: str) -> str:
    """Return the title with digits for Roman numerals and number words, and whole words for "vol" and "pt"."""
    digits = " ".join(_TENS.get(word) or _as_digits(word) for word in title.split())
    return _TENS_AND_ONES.sub(lambda found: f"{found[1]}{found[2]}" if found[1] else "", digits)


@lru_cache(maxsize=65536)
def _as_digits(word: str) -> str:
    if word.isdecimal():
        return str(int(word))
    if _ROMAN.fullmatch(word):
        values = [_ROMAN_VALUES[letter] for letter in word]
        signed = (-low if low < high else low for low, high in zip(values, [*values[1:], 0], strict=True))
        return str(sum(signed))
    return _NUMBER_WORDS.get(word, word)


@lru_cache(maxsize=65536)
def _with_ampersands(title: str) -> str:
    """Return the compact title with "&" for every word for "and" between two others."""
    words = _without_article(title).split()
    joined = "".join(map(_as_digits, words[:1]))
    joined += "".join("&" if word in _AND else _as_digits(word) for word in words[1:-1])
    joined += "".join(map(_as_digits, words[1:][-1:]))
    if joined.isascii():
        return joined
    # Languages without spaces: 战争与和平. Both titles are treated alike, so 和 inside a word does no harm.
    return re.sub(r"(?<=.)[和与與及と](?=.)", "&", joined)


def _forms(title: str, ampersands: bool = True) -> set[str]:
    """Return the forms of a normalized title by which an index finds it."""
    if not title:
        return set()
    digits = _with_digits(title)
    forms = {_compact(title)}
    if ampersands or "&" in title:
        forms.add(_with_ampersands(title))
    if digits != title:
        forms.add(_compact(digits))
    return forms - {""}


def title_score(left: str, right: str) -> float:
    """Return how well two normalized titles match, from 0 to 100."""
    from rapidfuzz import fuzz

    if left == right:
        return 100.0
    if _without_article(left) == _without_article(right):
        return 99.0
    if _compact(left) == _compact(right):
        return 97.0
    left, right = _with_digits(left), _with_digits(right)
    if _compact(left) == _compact(right):
        return 96.0
    if "&" in left + right and _with_ampersands(left) == _with_ampersands(right):
        return 99.0
    ratio = float(fuzz.ratio(left, right))
    if ratio < MIN_SCORE:
        return ratio
    pairs = list(zip(left.split(), right.split(), strict=False))
    same_length = len(left.split()) == len(right.split())
    return ratio if same_length and all(_same_word(*pair) for pair in pairs) else min(ratio, 75.0)


def _same_word(left: str, right: str) -> bool:
    """Return whether two words are equal, or differ in one letter of a longer word."""
    from rapidfuzz.distance import Levenshtein

    if left == right:
        return True
    return min(len(left), len(right)) >= 5 and (left + right).isalpha() and int(Levenshtein.distance(left, right)) == 1


def author_agreement(requested: str | None, found: str | None) -> Agreement:
    """Return whether two names can be the same person: only a surname, initials, and another order agree."""
    if not requested or not found:
        return "unknown"
    return _agreement(normalize(requested), normalize(found))


@lru_cache(maxsize=65536)
def _agreement(left: str, right: str) -> Agreement:
    from rapidfuzz import fuzz

    if _compact(left) == _compact(right):
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
    title, claimed = normalize(book.title), normalize(claim.title)
    score, how = title_score(title, claimed), "title"
    agreement = author_agreement(book.author, claim.author)
    if score < MIN_SCORE:
        main, other = _main_part(book.title) or title, _main_part(claim.title) or claimed
        one_is_whole = not (_main_part(book.title) and _main_part(claim.title))
        if one_is_whole and title_score(main, other) >= 96.0:
            score, how = 90.0, "title without subtitle"
    if score < MIN_SCORE and book.author and claimed in _with_author(book.title, book.author):
        return 98.0, "agrees", "title"
    if agreement == "contradicts":
        return score * 0.8, agreement, how
    return score - {"agrees": 0.0, "unknown": 2.0, "unclear": 4.0}[agreement], agreement, how


@lru_cache(maxsize=1024)
def _with_author(title: str, author: str) -> frozenset[str]:
    """Return title and author, or surname, written together in either order."""
    whole, names = normalize(title), _names(normalize(author)) or [normalize(author)]
    return frozenset(
        form for start in {whole, _without_article(whole)} for name in (normalize(author), names[-1])
        for form in (f"{start} {name}", f"{name} {start}", f"{start} by {name}")
    )


def match_entry(book: Book, entry: Entry) -> Match:
    """Return how well `entry` matches `book`, by the claim that fits best."""
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
    """Index the files of a folder for many books: exact titles by lookup, near ones by rapidfuzz."""

    entries: Sequence[Entry]
    by_title: dict[str, set[int]] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    has_ampersands: bool = False
    """Whether a title has "&"; if none has, words for "and" need no look-up of their own."""

    def __post_init__(self) -> None:
        for number, entry in enumerate(self.entries):
            for claim in entry.claims:
                title = normalize(claim.title)
                self.titles.append(title)
                self.has_ampersands = self.has_ampersands or "&" in title
                self.owners.append(number)
                for form in _forms(title) | _forms(_main_part(claim.title)):
                    self.by_title.setdefault(form, set()).add(number)

    def matches(self, book: Book) -> list[Match]:
        """Return the candidates, best first; equal ones are sorted by kind (text, captions, media), then by name."""
        if not self.titles:
            return []
        from rapidfuzz import fuzz, process

        forms = _forms(normalize(book.title), self.has_ampersands)
        forms |= _forms(_main_part(book.title), self.has_ampersands)
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
