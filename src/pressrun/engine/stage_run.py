"""Runs one stage of one book to its checkpoint: attempts, backoff, deadline, proof of its products."""

from __future__ import annotations

import json
import random
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pressrun.engine.admission import Admission, memory_needed, processors_needed
from pressrun.engine.freshness import Wanted, fingerprint
from pressrun.engine.process_runner import STOPPING, Attempt, Exit, Runner
from pressrun.engine.publication import place
from pressrun.engine.stop import StopToken
from pressrun.errors import (
    BookTimeoutError,
    ErrorReport,
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
from pressrun.model.stage import Stage
from pressrun.settings import RunSettings
from pressrun.store.run_folder import RunFolder, measure

TASK_VARIABLE = "PRESSRUN_TASK"
LONGEST_WAIT = 60.0
"""Seconds between two attempts at the most."""


@dataclass
class BookTime:
    """How long a book may go on. Waiting for a turn costs it nothing."""

    deadline: float
    """On the monotonic clock."""
    waited: float = 0.0
    """Seconds."""


@dataclass(frozen=True)
class StageRun:
    """What a stage needs from the batch that runs it."""

    runner: Runner
    stop: StopToken
    observer: Observer
    settings: RunSettings
    workspace: Path
    book: Book
    wanted: Wanted
    time: BookTime
    admission: Admission = field(default_factory=Admission)


def run_stage(run: StageRun, folder: RunFolder, stage: Stage) -> tuple[RunFolder, StageFinished]:
    """Runs `stage` and writes its checkpoint. A stopped stage gets none: it is as if it had not begun.

    Raises `NoSpaceError` when the checkpoint cannot be written.
    """
    started, clock, waited = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic(), run.time.waited
    stage = stage.with_settings(run.wanted.settings)
    folder = _note_intent(folder, stage)
    depends_on = fingerprint(stage, folder, run.wanted, {})
    facts: dict[str, str] = {}
    outcome, attempts = _try_until_done(run, folder, stage, facts)
    seconds = time.monotonic() - clock - (run.time.waited - waited)
    if outcome.stopped:
        return folder, StageFinished(run.book, stage.name, "stopped", seconds)
    error = _what_went_wrong(run, stage, outcome) or _missing_product(folder, stage)
    record = folder.record(stage.name)
    address = folder.receipt_url(stage.receipt) if stage.receipt and not error else None
    here = place(stage, run.wanted.settings, run.wanted.services)
    record = replace(
        record,
        started=started,
        seconds=round(seconds, 3),
        attempts=attempts,
        exit=outcome.status,
        error=error,
        fingerprint=None if error else replace(depends_on, reads=outcome.reads),
        outputs={} if error else {name: measure(folder.path / name) for name in stage.makes},
        facts=facts,
        published=record.published | ({here: address} if address else {}),
    )
    if error:
        _write_into_log(folder.log(stage.name), error)  # first, as who follows the log is gone with the checkpoint
    folder = folder.save({stage.name: "failed" if error else "success"}, {stage.name: record})
    return folder, StageFinished(run.book, stage.name, "failed" if error else "success", seconds, error)


def backoff(attempt: int) -> float:
    """Seconds before the next attempt: 1, 3, 9, … and at most 60, with half of it left to chance."""
    return min(LONGEST_WAIT, 3.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)


def human(seconds: float) -> str:
    """A duration as a limit is spoken of: "1 hour", "90 seconds", "30 minutes"."""
    for length, unit in ((3600, "hour"), (60, "minute")):
        if seconds >= length and seconds % length == 0:
            number = int(seconds // length)
            return f"{number} {unit}" + ("s" if number != 1 else "")
    return f"{seconds:g} seconds"


def _try_until_done(run: StageRun, folder: RunFolder, stage: Stage, facts: dict[str, str]) -> tuple[Exit, int]:
    attempts = run.settings.retries or stage.attempts
    attempt = 1
    while True:
        with _turn(run, folder, stage) as give_back:
            if give_back is None:
                return Exit(stopped=True), attempt
            run.observer(StageStarted(run.book, stage.name, attempt, attempts))
            told = partial(_pass_on, run, stage, facts, give_back)
            outcome = run.runner.run(_attempt(run, folder, stage, attempt), run.stop, told)
        error = None if outcome.stopped else _what_went_wrong(run, stage, outcome)
        if error is None or not error.retryable or attempt == attempts:
            return outcome, attempt
        wait = max(0.0, min(backoff(attempt), run.time.deadline - time.monotonic()))
        run.observer(StageRetried(run.book, stage.name, attempt, attempts, wait, error))
        if run.stop.wait(wait):
            return Exit(stopped=True), attempt
        attempt += 1


@contextmanager
def _turn(run: StageRun, folder: RunFolder, stage: Stage) -> Iterator[Callable[[], None] | None]:
    """The turn of a stage among those of other books, as what gives it back early; None when a stop came first."""
    clock = time.monotonic()

    def says(reason: Reason) -> None:
        run.observer(StageWaits(run.book, stage.name, reason))

    processors = processors_needed(stage, run.wanted.services, folder.path)
    memory = memory_needed(stage, run.wanted.settings)
    with run.admission.turn(processors, memory, run.stop, says) as give_back:
        waited = time.monotonic() - clock
        run.time.waited += waited
        run.time.deadline += waited
        yield give_back


def _attempt(run: StageRun, folder: RunFolder, stage: Stage, number: int) -> Attempt:
    task = {
        "stage": stage.name,
        "run": stage.run,
        "settings": stage.settings,
        "services": stage.services,
        "workers": stage.workers,
        "version": stage.version,
        "workspace": str(run.workspace),
        "marker": marker(folder, stage),
    }
    # -P: a random.py that lies in the workspace must not be taken for the standard library's.
    argv = stage.command or (sys.executable, "-P", "-m", "pressrun.stages", stage.name, str(folder.path))
    return Attempt(
        run_id=f"{folder.item.id}-{stage.name}-{secrets.token_hex(4)}",
        argv=argv,
        environment={TASK_VARIABLE: json.dumps(task)},
        log=folder.log(stage.name),
        title=f"{datetime.now(UTC).isoformat(timespec='seconds')}, attempt {number}",
        deadline=min(time.monotonic() + stage.timeout, run.time.deadline),
        grace=run.settings.grace,
    )


def marker(folder: RunFolder, stage: Stage) -> str:
    """Names a publication: the same after a crash, another one for each further copy that was asked for."""
    return f"{folder.item.id}-{stage.name}-{max(folder.record(stage.name).publication, 1)}"


def _note_intent(folder: RunFolder, stage: Stage) -> RunFolder:
    """Before a publishing stage sends its first byte, it is on disk that it may have."""
    record = folder.record(stage.name)
    if not stage.publishes or record.publication:
        return folder
    return folder.save({}, {stage.name: replace(record, publication=1)})


def _what_went_wrong(run: StageRun, stage: Stage, outcome: Exit) -> ErrorReport | None:
    error: PressrunError
    if outcome.timed_out:
        if time.monotonic() >= run.time.deadline:
            error = BookTimeoutError(
                f"Timeout (>{human(run.settings.timeout)})",
                remedy="Give it longer with --timeout; finished stages are kept.",
            )
        else:
            error = StageTimeoutError(
                f"Timeout (>{human(stage.timeout)} in {stage.name})",
                remedy="Run the same command again; finished stages are kept.",
            )
        return error.report()
    if outcome.status == 0 and outcome.error is None:
        return None
    if outcome.error:
        return outcome.error
    if outcome.status is not None and outcome.status < 0:
        remedy = (
            "It may have run out of memory; the log and the system's journal say more."
            if outcome.status == -9
            else "The log says more."
        )
        return StageDiedError(f"{stage.name} was ended by signal {-outcome.status}", remedy=remedy).report()
    return StageDiedError(
        f"{stage.name} ended with exit status {outcome.status} and no reason", remedy="The log says more."
    ).report()


def _missing_product(folder: RunFolder, stage: Stage) -> ErrorReport | None:
    for name in stage.makes:
        if not (folder.path / name).is_file():
            return StageOutputError(
                f"{stage.name} ended well and did not make {name}",
                remedy="This is a defect of the stage; its log says more.",
            ).report()
    if stage.receipt and folder.receipt_url(stage.receipt) is None:
        return StageOutputError(
            f"{stage.receipt} has no url", remedy="This is a defect of the stage; its log says more."
        ).report()
    return None


def _pass_on(
    run: StageRun, stage: Stage, facts: dict[str, str], give_back: Callable[[], None], said: dict[str, Any]
) -> None:
    if said["event"] == "progress":
        run.observer(StageProgress(run.book, stage.name, float(said["done"]), float(said["total"]), str(said["unit"])))
    elif said["event"] == STOPPING:
        run.observer(Stopping(run.stop.reason or ""))
    elif said["event"] == "computed":
        give_back()
    elif said["event"] == "fact":
        facts[str(said["name"])] = str(said["value"])
    elif said["event"] == "note":
        run.observer(StageNote(run.book, stage.name, str(said["text"])))


def _write_into_log(log: Path, error: ErrorReport) -> None:
    """A stage that was ended from outside has nothing in its log; the reason belongs there too."""
    try:
        log.parent.mkdir(exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"\n{error.kind}: {error.message}\n{error.remedy}\n")
    except OSError:
        return  # the same report stands in stages.json and in the summary
