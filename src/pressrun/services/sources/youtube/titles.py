"""Determine which book a video is about, from its title.

The title of a video contains more than the title of the book: its kind ("book summary", "full audiobook"), an author,
additions by the channel. Each reading of it is a claim, matched like the claims of a file: titles as wholes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pressrun.model.book import Book
from pressrun.services.sources.catalogue import Claim, Entry
from pressrun.services.sources.matching import MIN_SCORE, Match, match_entry, normalize

MIN_DISTINCTIVE_LETTERS = 10
"""Minimum letters of a multi-word title that is distinctive on its own; a shorter one needs its author."""
NO_AUTHOR_PENALTY = 6.0
"""Points (of 100) deducted from a video that does not name the requested author."""
MIN_SURNAME_LETTERS = 5
"""Minimum letters of a surname that identifies its author in a title; shorter ones are often other words."""
MAX_DESCRIPTION_SEARCHED = 2000
"""Characters of a description that are searched for the author."""

_SEPARATOR = re.compile(r"\s*[|•·｜]\s*|\s+[-–—~/]+\s+|\s*//\s*")
_BRACKETS = re.compile(r"[(\[{（【「『“«\"]([^)\]}）】」』”»\"]*)[)\]}）】」』”»\"]")
_BY = re.compile(r"\s+(?:by|von|par|por|di|door|av|af)\s+|\s*作者[:：]?\s*", re.IGNORECASE)
_FILLER = (
    r"(?:(?:full|complete|entire|unabridged|free|animated|short|quick|detailed|best|classic|novel|book|hd|official"
    r"|audio ?books?|summary|summari[sz]ed|summaries|review|explained|explanation|analysis|recap|overview|notes|key"
    r"|ideas|lessons|insights|takeaways|narrated|reading|read aloud|podcast|documentary|english|subtitles|with"
    r"|zusammenfassung|h[öo]rbuch|buch|resumen|libro|audiolibro|completo|r[ée]sum[ée]|livre|livre audio|riassunto"
    r"|resumo|livro|samenvatting|luisterboek|streszczenie|краткое содержание|аудиокнига|要約|解説|朗読)|\d{4}"
    r"|in (?:under )?\d+ min(?:ute)?s?)"
)
_FILLER_BEFORE = re.compile(
    rf"^{_FILLER}(?:\s+(?:of|on|for|from|von|de|du|di|do|da|del))?(?:\s*[:：]\s*|\s+)", re.IGNORECASE
)
_FILLER_AFTER = re.compile(rf"(?:\s*[:：,]\s*|\s+){_FILLER}(?:\s+(?:and|&|und|et|y|e))?$", re.IGNORECASE)


def match_video(book: Book, title: str, channel: str = "", description: str = "") -> Match:
    """Return how well the video matches, as for a file; `reason` is the deciding fact."""
    full_title = " ".join(title.split())
    around = normalize(f"{channel} {description[:MAX_DESCRIPTION_SEARCHED]}")
    author = book.author if book.author and _is_named(book.author, normalize(full_title), around) else None
    claims = tuple(dict.fromkeys(claim for claim in _claims(full_title, author) if claim.title.strip()))
    found = match_entry(book, Entry(full_title, "media", claims or (Claim(full_title or "untitled", None),)))
    if book.author and found.score >= MIN_SCORE and author is None and found.agreement != "agrees":
        return _without_author(book, found)
    return found


def _without_author(book: Book, found: Match) -> Match:
    name = normalize(book.title)
    if len(name.replace(" ", "")) >= MIN_DISTINCTIVE_LETTERS and " " in name:
        return Match(found.entry, round(found.score - NO_AUTHOR_PENALTY, 1), found.author, found.reason)
    reason = f"title matches, but such a short title needs its author ({book.author}), who is not named"
    return Match(found.entry, round(found.score * 0.8, 1), found.author, reason)


def _claims(full_title: str, author: str | None) -> Iterator[Claim]:
    """Yield every reading of a title; `author` is the requested author if the video names them."""
    bare = " ".join(_BRACKETS.sub(" ", full_title).split())
    insides = [each.strip() for each in _BRACKETS.findall(full_title)]
    parts = [part for whole in dict.fromkeys((full_title, bare)) for part in (whole, *_SEPARATOR.split(whole))]
    for part in dict.fromkeys((*parts, *insides)):
        left, *right = _BY.split(part, maxsplit=1)
        for form in _strip_filler(left):
            yield Claim(form, next(_strip_filler(right[0]), right[0]) if right else author)
        # "The Man by the Sea" may also be a title as a whole.
        for form in _strip_filler(part) if right else ():
            yield Claim(form, author)
        if author and (rest := _without_name(part, author)):
            for form in _strip_filler(rest):
                yield Claim(form, author)


def _strip_filler(part: str) -> Iterator[str]:
    """Yield the text, and what remains each time a filler word is removed from its ends."""
    waiting, seen = [part.strip(" :,-–—.!?")], set()
    while waiting:
        each = waiting.pop(0)
        if not each or each in seen:
            continue
        seen.add(each)
        yield each
        waiting += [filler.sub("", each, count=1).strip(" :,-") for filler in (_FILLER_BEFORE, _FILLER_AFTER)]


def _without_name(part: str, author: str) -> str:
    names = set(normalize(author).split())
    names |= {f"{name}s" for name in names}
    return " ".join(word for word in normalize(part).split() if word not in names)


def _is_named(author: str, full_title: str, around: str) -> bool:
    """Return whether the title names the author by a distinctive surname, or the text around it by the full name.

    There a surname without a first name may be any word.
    """
    name = normalize(author)
    if not name.isascii():
        return any(name.replace(" ", "") in text.replace(" ", "") for text in (full_title, around))
    surname = name.split()[-1]
    return (len(surname) >= MIN_SURNAME_LETTERS and bool({surname, f"{surname}s"} & set(full_title.split()))) or any(
        f" {name} " in f" {text} " for text in (full_title, around)
    )
