"""`database.json` as a document: read with every defect named, written with nothing dropped.

It is written by msgspec. Where nothing can have been dropped (as many texts as quotes, or the very same bytes when it
is written again) it is read by msgspec too; anything else is read by the standard library, three times as slow, which
knows line and column of an error and lets duplicate keys be seen. A file of nothing but entries with the program's own
fields, as most are, is read and checked in one go.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypedDict

import msgspec

from pressrun.errors import BrokenFileError
from pressrun.store import json_position

STATUSES = ("done", "processing", None)
TEXT_FIELDS = ("author_name", "youtube_url", "short_url", "date_added", "run_folder")
MAX_DIGITS = 4000
"""Of a whole number in somebody's own field. Python refuses to read more than 4300."""

_SIGNIFICANT = re.compile(r"^-?[0.]*[1-9]")
_SURROGATES = re.compile(r"\\\\|\\u([dD][89abAB])[0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F])")
"""An escaped backslash, a whole pair, or (group 2) half of one."""

Document = dict[str, Any]


class _Entry(msgspec.Struct, gc=False):
    """What an entry must be, in the form that msgspec checks; `_check_shape` says what is wrong with another one."""

    main_title: Annotated[str, msgspec.Meta(pattern=r"\S")]
    status: Literal["done", "processing"] | None = None
    author_name: str | None = None
    youtube_url: str | None = None
    short_url: str | None = None
    date_added: str | None = None
    run_folder: str | None = None


class _Books(msgspec.Struct, gc=False):
    books: list[_Entry]


def is_entry(value: Any) -> bool:
    try:
        msgspec.convert(value, _Entry)
    except msgspec.ValidationError:
        return False
    return True


class _Titled(TypedDict):
    main_title: str


class _PlainEntry(_Titled, total=False):
    """What msgspec reads as a plain dict; fields that are not named here it passes over."""

    status: Literal["done", "processing"] | None
    author_name: str | None
    youtube_url: str | None
    short_url: str | None
    date_added: str | None
    run_folder: str | None


class _PlainBooks(TypedDict):
    books: list[_PlainEntry]


_FAULTS = (msgspec.MsgspecError, RecursionError, ValueError, OverflowError)
"""What msgspec raises. What is wrong, and where, is said by the reader that takes its time."""


def parse(path: Path, data: bytes) -> Document:
    """The document in `data`; raises `BrokenFileError` with line, column and remedy. `path` is for the message."""
    return parse_plain(data) or parse_any(path, data)


def parse_plain(data: bytes) -> Document | None:
    """The document, where it is nothing but entries with the program's own fields, all of them text or null.

    In such a file nothing is nested in an entry. None for any other, which `parse_any` reads.
    """
    if b"\\" in data:  # a quote may be part of a text then
        return None
    try:
        document: Document = msgspec.json.decode(data, type=_PlainBooks)
    except _FAULTS:
        return None
    books = document["books"]
    # A text that was passed over, or stood under a key twice, leaves more quotes than there are texts.
    fields = sum(map(len, books))
    absent = sum(list(entry.values()).count(None) for entry in books)
    complete = data.count(b'"') == 2 * (1 + 2 * fields - absent)
    return document if complete and all(entry["main_title"].strip() for entry in books) else None


def parse_any(path: Path, data: bytes) -> Document:
    """As `parse`, for a file that is not plain."""
    try:
        document: Document = msgspec.json.decode(data)
        msgspec.convert(document, _Books)
        if msgspec.json.encode(document) == msgspec.json.format(data, indent=-1):
            return document
    except _FAULTS:
        pass
    return _parse_with_care(path, data)


