"""A queue before a lock: who came first is served first.

A file lock knows no order. The process that has just released it is often the next to get it, while others, who look
now and then, wait for many turns. Here everybody draws a number and holds a byte of the queue's file until his turn is
over; his turn comes when the byte before his is free. The system frees the bytes of a process that dies. This is about
fairness alone: the lock itself excludes others, and where the queue cannot be had, the lock is asked at once.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 10.0
"""Seconds after which a turn is no longer waited for: a process that is stopped must not stop the others."""
_LOOK = 0.005
_NUMBER = struct.Struct("<q")
_FIRST = 1 << 20
"""Where the bytes of the numbers begin; byte 0 guards the number itself, which stands at the start of the file."""


@contextmanager
def in_turn(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Runs the block when those who came before have ended theirs, or after `patience` seconds."""
    set_lock = getattr(fcntl, "F_OFD_SETLK", None)
    if fcntl is None or set_lock is None:
        yield
        return
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            _wait(descriptor, set_lock, time.monotonic() + patience)
        yield
    finally:
        os.close(descriptor)  # the byte is free again


def _wait(descriptor: int, set_lock: int, deadline: float) -> None:
    if not _until(lambda: _take(descriptor, set_lock, 0), deadline):
        return
    try:
        known = os.pread(descriptor, _NUMBER.size, 0)
        number = _NUMBER.unpack(known)[0] + 1 if len(known) == _NUMBER.size else 1
        os.pwrite(descriptor, _NUMBER.pack(number), 0)
        _take(descriptor, set_lock, _FIRST + number)
    finally:
        _free(descriptor, set_lock, 0)
    if _until(lambda: _take(descriptor, set_lock, _FIRST + number - 1), deadline):
        _free(descriptor, set_lock, _FIRST + number - 1)


def _until(done: Callable[[], bool], deadline: float) -> bool:
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK)
    return True


def _take(descriptor: int, set_lock: int, byte: int) -> bool:
    try:
        fcntl.fcntl(descriptor, set_lock, _request(fcntl.F_WRLCK, byte))
    except (BlockingIOError, PermissionError):
        return False
    return True


def _free(descriptor: int, set_lock: int, byte: int) -> None:
    fcntl.fcntl(descriptor, set_lock, _request(fcntl.F_UNLCK, byte))


def _request(kind: int, byte: int) -> bytes:
    """A `struct flock`: kind, whence, start, length and, zero as fcntl(2) wants it, the process."""
    return struct.pack("hhqqi4x", kind, os.SEEK_SET, byte, 1, 0)
