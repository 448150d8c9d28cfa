"""Collect the signals that ask a service to stop, so that it can shut down in order."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pressrun.errors import EXIT_INTERRUPTED, EXIT_OK

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class ShutdownSignals:
    """The signals received so far, the first one first. True once there is one."""

    def __init__(self) -> None:
        self.received: list[int] = []

    def __bool__(self) -> bool:
        return bool(self.received)

    @property
    def exit_code(self) -> int:
        """130 after Ctrl+C, and 0 after TERM, the regular way to stop a service."""
        return EXIT_INTERRUPTED if self.received[:1] == [signal.SIGINT] else EXIT_OK


@contextmanager
def catch_shutdown_signals() -> Iterator[ShutdownSignals]:
    """Inside the block, record Ctrl+C and TERM instead of ending the process, and treat a closed terminal as TERM.

    Enter it in the main thread, before starting anything that must not be left running.
    """
    signals = ShutdownSignals()

    def record(number: int, _: FrameType | None) -> None:
        signals.received.append(number)

    def pass_on_as_term(_: int, __: FrameType | None) -> None:
        # Sent rather than recorded: libraries that replace the handler of TERM later get this one too.
        os.kill(os.getpid(), signal.SIGTERM)

    before = {number: signal.signal(number, record) for number in _SIGNALS}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, pass_on_as_term)
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
