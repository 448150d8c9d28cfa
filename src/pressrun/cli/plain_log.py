"""Show a batch where there is no terminal: one plain line per event."""

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

PROGRESS_INTERVAL = 10.0
"""Minimum seconds between two progress lines of one stage."""
PROGRESS_STEP = 0.25
"""Minimum share of the work between two progress lines, if the total is known."""


class PlainLog:
    """An observer that prints a line per event, without colour and without ever rewriting a line."""

    def __init__(self, screen: Screen, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._clock = clock
        self._positions: dict[Book, str] = {}
        """`[2/10] ` for each running book."""
        self._last_progress: dict[Book, tuple[float, float]] = {}
        """Time and share of the last progress line of each book."""

    def __enter__(self) -> PlainLog:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        match event:
            case BatchStarted(total, to_run, workers):
                at_once = f", {workers} at once" if workers > 1 else ""
                self._print(f"Batch of {pluralize(total, 'book')} started, {to_run:,} to run{at_once}")
            case BookStarted(book, number, total, action, run_folder, stages):
                self._positions[book] = f"[{number}/{total}] "
                self._print_book(book, f"{action} in {run_folder}, stages {' '.join(stages) or 'none'}")
            case StageWaits(book, stage, reason):
                self._print_book(book, f"{stage} waits for {sentence(reason)}")
            case StageStarted(book, stage, attempt, attempts):
                self._last_progress[book] = self._clock(), 0.0
                retry = f", attempt {attempt} of {attempts}" if attempt > 1 else ""
                self._print_book(book, f"{stage} started{retry}")
            case StageProgress():
                self._print_progress(event)
            case StageNote(book, stage, text):
                self._print_book(book, f"{stage}: {text}")
            case StageRetried(book, stage, attempt, attempts, wait, error):
                retry = f"attempt {attempt} of {attempts} failed, retrying in {format_duration(wait)}"
                self._print_book(book, f"{stage}: {retry}: {error.message}")
            case StageFinished():
                self._print_stage_end(event)
            case BookFinished(number, total, result):
                self._positions.pop(result.book, None)
                self._print(_book_end(result), f"[{number}/{total}] ")
            case Paused(seconds):
                self._print(f"Next book in {format_duration(seconds)}")
            case Stopping(reason):
                position = self._positions.values() if len(self._positions) == 1 else ()
                self._print(f"Stopping: {stop_sentence(reason)}", *position)
            case BatchFinished(batch):
                self._print(f"Batch finished in {format_duration(batch.seconds)}; {headline(batch)}")

    def _print_progress(self, event: StageProgress) -> None:
        done, total = event.done, event.total
        now, share = self._clock(), done / total if total > 0 else 1.0
        last_time, last_share = self._last_progress.get(event.book, (0.0, 0.0))
        if now - last_time < PROGRESS_INTERVAL or (total > 0 and share - last_share < PROGRESS_STEP):
            return
        self._last_progress[event.book] = now, share
        percent = f" ({share:.0%})" if total > 0 else ""
        self._print_book(event.book, f"{event.stage} {format_progress(done, total, event.unit)}{percent}")

    def _print_stage_end(self, event: StageFinished) -> None:
        duration = format_duration(event.seconds)
        text = {
            "success": f"finished in {duration}",
            "failed": f"failed after {duration}",
            "skipped": "skipped",
            "stopped": f"stopped after {duration}",
        }[event.outcome]
        error = f": {event.error.message}" if event.error else ""
        self._print_book(event.book, f"{event.stage} {text}{error}")

    def _print_book(self, book: Book, text: str) -> None:
        self._print(f"{book}: {text}", self._positions.get(book, ""))

    def _print(self, text: str, position: str = "") -> None:
        print_log_line(self._screen, text, position)


def print_log_line(screen: Screen, text: str, position: str = "") -> None:
    """Print a plain line that starts with the date and time."""
    stamp = datetime.now().strftime("%Y-%m-%d %H:%M:%S")
    screen.console.out(stamp, position + encodable_text(text, screen.console.encoding), highlight=False)


def _book_end(result: BookResult) -> str:
    urls = "".join(f" {url}" for url in (result.video_url, result.short_url) if url)
    if result.outcome == "failed":
        stage = f" at {result.stage}" if result.stage else ""
        error = f": {result.error.message}. {result.error.remedy}".rstrip() if result.error else ""
        return f"{result.book}: failed{stage}{error}" + (f" Published:{urls}" if urls else "")
    reason = f": {sentence(result.reason)}" if result.reason else ""
    return f"{result.book}: {result.outcome}{reason}{urls}"
