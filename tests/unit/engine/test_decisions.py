"""Decisions depend on kinds of reasons, never on their words.

Every sentence becomes nonsense here, and so do the messages of errors. What runs, what is skipped and what is published
has to stay the same: code that compares a sentence fails one of these tests.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.unit.engine.test_engine_model import Engine

from pressrun import wording
from pressrun.engine.cleanup import Cleaner, Removable, remove_intermediates
from pressrun.engine.plan_checks import without_unagreed_copies
from pressrun.errors import ErrorReport, PressrunError
from pressrun.model.event import StageProgress
from pressrun.model.plan import RunOptions, ServiceChoice
from pressrun.model.reason import ReasonKind
from pressrun.model.result import BatchResult
from pressrun.settings import load_settings
from pressrun.store import batch_record
from pressrun.store.locks import book_lock

ELSEWHERE = RunOptions(publish_elsewhere=True)


@pytest.fixture(autouse=True)
def nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that mean nothing, the same ones for many different things."""
    for number, kind in enumerate(ReasonKind):
        monkeypatch.setitem(wording._SENTENCES, kind, ("wug", "blick: dax", "", "done; fep")[number % 4])
    monkeypatch.setattr(wording, "_HEADINGS", {})
    monkeypatch.setattr(wording, "_STOPS", {})
    make_error, make_report = PressrunError.__init__, ErrorReport.__init__

    def error(self: PressrunError, message: str, *, remedy: str = "", **more: Any) -> None:
        make_error(self, "toma", remedy=remedy and "zav", **more)

    def report(self: ErrorReport, kind: str, message: str, remedy: str = "", retryable: bool = False) -> None:
        make_report(self, kind, "toma", remedy and "zav", retryable)

    monkeypatch.setattr(PressrunError, "__init__", error)
    monkeypatch.setattr(ErrorReport, "__init__", report)


def ends(result: BatchResult) -> list[tuple[str, ReasonKind | None]]:
    return [(each.outcome, each.reason.kind if each.reason else None) for each in result.books]


def retried(engine: Any, result: BatchResult, command: str, *titles: str) -> set[str]:
    """Titles that `retry-failed` takes from the record of a batch, after writing and reading it."""
    plan, chosen = engine.plan(*titles), load_settings(engine.workspace.root, {}, environment={})
    started = datetime.now(UTC)
    record = batch_record.make_record(engine.workspace, plan, result, chosen, {"command": command}, started, wording)
    loaded = batch_record.load(batch_record.save(engine.workspace, record))
    return {book.title for book in batch_record.books_to_retry(loaded)}


def test_nothing_is_done_twice_whatever_is_killed() -> None:
    short = settings(max_examples=8, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Engine, settings=short)


def test_a_finished_book_is_skipped_and_a_failed_one_resumes(engine: Any) -> None:
    first = engine.run("Emma", "Dune @render:fail")
    assert ends(first) == [("success", None), ("failed", None)]
    second = engine.run("Emma", "Dune @render:fail")
    assert ends(second) == [("skipped", ReasonKind.ALREADY_DONE), ("failed", None)]
    assert engine.started().count("render") == 3
    assert retried(engine, second, "run-batch", "Emma", "Dune @render:fail") == {"Dune @render:fail"}


def test_an_abort_leaves_the_rest_and_retry_failed_takes_it(engine: Any) -> None:
    titles = "Dune @search:fail", "Emma"
    result = engine.run(*titles, options=RunOptions(abort_on_error=True))
    assert ends(result) == [("failed", None), ("skipped", ReasonKind.ABORTED)]
    assert retried(engine, result, "retry-failed", *titles) == set(titles)
    assert retried(engine, result, "run-batch", *titles) == {titles[0]}


@pytest.mark.real_processes
def test_an_interrupted_batch_is_retried_whole(engine: Any) -> None:
    def stop_in_render(event: Any) -> None:
        if isinstance(event, StageProgress) and event.stage == "render":
            engine.stop.request("interrupted")

    engine.observer = stop_in_render
    titles = "Ulysses @render:sleep=60", "Emma"
    result = engine.run(*titles)
    assert ends(result) == [("skipped", ReasonKind.INTERRUPTED)] * 2
    assert retried(engine, result, "retry-failed", *titles) == set(titles)


