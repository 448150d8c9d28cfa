"""Get covers of books from Open Library, free and without a key.

A cover is used only if title and author match the book; if the author is unknown, only if all books with exactly that
title are by one author. Covers are cached in the workspace, in `runs/.covers/`, by title and author.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from pressrun.errors import NetworkError, RenderError
from pressrun.model.book import Book
from pressrun.services.fetching import Response, fetch, host_of
from pressrun.services.protocols import Context, CoverPicture, Readiness
from pressrun.services.sources.matching import author_agreement, normalize, title_score
from pressrun.store.atomic import write_bytes
from pressrun.store.slug import slug
from pressrun.store.workspace import Workspace

NAME = "openlibrary"
NEEDS_NETWORK = True
HOST = "openlibrary.org"

ADDRESS_VARIABLE = "PRESSRUN_OPENLIBRARY_URL"
"""Variable with an address that replaces both of Open Library's, e.g. of a mirror."""
SEARCH, COVERS = "https://openlibrary.org", "https://covers.openlibrary.org"
ALLOWED_HOSTS = ("openlibrary.org", "archive.org")
"""Hosts, with their subdomains, that a picture may come from: many covers are stored at the Internet Archive."""
FIELDS = "key,title,subtitle,author_name,author_alternative_name,cover_i,edition_count"
MAX_RESULTS = 50
"""Books considered per search."""
MAX_COVERS_TRIED = 3
"""Covers tried if several books match."""
READ_TIMEOUT = 10.0
"""Timeouts in seconds: to connect, and between two bytes of a reply."""
TOTAL_TIMEOUT = 20.0
"""Timeout of a whole reply, in seconds."""
MAX_COVER_BYTES = 10_000_000
MIN_COVER_PIXELS = (150, 200)
"""Minimum size in pixels; large covers of Open Library are about 300 wide, its placeholder has one pixel."""
SAME_TITLE_SCORE = 97.0
"""Minimum `title_score` of titles that differ only by an article, by spaces or, if long, by a letter."""

_REMEDY = "Set cover to drawn, or try again later."


@dataclass(frozen=True)
class _FoundBook:
    """A book of Open Library; `cover` is the number of its picture."""

    title: str
    subtitle: str
    authors: tuple[str, ...]
    cover: int
    editions: int
    address: str

    @property
    def names(self) -> tuple[str, ...]:
        return (self.title, f"{self.title}: {self.subtitle}") if self.subtitle else (self.title,)


def ready(context: Context) -> Readiness:  # noqa: ARG001 - the protocol of every service
    return Readiness(True, "it needs no key; titles go to Open Library")


def check(context: Context) -> str:  # noqa: ARG001
    """Send a minimal search. Raises `NetworkError` if Open Library does not respond."""
    _search({"title": "Walden", "limit": "1"})
    return f"{host_of(_base(SEARCH))} answers"


def find_cover(book: Book, into: Path, context: Context) -> CoverPicture | None:
    """Return the cover of exactly this book as a file in `into`, or None. Raises `NetworkError` if no server responds.
    """
    store = Workspace(context.workspace).runs / ".covers"
    kept = _cached_cover(book, store)
    if kept is None:
        kept = _fetch_cover(book, store)
    if kept is None:
        return None
    copy = into / f"cover{kept.file.suffix}"
    write_bytes(copy, kept.file.read_bytes())
    return replace(kept, file=copy)


def _fetch_cover(book: Book, store: Path) -> CoverPicture | None:
    for found in _matching_books(book)[:MAX_COVERS_TRIED]:
        answer = _get(f"{_base(COVERS)}/b/id/{found.cover}-L.jpg?default=false")
        if answer.status == 200 and (kept := _save_cover(book, found, answer.body, store)):
            return kept
        if answer.status not in (200, 403, 404):
            raise _status_error(answer)
    return None


def _matching_books(book: Book) -> list[_FoundBook]:
    """Return the books that may be this one and have a cover, those with the most editions first."""
    query = {"title": book.title, "limit": str(MAX_RESULTS), "fields": FIELDS}
    if book.author:
        total, found = _search({**query, "author": book.author})
        alike = [each for each in found if _has_author(book.author, each.authors)]
    else:
        total, found = _search(query)
        alike = found if total <= len(found) else []
    whole = [each for each in alike if any(_has_title(book.title, name) for name in each.names)]
    exact = [each for each in whole if _has_title(book.title, each.names[-1])]
    if not exact and len({each.names[-1] for each in whole}) > 1:
        # Several subtitles of one main title are volumes of a series, and which one is meant is unknown.
        return []
    chosen = exact or whole
    if not book.author and not _has_single_author(book.title, found):
        return []
    return sorted((each for each in chosen if each.cover > 0), key=lambda each: -each.editions)


