from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyte
import pytest

from pressrun.cli.live_view import FOOTER_WIDTH, LiveView, TimeLeft
from pressrun.engine.stop import StopToken
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
)
from pressrun.model.plan import Decision, Plan, PlanRow
from pressrun.model.reason import Reason, ReasonKind, StopReason
from pressrun.model.result import BatchResult, BookResult

BOOK = Book("The Book of a Title so Long that It Fits No Line of Sixty Columns", "Somebody")
STAGES = ("search", "render")
PLAN = Plan(
    (
        PlanRow(1, Book("Iliad"), "done", "skip", Reason(ReasonKind.ALREADY_DONE)),
        PlanRow(2, BOOK, "new", "process", Reason(ReasonKind.FRESH_START), Decision(STAGES)),
        PlanRow(3, Book("Emma"), "new", "process", Reason(ReasonKind.FRESH_START), Decision(STAGES)),
    )
)
ERROR = ErrorReport("NetworkError", "No answer", "", True)
BEGUN: list[Event] = [
    BatchStarted(3, 2),
    BookStarted(BOOK, 2, 3, "process", "runs/x", STAGES),
    StageStarted(BOOK, "search", 1, 3),
]


class Watched:
    """A live view on a terminal that is read as a person would see it."""

    def __init__(self, captured: Any, width: int) -> None:
        self.captured, self.now = captured, 0.0
        self.stop = StopToken()
        self.view = LiveView(captured.screen, PLAN, self.stop, lambda: self.now)
        self.view._live.auto_refresh = False
        self.terminal = pyte.Screen(width, 40)
        self.terminal.set_mode(pyte.modes.LNM)

    def tell(self, *events: Event) -> list[str]:
        for event in events:
            self.view(event)
        return self.seen()

    def seen(self) -> list[str]:
        self.view._live.refresh()
        self.terminal.reset()
        self.terminal.set_mode(pyte.modes.LNM)
        pyte.Stream(self.terminal).feed(self.captured.text)
        return [line.rstrip() for line in self.terminal.display if line.strip()]


@pytest.fixture
def watch(capture_screen: Callable[..., Any]) -> Callable[..., Watched]:
    return lambda width=60, encoding="utf-8": Watched(capture_screen(width, encoding, terminal=True), width)


def test_a_stage_without_progress_shows_its_age(watch: Callable[..., Watched]) -> None:
    watched = watch()
    with watched.view:
        watched.tell(*BEGUN)
        watched.now = 12.0
        seen = watched.seen()
    assert seen[-2].split()[1:] == ["search", "12", "s"]
    assert "0/2, time left unknown" in seen[-1]


def test_a_long_stage_has_a_bar_with_its_own_units(watch: Callable[..., Watched]) -> None:
    watched = watch(120)
    with watched.view:
        seen = watched.tell(*BEGUN, StageProgress(BOOK, "search", 900, 3600, "frames"))
    assert "25%" in seen[-2]
    assert "900/3,600 frames" in seen[-2]


def test_the_batch_bar_counts_stages_and_what_is_inside_them(watch: Callable[..., Watched]) -> None:
    watched = watch()
    with watched.view:
        seen = watched.tell(*BEGUN, StageFinished(BOOK, "search", "success", 1.0), StageStarted(BOOK, "render", 1, 1))
        assert "25%" in seen[-1]
        seen = watched.tell(StageProgress(BOOK, "render", 1, 2, "parts"))
    assert "38%" in seen[-1]


def test_after_the_first_book_the_time_left_is_estimated(watch: Callable[..., Watched]) -> None:
    watched = watch()
    with watched.view:
        watched.tell(*BEGUN)
        result = BookResult(BOOK, "success", "https://videos.example/1", seconds=240.0)
        seen = watched.tell(BookFinished(2, 3, result), Paused(5.0))
    assert "1/2, 4 min left" in seen[-1]
    assert "next book in 5 s" in seen[-2]


def test_a_book_that_another_process_works_on_leaves_the_count_and_is_reported(watch: Callable[..., Watched]) -> None:
    watched = watch()
    with watched.view:
        busy = BookResult(BOOK, "skipped", reason=Reason(ReasonKind.BUSY))
        done = BookResult(Book("Iliad"), "skipped", reason=Reason(ReasonKind.ALREADY_DONE))
        seen = watched.tell(BatchStarted(3, 2), BookFinished(1, 3, done), BookFinished(2, 3, busy))
    assert "0/1," in seen[-1]
    assert "Another process is working on this book" in " ".join(" ".join(seen).split())
    assert "Iliad" not in " ".join(seen)


@pytest.mark.parametrize("width", [40, 60, 120])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_finished_stages_stay_above_and_nothing_of_the_moving_part_remains(
    watch: Callable[..., Watched], width: int, encoding: str
) -> None:
    watched = watch(width, encoding)
    with watched.view:
        for event in (
            *BEGUN,
            StageProgress(BOOK, "search", 1, 2, "parts"),
            StageRetried(BOOK, "search", 1, 3, 2.0, ERROR),
            StageStarted(BOOK, "search", 2, 3),
            StageNote(BOOK, "search", "chose a file"),
            StageFinished(BOOK, "search", "success", 1.0),
            StageStarted(BOOK, "render", 1, 1),
            StageFinished(BOOK, "render", "stopped", 3.0),
            BatchFinished(BatchResult()),
        ):
            watched.tell(event)
    seen = watched.seen()
    mark = watched.captured.screen.marks
    assert sum(line.split()[:2] == [mark.success, "search"] for line in seen) == 1
    assert sum("render" in line for line in seen) == 1
    assert not any("batch" in line or "time left" in line for line in seen)