def test_a_busy_book_is_skipped_and_not_retried(engine: Any) -> None:
    with book_lock(engine.workspace.locks, engine.plan("Emma").rows[0].book):
        result = engine.run("Emma")
    assert ends(result) == [("skipped", ReasonKind.BUSY)]
    assert retried(engine, result, "retry-failed", "Emma") == set()


def test_until_stops_and_a_later_run_resumes(engine: Any) -> None:
    until = RunOptions(until="tts")
    assert ends(engine.run("Emma", options=until)) == [("success", ReasonKind.STOPPED_AFTER)]
    assert ends(engine.run("Emma", options=until)) == [("skipped", ReasonKind.STOPPED_AT_UNTIL)]
    assert ends(engine.run("Emma")) == [("resumed", None)]
    assert engine.started() == list(engine.pipeline.names)


def test_a_second_copy_is_published_only_if_the_agreed_plan_had_one(engine: Any) -> None:
    again = RunOptions(skip_completed=False)
    agreed = engine.plan("Emma", options=again)
    engine.run("Emma")
    now = engine.plan("Emma", options=again)
    assert [row.is_second_copy for row in (*agreed.rows, *now.rows)] == [False, True]
    (row,) = without_unagreed_copies(now, agreed).rows
    assert (row.action, row.details.kind) == ("skip", ReasonKind.PUBLISHED_MEANWHILE)
    assert without_unagreed_copies(now, now) == now
    assert ends(engine.run("Emma", options=again)) == [("success", None)]


def test_an_unconfirmed_copy_is_not_published(engine: Any) -> None:
    engine.run("Emma")
    result = engine.run("Emma", options=RunOptions(start_at="upload"))
    assert ends(result) == [("skipped", ReasonKind.SECOND_COPY_UNCONFIRMED)]


def test_a_book_is_published_elsewhere_once(engine: Any) -> None:
    engine.run("Emma")
    others = [each for each in engine.services if each.kind != "publisher"]
    engine.services = [*others, ServiceChoice("publisher", "bucket", "as set")]
    assert ends(engine.run("Emma", options=ELSEWHERE)) == [("resumed", None)]
    assert engine.plan("Emma", options=ELSEWHERE).rows[0].action == "skip"
    assert engine.started() == [*engine.pipeline.names, "upload", "shorts"]


def test_a_changed_setting_resumes_where_it_matters_and_not_after_publishing(engine: Any) -> None:
    engine.run("Emma", options=RunOptions(until="render"))
    row = engine.plan("Emma", style="classic").rows[0]
    assert (row.action, row.stages[0]) == ("resume", "render")
    engine.run("Emma")
    row = engine.plan("Emma", options=RunOptions(start_at="shorts"), style="classic").rows[0]
    assert ReasonKind.PUBLICATION_OUTDATED in {each.kind for each in row.details.also}


@pytest.mark.real_processes
def test_an_upload_nobody_knows_of_is_not_sent_again(engine: Any) -> None:
    assert engine.run("Emma @upload:unknown").books[0].outcome == "failed"
    assert ends(engine.run("Emma @upload:unknown")) == [("skipped", ReasonKind.UPLOAD_UNRESOLVED)]
    assert engine.started().count("upload") == 1


def test_only_large_files_of_published_books_are_removed(engine: Any) -> None:
    engine.run("Emma", "Dune @upload:fail")
    cleaner = Cleaner(engine.workspace, engine.pipeline)
    found = {path.name.rpartition("_")[2]: cleaner.inspect(path) for path in engine.folders()}
    removable = [each for each in found.values() if isinstance(each, Removable)]
    assert [each.reason.kind for each in removable] == [ReasonKind.RUN_PUBLISHED]
    freed = [remove_intermediates(engine.workspace, engine.pipeline, f"runs/{path.name}") for path in engine.folders()]
    assert sum(size > 0 for size in freed) == 1
