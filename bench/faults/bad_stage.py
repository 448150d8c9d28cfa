"""A pipeline of one stage that behaves as badly as the title of the book says, and the few seconds it may take."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable

from pressrun.model.stage import Stage, pipeline
from pressrun.stages.work import Work

TIMEOUT = 5.0
"""Seconds."""
BAD = pipeline("bad", Stage("work", __name__, makes=("made.txt",), timeout=TIMEOUT))
BLOCK = b"x" * 65535 + b"\n"
MEBIBYTE = 1 << 20


def run(work: Work) -> None:
    how, _, size = work.book.title.partition(" ")
    ways: dict[str, Callable[[], None]] = {
        "flood": lambda: _flood(int(size)), "babble": lambda: _babble(work, int(size)), "hang": _hang,
        "ignore": _ignore, "ask": _ask, "stop": _stop, "swell": _swell, "murdered": _murdered,
    }
    if how in ways:
        ways[how]()
    with work.product("made.txt") as path:
        path.write_bytes(b"x" * int(size) if how == "big" else b"made\n")


def _flood(size: int) -> None:
    """On standard output and standard error in turn."""
    descriptor = 1
    while size > 0:
        size -= os.write(descriptor, BLOCK[:size])
        descriptor = 3 - descriptor


def _babble(work: Work, size: int) -> None:
    """The same on the way that is meant for events, without the end of a line."""
    descriptor = work.events._descriptor
    while size > 0 and descriptor is not None:
        size -= os.write(descriptor, b"x" * min(size, 65536))


def _hang() -> None:
    time.sleep(600)


def _ignore() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1)


def _ask() -> None:
    print("Proceed? [y/N]", flush=True)
    if sys.stdin.read():
        raise ValueError("somebody answered")


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)
    _hang()


def _swell() -> None:
    """Takes more memory than it may."""
    limit = 512 * MEBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    taken = []
    while True:
        taken.append(bytearray(32 * MEBIBYTE))


def _murdered() -> None:
    """What the kernel does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
