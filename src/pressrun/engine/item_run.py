"""The stages of one item, one after the other, to its end: what every door runs.

A door decides what an item is and what becomes of its result; here is what they share: a folder brought in line with
the stages that are due, the stages themselves, and an error that nobody foresaw turned into a report.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from pressrun.engine.admission import Admission
from pressrun.engine.freshness import Wanted, decide
from pressrun.engine.process_runner import Runner
from pressrun.engine.publication import unknown_stage
from pressrun.engine.stage_run import BookTime, StageRun, run_stage
from pressrun.engine.stop import StopToken
from pressrun.error_reports import from_os_error
from pressrun.errors import ErrorReport, PressrunError, UnexpectedError
from pressrun.model.book import Book
from pressrun.model.event import Observer, StageFinished
from pressrun.model.plan import RunOptions
from pressrun.model.reason import Reason
from pressrun.model.stage import Checkpoint, Pipeline, Stage
from pressrun.settings import RunSettings
from pressrun.store.run_folder import RunFolder, StageRecord
from pressrun.store.workspace import Workspace

ENGINE_LOG = "engine.log"


class Due(Protocol):
    """Which stages of a pipeline run, by name: a row of the plan, or a decision."""

    @property
    def stages(self) -> tuple[str, ...]: ...

    @property
    def later(self) -> tuple[str, ...]: ...

    @property
    def publishes_again(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class ItemRun:
    """What the items of one worker share."""

    pipeline: Pipeline
    workspace: Workspace
    settings: RunSettings
    runner: Runner
    stop: StopToken
    observer: Observer
    admission: Admission


@dataclass(frozen=True)
class ItemEnd:
    """How far the stages of an item came. `reason` says why it waits, `finished` how the stage failed."""

    folder: RunFolder
    outcome: Literal["done", "failed", "stopped", "waits"]
    stage: str | None = None
    """Where it stopped, failed or waits."""
    finished: StageFinished | None = None
    reason: Reason | None = None


def _no_obstacle(folder: RunFolder, stage: Stage) -> Reason | None:  # noqa: ARG001 - the shape of a hook
    return None


def _nothing_to_note(folder: RunFolder, stage: Stage) -> None:
    """For a door that keeps nothing beside the checkpoint."""


@dataclass(frozen=True)
class Hooks:
    """What a door does around each stage."""

    before: Callable[[RunFolder, Stage], Reason | None] = _no_obstacle
    """Returns why the stage has to wait, or None."""
    after: Callable[[RunFolder, Stage], None] = _nothing_to_note
    """Called when the stage succeeded."""


def run_item(run: ItemRun, folder: RunFolder, wanted: Wanted, hooks: Hooks = Hooks()) -> ItemEnd:
    """Runs what is left of an item that has a run folder and stands in no plan; raises as `run_stages` does.

    One of which nobody knows whether it was published fails as it did before.
    """
    if stage := unknown_stage(run.pipeline, folder):
        record = folder.record(stage.name)
        finished = StageFinished(folder.item.book, stage.name, "failed", record.seconds, record.error)
        return ItemEnd(folder, "failed", stage.name, finished)
    due = decide(run.pipeline, folder, wanted, RunOptions())
    return run_stages(run, made_ready(folder, run.pipeline, due, wanted), folder.item.book, due, wanted, hooks)


def run_stages(
    run: ItemRun, folder: RunFolder, book: Book, due: Due, wanted: Wanted, hooks: Hooks = Hooks()
) -> ItemEnd:
    """Runs the stages that are due. A stop ends the one that runs, a hold lets it finish; both leave the others open.

    Raises `NoSpaceError` when a checkpoint cannot be written, and what the hooks raise.
    """
    stage_run = StageRun(
        run.runner,
        run.stop,
        run.observer,
        run.settings,
        run.workspace.root,
        book,
        wanted,
        BookTime(time.monotonic() + run.settings.timeout),
        run.admission,
    )
    for stage in run.pipeline.stages:
        if stage.name not in due.stages:
            continue
        if run.stop.nothing_new:
            return ItemEnd(folder, "stopped", stage.name)
        if reason := hooks.before(folder, stage):
            return ItemEnd(folder, "waits", stage.name, reason=reason)
        folder, finished = run_stage(stage_run, folder, stage)
        run.observer(finished)
        if finished.outcome == "stopped":
            return ItemEnd(folder, "stopped", stage.name)
        if finished.outcome == "failed" and not stage.optional:
            return ItemEnd(folder, "failed", stage.name, finished)
        if finished.outcome == "success":
            hooks.after(folder, stage)
    return ItemEnd(folder, "done")


def made_ready(folder: RunFolder, pipeline: Pipeline, due: Due, wanted: Wanted) -> RunFolder:
    """The folder in line with what is due: stages that will run stand at null again, with the settings now wanted."""
    _keep_edits(folder, pipeline.stages, due)
    item = replace(folder.item, settings=dict(wanted.settings), services=dict(wanted.services))
    if item != folder.item:
        folder = folder.save_item(item)
    return _reset(folder, pipeline.stages, due, wanted)


def _keep_edits(folder: RunFolder, stages: tuple[Stage, ...], due: Due) -> None:
    """A file that somebody edited and that is about to be made anew stays beside it, as `script.edited.json`."""
    for stage in stages:
        known = folder.record(stage.name).outputs
        for name in stage.editable if stage.name in due.stages else ():
            path = folder.path / name
            if name in known and path.is_file() and folder.sha256(name) != known[name].sha256:
                path.replace(path.with_name(f"{path.stem}.edited{path.suffix}"))


def _reset(folder: RunFolder, stages: tuple[Stage, ...], due: Due, wanted: Wanted) -> RunFolder:
    """Makes the decision durable, so that a run that is killed now goes on with the same stages."""
    checkpoint: dict[str, Checkpoint | None] = {}
    records: dict[str, StageRecord] = {}
    for stage in stages:
        state = folder.checkpoint.get(stage.name)
        if stage.when and not wanted.settings[stage.when] and state is None:
            checkpoint[stage.name] = "skipped"
        elif stage.name in (*due.stages, *due.later) and state is not None:
            checkpoint[stage.name] = None
            record = folder.record(stage.name)
            if stage.name in due.publishes_again:
                records[stage.name] = replace(record, publication=record.publication + 1)
    return folder.save(checkpoint, records) if checkpoint or records else folder


def explained(error: Exception, where: Path, logs: Path) -> tuple[ErrorReport, Path | None]:
    """Whatever was raised as a report, and for a defect the log in the folder `logs` that has its traceback."""
    known = from_os_error(error, where) if isinstance(error, OSError) else error
    if isinstance(known, PressrunError):
        return known.report(), None
    return unexpected(error, logs / ENGINE_LOG)


def unexpected(error: Exception, log: Path) -> tuple[ErrorReport, Path | None]:
    """The report of a defect, and the log with its traceback where that could be written."""
    what = " ".join(str(error).split()) or type(error).__name__
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.writelines(traceback.format_exception(error))
    except OSError:
        return UnexpectedError(f"Unexpected error: {what}", remedy="Please report it.").report(), None
    remedy = f"The details are in {log.name}; please report them."
    return UnexpectedError(f"Unexpected error: {what}", remedy=remedy).report(), log
