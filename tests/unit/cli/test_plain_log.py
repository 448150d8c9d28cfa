from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pressrun.cli.plain_log import PlainLog
from pressrun.errors import ErrorReport
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
from pressrun.model.reason import Reason, ReasonKind, StopReason, stored_reason
from pressrun.model.result import BatchResult, BookResult

BOOK = Book("Walden\x1b[2J [red]", "Thoreau")
ERROR = ErrorReport("NetworkError", "No answer", "Try later.", True)
EVENTS: list[Event] = [
    BatchStarted(2, 1),
    BookStarted(BOOK, 1, 2, "process", "runs/x", ("search", "render")),
    StageStarted(BOOK, "search", 1, 3),
    StageNote(BOOK, "search", "chose walden.txt"),
    StageRetried(BOOK, "search", 1, 3, 2.0, ERROR),
    StageStarted(BOOK, "search", 2, 3),
    StageFinished(BOOK, "search", "success", 0.4),
    StageFinished(BOOK, "render", "failed", 3.0, ERROR),
    BookFinished(1, 2, BookResult(BOOK, "failed", stage="render", error=ERROR)),
    Paused(5.0),
    Stopping(StopReason.INTERRUPTED),
    BatchFinished(BatchResult((BookResult(BOOK, "failed"),), seconds=9.0)),
]


def log_lines(captured: Any, *events: Event, clock: Callable[[], float] = lambda: 0.0) -> list[str]:
    with PlainLog(captured.screen, clock) as log:
        for event in events:
            log(event)
    lines: list[str] = captured.lines
    return lines


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_every_event_is_one_plain_line(capture_screen: Callable[..., Any], encoding: str) -> None:
    lines = log_lines(capture_screen(60, encoding), *EVENTS)
    assert len(lines) == len(EVENTS)
    assert all(line.isprintable() for line in lines)


def test_a_line_names_time_position_book_stage_and_event(capture_screen: Callable[..., Any]) -> None:
    lines = log_lines(capture_screen(60), *EVENTS)
    assert lines[6][19:] == " [1/2] Walden[2J [red] | Thoreau: search finished in 0.4 s"
    assert lines[4].endswith("search: attempt 1 of 3 failed, retrying in 2.0 s: No answer")
    assert lines[5].endswith("search started, attempt 2 of 3")
    assert lines[8].endswith("failed at render: No answer. Try later.")


def test_progress_is_printed_after_ten_seconds_and_a_quarter_of_the_work(capture_screen: Callable[..., Any]) -> None:
    now = 0.0
    captured = capture_screen(100)
    with PlainLog(captured.screen, lambda: now) as log:
        log(StageStarted(BOOK, "render", 1, 1))
        for step in range(1000):
            now = step * 0.1
            log(StageProgress(BOOK, "render", step, 1000, "frames"))
    assert [line.rpartition(" ")[2] for line in captured.lines[1:]] == ["(25%)", "(50%)", "(75%)"]


def test_progress_without_a_total_is_printed_every_ten_seconds(capture_screen: Callable[..., Any]) -> None:
    now = 0.0
    captured = capture_screen(100)
    with PlainLog(captured.screen, lambda: now) as log:
        log(StageStarted(BOOK, "upload", 1, 1))
        for step in range(301):
            now = step * 0.1
            log(StageProgress(BOOK, "upload", step, 0, "parts"))
    assert len(captured.lines) == 1 + 3


@pytest.mark.parametrize(
    ("result", "ending"),
    [
        (
            BookResult(BOOK, "failed", "https://videos.example/1", stage="shorts", error=ERROR),
            "failed at shorts: No answer. Try later. Published: https://videos.example/1",
        ),
        (
            BookResult(BOOK, "resumed", "https://videos.example/1", reason=stored_reason("published before")),
            "resumed: published before https://videos.example/1",
        ),
    ],
)
def test_the_end_of_a_book_shows_what_is_published(
    capture_screen: Callable[..., Any], result: BookResult, ending: str
) -> None:
    captured = capture_screen(200)
    PlainLog(captured.screen)(BookFinished(1, 1, result))
    assert captured.lines[-1].endswith(ending)


def test_lines_of_concurrent_books_carry_their_own_position(capture_screen: Callable[..., Any]) -> None:
    other = Book("Emma")
    lines = log_lines(
        capture_screen(100),
        BatchStarted(9, 9, workers=2),
        BookStarted(BOOK, 1, 9, "process", "runs/x", ()),
        BookStarted(other, 2, 9, "process", "runs/y", ()),
        StageStarted(BOOK, "search", 1, 3),
        StageWaits(other, "render", Reason(ReasonKind.NOT_ENOUGH_MEMORY, {"needed": 648, "free": 300})),
        Stopping(StopReason.INTERRUPTED),
        BookFinished(1, 9, BookResult(BOOK, "skipped")),
        StageFinished(other, "render", "stopped", 1.0),
    )
    assert lines[0].endswith("Batch of 9 books started, 9 to run, 2 at once")
    assert "[1/9] Walden" in lines[3]
    assert lines[4].endswith("[2/9] Emma: render waits for memory: 648 MB needed, 300 MB free")
    assert lines[5][19:] == " Stopping: User interrupted batch"
    assert lines[7].endswith("[2/9] Emma: render stopped after 1.0 s")


def test_progress_of_one_book_does_not_silence_another(capture_screen: Callable[..., Any]) -> None:
    now = 0.0
    other = Book("Emma")
    captured = capture_screen(100)
    with PlainLog(captured.screen, lambda: now) as log:
        for book in (BOOK, other):
            log(StageStarted(book, "render", 1, 3))
        now = 11.0
        for book in (BOOK, other):
            log(StageProgress(book, "render", 50, 100, "frames"))
    assert sum("50/100 frames" in line for line in captured.lines) == 2
