"""Several books at once: order, limits, pauses and stops, with a runner that starts no processes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from pressrun.clock import awake_time
from pressrun.engine.batch import run_batch
from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.planner import Planner
from pressrun.engine.process_runner import EventHandler, ProcessResult, StageProcess, Terminating
from pressrun.engine.stop import StopToken
from pressrun.errors import ErrorReport
from pressrun.model.event import BatchStarted, BookFinished, Paused, StageFinished, StageWaits, Stopping
from pressrun.model.plan import RunOptions, ServiceChoice
from pressrun.model.reason import ReasonKind
from pressrun.model.result import BatchResult
from pressrun.model.stage import Cost, Pipeline
from pressrun.model.stage_protocol import TASK_VARIABLE, Computed
from pressrun.settings import load_settings
from pressrun.testing.pipeline import TINY
from pressrun.wording import sentence

FAILED = ErrorReport("SourceError", "instructed to fail", "", False)


@dataclass
class Pretended:
    """Makes the files of a stage at once, or as `seconds` and `does` say by title and stage."""

    seconds: float = 0.0
    does: Callable[[str, str], ErrorReport | None] = lambda title, stage: None
    most: dict[str, int] = field(default_factory=dict)
    """Stage -> how many of it ran at once at the most."""
    computed: str = ""
    """The stage that says at once that it computes no more."""
    ran: list[tuple[str, str]] = field(default_factory=list)
    _now: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, process: StageProcess, stop: StopToken, on_event: EventHandler) -> ProcessResult:
        name, folder = process.argv[-2], Path(process.argv[-1])
        title = json.loads((folder / "item.json").read_text())["title"]
        marker = json.loads(process.environment[TASK_VARIABLE])["marker"]
        self._count(name, title)
        if name == self.computed:
            on_event(Computed())
        try:
            if stop.wait(self.seconds):
                on_event(Terminating())
                return ProcessResult(status=-15, stopped=True)
            if awake_time() > process.deadline:
                return ProcessResult(timed_out=True)
            error = self.does(title, name)
        finally:
            with self._lock:
                self._now[name] -= 1
        for product in TINY.stages[TINY.index(name)].makes:
            (folder / product).write_text(json.dumps({"url": f"https://videos.example/{marker}"}))
        return ProcessResult(1, error) if error else ProcessResult(0)

    def _count(self, name: str, title: str) -> None:
        with self._lock:
            self.ran.append((title, name))
            self._now[name] = self._now.get(name, 0) + 1
            self.most[name] = max(self.most.get(name, 0), self._now[name])

    def close(self) -> None:
        return


Run = Callable[..., BatchResult]


@pytest.fixture
def run(engine: Any) -> Run:
    def made(
        runner: Pretended, *titles: str, pipeline: Pipeline = TINY, options: RunOptions | None = None, **flags: object
    ) -> BatchResult:
        plan = engine.plan(*titles, options=options, **flags)
        settings = load_settings(engine.workspace.root, {"delay": 0, "workers": 3, **flags}, environment={})
        spec = BatchSpec(engine.workspace, pipeline, settings, options or RunOptions())
        return run_batch(plan, spec, engine.observe, engine.stop, runner)

    return made


TITLES = tuple(f"Book {number}" for number in range(1, 8))


def test_results_stand_in_the_order_of_the_list_however_the_books_end(engine: Any, run: Run) -> None:
    def first_one_last(title: str, stage: str) -> None:
        time.sleep(0.1 if title == "Book 1" else 0.0)

    result = run(Pretended(does=first_one_last), *TITLES)
    assert [each.book.title for each in result.books] == list(TITLES)
    assert {each.outcome for each in result.books} == {"success"}
    ends = [event.number for event in engine.events if isinstance(event, BookFinished)]
    assert ends[0] != 1
    assert sorted(ends) == list(range(1, 8))


def three_search_at_once() -> Callable[[str, str], None]:
    """The first three wait for each other, however busy the machine is."""
    gate = threading.Barrier(3)

    def wait(title: str, stage: str) -> None:
        if stage == "search" and title in TITLES[:3]:
            gate.wait(30)

    return wait


def test_as_many_books_run_at_once_as_there_are_workers(engine: Any, run: Run) -> None:
    runner = Pretended(does=three_search_at_once())
    run(runner, *TITLES)
    assert runner.most["search"] == 3
    assert engine.events[0] == BatchStarted(7, 7, 3)


def test_there_are_no_more_workers_than_books_to_run(engine: Any, run: Run) -> None:
    run(Pretended(), "Emma")
    assert engine.events[0] == BatchStarted(1, 1, 1)


def test_every_book_is_done_once_in_the_database(engine: Any, run: Run) -> None:
    runner = Pretended()
    run(runner, *TITLES)
    books = json.loads(engine.workspace.database.read_text())["books"]
    assert sorted(book["main_title"] for book in books) == list(TITLES)
    assert {book["status"] for book in books} == {"done"}
    assert len(set(runner.ran)) == len(runner.ran) == 7 * len(TINY.stages)


def test_stages_that_compute_keep_to_their_limit_and_say_what_they_wait_for(engine: Any, run: Run) -> None:
    runner = Pretended(seconds=0.03, does=three_search_at_once())
    run(runner, *TITLES, renders=1)
    assert runner.most["render"] == 1
    assert runner.most["search"] == 3
    waits = [event for event in engine.events if isinstance(event, StageWaits)]
    assert waits
    assert {event.stage for event in waits} <= {"render", "shorts"}
    assert {event.reason.kind for event in waits} == {ReasonKind.NO_FREE_PROCESSOR}


def test_a_short_that_is_made_and_only_sent_leaves_its_turn_to_others(run: Run) -> None:
    def slow_upload(title: str, stage: str) -> None:
        time.sleep(0.4 if stage == "shorts" else 0.0)

    runner = Pretended(does=slow_upload, computed="shorts")
    assert {each.outcome for each in run(runner, *TITLES[:3], renders=1).books} == {"success"}
    assert runner.most["shorts"] == 3
    assert runner.most["render"] == 1


def test_transcriptions_take_turns_where_they_compute(engine: Any, run: Run) -> None:
    stages = tuple(
        replace(stage, services=("transcriber",), cost=Cost(computes_with=(("transcriber:whisper", 4),)))
        if stage.name == "transcribe" else stage
        for stage in TINY.stages
    )
    engine.pipeline = replace(TINY, stages=stages)
    most, services = {}, engine.services
    for transcriber, title in (("whisper", "Heard"), ("none", "Read")):
        engine.services = (*services, ServiceChoice("transcriber", transcriber, "as set"))
        runner = Pretended(seconds=0.5)
        run(runner, *(f"{title} {number}" for number in range(3)), pipeline=engine.pipeline)
        most[transcriber] = runner.most["transcribe"]
    assert most == {"whisper": 1, "none": 3}


def test_waiting_for_a_turn_counts_against_no_timeout_and_is_no_time_of_the_stage(engine: Any, run: Run) -> None:
    def slow_render(title: str, stage: str) -> None:
        time.sleep(0.3 if stage == "render" else 0.0)

    result = run(Pretended(does=slow_render), *TITLES, workers=7, renders=1, timeout=1.7)
    assert [each.outcome for each in result.books] == ["success"] * 7
    assert max(each.seconds for each in result.books) > 2.0, "the last one waited for six renders"
    renders = [event for event in engine.events if isinstance(event, StageFinished) and event.stage == "render"]
    assert max(event.seconds for event in renders) < 1.2


def test_a_stop_ends_those_that_run_and_those_that_wait_and_leaves_out_the_rest(engine: Any, run: Run) -> None:
    def stop_when_one_waits(event: Any) -> None:
        if isinstance(event, StageWaits):
            engine.stop.request("User interrupted batch")

    def slow_render(title: str, stage: str) -> None:
        if stage == "render":
            engine.stop.wait(10)

    engine.observer = stop_when_one_waits
    began = time.monotonic()
    result = run(Pretended(does=slow_render), *TITLES, renders=1)
    assert time.monotonic() - began < 3
    assert result.interrupted
    assert [each.outcome for each in result.books][2:] == ["skipped"] * 5
    assert {sentence(each.reason) for each in result.books if each.outcome == "skipped"} == {"User interrupted batch"}


def test_stopping_is_reported_once(engine: Any, run: Run) -> None:
    runner = Pretended(seconds=5)

    def stop_soon() -> None:
        while len(runner.ran) < 3:
            time.sleep(0.01)
        engine.stop.request("User interrupted batch")

    threading.Thread(target=stop_soon).start()
    run(runner, *TITLES)
    assert len([event for event in engine.events if isinstance(event, Stopping)]) == 1
    stopped = [event for event in engine.events if isinstance(event, StageFinished) and event.outcome == "stopped"]
    assert len(stopped) == 3


def test_after_a_failure_that_ends_the_batch_no_further_book_begins(engine: Any, run: Run) -> None:
    def fail_the_second(title: str, stage: str) -> ErrorReport | None:
        if title == "Book 2":
            deadline = time.monotonic() + 10
            while not any(book == "Book 3" for book, _ in runner.ran):
                assert time.monotonic() < deadline
            return FAILED
        time.sleep(0.05)
        return None

    runner = Pretended(does=fail_the_second)
    result = run(runner, *TITLES, options=RunOptions(abort_on_error=True))
    outcomes = [each.outcome for each in result.books]
    assert outcomes == ["success", "failed", "success", *["skipped"] * 4]
    assert result.books[6].ended_by(ReasonKind.ABORTED)


def test_a_defect_in_one_book_costs_no_other(engine: Any, run: Run, monkeypatch: Any) -> None:
    real = Planner.row

    def broken(planner: Planner, number: int, book: Any, *rest: Any) -> Any:
        if book.title == "Book 2":
            raise RuntimeError("a defect")
        return real(planner, number, book, *rest)

    plan = engine.plan(*TITLES)
    monkeypatch.setattr(Planner, "row", broken)
    monkeypatch.setattr(engine, "plan", lambda *_, **__: plan)
    result = run(Pretended(), *TITLES)
    assert [each.outcome for each in result.books] == ["success", "failed", *["success"] * 5]
    assert "RuntimeError: a defect" in (engine.workspace.root / result.books[1].log).read_text()


def test_books_with_one_title_never_run_at_once_and_both_are_finished(engine: Any, run: Run) -> None:
    titles = ("Poems | Emily", "Poems | Walt", "Poems | John", "Emma")
    runner = Pretended(seconds=0.02)
    result = run(runner, *titles)
    assert [each.outcome for each in result.books] == ["success"] * 4
    assert runner.most["search"] <= 2


def test_each_worker_pauses_between_its_own_books(engine: Any, run: Run) -> None:
    run(Pretended(seconds=0.01), *TITLES[:6], delay=0.02)
    pauses = [event for event in engine.events if isinstance(event, Paused)]
    assert len(pauses) == 3


def test_observers_are_called_by_one_thread_at_a_time(engine: Any, run: Run) -> None:
    inside: list[int] = []
    most = []

    def slow(event: Any) -> None:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.002)
        inside.pop()

    engine.observer = slow
    run(Pretended(), *TITLES)
    assert max(most) == 1


def test_uploads_of_a_day_are_shared_by_the_workers(engine: Any, run: Run) -> None:
    engine.services = [replace(each, name="youtube") if each.kind == "publisher" else each for each in engine.services]
    plan_time = engine.plan(*TITLES[:3], uploads_per_day=4)
    assert plan_time.uploads.left == 4
    result = run(Pretended(seconds=0.01), *TITLES[:4], uploads_per_day=4, shorts=False)
    assert len([each for each in result.books if each.video_url]) == 4
    again = run(Pretended(), *(f"Other {number}" for number in range(3)), uploads_per_day=5, shorts=False)
    assert len([each for each in again.books if each.video_url]) == 1
