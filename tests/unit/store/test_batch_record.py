"""What a batch leaves of itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pressrun import redaction, wording
from pressrun.errors import BrokenFileError, ErrorReport, UsageError
from pressrun.model.book import Book
from pressrun.model.plan import Decision, Estimate, Plan, PlanRow, ServiceChoice
from pressrun.model.reason import Reason, ReasonKind, stored_reason
from pressrun.model.result import BatchResult, BookResult
from pressrun.settings import Settings, load_settings
from pressrun.store import batch_record, run_folder
from pressrun.store.batch_record import MAX_RECORDS, MAX_SKIPPED_LISTED, find, list_records, load, make_record, save
from pressrun.store.run_folder import StageRecord
from pressrun.store.workspace import Workspace

STARTED = datetime(2026, 1, 31, 22, 0, tzinfo=UTC)
EMMA, WALDEN = Book("Emma", "Jane Austen"), Book("Walden")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)

FRESH = Reason(ReasonKind.FRESH_START)


def settings(workspace: Workspace, **flags: object) -> Settings:
    return load_settings(workspace.root, flags, environment={})


def record(workspace: Workspace, *books: BookResult, started: datetime = STARTED) -> batch_record.BatchRecord:
    rows = tuple(PlanRow(n, each.book, "new", "process", FRESH) for n, each in enumerate(books, start=1))
    result, asked = BatchResult(books), {"command": "run-batch"}
    return make_record(workspace, Plan(rows), result, settings(workspace), asked, started, wording)


def test_a_record_has_command_plan_and_results_and_can_be_read_again(workspace: Workspace) -> None:
    folder = run_folder.create(workspace, EMMA, "tiny", ("search", "tts", "render"), {}, {})
    ran = {
        "search": StageRecord("2026-01-30T09:00:00+00:00", 9.0),
        "tts": StageRecord("2026-01-31T22:00:00+00:00", 1.25, 1),
        "render": StageRecord("2026-01-31T22:00:02+00:00", 60.5, 2),
    }
    folder.save({}, ran)
    where = workspace.relative(folder.path)
    error = ErrorReport("RenderError", "The disk is slow", "Wait.")
    results = (
        BookResult(EMMA, "failed", error=error, stage="render", log="a.log", run_folder=where, seconds=61.75),
        BookResult(WALDEN, "skipped", "https://a.example", reason=Reason(ReasonKind.ALREADY_DONE)),
    )
    rows = (
        PlanRow(
            1, EMMA, "processing", "resume", stored_reason("resumes at tts"), Decision(("tts", "render")), where,
            warnings=(stored_reason("Mind it"),), seconds=55.0,
        ),
        PlanRow(2, WALDEN, "done", "skip", Reason(ReasonKind.ALREADY_DONE), video_url="https://a.example"),
    )
    services = ServiceChoice("voice", "espeak", "built in"), ServiceChoice("source", "none", "")
    plan = Plan(rows, services, (stored_reason("Odd"),), estimate=Estimate(55.0, 4000, 10**9, unknown=("render",)))
    result = BatchResult(results, interrupted=True, seconds=62.5, warnings=("Alike",), disk=5000)
    chosen = settings(workspace, fps=12, quality="standard", delay=0)
    asked = {"command": "run-batch", "until": "render"}
    path = save(workspace, make_record(workspace, plan, result, chosen, asked, STARTED, wording))
    assert path == workspace.runs / ".batches" / "2026-01-31_22-00-00.json"
    kept = load(path)
    assert (kept.asked, kept.settings) == (asked, {"fps": 12, "delay": 0})
    assert (kept.interrupted, kept.seconds, kept.warnings) == (True, 62.5, ("Odd", "Alike"))
    assert [service.name for service in kept.services] == ["espeak"]
    assert kept.counts == {"success": 0, "resumed": 0, "failed": 1, "skipped": 1}
    emma, walden = kept.books
    assert [(each.name, each.seconds, each.attempts) for each in emma.stages] == [("tts", 1.25, 1), ("render", 60.5, 2)]
    assert (emma.error, emma.remedy, emma.stage) == ("The disk is slow", "Wait.", "render")
    assert (emma.planned, emma.expected) == (("tts", "render"), 55.0)
    assert (kept.estimate, kept.disk) == (plan.estimate, 5000)
    assert (emma.book, emma.warnings, walden.reason) == (EMMA, ("Mind it",), "Already done")


def test_no_secret_gets_into_it(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_registered", {"a-key-of-somebody"})
    error = ErrorReport("NetworkError", "https://host/?key=a-key-of-somebody did not answer")
    text = save(workspace, record(workspace, BookResult(EMMA, "failed", error=error))).read_text()
    assert "a-key-of-somebody" not in text
    assert "did not answer" in text


def test_two_batches_of_one_second_both_leave_theirs(workspace: Workspace) -> None:
    first, second = (save(workspace, record(workspace, BookResult(book, "success"))) for book in (EMMA, WALDEN))
    assert [load(path).books[0].title for path in (first, second)] == ["Emma", "Walden"]
    assert list_records(workspace) == [second, first]


def test_only_the_newest_are_kept_with_their_pages(workspace: Workspace) -> None:
    for second in range(MAX_RECORDS + 2):
        when = STARTED.replace(minute=second // 60, second=second % 60)
        save(workspace, record(workspace, started=when)).with_suffix(".html").touch()
    pages = sorted(path.stem for path in batch_record.records_folder(workspace).glob("*.html"))
    kept = sorted(path.stem for path in list_records(workspace))
    assert (len(kept), kept[0], kept[-1]) == (MAX_RECORDS, "2026-01-31_22-00-02", "2026-01-31_22-00-51")
    assert pages == kept


def test_of_many_skipped_books_most_are_only_counted(workspace: Workspace) -> None:
    many = MAX_SKIPPED_LISTED + 30
    rows = tuple(PlanRow(n, Book(f"B{n}"), "done", "skip", Reason(ReasonKind.ALREADY_DONE)) for n in range(1, many + 1))
    failed = PlanRow(many + 1, EMMA, "new", "process", FRESH)
    results = tuple(BookResult(row.book, "skipped", reason=Reason(ReasonKind.ALREADY_DONE)) for row in rows)
    plan, result = Plan((*rows, failed)), BatchResult((*results, BookResult(EMMA, "failed")))
    made = make_record(workspace, plan, result, settings(workspace), {}, STARTED, wording)
    assert (len(made.books), made.left_out, made.counts["skipped"]) == (MAX_SKIPPED_LISTED + 1, 30, many)
    assert made.books[-1].title == "Emma"


def test_a_batch_is_found_by_number_or_name(workspace: Workspace) -> None:
    old, new = (
        save(workspace, record(workspace, started=STARTED.replace(hour=hour))) for hour in (20, 21)
    )
    assert [find(workspace, which) for which in ("last", "1", "2")] == [new, new, old]
    assert find(workspace, "2026-01-31_20-00-00") == old
    for which in ("0", "3", "-1", "yesterday", "../../database", "²"):
        with pytest.raises(UsageError, match="Unknown batch") as error:
            find(workspace, which)
        assert "from 2026-01-31_20-00-00 to 2026-01-31_21-00-00" in error.value.message


def test_without_a_record_the_error_reports_it(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="No batch has been recorded"):
        find(workspace, "last")


def test_a_record_that_was_spoilt_is_named(workspace: Workspace) -> None:
    path = save(workspace, record(workspace))
    path.write_text(json.dumps({"started": 5}))
    with pytest.raises(BrokenFileError, match=path.name):
        load(path)


def test_a_run_folder_that_is_gone_or_spoilt_costs_only_the_times_of_its_stages(workspace: Workspace) -> None:
    gone = BookResult(EMMA, "failed", run_folder="runs/gone", seconds=1.0)
    assert record(workspace, gone).books[0].stages == ()
    (workspace.runs / "spoilt").mkdir(parents=True)
    (workspace.runs / "spoilt" / "stages.json").write_text("{")
    assert record(workspace, replace(gone, run_folder="runs/spoilt")).books[0].stages == ()


OLD_RECORD = """{
  "started": "2026-01-31T22:00:00+01:00", "ended": "2026-01-31T22:05:00+01:00", "seconds": 300.0, "interrupted": true,
  "asked": {"command": "%s"}, "settings": {}, "services": [], "counts": {"failed": 1, "skipped": 4},
  "books": [
    {"number": 1, "title": "Emma", "author": "Jane Austen", "action": "process", "details": "fresh start",
     "outcome": "failed", "error": "no voice", "stage": "tts", "log": "a.log", "seconds": 3.5},
    {"number": 2, "title": "Dune", "author": null, "action": "resume", "details": "resumes at tts: failed before",
     "outcome": "skipped", "reason": "User interrupted batch"},
    {"number": 3, "title": "Ulysses", "author": null, "action": "process", "details": "fresh start",
     "outcome": "skipped", "reason": "An earlier book failed and --abort-on-error was given"},
    {"number": 4, "title": "Iliad", "author": null, "action": "process", "details": "fresh start",
     "outcome": "skipped", "reason": "Another process is working on this book"},
    {"number": 5, "title": "Walden", "author": null, "action": "skip", "details": "https://a.example",
     "outcome": "skipped", "reason": "Already done"}
  ]
}"""


@pytest.mark.parametrize(
    ("command", "titles"), [("run-batch", ["Emma"]), ("retry-failed", ["Emma", "Dune", "Ulysses"])]
)
def test_a_record_from_before_kinds_of_reasons_is_retried_as_ever(
    tmp_path: Path, command: str, titles: list[str]
) -> None:
    path = tmp_path / "2026-01-31_22-00-00.json"
    path.write_text(OLD_RECORD % command)
    old = load(path)
    assert [book.title for book in batch_record.books_to_retry(old)] == titles
    assert old.books[1].reason == "User interrupted batch"
    assert [book.reason_kind for book in old.books] == ["", "interrupted", "aborted", "busy", ""]


def test_a_kind_of_a_later_version_is_kept(workspace: Workspace) -> None:
    path = save(workspace, record(workspace, BookResult(EMMA, "skipped", reason=Reason(ReasonKind.INTERRUPTED))))
    path.write_text(path.read_text().replace('"reason_kind": "interrupted"', '"reason_kind": "struck_by_lightning"'))
    assert "struck_by_lightning" in {book.reason_kind for book in load(path).books}
