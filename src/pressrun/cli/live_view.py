"""The observer on a terminal: what runs now stays at the bottom, what has finished scrolls away above it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pressrun.cli.forecast import Forecast
from pressrun.cli.formatting import format_duration, format_estimate, format_progress
from pressrun.cli.screen import Screen
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
"""Columns of the moving part: with an echoed ^C still below 60, so that no usual resize wraps its lines."""
REFRESHES_PER_SECOND = 6
_STAGE_COLUMN = 10
_PERCENT_COLUMN = 5
_WORDS_COLUMN = 25
_OTHER_LINES = 4
"""Of the terminal's height, those that are not for running books: batch, stopping, "and 3 more", and one to spare."""
_SAID_ELSEWHERE = (ReasonKind.INTERRUPTED, ReasonKind.ABORTED)


@dataclass
class _Running:
    """A book that runs, as far as the screen has to know it. Times as the clock gives them, in seconds."""

    book: Book
    place: str
    """As `[2/10]`."""
    stages: tuple[str, ...]
    began: float
    stages_done: int = 0
    stage: str = ""
    stage_began: float = 0.0
    attempt: str = ""
    waits_for: str = ""
    progress: tuple[float, float, str] | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def part(self) -> float:
        """How much of the book is done, from 0 to 1; each stage counts alike."""
        if not self.stages:
            return 0.0
        done, total, _ = self.progress or (0.0, 0.0, "")
        inside = min(1.0, done / total) if total > 0 else 0.0
        return min(1.0, (self.stages_done + inside) / len(self.stages))

    def at(self, stage: str, now: float) -> None:
        """It has come to `stage`, or, with the empty string, stands between two."""
        self.stage, self.stage_began = stage, now
        self.attempt, self.waits_for, self.progress = "", "", None


