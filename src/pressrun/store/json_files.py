"""Read JSON files into dataclasses, write them durably, and locate values in JSON text for error messages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pressrun.errors import BrokenFileError
from pressrun.model.conversion import convert
from pressrun.store.atomic import write_bytes

T = TypeVar("T")
ValuePath = tuple[str | int, ...]
"""Keys and indexes that lead to a value."""

_FIX = "Fix the file by hand, or remove it so that its stage creates it again."
_WHITESPACE = re.compile(r"[ \t\r\n]*")
# Numbers stay text: Python rejects integers of more than 4300 digits, and such a number may be the one to locate.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
_SEARCH_DEPTH = 64


def encode(value: Any) -> bytes:
    """Return `value` as indented UTF-8 JSON with a final newline. Dataclasses become objects."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def save(path: Path, value: Any) -> None:
    """Write `value` to `path`. Raises `NoSpaceError` if the disk is full."""
    write_bytes(path, encode(value))


def load(path: Path, shape: type[T]) -> T:
    """Return the file as `shape`. Raises `BrokenFileError` if it is missing, is not JSON or does not match."""
    plain = load_plain(path)
    try:
        return convert(plain, shape, strict=False)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:  # the latter for an unpaired surrogate
        raise BrokenFileError(f"{path}: {error}", remedy=_FIX) from error


def load_plain(path: Path) -> Any:
    """Return the file as dicts and lists. Raises `BrokenFileError` with line and column if it is missing or invalid."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise BrokenFileError(
            f"{path} is missing", remedy="Run the same command again; the stage that creates it runs first."
        ) from error
    except json.JSONDecodeError as error:
        raise BrokenFileError(
            f"{path}, line {error.lineno}, column {error.colno}: {error.msg}", remedy=_FIX
        ) from error
    except (ValueError, RecursionError) as error:
        raise BrokenFileError(
            f"{path} is not UTF-8 JSON: {error}", remedy="Remove it so that its stage creates it again."
        ) from error


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Return the line and column of a position in `text`, both counted from 1."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def iter_positions(text: str, depth: int = 4) -> Iterator[tuple[ValuePath, int]]:
    """Yield the path and position of every value in valid JSON, down to `depth` levels.

    This is slow. It is only used for error messages.
    """
    # Text that the parser can only just read may be nested too deeply to be read again from further down the stack.
    try:
        yield from _iter_value(text, _skip_whitespace(text, 0), (), depth)
    except RecursionError:
        return


def position_of(text: str, path: ValuePath) -> int:
    """Return the position of the value at `path`, or of the innermost enclosing value that exists."""
    best, best_length = 0, -1
    for found, position in iter_positions(text):
        if found == path[: len(found)] and len(found) > best_length:
            best, best_length = position, len(found)
    return best


def find_duplicate_key(text: str) -> tuple[ValuePath, int] | None:
    """Return the path and position of the second value of the first duplicate key, or None."""
    seen: set[ValuePath] = set()
    for path, position in iter_positions(text, _SEARCH_DEPTH):
        if path in seen:
            return path, position
        seen.add(path)
    return None


def find_literal(text: str, literal: str) -> int:
    """Return the position of the first value that is written as `literal`, such as NaN, or 0.

    `text` must be valid up to that value.
    """
    positions = (position for _, position in iter_positions(text, _SEARCH_DEPTH))
    return next((position for position in positions if _is_literal_at(text, position, literal)), 0)


def _is_literal_at(text: str, position: int, literal: str) -> bool:
    end = position + len(literal)
    return text.startswith(literal, position) and text[end : end + 1] in ("", ",", "]", "}", *" \t\r\n")


def _skip_whitespace(text: str, position: int) -> int:
    match = _WHITESPACE.match(text, position)
    return match.end() if match else position


def _iter_value(text: str, position: int, path: ValuePath, depth: int) -> Iterator[tuple[ValuePath, int]]:
    yield path, position
    if depth == 0 or text[position] not in "{[":
        return
    is_object = text[position] == "{"
    cursor, index = _skip_whitespace(text, position + 1), 0
    while text[cursor] not in "}]":
        key: str | int = index
        if is_object:
            key, cursor = scanstring(text, cursor + 1, False)
            cursor = _skip_whitespace(text, _skip_whitespace(text, cursor) + 1)
        yield from _iter_value(text, cursor, (*path, key), depth - 1)
        _, cursor = _DECODER.raw_decode(text, cursor)
        cursor = _skip_whitespace(text, cursor)
        if text[cursor] == ",":
            cursor = _skip_whitespace(text, cursor + 1)
        index += 1
