"""Run the stages of one item, one after the other, for books and all other kinds of job.

The caller decides what an item is and what happens to its result. Here its run folder is prepared, its stages run, and
an unexpected error becomes a report.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pressrun.clock import awake_time
from pressrun.engine.freshness import EffectiveConfig, decide
from pressrun.engine.publication import unresolved_stage
from pressrun.engine.stage_run import RunContext, TimeBudget, run_stage
from pressrun.error_reports import to_pressrun_error
from pressrun.errors import ErrorReport, UnexpectedError
from pressrun.model.book import Book
from pressrun.model.event import StageFinished
from pressrun.model.plan import Decision, RunOptions
from pressrun.model.reason import Reason
from pressrun.model.stage import Checkpoint, Stage
from pressrun.store.run_folder import RunFolder, StageRecord

ENGINE_LOG = "engine.log"


@dataclass(frozen=True)
class ItemResult:
    """How far the stages of an item got."""

    folder: RunFolder
    outcome: Literal["done", "failed", "stopped", "waits"]
    stage: str | None = None
    """The stage that was stopped, failed or waits."""
    finished: StageFinished | None = None
    """How the stage failed."""
    reason: Reason | None = None
    """Why the stage waits."""


def _no_wait(folder: RunFolder, stage: Stage) -> Reason | None:  # noqa: ARG001 - the signature of a hook
    return None


def _no_action(folder: RunFolder, stage: Stage) -> None:
    """Do nothing: the default hook after a stage."""


@dataclass(frozen=True)
class StageHooks:
    """Functions of the caller that run around each stage."""

    before: Callable[[RunFolder, Stage], Reason | None] = _no_wait
    """Returns why the stage has to wait, or None."""
    after: Callable[[RunFolder, Stage], None] = _no_action
    """Called after a success."""


def run_item(
    run: RunContext, folder: RunFolder, config: EffectiveConfig, hooks: StageHooks = StageHooks()
) -> ItemResult:
    """Run the remaining stages of an item that is in no plan. Raises what `run_stages` raises.

    An item whose upload may have succeeded fails again as it did before, until someone resolves it.
    """
    if stage := unresolved_stage(run.pipeline, folder):
        record = folder.record(stage.name)
        finished = StageFinished(folder.item.book, stage.name, "failed", record.seconds, record.error)
        return ItemResult(folder, "failed", stage.name, finished)
    decision = decide(run.pipeline, folder, config, RunOptions())
    folder = prepare_run_folder(folder, run, decision, config)
    return run_stages(run, folder, folder.item.book, decision, config, hooks)


def run_stages(
    run: RunContext,
    folder: RunFolder,
    book: Book,
    decision: Decision,
    config: EffectiveConfig,
    hooks: StageHooks = StageHooks(),
) -> ItemResult:
    """Run the stages of a decision. A stop ends the running stage, a pause lets it finish; both leave the rest.

    Raises `NoSpaceError` if a checkpoint cannot be written, and what the hooks raise.
    """
    budget = TimeBudget(awake_time() + run.settings.timeout)
    for stage in run.pipeline.stages:
        if stage.name not in decision.stages:
            continue
        if run.stop.no_new_stages:
            return ItemResult(folder, "stopped", stage.name)
        if reason := hooks.before(folder, stage):
            return ItemResult(folder, "waits", stage.name, reason=reason)
        folder, finished = run_stage(run, folder, stage, book, config, budget)
        run.observer(finished)
        if finished.outcome == "stopped":
            return ItemResult(folder, "stopped", stage.name)
        if finished.outcome == "failed":
            return ItemResult(folder, "failed", stage.name, finished)
        hooks.after(folder, stage)
    return ItemResult(folder, "done")


def prepare_run_folder(
    folder: RunFolder, run: RunContext, decision: Decision, config: EffectiveConfig
) -> RunFolder:
    """Bring a run folder in line with a decision: its config becomes current, its stages due.

    The checkpoint of a stage that will run is cleared first and durably, so that a run that is killed now resumes with
    the same stages.
    """
    _keep_edits(folder, run.pipeline.stages, decision)
    item = replace(folder.item, settings=dict(config.settings), services=dict(config.services))
    if item != folder.item:
        folder = folder.save_item(item)
    checkpoint: dict[str, Checkpoint | None] = {}
    records: dict[str, StageRecord] = {}
    for stage in run.pipeline.stages:
        state = folder.checkpoint.get(stage.name)
        if state is None and not stage.is_enabled(config.settings):
            checkpoint[stage.name] = "skipped"
        elif stage.name in (*decision.stages, *decision.later) and state is not None:
            checkpoint[stage.name] = None
            record = folder.record(stage.name)
            if stage.name in decision.publishes_again:
                records[stage.name] = replace(record, publication=record.publication + 1)
    return folder.save(checkpoint, records) if checkpoint or records else folder


def _keep_edits(folder: RunFolder, stages: tuple[Stage, ...], decision: Decision) -> None:
    """Keep a file that the user edited and that is about to be rebuilt, as `script.edited.json`."""
    for stage in stages:
        known = folder.record(stage.name).outputs
        for name in stage.editable if stage.name in decision.stages else ():
            path = folder.path / name
            if name in known and path.is_file() and folder.sha256(name) != known[name].sha256:
                path.replace(path.with_name(f"{path.stem}.edited{path.suffix}"))


def error_report(error: Exception, path: Path, logs: Path) -> tuple[ErrorReport, Path | None]:
    """Return an exception as a report, and the log in the folder `logs` that has its traceback if it is a defect.

    `path` is the file or folder to name if the error itself names none.
    """
    known = to_pressrun_error(error, path)
    if known is error or not isinstance(known, UnexpectedError):
        return known.report(), None
    log = logs / ENGINE_LOG
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.writelines(traceback.format_exception(error))
    except OSError:
        return known.report(), None
    remedy = f"The details are in {log.name}; please report them."
    return to_pressrun_error(error, path, remedy=remedy).report(), log
