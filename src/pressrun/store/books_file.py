"""The list of books: one book per line, `Title | Author`.

- The last `|` of a line separates title and author, so a title may contain one: `This | That | Ann Author`. The author
  is optional, with or without the `|`.
- Blank lines and lines that start with `#` are ignored. Write `\\#` for a title that starts with `#`.
- Other forms are recognised if they fit every line: a CSV with a header, a Markdown table, bullets, `1. Title by
  Author`, `Title – Author`. A warning says how such a list was read, or asks if it could mean two things.
- The file is UTF-8, or UTF-16 or UTF-32 with a byte order mark. Lines end with LF, CRLF or CR. White space is collapsed
  to single spaces.
- Invisible characters that text editors and web pages insert (zero-width spaces, direction overrides) are removed.
  Other control characters, such as terminal escapes, are an error.
- A book that is listed twice runs once. A title without an author means the book of that title that the list names with
  an author; if there are two such books, the line is an error.
"""

from __future__ import annotations

import codecs
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from pressrun.errors import BooksFileError
from pressrun.model.book import MAX_TITLE_LENGTH, Book
from pressrun.model.reason import Reason, ReasonKind
from pressrun.store.list_forms import read_forms

MAX_BYTES = 32 * 1024 * 1024
"""Enough for some 800,000 books. A larger file is not a list of books."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks; that of UTF-32 begins with that of UTF-16."""
# Zero-width space, word joiner, byte order mark, soft hyphen, and the controls that reorder text. Zero-width joiners
# stay: Persian words and emoji need them.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class BooksFile:
    """The books in the order of the list, each once, and warnings about the list."""

    books: tuple[Book, ...]
    warnings: tuple[Reason, ...] = ()


def read_books(path: Path | None, stream: BinaryIO | None = None) -> BooksFile:
    """Read the list at `path`, or from `stream` (by default standard input) if `path` is None.

    An empty list is not an error here. Raises `BooksFileError` if the list is missing, is not a text or has an invalid
    line; the message has the line number, counted from 1.
    """
    name = "Standard input" if path is None else str(path)
    data = _read_stream(stream or sys.stdin.buffer) if path is None else _read_file(path)
    if len(data) > MAX_BYTES:
        raise BooksFileError(
            f"{name} is larger than {MAX_BYTES // 1024 // 1024} MB and cannot be a list of books",
            remedy="Name a file with one book per line.",
        )
    lines, warnings = read_forms(list(_lines(_decode(data, name))), name)
    merged = _merge([_parse(line, f"{name}, line {number}", number) for number, line in lines], name)
    return replace(merged, warnings=(*warnings, *merged.warnings))


def parse_book(text: str) -> Book:
    """Return the book that a command-line argument names. Raises `BooksFileError` if it is invalid."""
    return _parse(text, "The book on the command line", None)


def _read_stream(stream: BinaryIO) -> bytes:
    try:
        return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BooksFileError(
            f"Standard input cannot be read: {error.strerror or error}", remedy="Name a file with --file."
        ) from error


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        target = "books.txt" if path.name == "books.txt" else path.name
        raise BooksFileError(
            f"The list of books {path} does not exist",
            remedy=f"Start with: cp books.txt.example {target}, or name another list with --file.",
        ) from error
    except IsADirectoryError as error:
        raise BooksFileError(
            f"{path} is a folder, not a list of books", remedy=f"Name a file in it, e.g. --file {path / 'books.txt'}."
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BooksFileError(
            f"The list of books {path} cannot be read: {reason}", remedy="Check its permissions."
        ) from error


def _decode(data: bytes, name: str) -> str:
    encoding, mark = next(((each, mark) for mark, each in _ENCODINGS if data.startswith(mark)), ("utf-8", b""))
    if not mark and b"\x00" in data[:4]:
        raise BooksFileError(
            f"{name}, line 1: the file is UTF-16 or UTF-32 without a byte order mark", remedy="Save it as UTF-8."
        )
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        before = _LINE_END.split(data[len(mark) : len(mark) + error.start].decode(encoding, "replace"))
        byte = f"0x{error.object[error.start]:02X}"
        where = f"byte {len(before[-1].encode()) + 1} of the line ({byte})" if encoding == "utf-8" else f"byte {byte}"
        raise BooksFileError(
            f"{name}, line {len(before)}: {where} is not {encoding.removesuffix('-le').removesuffix('-be').upper()}",
            remedy="Save the file as UTF-8.",
        ) from error


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that name a book, with their numbers."""
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        line = raw.lstrip(" \t\ufeff")
        if line.strip() and not line.startswith(("#", "//")):
            yield number, line.removeprefix("\\") if line.startswith("\\#") else line


def _parse(line: str, where: str, number: int | None) -> Book:
    for character in "" if line.isascii() and line.isprintable() else line:
        category = unicodedata.category(character)
        if category == "Cs":
            raise BooksFileError(f"{where}: the text is not valid UTF-8", remedy="Use UTF-8.")
        if category == "Cc" and character != "\t":
            raise BooksFileError(
                f"{where}: the control character U+{ord(character):04X} is not allowed in a title",
                remedy="Remove it. It is often invisible; the easiest way is to type the line again.",
            )
    before, separator, after = line.rpartition("|")
    title, author = (_clean(before), _clean(after)) if separator else (_clean(after), "")
    if not title:
        raise BooksFileError(f"{where}: the title is empty", remedy="Write it as: Title | Author")
    for part, value in (("title", title), ("author", author)):
        if len(value) > MAX_TITLE_LENGTH:
            raise BooksFileError(
                f"{where}: the {part} has {len(value)} characters; the limit is {MAX_TITLE_LENGTH}",
                remedy="Shorten it.",
            )
    return Book(title, author or None, number)


def _clean(text: str) -> str:
    if text.isascii():
        return " ".join(text.split())
    visible = " ".join(_INVISIBLE.sub("", text).split())
    return visible if any(unicodedata.category(each)[0] not in "CZ" for each in visible) else ""


def _merge(listed: list[Book], name: str) -> BooksFile:
    """Keep each book once, where the list names it first."""
    authored: dict[str, dict[str, Book]] = {}
    for book in listed:
        title, author = book.key
        if author:
            authored.setdefault(title, {}).setdefault(author, book)
    kept: dict[tuple[str, str], Book] = {}
    warnings: list[Reason] = []
    for book in listed:
        title, author = book.key
        known = authored.get(title, {})
        if not author and len(known) > 1:
            first, second = list(known.values())[:2]
            raise BooksFileError(
                f'{name}, line {book.line}: "{book.title}" has no author, and the list has two books with that title, '
                f"by {first.author} (line {first.line}) and by {second.author} (line {second.line})",
                remedy="Add the author to the line.",
            )
        meant = next(iter(known.values())) if known and not author else book
        if (earlier := kept.get(meant.key)) is None:
            kept[meant.key] = meant if meant.line == book.line else replace(meant, line=book.line)
        else:
            values = {"name": name, "book": str(meant), "first": earlier.line, "second": book.line}
            warnings.append(Reason(ReasonKind.LISTED_TWICE, values))
    return BooksFile(tuple(kept.values()), tuple(warnings))
