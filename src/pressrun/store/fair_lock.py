"""A queue in front of a lock: processes are served in the order in which they arrive.

A file lock has no order. The process that just released it often gets it again, while others, which only poll, miss
many turns. Here each process takes the next ticket and holds the byte of that ticket in the queue's file until its turn
is over. Its turn comes when the byte of the ticket before it is free. The operating system frees the bytes of a process
that dies and wakes the process that waits for them, so nobody has to poll.

This only adds fairness. The lock behind it provides exclusion; if the queue cannot be used, it is taken at once.
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

TURN_TIMEOUT = 10.0
"""Seconds to wait for a turn. A process that is suspended must not block the others for longer."""
_MIN_RETRY_DELAY, _MAX_RETRY_DELAY = 0.0002, 0.005
"""Seconds between attempts to lock the counter, which others hold for some microseconds."""
_COUNTER = struct.Struct("<q")
_MAX_TICKET = 1 << 62
_FIRST_TICKET_BYTE = 1 << 20
"""Offset of the bytes of the tickets. The counter is stored at the start of the file, and byte 0 locks it."""


@contextmanager
def fair_lock(path: Path, timeout: float = TURN_TIMEOUT) -> Iterator[None]:
    """Run the block after those of all processes that came earlier, or after `timeout` seconds."""
    # Open file description locks belong to the descriptor and not to the process, so threads exclude each other too.
    if not hasattr(fcntl, "F_OFD_SETLKW"):
        yield
        return
    try:
        descriptor = _open(path)
    except OSError:
        yield
        return
    try:
        # RuntimeError: a thread cannot be started while Python shuts down.
        with suppress(OSError, RuntimeError):
            deadline = time.monotonic() + timeout
            if ticket := _take_ticket(descriptor, deadline):
                _wait_until_free(path, descriptor, _FIRST_TICKET_BYTE + ticket - 1, deadline)
        yield
    finally:
        os.close(descriptor)  # frees the byte of the ticket


def _take_ticket(descriptor: int, deadline: float) -> int:
    """Return the next ticket, whose byte is locked from now on, or 0 after the deadline."""
    delay = _MIN_RETRY_DELAY
    while not _try_lock(descriptor, 0):
        if time.monotonic() > deadline:
            return 0
        time.sleep(delay)
        delay = min(delay * 2, _MAX_RETRY_DELAY)
    try:
        stored = os.pread(descriptor, _COUNTER.size, 0)
        ticket: int = _COUNTER.unpack(stored)[0] + 1 if len(stored) == _COUNTER.size else 1
        if not 0 < ticket < _MAX_TICKET:
            ticket = 1  # something else wrote to the file
        os.pwrite(descriptor, _COUNTER.pack(ticket), 0)
        # Before the counter is unlocked: the next process waits for this byte as soon as it has its own ticket.
        _try_lock(descriptor, _FIRST_TICKET_BYTE + ticket)
    finally:
        _fcntl(descriptor, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, 0)
    return ticket


def _wait_until_free(path: Path, descriptor: int, byte: int, deadline: float) -> None:
    """Return when another process frees `byte`, at the latest at the deadline."""
    if _try_lock(descriptor, byte):
        _fcntl(descriptor, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, byte)
        return
    free = threading.Event()

    # The blocking call of the system has no timeout, so it runs in a thread with a descriptor of its own.
    def wait() -> None:
        with suppress(OSError):
            own = _open(path)
            try:
                _fcntl(own, fcntl.F_OFD_SETLKW, fcntl.F_WRLCK, byte)
            finally:
                os.close(own)
        free.set()

    threading.Thread(target=wait, name="fair-lock", daemon=True).start()
    free.wait(max(0.0, deadline - time.monotonic()))


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)


def _try_lock(descriptor: int, byte: int) -> bool:
    try:
        _fcntl(descriptor, fcntl.F_OFD_SETLK, fcntl.F_WRLCK, byte)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _fcntl(descriptor: int, command: int, kind: int, byte: int) -> None:
    """Call fcntl(2) with a `struct flock`: type, whence, start, length, and a process id, which must be zero here."""
    fcntl.fcntl(descriptor, command, struct.pack("hhqqi4x", kind, os.SEEK_SET, byte, 1, 0))
