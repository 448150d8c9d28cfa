"""Run one stage of one book to its checkpoint: attempts, delays, deadlines, and a check of its products."""

from __future__ import annotations

import random
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pressrun.clock import awake_time
from pressrun.engine.admission import Admission, memory_key, memory_needed, processors_needed
from pressrun.engine.freshness import EffectiveConfig, fingerprint
from pressrun.engine.process_runner import ProcessResult, Runner, StageProcess, Terminating
from pressrun.engine.publication import destination, publication_marker
from pressrun.engine.stop import StopToken
from pressrun.errors import (
    BookTimeoutError,
    ErrorReport,
    OutOfMemoryError,
    PressrunError,
    StageDiedError,
    StageOutputError,
    StageTimeoutError,
)
from pressrun.model.book import Book
from pressrun.model.event import (
    Observer,
    StageFinished,
    StageNote,
    StageProgress,
    StageRetried,
    StageStarted,
    StageWaits,
    Stopping,
)
from pressrun.model.reason import Reason
from pressrun.model.stage import Pipeline, Stage
from pressrun.model.stage_protocol import TASK_VARIABLE, Computed, Fact, Note, Progress, StageEvent, Task, encode_task
from pressrun.settings import RunSettings
from pressrun.store.measurements import load_measurements, record_measurement
from pressrun.store.run_folder import RunFolder, measure
from pressrun.store.workspace import Workspace

MAX_RETRY_DELAY = 60.0
"""Seconds between two attempts."""


@dataclass(frozen=True)
class RunContext:
    """What all books of one worker share. `stop`, `observer` and `admission` are those of the whole batch."""

    workspace: Workspace
    pipeline: Pipeline
    settings: RunSettings
    runner: Runner
    stop: StopToken
    observer: Observer
    admission: Admission = field(default_factory=Admission)


@dataclass
class TimeBudget:
    """The time that one book may take. Neither waiting for other books counts, nor time asleep."""

    deadline: float
    """In seconds of `awake_time`."""
    waited: float = 0.0
    """Seconds."""

    def extend(self, seconds: float) -> None:
        self.waited += seconds
        self.deadline += seconds


def run_stage(
    run: RunContext, folder: RunFolder, stage: Stage, book: Book, config: EffectiveConfig, budget: TimeBudget
) -> tuple[RunFolder, StageFinished]:
    """Run `stage` and write its checkpoint. A stopped stage gets none, as if it had never started.

    Raises `NoSpaceError` if the checkpoint cannot be written.
    """
    started, clock, waited = datetime.now(UTC).isoformat(timespec="seconds"), awake_time(), budget.waited
    stage = stage.with_settings(config.settings)
    folder = _record_intent(folder, stage)
    # Taken before the stage runs: a file that changes meanwhile makes it stale, not silently fresh.
    depends_on = fingerprint(stage, folder, config, {})
    attempts = _Attempts(run, folder, stage, book, config, budget)
    result = attempts.run()
    # A stage may have worked on while this process was stopped.
    seconds = max(awake_time() - clock - (budget.waited - waited), attempts.worked)
    if result.stopped:
        return folder, StageFinished(book, stage.name, "stopped", seconds)
    error = attempts.failure(result) or _missing_product(folder, stage)
    record = folder.record(stage.name)
    url = folder.receipt_url(stage.receipt) if stage.receipt and not error else None
    place = destination(stage, config.settings, config.services)
    record = replace(
        record,
        started=started,
        seconds=round(seconds, 3),
        attempts=attempts.number,
        peak_memory=attempts.peak_memory,
        exit=result.status,
        error=error,
        fingerprint=None if error else replace(depends_on, reads=result.reads),
        outputs={} if error else {name: measure(folder.path / name) for name in stage.makes},
        facts=attempts.facts,
        warnings=attempts.warnings,
        published=record.published | ({place: url} if url else {}),
    )
    if error:
        # Before the checkpoint, because `pressrun logs --follow` ends as soon as it sees one.
        _append_to_log(folder.log(stage.name), error)
    folder = folder.save({stage.name: "failed" if error else "success"}, {stage.name: record})
    return folder, StageFinished(book, stage.name, "failed" if error else "success", seconds, error)


