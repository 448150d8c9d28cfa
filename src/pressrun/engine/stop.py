"""One token that every wait of the engine looks at: pause, cancel and Ctrl+C are reasons on it."""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress


class StopToken:
    """Asks the engine to stop. `request` and `force` are safe in a signal handler and from another thread.

    Any number of threads may wait for it: what wakes them is never taken back.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self.forced = False
        self._requests, self._forces = os.pipe(), os.pipe()

    def __bool__(self) -> bool:
        return self.reason is not None

    def __del__(self) -> None:
        for descriptor in (*self._requests, *self._forces):
            with suppress(OSError):
                os.close(descriptor)

    def fileno(self) -> int:
        """Readable from the moment on at which a stop was asked for, so that a `select` wakes up."""
        return self._requests[0]

    def forced_fileno(self) -> int:
        """Readable from the moment on at which the stop was forced."""
        return self._forces[0]

    def request(self, reason: str) -> None:
        """What runs is asked to end and gets its grace; the first reason stays."""
        first, self.reason = self.reason is None, self.reason or reason
        if first:
            os.write(self._requests[1], b"!")

    def force(self) -> None:
        """No grace any more: everything ends at once."""
        first, self.forced = not self.forced, True
        self.request("forced")
        if first:
            os.write(self._forces[1], b"!")

    def wait(self, seconds: float) -> bool:
        """Sleeps `seconds`, or until a stop is asked for; says whether one is."""
        deadline = time.monotonic() + seconds
        while not self and (left := deadline - time.monotonic()) > 0:
            select.select([self], [], [], left)
        return bool(self)
