from __future__ import annotations

import errno
import io
import json
import sys
from dataclasses import replace

import pytest

from pressrun.cli.results import write_error_json, write_json, write_plan_json, write_text
from pressrun.errors import ErrorReport, PressrunError
from pressrun.model.book import Book
from pressrun.model.plan import Decision, Plan, PlanRow, ServiceChoice
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.result import BatchResult, BookResult

RESULT = BatchResult(
    (
        BookResult(Book("Wal\tden", "Thoreau"), "success", "https://videos.example/1", "https://videos.example/2"),
        BookResult(
            Book("東"), "failed", error=ErrorReport("VoiceError", "No voice", "Choose one."), stage="tts",
            log="runs/x/tts.log",
        ),
    )
)


def test_text_is_four_columns_that_no_title_can_break(capsys: pytest.CaptureFixture[str]) -> None:
    write_text(RESULT)
    assert capsys.readouterr().out.splitlines() == [
        "success\tWal den | Thoreau\thttps://videos.example/1\thttps://videos.example/2",
        "failed\t東\t\t",
    ]


def test_json_is_one_object_with_the_four_lists(capsys: pytest.CaptureFixture[str]) -> None:
    write_json(RESULT)
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["success", "resumed", "failed", "skipped"]
    assert found["success"][0]["youtube_url"] == "https://videos.example/1"
    assert found["failed"][0] | {"seconds": 0} == {
        "book": "東", "author": None, "error": "No voice", "remedy": "Choose one.", "stage": "tts",
        "log": "runs/x/tts.log", "run_folder": None, "seconds": 0,
    }


def test_json_has_warnings_where_there_are_any(capsys: pytest.CaptureFixture[str]) -> None:
    write_json(replace(RESULT, warnings=("Two scripts are nearly the same",)))
    assert json.loads(capsys.readouterr().out)["warnings"] == ["Two scripts are nearly the same"]


def test_the_plan_as_json_keeps_the_lists_and_adds_rows_services_and_warnings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reasons = {"search": Reason(ReasonKind.NOT_RUN_YET)}
    fresh = Reason(ReasonKind.FRESH_START)
    twice = Reason(ReasonKind.LISTED_TWICE, {"name": "books.txt", "book": "Emma", "first": 1, "second": 2})
    row = PlanRow(1, Book("Emma", "Austen"), "new", "process", fresh, Decision(("search",), reasons))
    write_plan_json(Plan((row,), (ServiceChoice("voice", "espeak", "needs no network"),), (twice,)))
    found = json.loads(capsys.readouterr().out)
    assert found["success"] == []
    assert found["plan"][0]["book"] == "Emma"
    assert found["plan"][0]["author"] == "Austen"
    assert found["plan"][0]["reasons"] == {"search": "not run yet"}
    assert found["services"][0]["name"] == "espeak"
    assert found["warnings"] == ["books.txt: Emma is listed twice, on lines 1 and 2; it runs once"]
    assert found["warning_kinds"] == ["listed_twice"]


def test_an_output_without_the_letters_gets_escapes_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", stream)
    write_text(RESULT)
    write_json(RESULT)
    written = stream.buffer.getvalue().decode("ascii")  # type: ignore[attr-defined]
    assert "failed\t\\u6771" in written
    assert json.loads(written[written.index("{"):])["failed"][0]["book"] == "東"


def test_a_full_disk_behind_standard_output_is_an_error_that_reports_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(PressrunError, match="cannot be written to standard output: no space left") as caught:
        write_text(RESULT)
    assert "database.json" in caught.value.remedy
    assert "command" not in caught.value.remedy, "with --no-skip it would publish again"
    write_error_json(caught.value.message, caught.value.remedy)


def test_an_error_as_json_keeps_the_lists(capsys: pytest.CaptureFixture[str]) -> None:
    write_error_json("The list is missing", "Make one.")
    assert json.loads(capsys.readouterr().out) == {
        "success": [], "resumed": [], "failed": [], "skipped": [],
        "error": {"message": "The list is missing", "remedy": "Make one."},
    }
