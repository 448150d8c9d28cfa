"""A stage that runs out of memory is run again on its own, with one worker, and the record says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import platformdirs
import pytest

from pressrun.engine.freshness import EffectiveConfig
from pressrun.engine.item_run import ItemResult, run_item
from pressrun.engine.process_runner import EventHandler, ProcessResult, ProcessRunner, StageProcess
from pressrun.engine.stage_run import RunContext
from pressrun.engine.stop import StopToken
from pressrun.errors import ErrorReport, OutOfMemoryError
from pressrun.model.book import Book
from pressrun.model.event import Event, StageRetried
from pressrun.model.stage import Cost, pipeline
from pressrun.model.stage_protocol import TASK_VARIABLE
from pressrun.settings import ItemSettings, RunSettings
from pressrun.store import run_folder
from pressrun.store.measurements import load_measurements
from pressrun.store.workspace import Workspace
from pressrun.testing.pipeline import TINY

HUNGRY = replace(TINY.stages[2], needs=("wish.json",), workers=4, cost=Cost(computes=True, memory=100))
ONE = pipeline("one", HUNGRY, given=("wish.json",))
KILLED = ProcessResult(status=-9, peak_memory=700, out_of_memory=True)
FAILED = ProcessResult(status=1, error=ErrorReport(OutOfMemoryError.__name__, "Out of memory"), peak_memory=600)


@dataclass
class ScarceMemory:
    """A runner whose first attempts end with `results`; later ones run."""

    runner: ProcessRunner
    results: list[ProcessResult]
    workers: list[int] = field(default_factory=list)
    """Of each attempt."""

    def run(self, process: StageProcess, stop: StopToken, on_event: EventHandler) -> ProcessResult:
        self.workers.append(json.loads(process.environment[TASK_VARIABLE])["workers"])
        return self.results.pop(0) if self.results else self.runner.run(process, stop, on_event)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "cache")


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[ProcessRunner]:
    with closing(ProcessRunner(tmp_path, "owner")) as runner:
        yield runner


def run(tmp_path: Path, scarce: ScarceMemory) -> tuple[ItemResult, list[Event]]:
    workspace, settings = Workspace(tmp_path), asdict(ItemSettings())
    services = {"source": "folder", "writer": "extractive", "voice": "espeak", "publisher": "folder"}
    folder = run_folder.create(
        workspace, Book("Bees"), "one", ONE.names, settings, services, given={"wish.json": {"a": 1}}
    )
    events: list[Event] = []
    context = RunContext(workspace, ONE, RunSettings(grace=0.3), scarce, StopToken(), events.append)
    return run_item(context, folder, EffectiveConfig(settings, services)), events


@pytest.mark.parametrize("first", [KILLED, FAILED])
def test_it_is_run_again_with_one_worker_and_labelled(
    tmp_path: Path, runner: ProcessRunner, first: ProcessResult
) -> None:
    scarce = ScarceMemory(runner, [first])
    result, events = run(tmp_path, scarce)
    assert (result.outcome, scarce.workers) == ("done", [4, 1])
    record = result.folder.record(HUNGRY.name)
    assert record.attempts == 2
    assert record.peak_memory == first.peak_memory
    assert record.warnings == [
        f"{HUNGRY.name} ran out of memory and was run again with one worker, while nothing else ran"
    ]
    (retried,) = [event for event in events if isinstance(event, StageRetried)]
    assert retried.error.kind == "OutOfMemoryError"


def test_a_second_time_it_fails_with_a_remedy(tmp_path: Path, runner: ProcessRunner) -> None:
    scarce = ScarceMemory(runner, [KILLED, KILLED])
    result, _ = run(tmp_path, scarce)
    error = result.folder.record(HUNGRY.name).error
    assert (result.outcome, scarce.workers) == ("failed", [4, 1])
    assert error == ErrorReport(
        "OutOfMemoryError", f"{HUNGRY.name} was killed for lack of memory",
        "Close other programs, or choose smaller settings.",
    )


def test_the_peak_is_remembered_for_the_next_turn(tmp_path: Path, runner: ProcessRunner) -> None:
    run(tmp_path, ScarceMemory(runner, [KILLED]))
    (measured,) = load_measurements().values()
    assert measured.memory == 700
