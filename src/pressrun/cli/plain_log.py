"""The observer where there is no terminal: one plain line per event."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from pressrun.cli.amounts import count, show_duration, show_progress
from pressrun.cli.screen import Screen
from pressrun.cli.summary import headline
from pressrun.cli.text import fitted
from pressrun.model.book import Book
from pressrun.model.event import (
    BatchFinished,
    BatchStarted,
    BookFinished,
    BookStarted,
    Event,
    Paused,
    StageFinished,
    StageNote,
    StageProgress,
    StageRetried,
    StageStarted,
    Stopping,
)
from pressrun.model.result import BookResult

PROGRESS_EVERY = 10.0
"""Seconds between two lines of progress of one stage, at least."""
PROGRESS_STEP = 0.25
"""Share of the work between two lines of progress, at least, where the total is known."""


class PlainLog:
    """Tells what happens line by line; no colour, nothing is ever written over."""

    def __init__(self, screen: Screen, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._clock = clock
        self._place = ""
        self._last_progress = 0.0
        self._last_share = 0.0

    def __enter__(self) -> PlainLog:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        match event:
            case BatchStarted(total, to_run):
                self._line(f"Batch of {count(total, 'book')} started, {to_run:,} to run")
            case BookStarted(book, number, total, action, run_folder, stages):
                self._place = f"[{number}/{total}] "
                self._line(f"{book}: {action} in {run_folder}, stages {' '.join(stages) or 'none'}")
            case StageStarted(book, stage, attempt, attempts):
                self._last_progress, self._last_share = self._clock(), 0.0
                again = f", try {attempt} of {attempts}" if attempt > 1 else ""
                self._line(f"{book}: {stage} started{again}")
            case StageProgress(book, stage, done, total, unit):
                self._progress(book, stage, done, total, unit)
            case StageNote(book, stage, text):
                self._line(f"{book}: {stage}: {text}")
            case StageRetried(book, stage, attempt, attempts, wait, error):
                again = f"try {attempt} of {attempts} failed, next in {show_duration(wait)}"
                self._line(f"{book}: {stage}: {again}: {error.message}")
            case StageFinished():
                self._stage_finished(event)
            case BookFinished(number, total, result):
                self._place = f"[{number}/{total}] "
                self._line(_ending(result))
                self._place = ""
            case Paused(seconds):
                self._line(f"Next book in {show_duration(seconds)}")
            case Stopping(reason):
                self._line(f"Stopping: {reason}")
            case BatchFinished(batch):
                self._line(f"Batch finished in {show_duration(batch.seconds)}; {headline(batch)}")

    def _progress(self, book: Book, stage: str, done: float, total: float, unit: str) -> None:
        now, share = self._clock(), done / total if total > 0 else 1.0
        if now - self._last_progress < PROGRESS_EVERY or (total > 0 and share - self._last_share < PROGRESS_STEP):
            return
        self._last_progress, self._last_share = now, share
        percent = f" ({share:.0%})" if total > 0 else ""
        self._line(f"{book}: {stage} {show_progress(done, total, unit)}{percent}")

    def _stage_finished(self, event: StageFinished) -> None:
        words = {
            "success": f"finished in {show_duration(event.seconds)}",
            "failed": f"failed after {show_duration(event.seconds)}",
            "skipped": "skipped",
            "stopped": f"stopped after {show_duration(event.seconds)}",
        }[event.outcome]
        why = f": {event.error.message}" if event.error else ""
        self._line(f"{event.book}: {event.stage} {words}{why}")

    def _line(self, sentence: str) -> None:
        stamp = datetime.now().strftime("%Y-%m-%d %H:%M:%S")
        self._screen.console.out(stamp, self._place + fitted(sentence, self._screen.console.encoding), highlight=False)


def _ending(result: BookResult) -> str:
    if result.outcome == "failed":
        where = f" at {result.stage}" if result.stage else ""
        why = f": {result.error.message}. {result.error.remedy}".rstrip() if result.error else ""
        published = "".join(f" {url}" for url in (result.youtube_url, result.short_url) if url)
        return f"{result.book}: failed{where}{why}" + (f" Published:{published}" if published else "")
    ending = f"{result.book}: {result.outcome}"
    if result.reason:
        ending += f": {result.reason}"
    return ending + "".join(f" {url}" for url in (result.youtube_url, result.short_url) if url)
