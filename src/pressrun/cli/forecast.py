"""Time left in a batch."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

OVERTIME = 0.25
"""A book that takes longer than those before it is expected to take this share of its age more."""


class Forecast:
    """Learns from the books that finish; one that failed ended early, and counts only while there is no other."""

    def __init__(self, to_run: int, workers: int = 1) -> None:
        self.to_run = to_run
        self.workers = workers
        self.finished = 0
        self._whole: list[float] = []
        self._failed: list[float] = []
        self._pause = 0.0

    def book_finished(self, seconds: float, *, failed: bool) -> None:
        self.finished += 1
        (self._failed if failed else self._whole).append(seconds)

    def book_dropped(self) -> None:
        """A book of the plan did not run after all."""
        self.to_run -= 1

    def paused(self, seconds: float) -> None:
        self._pause = seconds

    def seconds_left(self, ages: Sequence[float]) -> float | None:
        """None before the first book has finished; `ages` are those of the running books in seconds.

        Several workers share what is left evenly, and no less than the longest of the running books is left.
        """
        known = self._whole or self._failed
        if not known:
            return None
        each = fmean(known)
        running = [max(each - age, OVERTIME * age) for age in ages or (0.0,)]
        waiting = max(0, self.to_run - self.finished - len(running))
        at_once = min(self.workers, len(running) + waiting)
        return max((sum(running) + waiting * (each + self._pause)) / at_once, *running)
