"""One book from its row of the plan to its result."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pressrun.engine.admission import Admission
from pressrun.engine.freshness import Wanted
from pressrun.engine.plan import Planner
from pressrun.engine.process_runner import Runner
from pressrun.engine.quota import hold
from pressrun.engine.stage_run import BookTime, StageRun, marker, run_stage
from pressrun.engine.stop import StopToken
from pressrun.errors import ErrorReport, PressrunError, UnexpectedError, from_os_error
from pressrun.model.book import Book
from pressrun.model.event import BookStarted, Observer, StageFinished, StageNote
from pressrun.model.plan import PlanRow
from pressrun.model.result import BUSY_REASON, INTERRUPTED_REASON, BookResult, Outcome
from pressrun.model.stage import Checkpoint, Stage
from pressrun.store import atomic, run_folder
from pressrun.store.locks import book_lock
from pressrun.store.run_folder import RunFolder, StageRecord


@dataclass(frozen=True)
class BookRun:
    """What the books of one worker share; `stop`, `observer` and `admission` are those of the whole batch."""

    planner: Planner
    runner: Runner
    stop: StopToken
    observer: Observer
    total: int
    admission: Admission


def run_book(run: BookRun, row: PlanRow) -> BookResult:
    """Runs what the plan wants of one book. Never raises for what goes wrong with the book itself."""
    clock = time.monotonic()
    place = _Place()
    with _as_result(run, row.book, place) as failed, book_lock(run.planner.workspace.locks, row.book) as mine:
        if not mine:
            return BookResult(row.book, "skipped", row.youtube_url, row.short_url, reason=BUSY_REASON)
        # Another process may have worked on it since the plan was made.
        planned, row = row, run.planner.row(row.number, row.book)
        if planned.waits:
            row = hold(row, run.planner.pipeline, planned.waits)
        if reason := _reason_to_leave(run, row):
            return BookResult(
                row.book, "skipped", row.youtube_url, row.short_url, reason=reason, run_folder=row.run_folder
            )
        result = _run_stages(run, row, place)
        return replace(result, seconds=time.monotonic() - clock)
    return replace(failed[0], seconds=time.monotonic() - clock)


def _reason_to_leave(run: BookRun, row: PlanRow) -> str:
    """Why a book is not run although the plan wanted it, or the empty string."""
    if row.action == "skip":
        return skip_reason(row)
    if row.publishes_again and not run.planner.options.publish_again:
        return f"{', '.join(row.publishes_again)} would publish a second copy, which was not confirmed"
    return ""


def skip_reason(row: PlanRow) -> str:
    return "Already done" if row.status == "done" and row.youtube_url == row.details else row.details


@dataclass
class _Place:
    """How far a book got, for the report of an error that nobody foresaw."""

    folder: Path | None = None
    stage: str | None = None


@contextmanager
def _as_result(run: BookRun, book: Book, place: _Place) -> Iterator[list[BookResult]]:
    """The error boundary of a book: whatever is raised becomes a failed result, with the traceback in a log."""
    failed: list[BookResult] = []
    workspace = run.planner.workspace
    try:
        yield failed
    except Exception as error:
        log: Path | None = None
        known = from_os_error(error, workspace.root) if isinstance(error, OSError) else error
        if isinstance(known, PressrunError):
            report = known.report()
        else:
            log = (place.folder / run_folder.LOGS if place.folder else workspace.logs) / "engine.log"
            report, log = unexpected(error, log)
        folder = workspace.relative(place.folder) if place.folder else None
        failed.append(
            BookResult(
                book,
                "failed",
                error=report,
                stage=place.stage,
                log=workspace.relative(log) if log else None,
                run_folder=folder,
            )
        )


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


def _run_stages(run: BookRun, row: PlanRow, place: _Place) -> BookResult:
    planner = run.planner
    folder, wanted = _open_folder(planner, row)
    place.folder = folder.path
    relative = planner.workspace.relative(folder.path)
    planner.database.put_processing(row.book, relative)
    run.observer(BookStarted(row.book, row.number, run.total, row.action, relative, row.stages))
    stage_run = StageRun(
        run.runner,
        run.stop,
        run.observer,
        planner.settings.run,
        planner.workspace.root,
        row.book,
        wanted,
        BookTime(time.monotonic() + planner.settings.run.timeout),
        run.admission,
    )
    for stage in planner.pipeline.stages:
        if stage.name not in row.stages:
            continue
        if run.stop:
            return BookResult(
                row.book, "skipped", row.youtube_url, row.short_url, reason=INTERRUPTED_REASON, run_folder=relative
            )
        place.stage = stage.name
        if stage.publishes and (wait := _begin_upload(run, row.book, folder, stage, wanted)):
            place.stage = None
            return _finish(planner, replace(row, later=(stage.name, *row.later), waits=wait), folder)
        folder, finished = run_stage(stage_run, folder, stage)
        run.observer(finished)
        if finished.outcome == "stopped":
            return BookResult(
                row.book, "skipped", row.youtube_url, row.short_url, reason=INTERRUPTED_REASON, run_folder=relative
            )
        if finished.outcome == "failed" and not stage.optional:
            return _failure(planner, row.book, folder, finished)
        if stage.publishes and finished.outcome == "success":
            planner.database.put_processing(row.book, relative, **{stage.publishes: folder.receipt_url(stage.receipt)})
    place.stage = None
    return _finish(planner, row, folder)


def _begin_upload(run: BookRun, book: Book, folder: RunFolder, stage: Stage, wanted: Wanted) -> str:
    """Counts an upload before its first byte, so that a crash errs on the safe side.

    Returns why it has to wait, or the empty string: since the plan was made another process may have uploaded.
    """
    quota = run.planner.quota
    if not quota.counts(wanted.services):
        return ""
    wait, trouble = quota.begin(marker(folder, stage))
    if trouble:
        run.observer(StageNote(book, stage.name, trouble))
    return wait


def _open_folder(planner: Planner, row: PlanRow) -> tuple[RunFolder, Wanted]:
    """The folder to work in, brought in line with the row: stages that will run stand at null again."""
    workspace, pipeline = planner.workspace, planner.pipeline
    if row.action == "process" or row.run_folder is None:
        wanted = planner.wanted(None)
        folder = run_folder.create(
            workspace, row.book, pipeline.name, pipeline.names, dict(wanted.settings), dict(wanted.services)
        )
        return _reset(folder, pipeline.stages, row, wanted), wanted
    path = workspace.root / row.run_folder
    atomic.sweep(path)
    folder = run_folder.read(path, pipeline.names)
    _keep_edits(folder, pipeline.stages, row)
    wanted = planner.wanted(folder)
    item = replace(folder.item, settings=dict(wanted.settings), services=dict(wanted.services))
    if item != folder.item:
        folder = folder.save_item(item)
    return _reset(folder, pipeline.stages, row, wanted), wanted


def _keep_edits(folder: RunFolder, stages: tuple[Stage, ...], row: PlanRow) -> None:
    """A file that somebody edited and that is about to be made anew stays beside it, as `script.edited.json`."""
    for stage in stages:
        known = folder.record(stage.name).outputs
        for name in stage.editable if stage.name in row.stages else ():
            path = folder.path / name
            if name in known and path.is_file() and folder.sha256(name) != known[name].sha256:
                path.replace(path.with_name(f"{path.stem}.edited{path.suffix}"))


def _reset(folder: RunFolder, stages: tuple[Stage, ...], row: PlanRow, wanted: Wanted) -> RunFolder:
    """Makes the decision durable, so that a run that is killed now goes on with the same stages."""
    checkpoint: dict[str, Checkpoint | None] = {}
    records: dict[str, StageRecord] = {}
    for stage in stages:
        state = folder.checkpoint.get(stage.name)
        if stage.when and not wanted.settings[stage.when] and state is None:
            checkpoint[stage.name] = "skipped"
        elif stage.name in (*row.stages, *row.later) and state is not None:
            checkpoint[stage.name] = None
            record = folder.record(stage.name)
            if stage.name in row.publishes_again:
                records[stage.name] = replace(record, publication=record.publication + 1)
    return folder.save(checkpoint, records) if checkpoint or records else folder


def _failure(planner: Planner, book: Book, folder: RunFolder, finished: StageFinished) -> BookResult:
    log = folder.log(finished.stage)
    video, short = _published(planner, folder)
    return BookResult(
        book,
        "failed",
        video,
        short,
        error=finished.error,
        stage=finished.stage,
        log=planner.workspace.relative(log) if log.exists() else None,
        run_folder=planner.workspace.relative(folder.path),
    )


def _finish(planner: Planner, row: PlanRow, folder: RunFolder) -> BookResult:
    """Writes the URLs into the database once every stage has its checkpoint, and only then `"done"`."""
    relative = planner.workspace.relative(folder.path)
    video, short = _published(planner, folder)
    outcome: Outcome = "resumed" if row.action == "resume" else "success"
    if row.later:
        reason = row.waits or f"stopped after {planner.options.until}, as asked"
        return BookResult(row.book, outcome, video, short, reason=reason, run_folder=relative)
    planner.database.put_done(row.book, video, short, relative)
    return BookResult(row.book, outcome, video, short, reason=_what_is_older(planner, row), run_folder=relative)


def _published(planner: Planner, folder: RunFolder) -> tuple[str | None, str | None]:
    """The addresses of video and short, as far as their steps succeeded."""
    urls = {
        stage.publishes: folder.receipt_url(stage.receipt)
        for stage in planner.pipeline.stages
        if stage.publishes and folder.checkpoint.get(stage.name) == "success"
    }
    return urls.get("youtube_url"), urls.get("short_url")


def _what_is_older(planner: Planner, row: PlanRow) -> str:
    """That what --from made anew is not what is published, or the empty string."""
    stays = [stage.name for stage in planner.pipeline.stages if stage.publishes and stage.name not in row.stages]
    if not (planner.options.start_at and row.stages and stays):
        return ""
    return f"published before; --from {stays[0]} publishes what was made anew"
