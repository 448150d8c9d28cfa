"""Where in a JSON text a value stands. Used only to say so in an error, so it may be slow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]

Path = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t\r\n]*")
# Numbers stay text here: Python refuses to convert one of more than 4300 digits, which may be the one looked for.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Both counted from 1."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def positions(text: str, depth: int = 4) -> Iterator[tuple[Path, int]]:
    """(path, position) of every key's value and every array element, to `depth` levels; `text` is valid JSON."""
    try:
        yield from _value(text, _skip(text, 0), (), depth)
    except RecursionError:  # what is nested as deeply as can just be read, this cannot read from further down the stack
        return


def position_of(text: str, path: Path) -> int:
    """The position of the value at `path`, or of the nearest enclosing value that exists."""
    best, best_length = 0, -1
    for found, position in positions(text):
        if found == path[: len(found)] and len(found) > best_length:
            best, best_length = position, len(found)
    return best


def duplicate_key(text: str) -> tuple[Path, int] | None:
    """The first key that an object has twice, and where the second one's value stands."""
    seen: set[Path] = set()
    for path, position in positions(text, depth=64):
        if path in seen:
            return path, position
        seen.add(path)
    return None


def literal(text: str, written: str) -> int:
    """The position of the first value, down to 64 levels, that is written as `written`; text before it is valid."""
    return next((position for _, position in positions(text, depth=64) if _stands_at(text, position, written)), 0)


def _stands_at(text: str, position: int, written: str) -> bool:
    end = position + len(written)
    return text.startswith(written, position) and text[end : end + 1] in ("", ",", "]", "}", *" \t\r\n")


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _value(text: str, position: int, path: Path, depth: int) -> Iterator[tuple[Path, int]]:
    yield path, position
    if depth == 0 or text[position] not in "{[":
        return
    is_object = text[position] == "{"
    cursor, index = _skip(text, position + 1), 0
    while text[cursor] not in "}]":
        key: str | int = index
        if is_object:
            key, cursor = scanstring(text, cursor + 1, False)
            cursor = _skip(text, _skip(text, cursor) + 1)
        yield from _value(text, cursor, (*path, key), depth - 1)
        _, cursor = _DECODER.raw_decode(text, cursor)
        cursor = _skip(text, cursor)
        if text[cursor] == ",":
            cursor = _skip(text, cursor + 1)
        index += 1
