"""Runs attempts at one job without a queue, and keeps what they report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from pressrun.engine.admission import Admission
from pressrun.engine.stop import StopToken
from pressrun.errors import FencedError
from pressrun.jobs.handler import JobContext, JobReport, Outcome
from pressrun.jobs.kind import Kind
from pressrun.kinds.host import Host
from pressrun.model import stage
from pressrun.pipelines import PIPELINES
from pressrun.testing.kind import SETTINGS, TOY
from pressrun.testing.pipeline import TINY

_SEARCH, _RENDER, _UPLOAD = TINY.stages[0], TINY.stages[4], TINY.stages[5]
QUICK = stage.pipeline("quick", _SEARCH, replace(_RENDER, needs=("search.json",)), _UPLOAD)
TINIES = {"tiny": TINY, "quick": QUICK, **PIPELINES}
STAGES = [name for name in TINY.names if name != "shorts"]


@dataclass
class JobHarness:
    """The worker of one job, and what its attempts report."""

    workspace: Path
    pipeline: str = "tiny"
    kind: Kind = TOY
    attempt: int = 0
    run_folder: str | None = None
    request: Mapping[str, Any] = field(default_factory=dict)
    reports: list[JobReport] = field(default_factory=list)
    pauses: bool = False
    fenced: bool = False
    on_report: Callable[[JobReport, StopToken], None] | None = None

    def run(
        self, data: Mapping[str, Any], pipeline: str = "", settings: Mapping[str, Any] = SETTINGS, job: int = 7
    ) -> Outcome:
        host = Host(self.workspace, Admission(), TINIES)
        outcome: Outcome = import_module(self.kind.run).run(self.next_attempt(data, pipeline, settings, job), host)
        return outcome

    def next_attempt(
        self, data: Mapping[str, Any], pipeline: str = "", settings: Mapping[str, Any] = SETTINGS, job: int = 7
    ) -> JobContext:
        """Return the context of the next attempt."""
        self.attempt += 1
        self.reports.clear()
        stop = StopToken()

        def report(told: JobReport) -> None:
            self._check_fence()
            self.reports.append(told)
            if self.on_report:
                self.on_report(told, stop)

        return JobContext(
            job_id=job, attempt=self.attempt, batch_id="spring", owner="ann", project=None, position=2, priority=5,
            kind=self.kind.name, pipeline=pipeline or self.pipeline, title="Emma", data=data, settings=settings,
            request=self.request, workspace=self.workspace, run_folder=self.run_folder, stop=stop,
            should_continue=lambda: not (self.pauses or stop), set_run_folder=self.set_run_folder, report=report,
        )

    def set_run_folder(self, run_folder: str) -> None:
        self._check_fence()
        self.run_folder = run_folder

    def _check_fence(self) -> None:
        if self.fenced:
            raise FencedError("The job was given to another worker")

    def started_stages(self) -> list[str | None]:
        return [each.stage for each in self.reports if each.kind == "stage" and each.stage_state == "running"]

    @property
    def folder(self) -> Path:
        assert self.run_folder is not None
        return self.workspace / self.run_folder
