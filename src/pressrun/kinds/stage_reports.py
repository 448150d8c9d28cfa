"""What the engine says of an item, in the words of the queue: percent, stage, scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from itertools import takewhile
from typing import Any, Literal

from pressrun.errors import BrokenFileError, FencedError
from pressrun.jobs.handler import JobContext, JobReport
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
WORDS = "words.json"
SLOW = 10.0
"""How much longer a stage that computes takes than one that does not, for the percent of the whole."""


class StageReports:
    """Listens to the stages of one attempt. Once the job is another worker's, it asks for a stop and says no more."""

    def __init__(self, job: JobContext, folder: RunFolder, pipeline: Pipeline, settings: Mapping[str, Any]) -> None:
        self._job, self._folder = job, folder.path
        self._stages = {each.name: each for each in pipeline.stages if each.is_enabled(settings)}
        self._shares = {name: SLOW if stage.cost.computes else 1.0 for name, stage in self._stages.items()}
        self._done = {name: float(folder.checkpoint.get(name) == "success") for name in self._stages}
        self._fenced: FencedError | None = None

    def on_event(self, event: Event) -> None:
        """An observer of the engine; it raises nothing."""
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
        if self._fenced:
            raise self._fenced

    def _report(self, event: Event) -> JobReport | None:
        if isinstance(event, StageStarted):
            self._done[event.stage] = 0.0
            again = f", try {event.attempt} of {event.attempts}" if event.attempt > 1 else ""
            return self._of_stage("stage", event.stage, f"{event.stage} started{again}", state="running")
        if isinstance(event, StageProgress):
            return self._progress(event)
        if isinstance(event, StageWaits):
            return JobReport("note", f"{event.stage} waits for {sentence(event.reason)}", stage=event.stage)
        if isinstance(event, StageNote):
            return JobReport("note", event.text, stage=event.stage)
        if isinstance(event, StageRetried):
            message = f"{event.stage} failed: {event.error.message}; it is tried again in {event.wait:.0f} s"
            return JobReport("warning", message, stage=event.stage, data={"error": event.error.kind})
        return self._finished(event) if isinstance(event, StageFinished) else None

    def _progress(self, event: StageProgress) -> JobReport:
        if event.total > 0:
            self._done[event.stage] = min(1.0, event.done / event.total)
        shown = f"{event.done:,.0f} of {event.total:,.0f} {event.unit}" if event.total > 0 else event.unit
        report = self._of_stage("progress", event.stage, f"{event.stage}: {shown}", state="running")
        scene = self._scene(event)
        return replace(report, scene=scene, scenes_total=len(self._scene_ends)) if scene else report

    def _finished(self, event: StageFinished) -> JobReport:
        self._done[event.stage] = float(event.outcome in ("success", "skipped"))
        words = {"success": "is done", "failed": "failed", "skipped": "was skipped", "stopped": "was stopped"}
        reason = f": {event.error.message}" if event.error else ""
        message = f"{event.stage} {words[event.outcome]}{reason}"
        return self._of_stage("stage", event.stage, message, state=event.outcome, seconds=round(event.seconds, 3))

    def _of_stage(
        self, kind: Kind, stage: str, message: str, *, state: State, seconds: float | None = None
    ) -> JobReport:
        return JobReport(
            kind, message, stage, state, stage_percent=round(100 * self._done[stage], 1), percent=self._percent(),
            seconds=seconds,
        )

    def _percent(self) -> float:
        """Of the whole job; 100 is left to the queue, which alone knows that it is done."""
        done = sum(share * self._done[name] for name, share in self._shares.items())
        return min(99.9, round(100 * done / sum(self._shares.values()), 1))

    def _scene(self, event: StageProgress) -> int:
        """The scene, from 1, that the stage is at; 0 where it does not go through them picture by picture."""
        if event.unit != "frames" or WORDS not in self._stages[event.stage].needs or not self._scene_ends:
            return 0
        at = event.done / event.total * self._duration
        passed = sum(1 for _ in takewhile(lambda end: end < at, self._scene_ends))
        return min(passed + 1, len(self._scene_ends))

    @cached_property
    def _narration(self) -> Narration | None:
        try:
            return json_files.load(self._folder / WORDS, Narration)
        except BrokenFileError:
            return None

    @property
    def _duration(self) -> float:
        return self._narration.duration if self._narration else 0.0

    @property
    def _scene_ends(self) -> list[float]:
        """Seconds at which each scene ends; what is said over title and end card belongs to none."""
        return [passage.end for passage in self._narration.passages[1:-1]] if self._narration else []