def _parse_with_care(path: Path, data: bytes) -> Document:
    text = _decode(path, data)

    def constant(name: str) -> NoReturn:
        raise _broken(path, text, json_position.literal(text, name), f"{name} is not a number of JSON")

    def number(literal: str) -> float:
        value = float(literal)
        if math.isinf(value):
            raise _broken(path, text, json_position.literal(text, literal), f"the number {literal} is too large")
        if value == 0 and _SIGNIFICANT.search(literal):
            raise _broken(path, text, json_position.literal(text, literal), f"the number {literal} is too small")
        return value

    def integer(literal: str) -> int:
        if len(literal) > MAX_DIGITS:
            what = f"a number has {len(literal)} digits, {MAX_DIGITS} are allowed"
            raise _broken(path, text, json_position.literal(text, literal), what)
        return int(literal)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            raise _DuplicateKey
        return made

    try:
        document = json.loads(
            text, parse_constant=constant, parse_float=number, parse_int=integer, object_pairs_hook=unique
        )
    except json.JSONDecodeError as error:
        raise _broken(path, text, error.pos, error.msg) from error
    except RecursionError as error:
        raise _broken(path, text, 0, "it is nested too deeply") from error
    except _DuplicateKey as error:
        found = json_position.duplicate_key(text)
        key, position = (found[0][-1], found[1]) if found else ("?", 0)
        raise _broken(path, text, position, f'the key "{key}" stands twice in one object') from error
    _check_shape(path, text, document)
    _check_letters(path, text, document)
    checked: Document = document
    return checked


def serialise(document: Document) -> bytes:
    """The document as indented UTF-8 JSON; order and unknown fields stay."""
    return indent(compact(document))


def compact(document: Document) -> bytes:
    """The document on one line: equal for two documents exactly when nothing differs, the order included."""
    try:
        return msgspec.json.encode(document)
    except OverflowError:  # an integer beyond 64 bits, which people's own fields may hold
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def indent(line: bytes) -> bytes:
    """A document on one line as people read it."""
    return msgspec.json.format(line, indent=2) + b"\n"


class _DuplicateKey(Exception):
    """An object has a key twice; where is looked up afterwards."""


def _decode(path: Path, data: bytes) -> str:
    if not data.strip():
        raise _broken(path, "", 0, "the file is empty")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        raise _broken(path, "", 0, "the file is UTF-16 or UTF-32, not UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        raise _broken(path, before, len(before), "a byte is not UTF-8") from error


def _check_shape(path: Path, text: str, document: Any) -> None:
    def wrong(place: json_position.Path, what: str) -> BrokenFileError:
        return _broken(path, text, json_position.position_of(text, place), what)

    if not isinstance(document, dict):
        raise wrong((), f'found {_kind(document)} where the object with "books" belongs')
    books = document.get("books")
    if not isinstance(books, list):
        raise wrong(("books",), f'"books" is {_kind(books)}, and must be an array')
    for index, entry in enumerate(books):
        if not isinstance(entry, dict):
            raise wrong(("books", index), f"book {index + 1} is {_kind(entry)}, and must be an object")
        title = entry.get("main_title")
        if not isinstance(title, str) or not title.strip():
            raise wrong(
                ("books", index, "main_title"), f'"main_title" of book {index + 1} is {_kind(title)}, and must be text'
            )
        if entry.get("status") not in STATUSES:
            raise wrong(
                ("books", index, "status"), f'"status" of book {index + 1} must be "done", "processing" or null'
            )
        for name in TEXT_FIELDS:
            if not isinstance(entry.get(name), str | None):
                raise wrong(
                    ("books", index, name),
                    f'"{name}" of book {index + 1} is {_kind(entry[name])}, and must be text or null',
                )


def _check_letters(path: Path, text: str, document: Document) -> None:
    """Half of a surrogate pair can be read as JSON and never be written again."""
    if "\\ud" not in text and "\\uD" not in text:
        return
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        position = next((found.start() for found in _SURROGATES.finditer(text) if found[2]), 0)
        raise _broken(path, text, position, "an escape is half of a surrogate pair and stands for no letter") from error


def _kind(value: Any) -> str:
    names = {
        dict: "an object",
        list: "an array",
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        type(None): "missing or null",
    }
    return "empty" if isinstance(value, str) and not value.strip() else names[type(value)]


def _broken(path: Path, text: str, position: int, what: str) -> BrokenFileError:
    line, column = json_position.line_and_column(text, position)
    previous = path.with_name(f"{path.name}.bak")
    instead = f", or copy {previous.name} over it" if previous.exists() else ""
    return BrokenFileError(
        f"{path}, line {line}, column {column}: {what}", remedy=f"Mend it by hand{instead}; nothing was changed."
    )
