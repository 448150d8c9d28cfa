"""One token that every wait of the engine looks at: pause, cancel and Ctrl+C are reasons on it."""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress


class StopToken:
    """Asks the engine to stop. `request` and `force` are safe in a signal handler and from another thread."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.forced = False
        self._readable, self._writable = os.pipe()
        os.set_blocking(self._readable, False)
        os.set_blocking(self._writable, False)

    def __bool__(self) -> bool:
        return self.reason is not None

    def __del__(self) -> None:
        for descriptor in (self._readable, self._writable):
            with suppress(OSError):
                os.close(descriptor)

    def fileno(self) -> int:
        """Readable once a stop was asked for, so that a `select` wakes up."""
        return self._readable

    def request(self, reason: str) -> None:
        """The running stage is asked to end and gets its grace; the first reason stays."""
        self.reason = self.reason or reason
        self._wake()

    def force(self) -> None:
        """No grace any more: everything ends at once."""
        self.reason = self.reason or "forced"
        self.forced = True
        self._wake()

    def acknowledge(self) -> None:
        """Empties the wake-up pipe, after which `fileno` becomes readable only at the next call."""
        with suppress(BlockingIOError):
            while os.read(self._readable, 64):
                pass

    def wait(self, seconds: float) -> bool:
        """Sleeps `seconds`, or until a stop is asked for; says whether one is."""
        deadline = time.monotonic() + seconds
        while not self and (left := deadline - time.monotonic()) > 0:
            select.select([self._readable], [], [], left)
        return bool(self)

    def _wake(self) -> None:
        with suppress(BlockingIOError, OSError):
            os.write(self._writable, b"!")
