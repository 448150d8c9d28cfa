"""The observer where there is no terminal: one plain line per event."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from pressrun.cli.formatting import encodable_text, format_duration, format_progress, pluralize
from pressrun.cli.screen import Screen
from pressrun.cli.summary import headline
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
    StageWaits,
    Stopping,
)
from pressrun.model.result import BookResult
from pressrun.wording import sentence, stop_sentence

PROGRESS_EVERY = 10.0
"""Seconds between two lines of progress of one stage, at least."""
PROGRESS_STEP = 0.25
"""Share of the work between two lines of progress, at least, where the total is known."""


class PlainLog:
    """Tells what happens line by line; no colour, nothing is ever written over."""

    def __init__(self, screen: Screen, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._clock = clock
        self._places: dict[Book, str] = {}
        """Of the books that run: what stands before their lines."""
        self._progress_told: dict[Book, tuple[float, float]] = {}
        """When progress of a book's stage was told last, and how much of it."""

    def __enter__(self) -> PlainLog:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        match event:
            case BatchStarted(total, to_run, workers):
                at_once = f", {workers} at once" if workers > 1 else ""
                self._line(f"Batch of {pluralize(total, 'book')} started, {to_run:,} to run{at_once}")
            case BookStarted(book, number, total, action, run_folder, stages):
                self._places[book] = f"[{number}/{total}] "
                self._tell(book, f"{action} in {run_folder}, stages {' '.join(stages) or 'none'}")
            case StageWaits(book, stage, reason):
                self._tell(book, f"{stage} waits for {sentence(reason)}")
            case StageStarted(book, stage, attempt, attempts):
                self._progress_told[book] = self._clock(), 0.0
                again = f", try {attempt} of {attempts}" if attempt > 1 else ""
                self._tell(book, f"{stage} started{again}")
            case StageProgress(book, stage, done, total, unit):
                self._progress(book, stage, done, total, unit)
            case StageNote(book, stage, text):
                self._tell(book, f"{stage}: {text}")
            case StageRetried(book, stage, attempt, attempts, wait, error):
                again = f"try {attempt} of {attempts} failed, next in {format_duration(wait)}"
                self._tell(book, f"{stage}: {again}: {error.message}")
            case StageFinished():
                self._stage_finished(event)
            case BookFinished(number, total, result):
                self._places.pop(result.book, None)
                self._line(_ending(result), f"[{number}/{total}] ")
            case Paused(seconds):
                self._line(f"Next book in {format_duration(seconds)}")
            case Stopping(reason):
                place = self._places.values() if len(self._places) == 1 else ()
                self._line(f"Stopping: {stop_sentence(reason)}", *place)
            case BatchFinished(batch):
                self._line(f"Batch finished in {format_duration(batch.seconds)}; {headline(batch)}")

    def _progress(self, book: Book, stage: str, done: float, total: float, unit: str) -> None:
        now, share = self._clock(), done / total if total > 0 else 1.0
        told_at, told_share = self._progress_told.get(book, (0.0, 0.0))
        if now - told_at < PROGRESS_EVERY or (total > 0 and share - told_share < PROGRESS_STEP):
            return
        self._progress_told[book] = now, share
        percent = f" ({share:.0%})" if total > 0 else ""
        self._tell(book, f"{stage} {format_progress(done, total, unit)}{percent}")

    def _stage_finished(self, event: StageFinished) -> None:
        words = {
            "success": f"finished in {format_duration(event.seconds)}",
            "failed": f"failed after {format_duration(event.seconds)}",
            "skipped": "skipped",
            "stopped": f"stopped after {format_duration(event.seconds)}",
        }[event.outcome]
        why = f": {event.error.message}" if event.error else ""
        self._tell(event.book, f"{event.stage} {words}{why}")

    def _tell(self, book: Book, what: str) -> None:
        self._line(f"{book}: {what}", self._places.get(book, ""))

    def _line(self, sentence: str, place: str = "") -> None:
        tell_line(self._screen, sentence, place)


def tell_line(screen: Screen, sentence: str, place: str = "") -> None:
    """A plain line with the time before it."""
    stamp = datetime.now().strftime("%Y-%m-%d %H:%M:%S")
    screen.console.out(stamp, place + encodable_text(sentence, screen.console.encoding), highlight=False)


def _ending(result: BookResult) -> str:
    if result.outcome == "failed":
        where = f" at {result.stage}" if result.stage else ""
        why = f": {result.error.message}. {result.error.remedy}".rstrip() if result.error else ""
        published = "".join(f" {url}" for url in (result.youtube_url, result.short_url) if url)
        return f"{result.book}: failed{where}{why}" + (f" Published:{published}" if published else "")
    ending = f"{result.book}: {result.outcome}"
    if result.reason:
        ending += f": {sentence(result.reason)}"
    return ending + "".join(f" {url}" for url in (result.youtube_url, result.short_url) if url)
