"""Ctrl+C, TERM and a closed terminal while a batch runs."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from pressrun.model.reason import StopReason

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Stoppable(Protocol):
    """An object that a signal handler stops, e.g. a `StopToken`. Both methods must be safe in a signal handler."""

    reason: str | None

    def request(self, reason: str) -> None: ...

    def force(self) -> None: ...


@contextmanager
def stop_on_signals(stop: Stoppable) -> Iterator[None]:
    """Inside the block, request a stop at the first signal and force it at a second Ctrl+C.

    A signal that was ignored before (`nohup`, a background job of a script) stays ignored. Does nothing outside the
    main thread, where Python does not receive signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _: FrameType | None) -> None:
        if stop.reason is not None and number == signal.SIGINT:
            stop.force()
        else:
            stop.request(StopReason.INTERRUPTED)

    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    taken = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    for number in taken:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])
