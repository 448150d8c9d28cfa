"""How a service is asked to end: the signals, kept until somebody looks."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pressrun.errors import EXIT_INTERRUPTED, EXIT_OK

_ASKING = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """Which signals came, the first one first."""

    def __init__(self) -> None:
        self.signals: list[int] = []

    def __bool__(self) -> bool:
        return bool(self.signals)

    @property
    def exit_code(self) -> int:
        """130 after Ctrl+C, and 0 after TERM, which is how a service is ended in good order."""
        return EXIT_INTERRUPTED if self.signals[:1] == [signal.SIGINT] else EXIT_OK


@contextmanager
def asked_to_end() -> Iterator[Ending]:
    """Inside the block Ctrl+C and TERM end nothing by themselves, and a closed terminal counts as TERM.

    To be entered in the main thread, before anything is started that must not be left behind.
    """
    ending = Ending()

    def note(number: int, _: FrameType | None) -> None:
        ending.signals.append(number)

    def hang_up(_: int, __: FrameType | None) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    before = {number: signal.signal(number, note) for number in _ASKING}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, hang_up)
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
