"""Convert plain data into the dataclasses of this program, in one thread at a time."""

from __future__ import annotations

from threading import Lock
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
_LOCK = Lock()


def convert(value: Any, shape: type[T], *, strict: bool = True) -> T:
    """Return `value` as `shape`. Raises `msgspec.ValidationError`.

    msgspec (0.22) keeps what it knows of a type before that is complete, and runs Python code in between: a second
    thread that converts to the same type at that moment crashes the process.
    """
    with _LOCK:
        return msgspec.convert(value, shape, strict=strict)
