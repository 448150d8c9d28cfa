from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pressrun.cli.summary import estimate_vs_actual, headline, show_summary
from pressrun.errors import ErrorReport
from pressrun.model.book import Book
from pressrun.model.plan import Estimate
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.result import BatchResult, BookResult

URL = "https://videos.example/" + "a" * 60
RESULT = BatchResult(
    (
        BookResult(Book("Walden", "Thoreau"), "success", URL, "https://videos.example/short"),
        BookResult(Book("Emma"), "resumed", "https://videos.example/emma"),
        BookResult(
            Book("Faust"), "failed", stage="tts", log="runs/2026_Faust/logs/tts.log",
            error=ErrorReport("VoiceError", "The text cannot be spoken", "Choose another voice with --voice."),
        ),
        BookResult(Book("Iliad"), "skipped", "https://videos.example/iliad", reason=Reason(ReasonKind.ALREADY_DONE)),
    ),
    seconds=75.0,
)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_the_table_counts_every_category(capture_screen: Callable[..., Any], encoding: str) -> None:
    captured = capture_screen(60, encoding)
    show_summary(captured.screen, RESULT)
    cells = [[cell.strip() for cell in line.replace("|", "│").strip("│").split("│")] for line in captured.lines]
    counted = {row[0].lstrip("✓↻✗–vrx- "): row[1:] for row in cells if len(row) == 3}
    assert counted == {
        "Category": ["Count", "Percentage"],
        "Total": ["4", "100.0 %"],
        **{name: ["1", "25.0 %"] for name in ("Success (new)", "Success (resumed)", "Failed", "Skipped")},
    }


def test_a_failed_book_is_reported_with_stage_reason_remedy_and_log(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(60)
    show_summary(captured.screen, RESULT)
    words = " ".join(captured.text.split())
    assert "stage tts reason The text cannot be spoken to do Choose another voice with --voice. log" in words
    assert "runs/2026_Faust/logs/tts.log" in words


def test_urls_stay_in_one_piece_even_if_wider_than_the_terminal(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(60)
    show_summary(captured.screen, RESULT)
    assert any(line.endswith(URL) for line in captured.lines)


def test_warnings_of_stages_are_repeated_below_their_book(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(60)
    warned = replace(RESULT.books[0], warnings=('Scene 2: "It came.[1]" contains a square bracket',))
    show_summary(captured.screen, replace(RESULT, books=(warned,)))
    words = " ".join(captured.text.split())
    assert 'warning Scene 2: "It came.[1]" contains a square bracket' in words


def test_a_skipped_book_shows_the_reason_and_the_url(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(60)
    show_summary(captured.screen, RESULT)
    assert "Iliad: Already done" in captured.text
    assert "https://videos.example/iliad" in captured.text


def test_the_summary_of_an_interrupted_batch_shows_how_to_resume(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(100)
    show_summary(captured.screen, BatchResult(RESULT.books, interrupted=True))
    assert "Run the same command to resume." in captured.text


def test_a_batch_that_redid_finished_books_is_resumed_without_that_option(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(100)
    show_summary(captured.screen, BatchResult(RESULT.books, interrupted=True), invocation={"no_skip": True})
    assert "Run the same command without --no-skip to resume." in " ".join(captured.text.split())
    assert "Run the same command to resume" not in captured.text


def test_warnings_about_the_whole_batch_come_last(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen()
    show_summary(captured.screen, BatchResult(RESULT.books, warnings=("Emma and Walden have nearly the same script",)))
    assert "Emma and Walden have nearly the same script" in captured.text.splitlines()[-1]


def test_no_line_ends_with_blanks(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(60)
    show_summary(captured.screen, RESULT)
    assert [line for line in captured.lines if line != line.rstrip()] == []


def test_no_books_do_not_cause_a_division_by_zero(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(60)
    show_summary(captured.screen, BatchResult())
    assert "0.0 %" in captured.text


def test_the_headline_leaves_out_what_did_not_happen() -> None:
    assert headline(RESULT) == "4 books: 1 success (new), 1 success (resumed), 1 failed, 1 skipped"
    assert headline(BatchResult(RESULT.books[:1])) == "1 book: 1 success (new)"


def test_a_failed_book_whose_video_is_out_says_where(capture_screen: Callable[..., Any]) -> None:
    captured = capture_screen(100)
    error = ErrorReport("RenderError", "The short cannot be made", "Try --no-shorts.")
    failed = BookResult(Book("Faust"), "failed", URL, stage="shorts", log="shorts.log", error=error)
    show_summary(captured.screen, BatchResult((failed,)))
    assert f"    published  {URL}" in captured.lines
    assert "    log        shorts.log" in captured.lines
    assert "    reason     The short cannot be made" in captured.lines


def test_a_resumed_book_says_what_the_user_should_know_of_it(capture_screen: Callable[..., Any]) -> None:
    older = Reason(ReasonKind.OLDER_PUBLICATION, {"stage": "upload"})
    captured = capture_screen(100)
    show_summary(captured.screen, BatchResult((BookResult(Book("Emma"), "resumed", URL, reason=older),)))
    assert "  Emma: the published copy is older; --from upload publishes the rebuilt one" in captured.lines


ESTIMATE = Estimate(seconds=3900, disk=1_200_000_000, free=50_000_000_000)


def test_the_estimate_is_shown_beside_the_actual_values() -> None:
    result = BatchResult(seconds=4020, estimate=ESTIMATE, disk=1_100_000_000)
    assert estimate_vs_actual(result) == "Estimated: 1 h 05 min and 1.2 GB. Actual: 1 h 07 min and 1.1 GB."
    assert estimate_vs_actual(replace(result, disk=0)) == "Estimated: 1 h 05 min. Actual: 1 h 07 min."


def test_an_interrupted_batch_is_not_compared() -> None:
    assert estimate_vs_actual(BatchResult(interrupted=True, estimate=ESTIMATE)) == ""
