"""Run one book, from its row of the plan to its result."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pressrun.engine.freshness import EffectiveConfig
from pressrun.engine.item_run import StageHooks, error_report, prepare_run_folder, run_stages
from pressrun.engine.plan_checks import without_unagreed_copy
from pressrun.engine.planner import Planner
from pressrun.engine.publication import preferred_url, publication_marker
from pressrun.engine.quota import defer_uploads
from pressrun.engine.stage_run import RunContext
from pressrun.model.book import Book
from pressrun.model.event import BookStarted, StageFinished, StageNote
from pressrun.model.plan import PlanRow
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.result import BookResult, Outcome
from pressrun.model.stage import Stage
from pressrun.store import atomic, run_folder
from pressrun.store.locks import book_lock
from pressrun.store.run_folder import RunFolder


@dataclass
class _Position:
    """How far a book got, for the report of an unexpected error."""

    folder: Path | None = None
    stage: str | None = None


def run_book(run: RunContext, planner: Planner, row: PlanRow, total: int) -> BookResult:
    """Run a book as its row in a plan of `total` books requires. An error becomes a failed result.

    `planner` plans the book again under its lock, because another process may have worked on it since.
    """
    clock = time.monotonic()
    position = _Position()
    try:
        with book_lock(run.workspace.locks, row.book) as mine:
            if not mine:
                return BookResult.skipped(row, Reason(ReasonKind.BUSY))
            planned, row = row, without_unagreed_copy(planner.row(row.number, row.book), row)
            if planned.waits:
                row = defer_uploads(row, run.pipeline, planned.waits)
            if row.action == "skip":
                return BookResult.skipped(row)
            if row.decision.publishes_again and not planner.spec.options.publish_again:
                stages = {"stages": ", ".join(row.decision.publishes_again)}
                return BookResult.skipped(row, Reason(ReasonKind.SECOND_COPY_UNCONFIRMED, stages))
            result = _run_stages(run, planner, row, total, position)
    except Exception as error:
        result = _unexpected_failure(run, row.book, position, error)
    return replace(result, seconds=time.monotonic() - clock)


def _unexpected_failure(run: RunContext, book: Book, position: _Position, error: Exception) -> BookResult:
    workspace = run.workspace
    logs = position.folder / run_folder.LOGS if position.folder else workspace.logs
    report, log = error_report(error, workspace.root, logs)
    return BookResult(
        book,
        "failed",
        error=report,
        stage=position.stage,
        log=workspace.relative(log) if log else None,
        run_folder=workspace.relative(position.folder) if position.folder else None,
    )


def _run_stages(run: RunContext, planner: Planner, row: PlanRow, total: int, position: _Position) -> BookResult:
    folder, config = _open_folder(run, planner, row)
    position.folder = folder.path
    relative = run.workspace.relative(folder.path)
    planner.database.put_processing(row.book, relative)
    run.observer(BookStarted(row.book, row.number, total, row.action, relative, row.stages))

    def before(folder: RunFolder, stage: Stage) -> Reason | None:
        position.stage = stage.name
        return _count_upload(run, planner, row.book, folder, stage, config) if stage.publishes else None

    def after(folder: RunFolder, stage: Stage) -> None:
        if stage.publishes:
            planner.database.put_processing(row.book, relative, **{stage.publishes: preferred_url(stage, folder)})

    end = run_stages(run, folder, row.book, row.decision, config, StageHooks(before, after))
    if end.outcome == "stopped":
        return replace(BookResult.skipped(row, Reason(ReasonKind.INTERRUPTED)), run_folder=relative)
    if end.finished:
        return _failure(run, row.book, end.folder, end.finished)
    position.stage = None
    if end.stage:
        decision = replace(row.decision, later=(end.stage, *row.decision.later))
        row = replace(row, decision=decision, waits=end.reason)
    return _finish(run, planner, row, end.folder)


def _count_upload(
    run: RunContext, planner: Planner, book: Book, folder: RunFolder, stage: Stage, config: EffectiveConfig
) -> Reason | None:
    """Count an upload before its first byte, so that a crash counts one too many rather than one too few.

    Returns why it has to wait, or None: another process may have uploaded since the plan was made.
    """
    if not planner.quota.counts(config.services):
        return None
    wait, problem = planner.quota.count_upload(publication_marker(folder, stage))
    if problem:
        run.observer(StageNote(book, stage.name, problem))
    return wait


def _open_folder(run: RunContext, planner: Planner, row: PlanRow) -> tuple[RunFolder, EffectiveConfig]:
    """Return the run folder of a row, created or prepared to resume, and its config."""
    names = run.pipeline.names
    if row.action == "process" or row.run_folder is None:
        config = planner.config(None)
        settings, services = dict(config.settings), dict(config.services)
        folder = run_folder.create(run.workspace, row.book, run.pipeline.name, names, settings, services)
    else:
        path = run.workspace.root / row.run_folder
        atomic.remove_partials(path)
        folder = run_folder.read(path, names)
        config = planner.config(folder)
    return prepare_run_folder(folder, run, row.decision, config), config


def _failure(run: RunContext, book: Book, folder: RunFolder, finished: StageFinished) -> BookResult:
    log = folder.log(finished.stage)
    video, short = _published_urls(run, folder)
    return BookResult(
        book,
        "failed",
        video,
        short,
        error=finished.error,
        stage=finished.stage,
        log=run.workspace.relative(log) if log.exists() else None,
        run_folder=run.workspace.relative(folder.path),
        warnings=folder.warnings,
    )


def _finish(run: RunContext, planner: Planner, row: PlanRow, folder: RunFolder) -> BookResult:
    """Write `"done"` into the database, but only after every stage has its checkpoint."""
    relative = run.workspace.relative(folder.path)
    video, short = _published_urls(run, folder)
    outcome: Outcome = "resumed" if row.action == "resume" else "success"
    if row.decision.later:
        reason = row.waits or Reason(ReasonKind.STOPPED_AFTER, {"stage": planner.spec.options.until})
        return BookResult(
            row.book, outcome, video, short, reason=reason, run_folder=relative, warnings=folder.warnings
        )
    planner.database.put_done(row.book, *_published_urls(run, folder, preferred_url), relative)
    return BookResult(
        row.book, outcome, video, short, reason=_outdated_note(planner, row), run_folder=relative,
        warnings=folder.warnings,
    )


def _receipt_url(stage: Stage, folder: RunFolder) -> str | None:
    return folder.receipt_url(stage.receipt)


def _published_urls(
    run: RunContext, folder: RunFolder, url: Callable[[Stage, RunFolder], str | None] = _receipt_url
) -> tuple[str | None, str | None]:
    """Return the URLs of the video and the short, as far as their stages succeeded."""
    urls = {
        stage.publishes: url(stage, folder)
        for stage in run.pipeline.stages
        if stage.publishes and folder.checkpoint.get(stage.name) == "success"
    }
    return urls.get("youtube_url"), urls.get("short_url")


def _outdated_note(planner: Planner, row: PlanRow) -> Reason | None:
    """Return a note that --from rebuilt files that are not the published ones, or None."""
    stays = [stage.name for stage in planner.spec.pipeline.stages if stage.publishes and stage.name not in row.stages]
    if not (planner.spec.options.start_at and row.stages and stays):
        return None
    return Reason(ReasonKind.OLDER_PUBLICATION, {"stage": stays[0]})
