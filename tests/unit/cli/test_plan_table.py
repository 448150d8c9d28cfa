from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from pressrun.cli.plan_table import disk_space_warnings, estimate_facts, show_plan
from pressrun.model.book import Book
from pressrun.model.plan import Decision, Estimate, Plan, PlanRow, ServiceChoice, UploadsLeft
from pressrun.model.reason import Reason, ReasonKind, stored_reason
from pressrun.wording import sentence

FRESH = Reason(ReasonKind.FRESH_START)
LONG_URL = "file:///books/shared/pressrun/demo/published/2026-01-02_Meditations_Marcus_Aurelius/video.mp4"
PLAN = Plan(
    (
        PlanRow(
            1, Book("Meditations", "Marcus Aurelius"), "done", "skip", Reason(ReasonKind.ALREADY_DONE),
            video_url=LONG_URL, short_url="file:///s.mp4",
        ),
        PlanRow(
            2, Book("Walden"), "processing", "resume", stored_reason("resumes at render: voice changed"),
            run_folder="runs/2026-01-01_Walden",
        ),
        PlanRow(
            3, Book("Emma [bold]", "Jane\x1b[31m Austen"), "new", "process", FRESH,
            warnings=(Reason(ReasonKind.NO_SOURCE, {"reason": "nearest: emma.txt"}),),
        ),
    ),
    (ServiceChoice("voice", "espeak", "it needs no network"),),
    (Reason(ReasonKind.LISTED_TWICE, {"name": "books.txt", "book": "Walden", "first": 2, "second": 7}),),
)


