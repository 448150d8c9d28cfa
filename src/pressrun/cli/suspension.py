"""Ctrl+Z while a view is shown: take the view off the screen, stop the process, and show the view again after `fg`."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Literal

FOREGROUND_POLL_INTERVAL = 0.3
"""Seconds between two checks, after `bg`, whether the process is back in the foreground."""

_Order = Literal["hide", "show", "end"]


class SuspendableView:
    """Inside the block, Ctrl+Z calls `hide` before the process stops, and `show` when it is back in the foreground.

    The work happens in a thread: a signal handler interrupts the main thread anywhere, also while it holds the locks
    that drawing needs. Stopping happens in the main thread, as only there a signal gets its default action back.
    """

    def __init__(self, hide: Callable[[], None], show: Callable[[], None]) -> None:
        self._hide, self._show = hide, show
        # Unlike other queues, this one may be used in a signal handler.
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="suspension", daemon=True)
        self._before: Any = None
        self._hidden = False

    def __enter__(self) -> SuspendableView:
        # A signal that was ignored before stays ignored.
        if threading.current_thread() is threading.main_thread() and _suspends():
            self._thread.start()
            self._before = signal.signal(signal.SIGTSTP, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGTSTP, self._before)
            self._orders.put("end")
            self._thread.join()

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if not self._hidden:
            self._orders.put("hide")
            return
        self._hidden = False
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        # To this thread, not to the process: the signal has arrived when the call returns.
        signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._handle)
        self._orders.put("show")

    def _work(self) -> None:
        shown = True
        timeout: float | None = None
        """Set while the view is due but the process is in the background."""
        while True:
            try:
                order = self._orders.get(timeout=timeout)
            except queue.Empty:
                order = "show"
            if order == "end":
                return
            if order == "hide" and has_job_control():
                if shown:
                    self._hide()
                shown, timeout = False, None
                self._hidden = True
                os.kill(os.getpid(), signal.SIGTSTP)
            elif order == "show" and not shown:
                shown = in_foreground()
                timeout = None if shown else FOREGROUND_POLL_INTERVAL
                if shown:
                    self._show()


def _suspends() -> bool:
    return hasattr(signal, "SIGTSTP") and signal.getsignal(signal.SIGTSTP) == signal.SIG_DFL


def has_job_control() -> bool:
    """Return whether a shell can continue this process after Ctrl+Z. Without one, the system ignores the signal."""
    import psutil

    with suppress(OSError, psutil.Error):
        group, session = os.getpgrp(), os.getsid(0)
        parents = [parent.pid for parent in psutil.Process().parents()]
        return any(os.getpgid(parent) != group and os.getsid(parent) == session for parent in parents)
    return False


def in_foreground() -> bool:
    """Return whether this process may draw on its terminal."""
    for stream in (sys.__stderr__, sys.__stdout__, sys.__stdin__):
        with suppress(OSError, ValueError, AttributeError):
            return os.tcgetpgrp(stream.fileno()) == os.getpgrp()  # type: ignore[union-attr]
    return True
