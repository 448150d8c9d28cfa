"""How a book and a batch ended."""

from __future__ import annotations

import json

from pressrun.errors import ErrorReport
from pressrun.model.book import Book
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.result import BatchResult, BookResult
from pressrun.wording import result_lists, result_row

BOOK = Book("Emma", "Jane Austen", 4)
MADE = BookResult(
    BOOK, "success", "https://example.org/1", "https://example.org/s", run_folder="runs/x", seconds=1.23456
)
RESUMED = BookResult(BOOK, "resumed", "https://example.org/1")
FAILED = BookResult(
    BOOK, "failed", error=ErrorReport("VoiceError", "no voice", "find one"), stage="tts", log="runs/x/logs/tts.log"
)
SKIPPED = BookResult(BOOK, "skipped", reason=Reason(ReasonKind.ALREADY_DONE), video_url="https://example.org/1")


def test_the_rows_have_the_fields_that_users_rely_on() -> None:
    batch = result_lists(BatchResult((MADE, RESUMED, FAILED, SKIPPED)))
    assert list(batch) == ["success", "resumed", "failed", "skipped"]
    assert batch["success"][0] == {
        "book": "Emma",
        "author": "Jane Austen",
        "youtube_url": "https://example.org/1",
        "short_url": "https://example.org/s",
        "run_folder": "runs/x",
        "seconds": 1.235,
    }
    assert {"book", "author", "youtube_url", "short_url"} <= batch["resumed"][0].keys()
    assert (
        batch["failed"][0].items()
        >= {
            "book": "Emma",
            "author": "Jane Austen",
            "error": "no voice",
            "remedy": "find one",
            "stage": "tts",
            "log": "runs/x/logs/tts.log",
        }.items()
    )
    assert {"book", "author", "reason", "youtube_url", "short_url"} <= batch["skipped"][0].keys()
    assert json.loads(json.dumps(batch)) == batch


def test_a_book_that_stopped_as_requested_says_where() -> None:
    row = result_row(BookResult(BOOK, "success", reason=Reason(ReasonKind.STOPPED_AFTER, {"stage": "tts"})))
    assert (row["reason"], row["reason_kind"]) == ("stopped after tts, as requested", "stopped_after")


def test_a_skipped_book_always_has_a_reason_field_and_a_finished_one_only_with_a_reason() -> None:
    assert result_row(BookResult(BOOK, "skipped"))["reason"] == ""
    assert "reason" not in result_row(MADE)


def test_a_failure_without_a_report_still_serialises() -> None:
    assert result_row(BookResult(BOOK, "failed"))["error"] == ""


def test_the_exit_code_says_what_happened() -> None:
    assert BatchResult().exit_code == 0
    assert BatchResult((MADE, RESUMED, SKIPPED)).exit_code == 0
    assert BatchResult((MADE, FAILED)).exit_code == 1
    assert BatchResult((FAILED,), interrupted=True).exit_code == 130


def test_a_result_is_its_own_truth_value() -> None:
    assert MADE
    assert RESUMED
    assert SKIPPED
    assert not FAILED
    assert BatchResult((MADE,))
    assert not BatchResult((MADE, FAILED))
    assert not BatchResult((MADE,), interrupted=True)


def test_results_print_as_sentences() -> None:
    assert str(FAILED) == "Emma | Jane Austen: failed (no voice)"
    assert str(SKIPPED) == "Emma | Jane Austen: skipped (already_done)"
    assert str(BatchResult((MADE, FAILED))) == "1 success, 0 resumed, 1 failed, 0 skipped"


def test_a_batch_hands_out_the_books_of_one_outcome_in_order() -> None:
    assert BatchResult((FAILED, MADE, FAILED)).of("failed") == (FAILED, FAILED)
