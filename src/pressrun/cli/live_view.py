"""The observer on a terminal: what runs now stays at the bottom, what has finished scrolls away above it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pressrun.cli.amounts import show_duration, show_estimate, show_progress
from pressrun.cli.forecast import Forecast
from pressrun.cli.screen import Screen
from pressrun.cli.signals import Stoppable
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
from pressrun.model.plan import Plan
from pressrun.model.result import ABORTED_REASON, INTERRUPTED_REASON

FOOTER_WIDTH = 56
"""Columns of the moving part: with an echoed ^C still below 60, so that no usual resize wraps its lines."""
REFRESHES_PER_SECOND = 6
_STAGE_COLUMN = 10
_PERCENT_COLUMN = 5
_WORDS_COLUMN = 25
_SAID_ELSEWHERE = (INTERRUPTED_REASON, ABORTED_REASON)


class LiveView:
    """Draws the batch bar, the running book with its stage, and a bar inside long stages."""

    def __init__(
        self, screen: Screen, plan: Plan, stop: Stoppable, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._screen = screen
        self._stop = stop
        self._clock = clock
        self._planned = {row.number for row in plan.to_run}
        self._forecast = Forecast(len(self._planned))
        self._book = ""
        self._stages: tuple[str, ...] = ()
        self._stages_done = 0
        self._stage = ""
        self._attempt = ""
        self._book_began = self._stage_began = 0.0
        self._progress: tuple[float, float, str] | None = None
        self._notes: list[str] = []
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
            case StageStarted(_, stage, attempt, attempts):
                self._stage, self._stage_began, self._progress = stage, self._clock(), None
                self._attempt = f"try {attempt} of {attempts}" if attempt > 1 else ""
            case StageProgress(_, _, done, total, unit):
                self._progress = (done, total, unit)
            case StageNote(_, _, text):
                self._notes.append(text)
            case StageRetried(_, stage, attempt, attempts, wait, error):
                words = f"try {attempt} of {attempts} failed, next in {show_duration(wait)}"
                self._mark_line(self._screen.marks.resumed, "yellow", stage, words)
                self._screen.say((error.message, "yellow"), indent=4)
                self._stage, self._progress, self._attempt = stage, None, "waiting to try again"
            case StageFinished():
                self._finish_stage(event)
            case BookFinished():
                self._finish_book(event)
            case Paused(seconds):
                self._forecast.paused(seconds)
                self._next_book_at = self._clock() + seconds
            case BatchStarted() | Stopping() | BatchFinished():
                self._live.refresh()

    def _start_book(self, event: BookStarted) -> None:
        self._book = f"[{event.number}/{event.total}] {event.book}"
        self._stages, self._stages_done = event.stages, 0
        self._stage, self._progress, self._next_book_at = "", None, None
        self._book_began = self._clock()
        marks = self._screen.marks
        how = f"resumes at {event.stages[0]}" if event.action == "resume" and event.stages else ""
        self._screen.point(marks.book, (self._book, "bold"), (f"  {how}", "dim"))

    def _finish_stage(self, event: StageFinished) -> None:
        marks = self._screen.marks
        self._stages_done += 1
        self._stage, self._progress = "", None
        mark, style, words = {
            "success": (marks.success, "green", show_duration(event.seconds)),
            "failed": (marks.failed, "red", f"failed after {show_duration(event.seconds)}"),
            "skipped": (marks.skipped, "dim", "skipped"),
            "stopped": (marks.stopped, "yellow", f"stopped after {show_duration(event.seconds)}"),
        }[event.outcome]
        self._mark_line(mark, style, event.stage, words)
        if event.error and event.outcome == "failed":
            self._screen.say((event.error.message, "red"), indent=4)

    def _finish_book(self, event: BookFinished) -> None:
        result, ran, marks = event.result, bool(self._book), self._screen.marks
        place = f"[{event.number}/{event.total}] {result.book}"
        self._book, self._stage, self._progress = "", "", None
        if ran:
            self._forecast.book_finished(result.seconds, failed=result.outcome == "failed")
            if result.outcome in ("success", "resumed"):
                what = result.reason or f"finished in {show_duration(result.seconds)}"
                address = f"  {result.youtube_url}" if result.youtube_url else ""
                self._screen.say((f"{marks.success} {what}", "green"), (address, "dim"), indent=2)
        elif event.number in self._planned:
            self._forecast.book_dropped()
            if result.error:
                self._screen.point(marks.failed, f"{place}: {result.error.message}", style="red")
            elif result.reason not in _SAID_ELSEWHERE:
                self._screen.point(marks.skipped, f"{place}: {result.reason}", style="dim")

    def _mark_line(self, mark: str, style: str, stage: str, words: str) -> None:
        words_style = "dim" if style == "green" else style
        self._screen.say((f"{mark} ", style), f"{stage:<{_STAGE_COLUMN}}  ", (words, words_style), indent=2)
        for note in self._notes:
            self._screen.say((note, "dim"), indent=4)
        self._notes.clear()

    def _footer(self) -> RenderableType:
        now = self._clock()
        width = min(self._screen.width - 1, FOOTER_WIDTH)
        lines: list[RenderableType] = []
        if self._book:
            lines.append(self._screen.cut(self._book, width, "bold"))
        lines.append(self._rows(now, width))
        if self._stop.reason is not None:
            lines.append(self._screen.cut("Stopping; Ctrl+C again ends all at once", width, "yellow"))
        return Group(*lines)

    def _rows(self, now: float, width: int) -> Table:
        bar_width = max(4, width - 1 - _STAGE_COLUMN - _PERCENT_COLUMN - _WORDS_COLUMN - 4)
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=1)
        grid.add_column(width=_STAGE_COLUMN, no_wrap=True, overflow="crop")
        grid.add_column(width=bar_width)
        grid.add_column(width=_PERCENT_COLUMN, justify="right", no_wrap=True)
        grid.add_column(width=_WORDS_COLUMN, no_wrap=True, overflow="crop")
        if self._next_book_at is not None and not self._book:
            left = max(0.0, self._next_book_at - now)
            grid.add_row(self._spin(now), "pause", "", "", f"next book in {left:.0f} s")
        elif self._book:
            grid.add_row(*self._stage_row(now, bar_width))
        grid.add_row(*self._batch_row(now, bar_width))
        return grid

    def _stage_row(self, now: float, bar_width: int) -> tuple[RenderableType, ...]:
        name = self._screen.text(self._stage or "starting", "cyan")
        age = show_duration(now - (self._stage_began if self._stage else self._book_began))
        if self._progress is None:
            return self._spin(now), name, "", "", self._screen.text(self._attempt or age, "dim")
        done, total, unit = self._progress
        bar, percent = _bar(done, total, bar_width), f"{done / total:.0%}" if total > 0 else ""
        return self._spin(now), name, bar, percent, self._screen.text(show_progress(done, total, unit), "dim")

    def _batch_row(self, now: float, bar_width: int) -> tuple[RenderableType, ...]:
        forecast = self._forecast
        part = 0.0
        if self._book and self._stages:
            done, total, _ = self._progress or (0.0, 0.0, "")
            inside = min(1.0, done / total) if total > 0 else 0.0
            part = min(1.0, (self._stages_done + inside) / len(self._stages))
        left = forecast.seconds_left(now - self._book_began if self._book else 0.0)
        left_words = "time left unknown" if left is None else f"{show_estimate(left)} left"
        share = (forecast.finished + part) / forecast.to_run if forecast.to_run else 0.0
        bar = _bar(share, 1.0, bar_width)
        return "", "batch", bar, f"{share:.0%}", f"{forecast.finished}/{forecast.to_run}, {left_words}"

    def _spin(self, now: float) -> Text:
        frames = self._screen.marks.spinner
        return Text(frames[int(now * 8) % len(frames)], style="cyan")


def _bar(done: float, total: float, width: int) -> Any:
    return ProgressBar(
        total=total if total > 0 else None, completed=done, width=width, pulse=total <= 0,
        complete_style="cyan", finished_style="cyan", pulse_style="cyan",
    )