@pytest.mark.parametrize("width", [40, 60, 89, 90, 120, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_the_plan_fits_every_width_and_loses_nothing(
    capture_screen: Callable[..., Any], width: int, encoding: str
) -> None:
    captured = capture_screen(width, encoding)
    show_plan(captured.screen, PLAN, "Plan")
    assert captured.widest <= width
    words = "".join(captured.text.split()).replace("│", "").replace("|", "")
    for expected in (LONG_URL, "file:///s.mp4", "resumesatrender:voicechanged", "runs/2026-01-01_Walden", "freshstart"):
        assert expected in words
    assert "nearest:emma.txt" in words
    for word in ("done", "processing", "new", "skip", "resume", "process", "espeak"):
        assert word in captured.text
    assert "3 books" in captured.text
    assert "lines 2 and 7" in " ".join(captured.text.split())


def test_a_wide_plan_has_the_five_columns(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(120)
    show_plan(captured.screen, PLAN, "Plan")
    header = next(line for line in captured.lines if "Book" in line)
    assert [cell.strip() for cell in header.strip("│").split("│")] == ["#", "Book", "Status", "Action", "Details"]


def test_a_narrow_plan_gives_details_the_whole_width(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(60)
    show_plan(captured.screen, PLAN, "Plan")
    assert any("resumes at render: voice changed" in line for line in captured.lines)


def test_the_totals_name_each_action_that_occurs(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(100)
    show_plan(captured.screen, PLAN, "Plan")
    assert "3 books · 1 to process · 1 to resume · 1 to skip" in captured.text


def test_titles_are_neither_markup_nor_escape_sequences(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(120, terminal=True)
    show_plan(captured.screen, PLAN, "Plan")
    assert "Emma [bold]" in captured.text
    assert "Jane\x1b[31m" not in captured.text


def test_urls_are_links_on_a_terminal(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(120, terminal=True)
    show_plan(captured.screen, PLAN, "Plan")
    assert f";{LONG_URL}\x1b\\" in captured.text


def test_services_are_left_out_when_nothing_will_run(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(100)
    show_plan(captured.screen, Plan(PLAN.rows[:1], PLAN.services), "Plan")
    assert "espeak" not in captured.text


def test_the_header_stays_whole_over_short_titles(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(120)
    show_plan(captured.screen, Plan((PlanRow(1, Book("It"), "new", "process", FRESH),)), "Plan")
    assert any("│ Book │" in line for line in captured.lines)


@pytest.mark.parametrize("width", [60, 120])
def test_a_book_that_is_new_to_the_database_and_resumes_was_published_before(
    capture_screen: Callable[..., Any], width: int
) -> None:
    captured = capture_screen(width)
    row = PlanRow(1, Book("Emma"), "new", "resume", Reason(ReasonKind.DATABASE_OUTDATED))
    show_plan(captured.screen, Plan((row,)), "Plan")
    assert "↻ published before" in captured.text
    assert "new" not in captured.text


def no_source(reason: str) -> Reason:
    return Reason(ReasonKind.NO_SOURCE, {"reason": reason})


LONG = Plan(
    tuple(
        PlanRow(
            number, Book(f"Book {number}"), "new", "process", FRESH,
            warnings=(no_source(f"nothing in sources matches book {number}"),) if number % 2 else (),
        )
        if number != 900
        else PlanRow(
            number, Book("Twice"), "done", "process", FRESH, warnings=(Reason(ReasonKind.SECOND_COPY),)
        )
        for number in range(1, 1001)
    ),
    warnings=tuple(
        Reason(ReasonKind.LISTED_TWICE, {"name": "books.txt", "book": f"Book {number}", "first": 1, "second": 2})
        for number in range(30)
    ),
)


@pytest.mark.parametrize(("width", "more"), [(60, 996), (120, 990)])
def test_a_long_list_does_not_scroll_past_the_user(capture_screen: Callable[..., Any], width: int, more: int) -> None:
    captured = capture_screen(width)
    show_plan(captured.screen, LONG, "Plan for 1,000 books")
    assert captured.widest <= width
    assert len(captured.lines) < 65
    assert f"and {more} more: --full shows all" in captured.text
    assert "and 20 more warnings: --full shows all" in captured.text


def test_a_long_list_starts_with_totals_and_warnings_the_rarest_first(
    capture_screen: Callable[..., Any],
) -> None:
    captured = capture_screen(120)
    show_plan(captured.screen, LONG, "Plan for 1,000 books")
    first = [line.strip() for line in captured.lines[:9]]
    assert first == [
        "Plan for 1,000 books",
        "1,000 books · 1,000 to process",
        "! 1 book: a second copy will be published",
        "900 Twice",
        "! 500 books: no source",
        "1 Book 1: nothing in sources matches book 1",
        "3 Book 3: nothing in sources matches book 3",
        "5 Book 5: nothing in sources matches book 5",
        "and 497 more",
    ]


def test_full_shows_every_book_of_a_long_list(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(120)
    show_plan(captured.screen, LONG, "Plan", full=True)
    assert "Book 1000" in captured.text
    assert "--full" not in captured.text


def test_a_list_of_forty_is_shown_in_full(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(120)
    show_plan(captured.screen, Plan(LONG.rows[:40]), "Plan")
    assert "Book 40" in captured.text
    assert "--full" not in captured.text


ROW = PlanRow(1, Book("Emma"), "new", "process", Reason(ReasonKind.FRESH_START), Decision(("render",)))
EVENING = datetime(2026, 1, 31, 22, 30)
ESTIMATE = Estimate(seconds=3900, disk=1_200_000_000, free=50_000_000_000, uploads=2)


def test_the_plan_shows_when_it_ends_and_the_disk_space_and_uploads_it_takes() -> None:
    lines = estimate_facts(Plan((ROW,), estimate=ESTIMATE, uploads=UploadsLeft(94, 100)), EVENING)
    assert lines == [
        ("ends", "about 23:35, 1 h 05 min from now", "based on past runs"),
        ("disk", "about 1.2 GB", "50 GB free"),
        ("uploads", "2", "92 of today's left afterwards"),
    ]


def test_a_scheduled_batch_ends_later() -> None:
    start = EVENING + timedelta(hours=3.5)
    lines = estimate_facts(Plan((ROW,), estimate=ESTIMATE), EVENING, start)
    assert lines[0][1] == "about Sun 03:05, 1 h 05 min after the start"


def test_an_end_on_another_day_shows_the_day() -> None:
    def shown_end(seconds: float) -> str:
        return estimate_facts(Plan((ROW,), estimate=Estimate(seconds, 0, 1)), EVENING)[0][1]

    assert "Sun 00:30" in shown_end(2 * 3600)
    assert "2026-02-10 22:30" in shown_end(timedelta(days=10).total_seconds())


def test_without_a_past_run_the_plan_shows_that_there_is_no_estimate() -> None:
    assert estimate_facts(Plan((ROW,)), EVENING)[0][:2] == ("ends", "no estimate yet")


def test_without_anything_to_run_there_is_no_estimate() -> None:
    assert estimate_facts(Plan((PlanRow(1, Book("Emma"), "done", "skip", "Already done"),)), EVENING) == []


def test_stages_without_a_past_run_are_named() -> None:
    estimate = Estimate(60, 1, 10, unknown=("upload", "shorts"))
    assert "without upload, shorts" in estimate_facts(Plan((ROW,), estimate=estimate), EVENING)[0][2]


@pytest.mark.parametrize(
    ("free", "start"),
    [(3_000_000_000, ""), (300_000_000, "The batch needs about 1.2 GB, but the disk has only 300 MB free")],
)
def test_a_disk_that_is_too_small_is_reported_before_anything_runs(free: int, start: str) -> None:
    found = " ".join(map(sentence, disk_space_warnings(Plan((ROW,), estimate=Estimate(1, 1_200_000_000, free)))))
    assert found.startswith(start)
    assert bool(found) == bool(start)