def _has_title(wanted: str, found: str) -> bool:
    return title_score(normalize(wanted), normalize(found)) >= SAME_TITLE_SCORE


def _has_author(wanted: str, names: Sequence[str]) -> bool:
    return any(author_agreement(wanted, name) == "agrees" for name in names)


def _has_single_author(title: str, found: Sequence[_FoundBook]) -> bool:
    """Return whether all books that share the title, with or without a subtitle, are by the same named author."""
    authors = [each.authors for each in found if any(_has_title(title, name) for name in each.names)]
    return bool(authors) and all(authors) and all(_has_author(authors[0][0], each) for each in authors)


def _search(query: Mapping[str, str]) -> tuple[int, list[_FoundBook]]:
    """Return the number of matching books and the first of them. Raises `NetworkError`."""
    answer = _get(f"{_base(SEARCH)}/search.json?{urlencode(query)}")
    if answer.status != 200:
        raise _status_error(answer)
    try:
        reply = json.loads(answer.body)
        return int(reply["numFound"]), list(_books(reply["docs"]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise NetworkError("Open Library returned an invalid response", remedy=_REMEDY) from error


def _books(rows: Sequence[Mapping[str, Any]]) -> Iterator[_FoundBook]:
    for row in rows:
        authors = (*(row.get("author_name") or ()), *(row.get("author_alternative_name") or ()))
        yield _FoundBook(
            str(row.get("title") or ""), str(row.get("subtitle") or ""), tuple(map(str, authors)),
            int(row.get("cover_i") or 0), int(row.get("edition_count") or 0), SEARCH + str(row.get("key") or ""),
        )


def _base(address: str) -> str:
    return os.environ.get(ADDRESS_VARIABLE, "").rstrip("/") or address


def _get(url: str) -> Response:
    return fetch(
        "GET", url, timeout=READ_TIMEOUT, total_timeout=TOTAL_TIMEOUT, max_bytes=MAX_COVER_BYTES, is_allowed=_is_allowed
    )


def _is_allowed(url: str) -> bool:
    if url.startswith(f"{_base(COVERS)}/"):
        return True
    found = urlsplit(url)
    host = found.hostname or ""
    return found.scheme == "https" and any(host == each or host.endswith(f".{each}") for each in ALLOWED_HOSTS)


def _status_error(answer: Response) -> NetworkError:
    return NetworkError(f"Open Library returned HTTP {answer.status}", remedy=_REMEDY)


def _cache_name(book: Book) -> str:
    """Return the file name for a stored cover: readable, and unique per title and author."""
    whole = json.dumps([normalize(book.title), normalize(book.author or "")])
    return f"{slug(normalize(book.title))}-{hashlib.sha256(whole.encode()).hexdigest()[:16]}"


def _save_cover(book: Book, found: _FoundBook, data: bytes, store: Path) -> CoverPicture | None:
    """Save `data` in `store` with its facts. Return None if it is not a usable picture."""
    from pressrun.media.pictures import read_picture, size_and_suffix

    store.mkdir(parents=True, exist_ok=True)
    fresh = store / f".{_cache_name(book)}.part"
    try:
        fresh.write_bytes(data)
        (width, height), kind = size_and_suffix(fresh)
        read_picture(fresh, (64, 64))
    except RenderError:
        return None
    finally:
        with suppress(OSError):
            fresh.unlink()
    if width < MIN_COVER_PIXELS[0] or height < MIN_COVER_PIXELS[1]:
        return None
    file = store / f"{_cache_name(book)}{kind}"
    author = found.authors[0] if found.authors else ""
    made = CoverPicture(file, found.names[-1], author, found.address)
    write_bytes(file, data)
    facts = {**asdict(made), "file": file.name, "sha256": hashlib.sha256(data).hexdigest()}
    write_bytes(store / f"{_cache_name(book)}.json", json.dumps(facts, ensure_ascii=False, indent=2).encode() + b"\n")
    return made


def _cached_cover(book: Book, store: Path) -> CoverPicture | None:
    """Return an earlier result if its file is unchanged."""
    try:
        facts = json.loads((store / f"{_cache_name(book)}.json").read_bytes())
        file = store / Path(str(facts["file"])).name
        if hashlib.sha256(file.read_bytes()).hexdigest() != facts["sha256"]:
            return None
        return CoverPicture(file, str(facts["title"]), str(facts["author"]), str(facts["url"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