def retry_delay(attempt: int) -> float:
    """Return the seconds before the next attempt: 1, 3, 9, … up to `MAX_RETRY_DELAY`, half of it random."""
    return min(MAX_RETRY_DELAY, 3.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)


def format_limit(seconds: float) -> str:
    """Return a time limit in its largest whole unit: "1 hour", "90 seconds", "30 minutes"."""
    for length, unit in ((3600, "hour"), (60, "minute")):
        if seconds >= length and seconds % length == 0:
            number = int(seconds // length)
            return f"{number} {unit}" + ("s" if number != 1 else "")
    return f"{seconds:g} seconds"


@dataclass
class _Attempts:
    """The attempts at one stage."""

    context: RunContext
    folder: RunFolder
    stage: Stage
    book: Book
    config: EffectiveConfig
    budget: TimeBudget
    number: int = 1
    """The current attempt."""
    facts: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    worked: float = 0.0
    """Seconds that the processes of all attempts worked."""
    peak_memory: int = 0
    """MB of the largest attempt."""
    alone: bool = False
    """Whether an attempt ran out of memory, so that the next one has one worker and runs while nothing else does."""
    extended: float = 0.0
    """Seconds that the last attempt asked for besides the limit of the stage."""

    def run(self) -> ProcessResult:
        """Try until the stage succeeds, fails for good, is stopped or has no attempt left."""
        limit = self.context.settings.retries or self.stage.attempts
        while True:
            result = self._run_once(limit)
            error = None if result.stopped else self.failure(result)
            if error and error.kind == OutOfMemoryError.__name__ and not self.alone:
                self.alone = True
                self.warnings.append(
                    f"{self.stage.name} ran out of memory and was run again with one worker, while nothing else ran"
                )
                self._observe(StageRetried(self.book, self.stage.name, self.number, self.number + 1, 0.0, error))
                self.number += 1
                limit = max(limit, self.number)
                continue
            if error is None or not error.retryable or self.number == limit:
                return result
            wait = max(0.0, min(retry_delay(self.number), self.budget.deadline - awake_time()))
            self._observe(StageRetried(self.book, self.stage.name, self.number, limit, wait, error))
            if self.context.stop.wait(wait):
                return ProcessResult(stopped=True)
            self.number += 1

    def failure(self, result: ProcessResult) -> ErrorReport | None:
        """Return why an attempt failed, or None after a success."""
        if result.timed_out:
            return self._timeout().report()
        if result.error or result.status == 0:
            return result.error
        name, remedy = self.stage.name, "See the log for details."
        if result.out_of_memory:
            return OutOfMemoryError(
                f"{name} was killed for lack of memory", remedy="Close other programs, or choose smaller settings."
            ).report()
        if result.status is None or result.status >= 0:
            return StageDiedError(f"{name} exited with status {result.status} and no error", remedy=remedy).report()
        if result.status == -9:
            remedy = "It may have run out of memory; see the log and the system journal."
        return StageDiedError(f"{name} was ended by signal {-result.status}", remedy=remedy).report()

    def _timeout(self) -> PressrunError:
        if awake_time() >= self.budget.deadline:
            return BookTimeoutError(
                f"Timeout (>{format_limit(self.context.settings.timeout)})",
                remedy="Raise the limit with --timeout; finished stages are kept.",
            )
        return StageTimeoutError(
            f"Timeout (>{format_limit(round(self.stage.timeout + self.extended))} in {self.stage.name})",
            remedy="Run the same command again; finished stages are kept.",
        )

    def _run_once(self, limit: int) -> ProcessResult:
        with self._turn() as release:
            if release is None:
                return ProcessResult(stopped=True)
            self._observe(StageStarted(self.book, self.stage.name, self.number, limit))
            if self.context.stop:
                # An observer stops a job that another worker has: not even the process of a stage may start.
                return ProcessResult(stopped=True)
            result = self.context.runner.run(
                self._process(), self.context.stop, lambda event: self._on_event(event, release)
            )
            self.budget.extend(result.suspended)
            self.budget.deadline += result.extended
            self.extended = result.extended
            self.worked += result.seconds
            self._learn_memory(result)
            return result

    @contextmanager
    def _turn(self) -> Iterator[Callable[[], None] | None]:
        """Wait for the processors and the memory that the stage needs.

        Yields what releases them early, or None if a stop came first.
        """
        clock = awake_time()

        def on_wait(reason: Reason) -> None:
            self._observe(StageWaits(self.book, self.stage.name, reason))

        processors = processors_needed(self.stage, self.config.services, self.folder.path)
        memory = memory_needed(self.stage, self.config.settings, self.config.services, load_measurements())
        admission = self.context.admission
        with admission.turn(processors, memory, self.context.stop, on_wait, alone=self.alone) as release:
            self.budget.extend(awake_time() - clock)
            yield release

    def _learn_memory(self, result: ProcessResult) -> None:
        """Remember the peak of an attempt for later turns, unless it ended early or did not compute."""
        self.peak_memory = max(self.peak_memory, result.peak_memory)
        key = memory_key(self.stage, self.config.settings, self.config.services)
        if not key or not result.peak_memory or not (result.status == 0 or result.out_of_memory):
            return
        if processors_needed(self.stage, self.config.services, self.folder.path):
            record_measurement(key, memory=result.peak_memory)

    def _process(self) -> StageProcess:
        stage, folder = self.stage, self.folder
        task = Task(
            stage=stage.name,
            run=stage.run,
            workspace=str(self.context.workspace.root),
            settings=stage.settings,
            services=stage.services,
            workers=1 if self.alone else stage.workers,
            version=stage.version,
            marker=publication_marker(folder, stage),
        )
        return StageProcess(
            run_id=f"{folder.item.id}-{stage.name}-{secrets.token_hex(4)}",
            argv=stage_command(stage, folder.path),
            environment={TASK_VARIABLE: encode_task(task)},
            log=folder.log(stage.name),
            title=f"{datetime.now(UTC).isoformat(timespec='seconds')}, attempt {self.number}",
            deadline=min(awake_time() + stage.timeout, self.budget.deadline),
            grace=self.context.settings.grace,
        )

    def _on_event(self, event: StageEvent | Terminating, release: Callable[[], None]) -> None:
        match event:
            case Progress(done, total, unit):
                self._observe(StageProgress(self.book, self.stage.name, done, total, unit))
            case Note(text, warning):
                if warning and text not in self.warnings:
                    self.warnings.append(text)
                self._observe(StageNote(self.book, self.stage.name, text))
            case Fact(name, value):
                self.facts[name] = value
            case Computed():
                release()
            case Terminating():
                self._observe(Stopping(self.context.stop.reason or ""))

    def _observe(self, event: Any) -> None:
        self.context.observer(event)


def stage_command(stage: Stage, folder: Path) -> tuple[str, ...]:
    """Return the command that runs a stage on the run folder `folder`."""
    # -P keeps the workspace off sys.path: a random.py in it must not replace the standard library's.
    return (sys.executable, "-P", "-m", "pressrun.stages", stage.name, str(folder))


def _record_intent(folder: RunFolder, stage: Stage) -> RunFolder:
    """Record that a publishing stage may publish from now on, durably and before it sends its first byte."""
    record = folder.record(stage.name)
    if not stage.publishes or record.publication:
        return folder
    return folder.save({}, {stage.name: replace(record, publication=1)})


def _missing_product(folder: RunFolder, stage: Stage) -> ErrorReport | None:
    remedy = "This is a defect of the stage; see its log for details."
    for name in stage.makes:
        if not (folder.path / name).is_file():
            return StageOutputError(f"{stage.name} succeeded but did not create {name}", remedy=remedy).report()
    if stage.receipt and folder.receipt_url(stage.receipt) is None:
        return StageOutputError(f"{stage.receipt} has no url", remedy=remedy).report()
    return None


def _append_to_log(log: Path, error: ErrorReport) -> None:
    """Write an error below the output of its stage, which does not contain it if the stage was ended from outside."""
    try:
        log.parent.mkdir(exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"\n{error.kind}: {error.message}\n{error.remedy}\n")
    except OSError:
        return  # the same report is in stages.json and in the summary
