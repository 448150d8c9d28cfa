from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pressrun.engine.batch import run_batch
from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.plan import make_plan
from pressrun.engine.process_runner import Runner
from pressrun.engine.stop import StopToken
from pressrun.model.book import Book
from pressrun.model.event import Event
from pressrun.model.plan import Plan, RunOptions, ServiceChoice
from pressrun.model.result import BatchResult
from pressrun.model.stage import Pipeline
from pressrun.settings import load_settings
from pressrun.store.upload_ledger import LEDGER_VARIABLE
from pressrun.store.workspace import Workspace
from pressrun.testing.in_process import InProcessRunner
from pressrun.testing.pipeline import TINY

CHOICES = (
    ServiceChoice("source", "folder", "the only one"),
    ServiceChoice("writer", "extractive", "the only one"),
    ServiceChoice("voice", "espeak", "the only one"),
    ServiceChoice("publisher", "folder", "the only one"),
)


@dataclass
class Engine:
    """A workspace with the pipeline `TINY`, and every event of the batches that ran in it."""

    workspace: Workspace
    runner: Runner | None
    """Runs the stages; None for a process per stage."""
    pipeline: Pipeline = TINY
    services: Sequence[ServiceChoice] = CHOICES
    events: list[Event] = field(default_factory=list)
    stop: StopToken = field(default_factory=StopToken)
    observer: Callable[[Event], None] | None = None

    def plan(self, *titles: str, options: RunOptions | None = None, **flags: object) -> Plan:
        settings = load_settings(self.workspace.root, {"delay": 0, **flags}, environment={})
        books = [Book(*title.split(" | ")) for title in titles]
        spec = BatchSpec(self.workspace, self.pipeline, settings, options or RunOptions())
        return make_plan(books, spec, self.services)

    def run(self, *titles: str, options: RunOptions | None = None, **flags: object) -> BatchResult:
        return self.run_plan(self.plan(*titles, options=options, **flags), options, **flags)

    def run_plan(self, plan: Plan, options: RunOptions | None = None, **flags: object) -> BatchResult:
        settings = load_settings(self.workspace.root, {"delay": 0, **flags}, environment={})
        spec = BatchSpec(self.workspace, self.pipeline, settings, options or RunOptions())
        return run_batch(plan, spec, self.observe, self.stop, self.runner)

    def observe(self, event: Event) -> None:
        self.events.append(event)
        if self.observer:
            self.observer(event)

    def started(self) -> list[str]:
        """Stages in the order in which their processes started, over all runs so far."""
        log = self.workspace.root / "tiny.log"
        return [line.split("\t")[0] for line in log.read_text().splitlines()] if log.exists() else []

    def folders(self) -> list[Path]:
        return sorted(path for path in self.workspace.runs.iterdir() if not path.name.startswith("."))


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine with stages inside the test's process, or with `@pytest.mark.real_processes` as users run it."""
    monkeypatch.setenv(LEDGER_VARIABLE, str(tmp_path / "account" / "uploads.json"))
    real = request.node.get_closest_marker("real_processes")
    return Engine(Workspace(tmp_path.resolve()), None if real else InProcessRunner())