class LiveView:
    """Draws the batch bar, and each running book with its stage and a bar inside long ones."""

    def __init__(
        self, screen: Screen, plan: Plan, stop: Stoppable, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._screen = screen
        self._stop = stop
        self._clock = clock
        self._planned = {row.number for row in plan.to_run}
        self._forecast = Forecast(len(self._planned))
        self._running: dict[int, _Running] = {}
        """Number of the book -> what is known of it."""
        self._next_book_at: float | None = None
        self._live = Live(
            console=screen.console, get_renderable=self._footer, refresh_per_second=REFRESHES_PER_SECOND,
            transient=True, redirect_stdout=False, redirect_stderr=False,
        )

    def __enter__(self) -> LiveView:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        match event:
            case BookStarted():
                self._start_book(event)
            case BookFinished():
                self._finish_book(event)
            case Paused(seconds):
                self._forecast.paused(seconds)
                self._next_book_at = self._clock() + seconds
            case BatchStarted(workers=workers):
                self._forecast.workers = workers
                self._live.refresh()
            case Stopping() | BatchFinished():
                self._live.refresh()
            case _:
                if running := next((each for each in self._running.values() if each.book == event.book), None):
                    self._follow(running, event)

    def _follow(self, running: _Running, event: Event) -> None:
        """What happens inside a book."""
        match event:
            case StageWaits(_, stage, reason):
                running.at(stage, self._clock())
                running.waits_for = sentence(reason)
            case StageStarted(_, stage, attempt, attempts):
                running.at(stage, self._clock())
                running.attempt = f"try {attempt} of {attempts}" if attempt > 1 else ""
            case StageProgress(_, _, done, total, unit):
                running.progress = (done, total, unit)
            case StageNote(_, _, text):
                running.notes.append(text)
            case StageRetried(_, stage, attempt, attempts, wait, error):
                words = f"try {attempt} of {attempts} failed, next in {format_duration(wait)}"
                self._mark_line(running, self._screen.marks.resumed, "yellow", stage, words)
                self._below(running, error.message, "yellow")
                running.at(stage, self._clock())
                running.attempt = "waiting to try again"
            case StageFinished():
                self._finish_stage(running, event)

    def _start_book(self, event: BookStarted) -> None:
        place = f"[{event.number}/{event.total}]"
        self._next_book_at = None
        marks = self._screen.marks
        how = f"resumes at {event.stages[0]}" if event.action == "resume" and event.stages else ""
        self._screen.point(marks.book, (f"{place} {event.book}", "bold"), (f"  {how}", "dim"))
        self._running[event.number] = _Running(event.book, place, event.stages, self._clock())

    def _finish_stage(self, running: _Running, event: StageFinished) -> None:
        marks = self._screen.marks
        running.stages_done += 1
        running.at("", self._clock())
        mark, style, words = {
            "success": (marks.success, "green", format_duration(event.seconds)),
            "failed": (marks.failed, "red", f"failed after {format_duration(event.seconds)}"),
            "skipped": (marks.skipped, "dim", "skipped"),
            "stopped": (marks.stopped, "yellow", f"stopped after {format_duration(event.seconds)}"),
        }[event.outcome]
        self._mark_line(running, mark, style, event.stage, words)
        if event.error and event.outcome == "failed":
            self._below(running, event.error.message, "red")

    def _finish_book(self, event: BookFinished) -> None:
        result, marks = event.result, self._screen.marks
        running = self._running.pop(event.number, None)
        if running:
            self._forecast.book_finished(result.seconds, failed=result.outcome == "failed")
            if result.outcome in ("success", "resumed"):
                what = sentence(result.reason) or f"finished in {format_duration(result.seconds)}"
                address = f"  {result.youtube_url}" if result.youtube_url else ""
                place = (self._before(running), "dim")
                self._screen.say(place, (f"{marks.success} {what}", "green"), (address, "dim"), indent=2)
        elif event.number in self._planned:
            self._forecast.book_dropped()
            place_and_book = f"[{event.number}/{event.total}] {result.book}"
            if result.error:
                self._screen.point(marks.failed, f"{place_and_book}: {result.error.message}", style="red")
            elif not result.ended_by(*_SAID_ELSEWHERE):
                self._screen.point(marks.skipped, f"{place_and_book}: {sentence(result.reason)}", style="dim")

    def _before(self, running: _Running) -> str:
        """What stands before a line of this book, as lines of others may stand between."""
        return f"{running.place} " if self._forecast.workers > 1 else ""

    def _mark_line(self, running: _Running, mark: str, style: str, stage: str, words: str) -> None:
        words_style = "dim" if style == "green" else style
        place, name = (self._before(running), "dim"), f"{stage:<{_STAGE_COLUMN}}  "
        self._screen.say(place, (f"{mark} ", style), name, (words, words_style), indent=2)
        for note in running.notes:
            self._below(running, note, "dim")
        running.notes.clear()

    def _below(self, running: _Running, words: str, style: str) -> None:
        self._screen.say((words, style), indent=4 + len(self._before(running)))

    def _footer(self) -> RenderableType:
        now = self._clock()
        width = min(self._screen.width - 1, FOOTER_WIDTH)
        everything = [running for _, running in sorted(self._running.items())]
        room = max(1, (self._screen.console.height - _OTHER_LINES) // 2)
        lines: list[RenderableType] = []
        for running in everything[:room]:
            lines.append(self._screen.cut(f"{running.place} {running.book}", width, "bold"))
            lines.append(self._stage_line(running, now, width))
        if len(everything) > room:
            lines.append(self._screen.text(f"and {len(everything) - room} more", "dim"))
        if self._next_book_at is not None and not everything:
            left = max(0.0, self._next_book_at - now)
            lines.append(_row(width, self._spin(now), "pause", "", "", f"next book in {left:.0f} s"))
        lines.append(self._batch_line(everything, now, width))
        if self._stop.reason is not None:
            lines.append(self._screen.cut("Stopping; Ctrl+C again ends all at once", width, "yellow"))
        return Group(*lines)

    def _stage_line(self, running: _Running, now: float, width: int) -> RenderableType:
        if running.waits_for:
            words = self._screen.cut(f"{running.stage} waits for {running.waits_for}", width - 2, "dim")
            words.stylize("not dim cyan", 0, len(running.stage))
            return Text(" ").join([self._spin(now), words])
        name = self._screen.text(running.stage or "starting", "cyan")
        age = format_duration(now - (running.stage_began if running.stage else running.began))
        if running.progress is None:
            return _row(width, self._spin(now), name, "", "", self._screen.text(running.attempt or age, "dim"))
        done, total, unit = running.progress
        bar, percent = _bar(done, total, _bar_width(width)), f"{done / total:.0%}" if total > 0 else ""
        words = self._screen.text(format_progress(done, total, unit), "dim")
        return _row(width, self._spin(now), name, bar, percent, words)

    def _batch_line(self, everything: list[_Running], now: float, width: int) -> RenderableType:
        forecast = self._forecast
        left = forecast.seconds_left([now - running.began for running in everything])
        left_words = "time left unknown" if left is None else f"{format_estimate(left)} left"
        done = forecast.finished + sum(running.part for running in everything)
        share = done / forecast.to_run if forecast.to_run else 0.0
        bar = _bar(share, 1.0, _bar_width(width))
        return _row(width, "", "batch", bar, f"{share:.0%}", f"{forecast.finished}/{forecast.to_run}, {left_words}")

    def _spin(self, now: float) -> Text:
        frames = self._screen.marks.spinner
        return Text(frames[int(now * 8) % len(frames)], style="cyan")


def _row(width: int, *cells: RenderableType) -> Table:
    """A line of the moving part: mark, name, bar, share, words. All are alike, so that they stand in columns."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=1)
    grid.add_column(width=_STAGE_COLUMN, no_wrap=True, overflow="crop")
    grid.add_column(width=_bar_width(width))
    grid.add_column(width=_PERCENT_COLUMN, justify="right", no_wrap=True)
    grid.add_column(width=_WORDS_COLUMN, no_wrap=True, overflow="crop")
    grid.add_row(*cells)
    return grid


def _bar_width(width: int) -> int:
    return max(4, width - 1 - _STAGE_COLUMN - _PERCENT_COLUMN - _WORDS_COLUMN - 4)


def _bar(done: float, total: float, width: int) -> Any:
    return ProgressBar(
        total=total if total > 0 else None, completed=done, width=width, pulse=total <= 0,
        complete_style="cyan", finished_style="cyan", pulse_style="cyan",
    )
