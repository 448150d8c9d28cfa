"""The list of books: one book per line, `Title | Author`.

The rules, for people and for tests:

- The last `|` of a line separates title and author, so that a title may contain one: `This | That | Ann Author`.
  The author is optional, with or without the `|`.
- Blank lines, and lines whose first character is `#`, are ignored. A title that begins with `#` is written `\\#`.
- UTF-8, with or without a byte order mark; lines end with LF, CRLF or CR; white space is folded to single blanks.
- Invisible characters that only text editors and web pages put there (zero-width blanks, direction overrides) are
  dropped; control characters, terminal escapes among them, are an error with the number of the line.
- A book listed twice runs once. A title without author means the book of that title that the list names with its
  author; where the list names two, the line is an error.
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
from pressrun.model.book import MAX_TITLE, Book

MAX_BYTES = 32 * 1024 * 1024
"""A list of this size names some 800 000 books; more than that is a wrong file."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_END_BYTES = re.compile(rb"\r\n|\r|\n")
# Zero-width blank, word joiner, byte order mark, soft hyphen, and the controls that reorder text. The zero-width
# joiners stay: Persian words and emoji are written with them.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class BooksFile:
    """The books in the order of the list, each once, and what is odd about the list."""

    books: tuple[Book, ...]
    warnings: tuple[str, ...] = ()


def read_books(path: Path | None, stream: BinaryIO | None = None) -> BooksFile:
    """The list at `path`; with None, what `stream` (standard input where it is None too) holds.

    An empty list is no error here. Raises `BooksFileError` with the number of the line (counted from 1) when the
    list is missing, is not UTF-8, or has a line that cannot be a book.
    """
    name = "Standard input" if path is None else str(path)
    data = _read_stream(stream or sys.stdin.buffer) if path is None else _read_file(path)
    if len(data) > MAX_BYTES:
        raise BooksFileError(
            f"{name} is larger than {MAX_BYTES // 1024 // 1024} MB, which no list of books is",
            remedy="Name the file that holds one book per line.",
        )
    listed = [_parse(line, f"{name}, line {number}", number) for number, line in _lines(_decode(data, name))]
    return _merge(listed, name)


def parse_book(text: str) -> Book:
    """One book as a command line gives it. Raises `BooksFileError` when it has no title or cannot be one."""
    return _parse(text, "The book of the command line", None)


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
            f"{path} is a folder, not a list of books", remedy=f"Name the file in it, as --file {path / 'books.txt'}."
        ) from error
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or error
        raise BooksFileError(
            f"The list of books {path} cannot be read: {what}", remedy="Check its permissions."
        ) from error


def _decode(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        raise BooksFileError(f"{name}, line 1: the file is UTF-16 or UTF-32, not UTF-8", remedy="Save it as UTF-8.")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = _LINE_END_BYTES.split(data[: error.start])
        byte = f"0x{data[error.start]:02X}"
        raise BooksFileError(
            f"{name}, line {len(before)}: byte {len(before[-1]) + 1} of the line ({byte}) is not UTF-8",
            remedy="Save the file as UTF-8.",
        ) from error


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that name a book, with their numbers."""
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        line = raw.lstrip(" \t\ufeff")
        if line.strip() and not line.startswith("#"):
            yield number, line.removeprefix("\\") if line.startswith("\\#") else line


def _parse(line: str, where: str, number: int | None) -> Book:
    for character in "" if line.isascii() and line.isprintable() else line:
        category = unicodedata.category(character)
        if category == "Cs":
            raise BooksFileError(f"{where}: the text is not valid UTF-8", remedy="Write it in UTF-8.")
        if category == "Cc" and character != "\t":
            raise BooksFileError(
                f"{where}: the control character U+{ord(character):04X} cannot stand in a title",
                remedy="Remove it; it is often invisible, so typing the line anew is the easiest way.",
            )
    before, separator, after = line.rpartition("|")
    title, author = (_tidy(before), _tidy(after)) if separator else (_tidy(after), "")
    if not title:
        raise BooksFileError(f"{where}: the title is empty", remedy="Write it as: Title | Author")
    for what, value in (("title", title), ("author", author)):
        if len(value) > MAX_TITLE:
            raise BooksFileError(
                f"{where}: the {what} has {len(value)} characters, {MAX_TITLE} are allowed", remedy="Shorten it."
            )
    return Book(title, author or None, number)


def _tidy(text: str) -> str:
    if text.isascii():
        return " ".join(text.split())
    visible = " ".join(_INVISIBLE.sub("", text).split())
    return visible if any(unicodedata.category(each)[0] not in "CZ" for each in visible) else ""


def _merge(listed: list[Book], name: str) -> BooksFile:
    """Each book once, at the place where the list names it first."""
    authored: dict[str, dict[str, Book]] = {}
    for book in listed:
        title, author = book.key
        if author:
            authored.setdefault(title, {}).setdefault(author, book)
    kept: dict[tuple[str, str], Book] = {}
    warnings: list[str] = []
    for book in listed:
        title, author = book.key
        known = authored.get(title, {})
        if not author and len(known) > 1:
            first, second = list(known.values())[:2]
            raise BooksFileError(
                f'{name}, line {book.line}: "{book.title}" has no author, and the list names two books of that title, '
                f"by {first.author} (line {first.line}) and by {second.author} (line {second.line})",
                remedy="Add the author to the line.",
            )
        meant = next(iter(known.values())) if known and not author else book
        if (earlier := kept.get(meant.key)) is None:
            kept[meant.key] = meant if meant.line == book.line else replace(meant, line=book.line)
        else:
            warnings.append(f"{name}: {meant} is listed twice, in lines {earlier.line} and {book.line}; it runs once")
    return BooksFile(tuple(kept.values()), tuple(warnings))
