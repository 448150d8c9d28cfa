"""Two clocks for time limits: `awake_time` for work, and `elapsed_time` for what expires while a process sleeps.

The monotonic clock fits neither. It includes the time that a process spent stopped (`kill -STOP`, Ctrl+Z, a frozen
container), so a limit on work would end what never had a chance to work. On Linux it excludes the time that the whole
machine was suspended, so a claim that others may have taken over would still count as valid.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

TICK = 0.25
"""Seconds between two readings by a thread, so that the clock is read regularly while the process is awake."""
MAX_GAP = 1.5
"""Seconds between two readings up to which a process counts as awake, although a busy machine let it wait."""


class AwakeClock:
    """A clock that leaves out every gap between two readings that is far longer than a tick."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._read_at = clock()
        self._asleep = 0.0
        # Reentrant: a signal handler may read the clock while the main thread does.
        self._lock = threading.RLock()

    def read(self) -> float:
        """Return the seconds that this process has been awake, since an arbitrary moment."""
        with self._lock:
            now = self._clock()
            gap, self._read_at = now - self._read_at, now
            if gap > MAX_GAP:
                self._asleep += gap - TICK
            return now - self._asleep


_process_clock: AwakeClock | None = None
_starting = threading.Lock()


def awake_time() -> float:
    """Return the seconds that this process has been awake, since an arbitrary moment. Use it to limit work."""
    clock = _process_clock or _start_clock()
    return clock.read()


def _start_clock() -> AwakeClock:
    global _process_clock
    with _starting:
        if _process_clock is None:
            _process_clock = AwakeClock()
            threading.Thread(target=_tick, args=(_process_clock,), name="awake-clock", daemon=True).start()
        return _process_clock


def _tick(clock: AwakeClock) -> None:
    while True:
        time.sleep(TICK)
        clock.read()


def _forget_clock() -> None:
    """Start afresh in a forked process, which has no thread of its parent."""
    global _process_clock, _starting
    _process_clock, _starting = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_clock)


def elapsed_time() -> float:
    """Return seconds since an arbitrary moment, with every suspension included. Use it for what expires meanwhile."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
