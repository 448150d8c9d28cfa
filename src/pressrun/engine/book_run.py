"""One book from its row of the plan to its result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pressrun.engine.admission import Admission
from pressrun.engine.freshness import Wanted
from pressrun.engine.item_run import Hooks, ItemRun, explained, made_ready, run_stages
from pressrun.engine.plan import Planner
from pressrun.engine.plan_checks import row_as_agreed
from pressrun.engine.process_runner import Runner
from pressrun.engine.publication import address_to_keep
from pressrun.engine.quota import hold
from pressrun.engine.stage_run import marker
from pressrun.engine.stop import StopToken
from pressrun.model.book import Book
from pressrun.model.event import BookStarted, Observer, StageFinished, StageNote
from pressrun.model.plan import PlanRow
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.result import BookResult, Outcome
from pressrun.model.stage import Stage
from pressrun.store import atomic, run_folder
from pressrun.store.locks import book_lock
from pressrun.store.run_folder import RunFolder


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
            return BookResult.skipped(row, Reason(ReasonKind.BUSY))
        # Another process may have worked on it since the plan was made.
        planned, row = row, row_as_agreed(run.planner.row(row.number, row.book), row)
        if planned.waits:
            row = hold(row, run.planner.pipeline, planned.waits)
        if reason := _reason_to_leave(run, row):
            return BookResult.skipped(row, reason)
        result = _run_stages(run, row, place)
        return replace(result, seconds=time.monotonic() - clock)
    return replace(failed[0], seconds=time.monotonic() - clock)


def _reason_to_leave(run: BookRun, row: PlanRow) -> Reason | None:
    """Why a book is not run although the plan wanted it, or None."""
    if row.action == "skip":
        return row.details
    if row.publishes_again and not run.planner.options.publish_again:
        return Reason(ReasonKind.SECOND_COPY_UNCONFIRMED, {"stages": ", ".join(row.publishes_again)})
    return None


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
        logs = place.folder / run_folder.LOGS if place.folder else workspace.logs
        report, log = explained(error, workspace.root, logs)
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


def _run_stages(run: BookRun, row: PlanRow, place: _Place) -> BookResult:
    planner = run.planner
    folder, wanted = _open_folder(planner, row)
    place.folder = folder.path
    relative = planner.workspace.relative(folder.path)
    planner.database.put_processing(row.book, relative)
    run.observer(BookStarted(row.book, row.number, run.total, row.action, relative, row.stages))

    def before(folder: RunFolder, stage: Stage) -> Reason | None:
        place.stage = stage.name
        return _begin_upload(run, row.book, folder, stage, wanted) if stage.publishes else None

    def after(folder: RunFolder, stage: Stage) -> None:
        if stage.publishes:
            planner.database.put_processing(row.book, relative, **{stage.publishes: address_to_keep(stage, folder)})

    item_run = ItemRun(
        planner.pipeline, planner.workspace, planner.settings.run, run.runner, run.stop, run.observer, run.admission
    )
    end = run_stages(item_run, folder, row.book, row, wanted, Hooks(before, after))
    if end.outcome == "stopped":
        return replace(BookResult.skipped(row, Reason(ReasonKind.INTERRUPTED)), run_folder=relative)
    if end.finished:
        return _failure(planner, row.book, end.folder, end.finished)
    place.stage = None
    if end.stage:
        row = replace(row, later=(end.stage, *row.later), waits=end.reason)
    return _finish(planner, row, end.folder)


def _begin_upload(run: BookRun, book: Book, folder: RunFolder, stage: Stage, wanted: Wanted) -> Reason | None:
    """Count an upload before its first byte, so that a crash errs on the safe side.

    Return why it has to wait, or None: since the plan was made another process may have uploaded.
    """
    quota = run.planner.quota
    if not quota.counts(wanted.services):
        return None
    wait, trouble = quota.begin(marker(folder, stage))
    if trouble:
        run.observer(StageNote(book, stage.name, trouble))
    return wait


def _open_folder(planner: Planner, row: PlanRow) -> tuple[RunFolder, Wanted]:
    """The folder to work in, brought in line with the row."""
    workspace, pipeline = planner.workspace, planner.pipeline
    if row.action == "process" or row.run_folder is None:
        wanted = planner.wanted(None)
        folder = run_folder.create(
            workspace, row.book, pipeline.name, pipeline.names, dict(wanted.settings), dict(wanted.services)
        )
    else:
        path = workspace.root / row.run_folder
        atomic.remove_partials(path)
        folder = run_folder.read(path, pipeline.names)
        wanted = planner.wanted(folder)
    return made_ready(folder, pipeline, row, wanted), wanted


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
        reason = row.waits or Reason(ReasonKind.STOPPED_AFTER, {"stage": planner.options.until})
        return BookResult(row.book, outcome, video, short, reason=reason, run_folder=relative)
    planner.database.put_done(row.book, *_published(planner, folder, address_to_keep), relative)
    return BookResult(row.book, outcome, video, short, reason=_what_is_older(planner, row), run_folder=relative)


def _last_address(stage: Stage, folder: RunFolder) -> str | None:
    return folder.receipt_url(stage.receipt)


def _published(
    planner: Planner, folder: RunFolder, address: Callable[[Stage, RunFolder], str | None] = _last_address
) -> tuple[str | None, str | None]:
    """The addresses of video and short, as far as their steps succeeded."""
    urls = {
        stage.publishes: address(stage, folder)
        for stage in planner.pipeline.stages
        if stage.publishes and folder.checkpoint.get(stage.name) == "success"
    }
    return urls.get("youtube_url"), urls.get("short_url")


def _what_is_older(planner: Planner, row: PlanRow) -> Reason | None:
    """A note that what --from rebuilt is not what is published, or None."""
    stays = [stage.name for stage in planner.pipeline.stages if stage.publishes and stage.name not in row.stages]
    if not (planner.options.start_at and row.stages and stays):
        return None
    return Reason(ReasonKind.OLDER_PUBLICATION, {"stage": stays[0]})
