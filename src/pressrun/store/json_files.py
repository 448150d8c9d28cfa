"""JSON files of the run folder, read into the dataclasses of `pressrun.model` and written durably."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pressrun.errors import BrokenFileError
from pressrun.store.atomic import write_bytes

T = TypeVar("T")


def encode(value: Any) -> bytes:
    """`value` as indented UTF-8 JSON with a last newline; dataclasses become objects."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def save(path: Path, value: Any) -> None:
    write_bytes(path, encode(value))


def load(path: Path, shape: type[T]) -> T:
    """The file as `shape`. Raises `BrokenFileError` with file, place and remedy when it is missing or not so."""
    plain = load_plain(path)
    try:
        return msgspec.convert(plain, shape, strict=False)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:  # the latter by half of a surrogate pair
        raise BrokenFileError(
            f"{path}: {error}", remedy="Mend the file by hand, or remove it so that its stage makes it again."
        ) from error


def load_plain(path: Path) -> Any:
    """The file as dicts and lists. Raises `BrokenFileError` with line and column."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise BrokenFileError(
            f"{path} is missing", remedy="Run the same command again; the stage that makes it runs first."
        ) from error
    except json.JSONDecodeError as error:
        raise BrokenFileError(
            f"{path}, line {error.lineno}, column {error.colno}: {error.msg}",
            remedy="Mend the file by hand, or remove it so that its stage makes it again.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise BrokenFileError(
            f"{path} is not JSON in UTF-8: {error}", remedy="Remove it so that its stage makes it again."
        ) from error