def test_the_moving_part_stays_below_sixty_columns_with_an_echoed_interrupt(watch: Callable[..., Watched]) -> None:
    watched = watch(120)
    with watched.view:
        seen = watched.tell(*BEGUN, StageProgress(BOOK, "search", 123456, 9876543, "frames"))
    assert all(len(line) <= FOOTER_WIDTH < 58 for line in seen[-3:])


def test_a_requested_stop_is_shown_with_the_way_to_hurry(watch: Callable[..., Watched]) -> None:
    watched = watch()
    with watched.view:
        watched.tell(*BEGUN)
        watched.stop.request(StopReason.INTERRUPTED)
        seen = watched.seen()
    assert seen[-1] == "Stopping; press Ctrl+C again to stop at once"


def test_without_colour_the_view_is_still_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    from pressrun.cli.screen import open_screen

    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    screen = open_screen(stream)
    assert screen.animated
    screen.print(("red", "red"))
    assert "\x1b[31m" not in stream.buffer.getvalue().decode()  # type: ignore[attr-defined]


EMMA = Book("Emma")
BOTH: list[Event] = [
    BatchStarted(3, 2, workers=2),
    BookStarted(EMMA, 3, 3, "process", "runs/y", STAGES),
    BookStarted(BOOK, 2, 3, "process", "runs/x", STAGES),
    StageStarted(BOOK, "search", 1, 3),
]


def test_each_book_at_once_has_its_title_and_its_stage(watch: Callable[..., Watched]) -> None:
    watched = watch()
    memory = Reason(ReasonKind.NOT_ENOUGH_MEMORY, {"needed": 648, "free": 300})
    with watched.view:
        seen = watched.tell(*BOTH, StageWaits(EMMA, "render", memory))
        assert seen[-5].startswith("[2/3] The Book of a Title")
        assert seen[-4].split()[1] == "search"
        assert seen[-3] == "[3/3] Emma"
        assert seen[-2].split(maxsplit=1)[1] == "render waits for memory: 648 MB needed, 300 MB free"
        seen = watched.tell(StageStarted(EMMA, "render", 1, 1), StageProgress(EMMA, "render", 1, 2, "parts"))
    assert "50%" in seen[-2]
    assert "12%" in seen[-1], "half of a stage, of two books of two stages"


def test_finished_lines_carry_the_number_of_their_book_where_several_run(watch: Callable[..., Watched]) -> None:
    watched = watch(100)
    with watched.view:
        watched.tell(
            *BOTH, StageNote(EMMA, "search", "chose a file"), StageFinished(BOOK, "search", "failed", 1.0, ERROR),
            StageFinished(EMMA, "search", "success", 2.0), BookFinished(3, 3, BookResult(EMMA, "success", seconds=9.0)),
        )
    seen = [line.strip() for line in watched.seen()]
    assert seen[-5:] == [
        "[2/3] ✗ search      failed after 1.0 s", "No answer", "[3/3] ✓ search      2.0 s", "chose a file",
        "[3/3] ✓ finished in 9.0 s",
    ]


def test_books_that_find_no_room_on_the_terminal_are_counted(
    watch: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINES", "10")
    watched = watch()
    with watched.view:
        watched.tell(BatchStarted(9, 9, workers=8))
        seen = watched.tell(
            *(BookStarted(Book(f"B{n}"), n, 9, "process", "runs/x", STAGES) for n in range(1, 9))
        )
    moving = seen[-8:]
    assert [line for line in moving if line.startswith("[")] == ["[1/9] B1", "[2/9] B2", "[3/9] B3"]
    assert moving[-2] == "and 5 more"


def test_before_the_first_book_has_finished_the_time_left_is_unknown() -> None:
    assert TimeLeft(3).seconds([10]) is None


def test_each_waiting_book_counts_as_the_mean_of_finished_ones_and_its_pause() -> None:
    left = TimeLeft(4)
    left.add_book(60, failed=False)
    left.set_pause(5)
    left.add_book(80, failed=False)
    assert left.seconds([20]) == 50 + 75


def test_failed_books_count_only_until_another_one_has_finished() -> None:
    left = TimeLeft(3)
    left.add_book(2, failed=True)
    assert left.seconds([0]) == pytest.approx(4)
    left.add_book(100, failed=False)
    assert left.seconds([0]) == pytest.approx(100)


def test_a_book_in_overtime_keeps_some_time_left() -> None:
    left = TimeLeft(2)
    left.add_book(10, failed=False)
    assert left.seconds([40]) == pytest.approx(10)


def test_several_workers_share_what_is_left() -> None:
    left = TimeLeft(7, workers=3)
    left.add_book(60, failed=False)
    assert left.seconds([20, 30, 40]) == pytest.approx((40 + 30 + 20 + 3 * 60) / 3)


def test_no_less_is_left_than_the_longest_running_book_needs() -> None:
    left = TimeLeft(3, workers=3)
    left.add_book(60, failed=False)
    assert left.seconds([5, 55]) == 55


def test_more_workers_than_books_change_nothing() -> None:
    left = TimeLeft(2, workers=9)
    left.add_book(60, failed=False)
    assert left.seconds([0]) == 60
