"""The token that every wait of the engine checks; a pause, a cancellation and Ctrl+C are requests on it."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from pressrun.model.reason import StopReason


class StopToken:
    """Asks the engine to stop. `request` and `force` are safe in a signal handler and from another thread.

    Each request is one byte in a pipe that nobody reads, so it wakes any number of threads, also those that wait later.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self.forced = False
        self.held = False
        self._requests, self._forces, self._holds = os.pipe(), os.pipe(), os.pipe()

    def __bool__(self) -> bool:
        return self.reason is not None

    def __del__(self, ending: Callable[[], bool] = sys.is_finalizing) -> None:
        if ending():
            return  # the names of this module may be gone by now, and the system closes the rest
        for descriptor in (*self._requests, *self._forces, *self._holds):
            with suppress(OSError):
                os.close(descriptor)

    @property
    def no_new_stages(self) -> bool:
        """Return whether no stage may start: running stages are to end at once, or to finish and be the last."""
        return self.held or bool(self)

    def fileno(self) -> int:
        """Readable from the first request on, so that a `select` wakes up."""
        return self._requests[0]

    def forced_fileno(self) -> int:
        """Readable from the moment the stop is forced."""
        return self._forces[0]

    def request(self, reason: str) -> None:
        """Ask what runs to end, with its grace. `reason` is a `StopReason` or an order's name; the first one stays."""
        first, self.reason = self.reason is None, self.reason or reason
        if first:
            os.write(self._requests[1], b"!")

    def force(self) -> None:
        """End everything at once, without grace."""
        first, self.forced = not self.forced, True
        self.request(StopReason.FORCED)
        if first:
            os.write(self._forces[1], b"!")

    def hold(self) -> None:
        """Pause: running stages finish, and no stage starts after them."""
        first, self.held = not self.held, True
        if first:
            os.write(self._holds[1], b"!")

    def wait(self, seconds: float) -> bool:
        """Sleep for `seconds`, or until no stage may start; return whether none may start."""
        deadline = time.monotonic() + seconds
        while not self.no_new_stages and (left := deadline - time.monotonic()) > 0:
            select.select([self.fileno(), self._holds[0]], [], [], left)
        return self.no_new_stages
