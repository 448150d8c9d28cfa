"""An item without a database: its stages run from its run folder, and it resumes from its checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import pytest

from pressrun.engine.admission import Admission
from pressrun.engine.freshness import EffectiveConfig
from pressrun.engine.item_run import ItemResult, StageHooks, run_item
from pressrun.engine.process_runner import ProcessRunner
from pressrun.engine.stage_run import RunContext
from pressrun.engine.stop import StopToken
from pressrun.model.book import Book
from pressrun.model.event import Event, StageStarted
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import pipeline
from pressrun.settings import ItemSettings, RunSettings
from pressrun.store import json_files, run_folder
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace
from pressrun.testing.pipeline import TINY

SERVICES = {"source": "folder", "writer": "extractive", "voice": "espeak", "publisher": "folder"}
FEW = pipeline("few", replace(TINY.stages[2], needs=("wish.json",)), *TINY.stages[3:6], given=("wish.json",))
WAITS = Reason(ReasonKind.JOB_ENDS)


@dataclass
class Bench:
    """A workspace, and what happened in it."""

    workspace: Workspace
    runner: ProcessRunner
    stop: StopToken = field(default_factory=StopToken)
    events: list[Event] = field(default_factory=list)
    pipeline = FEW

    def folder(self, title: str) -> RunFolder:
        settings = asdict(ItemSettings())
        return run_folder.create(
            self.workspace, Book(title), "few", self.pipeline.names, settings, SERVICES, given={"wish.json": {"a": 1}}
        )

    def run(self, folder: RunFolder, hooks: StageHooks | None = None) -> ItemResult:
        run = RunContext(
            self.workspace, self.pipeline, RunSettings(grace=0.3), self.runner, self.stop, self.events.append,
            Admission(),
        )
        return run_item(run, folder, EffectiveConfig(asdict(ItemSettings()), SERVICES), hooks or StageHooks())

    def again(self, folder: RunFolder) -> RunFolder:
        return run_folder.read(folder.path, self.pipeline.names)

    def started(self) -> list[str]:
        names = [event.stage for event in self.events if isinstance(event, StageStarted)]
        self.events.clear()
        return names


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with closing(ProcessRunner(tmp_path, "owner")) as runner:
        yield Bench(Workspace(tmp_path), runner)


def test_an_item_runs_from_what_its_folder_was_given_and_needs_no_database(bench: Bench) -> None:
    end = bench.run(bench.folder("Bees"))
    assert (end.outcome, end.stage) == ("done", None)
    assert bench.started() == list(FEW.names)
    assert set(end.folder.checkpoint.values()) == {"success"}
    assert not bench.workspace.database.exists()


def test_finished_stages_do_not_run_again_unless_a_given_file_changes(bench: Bench) -> None:
    folder = bench.folder("Bees")
    bench.stop.hold()
    assert bench.run(folder).outcome == "stopped"
    bench.stop = StopToken()
    bench.run(folder, StageHooks(before=lambda _, stage: WAITS if stage.name == "upload" else None))
    assert bench.started() == ["process", "tts", "render"]
    json_files.save(folder.path / "wish.json", {"a": 2})
    assert bench.run(bench.again(folder)).outcome == "done"
    assert bench.started() == list(FEW.names)
    assert bench.run(bench.again(folder)).outcome == "done"
    assert bench.started() == []


def test_the_checkpoints_of_stages_that_will_run_again_are_cleared_before_the_first_of_them_starts(
    bench: Bench,
) -> None:
    folder = bench.folder("Bees")
    bench.run(folder, StageHooks(before=lambda _, stage: WAITS if stage.name == "upload" else None))
    assert bench.again(folder).checkpoint["render"] == "success"
    json_files.save(folder.path / "wish.json", {"a": 2})
    bench.stop.hold()
    assert bench.run(bench.again(folder)).stage == "process"
    assert set(bench.again(folder).checkpoint.values()) == {None}


def test_a_hold_lets_the_running_stage_finish_and_a_stop_does_not(bench: Bench) -> None:
    folder = bench.folder("Bees @tts:sleep=1")

    def hold(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == "tts":
            bench.stop.hold()

    run = RunContext(bench.workspace, FEW, RunSettings(), bench.runner, bench.stop, hold, Admission())
    end = run_item(run, folder, EffectiveConfig(asdict(ItemSettings()), SERVICES))
    assert (end.outcome, end.stage) == ("stopped", "render")
    assert end.folder.checkpoint["tts"] == "success"

    stop = StopToken()

    def ask(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == "tts":
            stop.request("cancel")

    run = replace(run, stop=stop, observer=ask)
    end = run_item(run, bench.folder("Wasps @tts:sleep=5"), EffectiveConfig(asdict(ItemSettings()), SERVICES))
    assert (end.outcome, end.stage) == ("stopped", "tts")
    assert end.folder.checkpoint["tts"] is None


def test_a_stage_that_fails_ends_the_item_with_its_error(bench: Bench) -> None:
    end = bench.run(bench.folder("Bees @render:fail"))
    assert (end.outcome, end.stage) == ("failed", "render")
    assert end.finished is not None
    assert end.finished.error is not None
    assert end.finished.error.message == "render was instructed to fail"


def test_an_unresolved_upload_is_not_sent_again(bench: Bench) -> None:
    folder = bench.folder("Bees @upload:unknown")
    first = bench.run(folder)
    bench.started()
    second = bench.run(bench.again(folder))
    assert (first.outcome, second.outcome, second.stage) == ("failed", "failed", "upload")
    assert bench.started() == []
