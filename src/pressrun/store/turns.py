"""A queue before a lock: who came first is served first.

A file lock knows no order. The process that has just released it is often the next to get it, while others, who look
now and then, wait for many turns. Here everybody draws a number and holds a byte of the queue's file until his turn is
over; his turn comes when the byte before his is free. The system frees the bytes of a process that dies, and wakes the
one who waits, so that nobody has to look now and then. This is about fairness alone: the lock itself excludes others,
and where the queue cannot be had, the lock is asked at once.
"""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 10.0
"""Seconds after which a turn is no longer waited for: a process that is stopped must not stop the others."""
_FIRST_LOOK, _LAST_LOOK = 0.0002, 0.005
"""Seconds between looks at what others hold for some millionths of a second, at first and in the end."""
_NUMBER = struct.Struct("<q")
_BEYOND = 1 << 62
_FIRST = 1 << 20
"""Where the bytes of the numbers begin; byte 0 guards the number itself, which stands at the start of the file."""


@contextmanager
def in_turn(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Runs the block when those who came before have ended theirs, or after `patience` seconds."""
    if not hasattr(fcntl, "F_OFD_SETLKW"):
        yield
        return
    try:
        descriptor = _open(path)
    except OSError:
        yield
        return
    try:
        # The second: while Python ends, no thread can begin.
        with suppress(OSError, RuntimeError):
            deadline = time.monotonic() + patience
            if number := _drawn(descriptor, deadline):
                _wait_until_free(path, descriptor, _FIRST + number - 1, deadline)
        yield
    finally:
        os.close(descriptor)  # the byte is free again


def _drawn(descriptor: int, deadline: float) -> int:
    """The next number, whose byte is ours from now on; 0 where that takes too long."""
    pause = _FIRST_LOOK
    while not _take(descriptor, 0):
        if time.monotonic() > deadline:
            return 0
        time.sleep(pause)
        pause = min(pause * 2, _LAST_LOOK)
    try:
        known = os.pread(descriptor, _NUMBER.size, 0)
        number: int = _NUMBER.unpack(known)[0] + 1 if len(known) == _NUMBER.size else 1
        if not 0 < number < _BEYOND:
            number = 1  # somebody else wrote into the file
        os.pwrite(descriptor, _NUMBER.pack(number), 0)
        _take(descriptor, _FIRST + number)
    finally:
        _ask(descriptor, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, 0)
    return number


def _wait_until_free(path: Path, descriptor: int, byte: int, deadline: float) -> None:
    """Returns at the deadline at the latest. The system's own wait knows none, so that it goes on in a thread."""
    if _take(descriptor, byte):
        _ask(descriptor, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, byte)
        return
    free = threading.Event()

    def wait() -> None:
        with suppress(OSError):
            own = _open(path)
            try:
                _ask(own, fcntl.F_OFD_SETLKW, fcntl.F_WRLCK, byte)
            finally:
                os.close(own)
        free.set()

    threading.Thread(target=wait, name="turn", daemon=True).start()
    free.wait(max(0.0, deadline - time.monotonic()))


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)


def _take(descriptor: int, byte: int) -> bool:
    try:
        _ask(descriptor, fcntl.F_OFD_SETLK, fcntl.F_WRLCK, byte)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _ask(descriptor: int, command: int, kind: int, byte: int) -> None:
    """The request is a `struct flock`: kind, whence, start, length and, zero as fcntl(2) wants it, the process."""
    fcntl.fcntl(descriptor, command, struct.pack("hhqqi4x", kind, os.SEEK_SET, byte, 1, 0))
