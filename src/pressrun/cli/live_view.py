"""Show a batch on a terminal: what is running stays at the bottom, what has finished scrolls away above it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pressrun.cli.formatting import format_duration, format_estimate, format_progress
from pressrun.cli.screen import Screen
from pressrun.cli.suspension import SuspendableView
from pressrun.engine.signals import Stoppable
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
from pressrun.model.plan import Plan
from pressrun.model.reason import ReasonKind
from pressrun.wording import sentence

FOOTER_WIDTH = 56
"""Columns of the moving part. With an echoed ^C it stays below 60, so that shrinking the window rarely wraps a line:
Rich counts the lines it has to erase from the width at the time it drew them."""
REFRESHES_PER_SECOND = 6
SPINNER_STEPS_PER_SECOND = 8
SUSPENDED = "Suspended. Running stages continue, but no other stage starts until you return with fg."
SUSPENDED_QUEUE = "Suspended. The workers of the queue continue. Return with fg."
_STAGE_COLUMN = 10
_PERCENT_COLUMN = 5
_TEXT_COLUMN = 25
_RESERVED_LINES = 4
"""Lines of the terminal that are not for running books: batch, stopping, "and 3 more", and one to spare."""
_SHOWN_IN_SUMMARY = (ReasonKind.INTERRUPTED, ReasonKind.ABORTED)
"""Reasons that apply to all remaining books; a line for each would fill the screen."""
OVERTIME_SHARE = 0.25
"""A book that takes longer than those before it is expected to take this share of its age more."""


class TimeLeft:
    """Estimates the time left in a batch from the books that have finished.

    Failed books count only until another one has finished, because they usually end early.
    """

    def __init__(self, to_run: int, workers: int = 1) -> None:
        self.to_run = to_run
        self.workers = workers
        self.finished = 0
        self._successful: list[float] = []
        self._failed: list[float] = []
        self._pause = 0.0

    def add_book(self, seconds: float, *, failed: bool) -> None:
        """Count a book that has finished after `seconds`."""
        self.finished += 1
        (self._failed if failed else self._successful).append(seconds)

    def drop_book(self) -> None:
        """Take out a planned book that did not run after all."""
        self.to_run -= 1

    def set_pause(self, seconds: float) -> None:
        self._pause = seconds

    def seconds(self, ages: Sequence[float]) -> float | None:
        """Return the seconds left, or None before the first book has finished.

        `ages` are the seconds that each running book has taken so far. Workers share the remaining time evenly, but no
        less is left than the slowest running book needs.
        """
        known = self._successful or self._failed
        if not known:
            return None
        mean = fmean(known)
        running = [max(mean - age, OVERTIME_SHARE * age) for age in ages or (0.0,)]
        waiting = max(0, self.to_run - self.finished - len(running))
        concurrency = min(self.workers, len(running) + waiting)
        return max((sum(running) + waiting * (mean + self._pause)) / concurrency, *running)


@dataclass
class _RunningBook:
    """What the view shows of a running book. Times are in seconds of the clock."""

    book: Book
    position: str
    """`[2/10]`."""
    stages: tuple[str, ...]
    began: float
    stages_done: int = 0
    stage: str = ""
    """Empty between two stages."""
    stage_began: float = 0.0
    attempt: str = ""
    waits_for: str = ""
    progress: tuple[float, float, str] | None = None
    """Done, total (0 if unknown) and unit."""
    notes: list[str] = field(default_factory=list)

    @property
    def share_done(self) -> float:
        """From 0 to 1, with the same weight for each stage."""
        if not self.stages:
            return 0.0
        done, total, _ = self.progress or (0.0, 0.0, "")
        share_of_stage = min(1.0, done / total) if total > 0 else 0.0
        return min(1.0, (self.stages_done + share_of_stage) / len(self.stages))

    def enter_stage(self, stage: str, now: float) -> None:
        self.stage, self.stage_began = stage, now
        self.attempt, self.waits_for, self.progress = "", "", None


class LiveView:
    """An observer that shows each running book with its stage and progress, and a progress bar for the batch."""

    def __init__(
        self, screen: Screen, plan: Plan, stop: Stoppable, clock: Callable[[], float] = time.monotonic, *,
        queued: bool = False,
    ) -> None:
        self._screen = screen
        self._stop = stop
        self._clock = clock
        self._planned = {row.number for row in plan.to_run}
        self._time_left = TimeLeft(len(self._planned))
        self._running: dict[int, _RunningBook] = {}
        """By the number of the book in the list."""
        self._next_book_at: float | None = None
        self._queued = queued
        """Whether workers of the queue run the books, and not this process."""
        self._suspension = SuspendableView(self._suspend, self._resume)
        self._live = self._make_live()

    def _make_live(self) -> Live:
        # Transient: the moving part disappears at the end and only finished lines remain. Nothing is redirected, as
        # standard output is for results and everything else goes through `screen`.
        return Live(
            console=self._screen.console, get_renderable=self._footer, refresh_per_second=REFRESHES_PER_SECOND,
            transient=True, redirect_stdout=False, redirect_stderr=False,
        )

    def __enter__(self) -> LiveView:
        self._live.start()
        self._suspension.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._suspension.__exit__()
        self._live.stop()

    def _suspend(self) -> None:
        """Take the moving part away and show the cursor, before Ctrl+Z stops the process."""
        self._live.stop()
        self._screen.print((SUSPENDED_QUEUE if self._queued else SUSPENDED, "yellow"))

    def _resume(self) -> None:
        # A new one: the old one would erase as many lines above the cursor as it had drawn before.
        self._live = self._make_live()
        self._live.start()

    def __call__(self, event: Event) -> None:
        match event:
            case BookStarted():
                self._start_book(event)
            case BookFinished():
                self._finish_book(event)
            case Paused(seconds):
                self._time_left.set_pause(seconds)
                self._next_book_at = self._clock() + seconds
            case BatchStarted(workers=workers):
                self._time_left.workers = workers
                self._live.refresh()
            case Stopping() | BatchFinished():
                self._live.refresh()
            case _:
                if running := next((each for each in self._running.values() if each.book == event.book), None):
                    self._update_book(running, event)

    def _update_book(self, running: _RunningBook, event: Event) -> None:
        match event:
            case StageWaits(_, stage, reason):
                running.enter_stage(stage, self._clock())
                running.waits_for = sentence(reason)
            case StageStarted(_, stage, attempt, attempts):
                running.enter_stage(stage, self._clock())
                running.attempt = f"attempt {attempt} of {attempts}" if attempt > 1 else ""
            case StageProgress(_, _, done, total, unit):
                running.progress = (done, total, unit)
            case StageNote(_, _, text):
                running.notes.append(text)
            case StageRetried(_, stage, attempt, attempts, wait, error):
                text = f"attempt {attempt} of {attempts} failed, retrying in {format_duration(wait)}"
                self._print_stage(running, self._screen.marks.resumed, "yellow", stage, text)
                self._print_below(running, error.message, "yellow")
                running.enter_stage(stage, self._clock())
                running.attempt = "waiting to retry"
            case StageFinished():
                self._finish_stage(running, event)

    def _start_book(self, event: BookStarted) -> None:
        position = f"[{event.number}/{event.total}]"
        self._next_book_at = None
        start = f"resumes at {event.stages[0]}" if event.action == "resume" and event.stages else ""
        self._screen.print_item(self._screen.marks.book, (f"{position} {event.book}", "bold"), (f"  {start}", "dim"))
        self._running[event.number] = _RunningBook(event.book, position, event.stages, self._clock())

    def _finish_stage(self, running: _RunningBook, event: StageFinished) -> None:
        marks = self._screen.marks
        running.stages_done += 1
        running.enter_stage("", self._clock())
        duration = format_duration(event.seconds)
        mark, style, text = {
            "success": (marks.success, "green", duration),
            "failed": (marks.failed, "red", f"failed after {duration}"),
            "skipped": (marks.skipped, "dim", "skipped"),
            "stopped": (marks.stopped, "yellow", f"stopped after {duration}"),
        }[event.outcome]
        self._print_stage(running, mark, style, event.stage, text)
        if event.error and event.outcome == "failed":
            self._print_below(running, event.error.message, "red")

    def _finish_book(self, event: BookFinished) -> None:
        result, marks = event.result, self._screen.marks
        running = self._running.pop(event.number, None)
        if running:
            self._time_left.add_book(result.seconds, failed=result.outcome == "failed")
            if result.outcome in ("success", "resumed"):
                text = sentence(result.reason) or f"finished in {format_duration(result.seconds)}"
                url = f"  {result.video_url}" if result.video_url else ""
                position = (self._position_prefix(running), "dim")
                self._screen.print(position, (f"{marks.success} {text}", "green"), (url, "dim"), indent=2)
        elif event.number in self._planned:
            # It ended before it started: another process has it, it was published meanwhile, or its folder is broken.
            self._time_left.drop_book()
            book = f"[{event.number}/{event.total}] {result.book}"
            if result.error:
                self._screen.print_item(marks.failed, f"{book}: {result.error.message}", style="red")
            elif not result.ended_by(*_SHOWN_IN_SUMMARY):
                self._screen.print_item(marks.skipped, f"{book}: {sentence(result.reason)}", style="dim")

    def _position_prefix(self, running: _RunningBook) -> str:
        """With several workers, lines of different books alternate, so each names its book."""
        return f"{running.position} " if self._time_left.workers > 1 else ""

    def _print_stage(self, running: _RunningBook, mark: str, style: str, stage: str, text: str) -> None:
        position, name = (self._position_prefix(running), "dim"), f"{stage:<{_STAGE_COLUMN}}  "
        self._screen.print(position, (f"{mark} ", style), name, (text, "dim" if style == "green" else style), indent=2)
        for note in running.notes:
            self._print_below(running, note, "dim")
        running.notes.clear()

    def _print_below(self, running: _RunningBook, text: str, style: str) -> None:
        self._screen.print((text, style), indent=4 + len(self._position_prefix(running)))

    def _footer(self) -> RenderableType:
        """Return the moving part. Rich also calls this from its own thread, so it only reads."""
        now = self._clock()
        width = min(self._screen.width - 1, FOOTER_WIDTH)
        books = [running for _, running in sorted(self._running.items())]
        shown = max(1, (self._screen.console.height - _RESERVED_LINES) // 2)
        lines: list[RenderableType] = []
        for running in books[:shown]:
            lines.append(self._screen.truncate(f"{running.position} {running.book}", width, "bold"))
            lines.append(self._stage_line(running, now, width))
        if len(books) > shown:
            lines.append(self._screen.text(f"and {len(books) - shown} more", "dim"))
        if self._next_book_at is not None and not books:
            left = max(0.0, self._next_book_at - now)
            lines.append(_row(width, self._spinner(now), "pause", "", "", f"next book in {left:.0f} s"))
        lines.append(self._batch_line(books, now, width))
        if self._stop.reason is not None:
            lines.append(self._screen.truncate("Stopping; press Ctrl+C again to stop at once", width, "yellow"))
        return Group(*lines)

    def _stage_line(self, running: _RunningBook, now: float, width: int) -> RenderableType:
        if running.waits_for:
            text = self._screen.truncate(f"{running.stage} waits for {running.waits_for}", width - 2, "dim")
            text.stylize("not dim cyan", 0, len(running.stage))
            return Text(" ").join([self._spinner(now), text])
        name = self._screen.text(running.stage or "starting", "cyan")
        if running.progress is None:
            age = format_duration(now - (running.stage_began if running.stage else running.began))
            return _row(width, self._spinner(now), name, "", "", self._screen.text(running.attempt or age, "dim"))
        done, total, unit = running.progress
        percent = f"{done / total:.0%}" if total > 0 else ""
        text = self._screen.text(format_progress(done, total, unit), "dim")
        return _row(width, self._spinner(now), name, _bar(done, total, _bar_width(width)), percent, text)

    def _batch_line(self, books: list[_RunningBook], now: float, width: int) -> RenderableType:
        count = self._time_left
        seconds = count.seconds([now - running.began for running in books])
        left = "time left unknown" if seconds is None else f"{format_estimate(seconds)} left"
        done = count.finished + sum(running.share_done for running in books)
        share = done / count.to_run if count.to_run else 0.0
        bar = _bar(share, 1.0, _bar_width(width))
        return _row(width, "", "batch", bar, f"{share:.0%}", f"{count.finished}/{count.to_run}, {left}")

    def _spinner(self, now: float) -> Text:
        frames = self._screen.marks.spinner
        return Text(frames[int(now * SPINNER_STEPS_PER_SECOND) % len(frames)], style="cyan")


def _row(width: int, *cells: RenderableType) -> Table:
    """Return a line of the moving part (mark, name, bar, percent, text) whose columns align with the other lines."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=1)
    grid.add_column(width=_STAGE_COLUMN, no_wrap=True, overflow="crop")
    grid.add_column(width=_bar_width(width))
    grid.add_column(width=_PERCENT_COLUMN, justify="right", no_wrap=True)
    grid.add_column(width=_TEXT_COLUMN, no_wrap=True, overflow="crop")
    grid.add_row(*cells)
    return grid


def _bar_width(width: int) -> int:
    return max(4, width - 1 - _STAGE_COLUMN - _PERCENT_COLUMN - _TEXT_COLUMN - 4)


def _bar(done: float, total: float, width: int) -> ProgressBar:
    return ProgressBar(
        total=total if total > 0 else None, completed=done, width=width, pulse=total <= 0,
        complete_style="cyan", finished_style="cyan", pulse_style="cyan",
    )
