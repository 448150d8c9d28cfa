"""Translate events of the engine into reports of a job: message, percent, stage and scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from itertools import takewhile
from typing import Any, Literal

from pressrun.errors import BrokenFileError, FencedError
from pressrun.jobs.handler import JobContext, JobReport
from pressrun.kinds.products import ProductList
from pressrun.model.event import (
    Event,
    StageFinished,
    StageNote,
    StageProgress,
    StageRetried,
    StageStarted,
    StageWaits,
)
from pressrun.model.script import Narration
from pressrun.model.stage import Pipeline
from pressrun.store import json_files
from pressrun.store.run_folder import RunFolder
from pressrun.wording import sentence

Kind = Literal["progress", "stage", "note", "warning"]
State = Literal["running", "success", "failed", "skipped", "stopped"]
NARRATION_FILE = "words.json"
COMPUTING_WEIGHT = 10.0
"""Weight of a stage that computes in the percent of the job; any other stage has 1."""


class StageReports:
    """Reports the stages of one attempt. If another worker has the job, it requests a stop and reports no more."""

    def __init__(self, job: JobContext, folder: RunFolder, pipeline: Pipeline, settings: Mapping[str, Any]) -> None:
        self._job, self._folder = job, folder.path
        self._stages = {each.name: each for each in pipeline.stages if each.is_enabled(settings)}
        self._weights = {name: COMPUTING_WEIGHT if stage.cost.computes else 1.0 for name, stage in self._stages.items()}
        self._done = {name: float(folder.checkpoint.get(name) == "success") for name in self._stages}
        self._pipeline, self._products = pipeline, ProductList()
        self._fenced: FencedError | None = None

    def report_files(self, folder: RunFolder) -> None:
        """Report the files that the owner can download now. Raises `FencedError`."""
        self._job.report(JobReport("files", files=self._products.list(folder, self._pipeline)))

    def on_event(self, event: Event) -> None:
        """Report an event, as an observer of the engine. Raises nothing."""
        if self._fenced:
            return
        try:
            if report := self._report(event):
                self._job.report(report)
        except FencedError as error:
            self._fenced = error
            self._job.stop.request("fenced")
        if not self._job.should_continue():
            self._job.stop.hold()

    def raise_if_fenced(self) -> None:
        """Raise `FencedError` if a report was rejected because another worker has the job."""
        if self._fenced:
            raise self._fenced

    def _report(self, event: Event) -> JobReport | None:
        if isinstance(event, StageStarted):
            self._done[event.stage] = 0.0
            attempt = f", attempt {event.attempt} of {event.attempts}" if event.attempt > 1 else ""
            return self._stage_report("stage", event.stage, f"{event.stage} started{attempt}", state="running")
        if isinstance(event, StageProgress):
            return self._progress_report(event)
        if isinstance(event, StageWaits):
            return JobReport("note", f"{event.stage} waits for {sentence(event.reason)}", stage=event.stage)
        if isinstance(event, StageNote):
            return JobReport("note", event.text, stage=event.stage)
        if isinstance(event, StageRetried):
            message = f"{event.stage} failed: {event.error.message}; retrying in {event.wait:.0f} s"
            return JobReport("warning", message, stage=event.stage, data={"error": event.error.kind})
        return self._end_report(event) if isinstance(event, StageFinished) else None

    def _progress_report(self, event: StageProgress) -> JobReport:
        if event.total > 0:
            self._done[event.stage] = min(1.0, event.done / event.total)
        amount = f"{event.done:,.0f} of {event.total:,.0f} {event.unit}" if event.total > 0 else event.unit
        report = self._stage_report("progress", event.stage, f"{event.stage}: {amount}", state="running")
        scene = self._current_scene(event)
        return replace(report, scene=scene, scenes_total=len(self._scene_ends)) if scene else report

    def _end_report(self, event: StageFinished) -> JobReport:
        self._done[event.stage] = float(event.outcome in ("success", "skipped"))
        words = {"success": "is done", "failed": "failed", "skipped": "was skipped", "stopped": "was stopped"}
        reason = f": {event.error.message}" if event.error else ""
        message = f"{event.stage} {words[event.outcome]}{reason}"
        return self._stage_report("stage", event.stage, message, state=event.outcome, seconds=round(event.seconds, 3))

    def _stage_report(
        self, kind: Kind, stage: str, message: str, *, state: State, seconds: float | None = None
    ) -> JobReport:
        return JobReport(
            kind, message, stage, state, stage_percent=round(100 * self._done[stage], 1), percent=self._percent(),
            seconds=seconds,
        )

    def _percent(self) -> float:
        """Return the progress of the whole job. Only the queue sets 100, when it stores the outcome."""
        done = sum(weight * self._done[name] for name, weight in self._weights.items())
        return min(99.9, round(100 * done / sum(self._weights.values()), 1))

    def _current_scene(self, event: StageProgress) -> int:
        """Return the number of the scene that is being rendered, from 1; 0 for a stage that does not render scenes."""
        if event.unit != "frames" or NARRATION_FILE not in self._stages[event.stage].needs or not self._scene_ends:
            return 0
        position = event.done / event.total * self._duration
        passed = sum(1 for _ in takewhile(lambda end: end < position, self._scene_ends))
        return min(passed + 1, len(self._scene_ends))

    @cached_property
    def _narration(self) -> Narration | None:
        try:
            return json_files.load(self._folder / NARRATION_FILE, Narration)
        except BrokenFileError:
            return None

    @property
    def _duration(self) -> float:
        return self._narration.duration if self._narration else 0.0

    @property
    def _scene_ends(self) -> list[float]:
        """Return the end of each scene in seconds. The first and last passage belong to the title and end cards."""
        return [passage.end for passage in self._narration.passages[1:-1]] if self._narration else []
