"""Parse `database.json` with a place for every error, and write it without losing anything.

There are three ways to parse, from fast to slow. A file that only has entries with the program's own fields, as most
have, is decoded and checked by msgspec in one go (`parse_fast`). Any other file is decoded by msgspec if that loses
nothing, which is known if encoding the result gives the same bytes. The rest is parsed by the standard library, which
takes three times as long, reports line and column of an error, and detects duplicate keys.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypedDict

import msgspec

from pressrun.errors import BrokenFileError
from pressrun.model.conversion import convert
from pressrun.store.json_files import ValuePath, find_duplicate_key, find_literal, line_and_column, position_of

STATUSES = ("done", "processing", None)
TEXT_FIELDS = ("author_name", "youtube_url", "short_url", "date_added", "run_folder")
MAX_DIGITS = 4000
"""Digits of an integer in a field that a user added. Python rejects integers of more than 4300 digits."""

_NONZERO = re.compile(r"^-?[0.]*[1-9]")
_SURROGATES = re.compile(r"\\\\|\\u([dD][89abAB])[0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F])")
"""An escaped backslash, a surrogate pair, or (group 2) an unpaired surrogate."""

Document = dict[str, Any]


class _EntryStruct(msgspec.Struct, gc=False):
    """A valid entry, for msgspec. `_check_shape` reports what is wrong with an invalid one."""

    main_title: Annotated[str, msgspec.Meta(pattern=r"\S")]
    status: Literal["done", "processing"] | None = None
    author_name: str | None = None
    youtube_url: str | None = None
    short_url: str | None = None
    date_added: str | None = None
    run_folder: str | None = None


class _BooksStruct(msgspec.Struct, gc=False):
    books: list[_EntryStruct]


def is_entry(value: Any) -> bool:
    """Return whether `value` is a valid entry."""
    try:
        convert(value, _EntryStruct)
    except msgspec.ValidationError:
        return False
    return True


class _RequiredFields(TypedDict):
    main_title: str


class _FlatEntry(_RequiredFields, total=False):
    """An entry that msgspec decodes as a dict. It ignores fields that are not declared here."""

    status: Literal["done", "processing"] | None
    author_name: str | None
    youtube_url: str | None
    short_url: str | None
    date_added: str | None
    run_folder: str | None


class _FlatBooks(TypedDict):
    books: list[_FlatEntry]


_MSGSPEC_ERRORS = (msgspec.MsgspecError, RecursionError, ValueError, OverflowError)


def parse(path: Path, data: bytes) -> Document:
    """Return the document in `data`. `path` is for messages. Raises `BrokenFileError` with line and column."""
    return parse_fast(data) or parse_slowly(path, data)


_FLAT_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_FlatBooks)
"""Built here, so that it is complete before a second thread uses it (see `convert`)."""


def parse_fast(data: bytes) -> Document | None:
    """Return the document if it only has entries with the program's own fields, else None.

    Nothing is nested in an entry of such a file.
    """
    if b"\\" in data:  # then a quote may be part of a string, and cannot be counted
        return None
    try:
        document: Document = _FLAT_DECODER.decode(data)
    except _MSGSPEC_ERRORS:
        return None
    books = document["books"]
    # msgspec ignores undeclared fields and the first of two equal keys. Both leave more quotes than strings were read.
    fields = sum(map(len, books))
    nulls = sum(list(entry.values()).count(None) for entry in books)
    complete = data.count(b'"') == 2 * (1 + 2 * fields - nulls)
    return document if complete and all(entry["main_title"].strip() for entry in books) else None


def parse_slowly(path: Path, data: bytes) -> Document:
    """Do the same as `parse` for a file that `parse_fast` cannot read."""
    try:
        document: Document = msgspec.json.decode(data)
        convert(document, _BooksStruct)
        if msgspec.json.encode(document) == msgspec.json.format(data, indent=-1):
            return document
    except _MSGSPEC_ERRORS:
        pass
    return _parse_strictly(path, data)


def _parse_strictly(path: Path, data: bytes) -> Document:
    text = _decode(path, data)

    def constant(name: str) -> NoReturn:
        raise _broken(path, text, find_literal(text, name), f"{name} is not a JSON number")

    def number(literal: str) -> float:
        value = float(literal)
        if math.isinf(value):
            raise _broken(path, text, find_literal(text, literal), f"the number {literal} is too large")
        if value == 0 and _NONZERO.search(literal):
            raise _broken(path, text, find_literal(text, literal), f"the number {literal} is too small")
        return value

    def integer(literal: str) -> int:
        if len(literal) > MAX_DIGITS:
            problem = f"a number has {len(literal)} digits; the limit is {MAX_DIGITS}"
            raise _broken(path, text, find_literal(text, literal), problem)
        return int(literal)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            raise _DuplicateKeyError
        return result

    try:
        document = json.loads(
            text, parse_constant=constant, parse_float=number, parse_int=integer, object_pairs_hook=unique
        )
    except json.JSONDecodeError as error:
        raise _broken(path, text, error.pos, error.msg) from error
    except RecursionError as error:
        raise _broken(path, text, 0, "the document is nested too deeply") from error
    except _DuplicateKeyError as error:
        found = find_duplicate_key(text)
        key, position = (found[0][-1], found[1]) if found else ("?", 0)
        raise _broken(path, text, position, f'duplicate key "{key}"') from error
    _check_shape(path, text, document)
    _check_surrogates(path, text, document)
    checked: Document = document
    return checked


def serialize(document: Document) -> bytes:
    """Return the document as indented UTF-8 JSON, in its order and with its unknown fields."""
    return indent(compact(document))


def compact(document: Document) -> bytes:
    """Return the document on one line. Two documents have the same line only if nothing differs, not even the order."""
    try:
        return msgspec.json.encode(document)
    except OverflowError:  # an integer of more than 64 bits in a field that a user added
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def indent(line: bytes) -> bytes:
    """Return a document that is on one line with indentation and a final newline."""
    return msgspec.json.format(line, indent=2) + b"\n"


class _DuplicateKeyError(Exception):
    """An object has a key twice. The parser does not know where; its position is found afterwards."""


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
    def invalid(location: ValuePath, problem: str) -> BrokenFileError:
        return _broken(path, text, position_of(text, location), problem)

    if not isinstance(document, dict):
        raise invalid((), f'expected an object with "books", found {_kind(document)}')
    books = document.get("books")
    if not isinstance(books, list):
        raise invalid(("books",), f'"books" is {_kind(books)}; it must be an array')
    for index, entry in enumerate(books):
        if not isinstance(entry, dict):
            raise invalid(("books", index), f"book {index + 1} is {_kind(entry)}; it must be an object")
        title = entry.get("main_title")
        if not isinstance(title, str) or not title.strip():
            raise invalid(
                ("books", index, "main_title"), f'"main_title" of book {index + 1} is {_kind(title)}; it must be text'
            )
        if entry.get("status") not in STATUSES:
            raise invalid(
                ("books", index, "status"), f'"status" of book {index + 1} must be "done", "processing" or null'
            )
        for name in TEXT_FIELDS:
            if not isinstance(entry.get(name), str | None):
                raise invalid(
                    ("books", index, name),
                    f'"{name}" of book {index + 1} is {_kind(entry[name])}; it must be text or null',
                )


def _check_surrogates(path: Path, text: str, document: Document) -> None:
    """Raise `BrokenFileError` for an unpaired surrogate: JSON allows the escape, but it cannot be encoded as UTF-8."""
    if "\\ud" not in text and "\\uD" not in text:
        return
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        position = next((found.start() for found in _SURROGATES.finditer(text) if found[2]), 0)
        raise _broken(path, text, position, "an escape is an unpaired surrogate, which is not a character") from error


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


def _broken(path: Path, text: str, position: int, problem: str) -> BrokenFileError:
    line, column = line_and_column(text, position)
    backup = path.with_name(f"{path.name}.bak")
    restore = f", or copy {backup.name} over it" if backup.exists() else ""
    return BrokenFileError(
        f"{path}, line {line}, column {column}: {problem}", remedy=f"Fix it by hand{restore}. Nothing was changed."
    )
