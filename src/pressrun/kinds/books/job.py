"""Does the books that `run-batch --queue` sent: each as `run-batch` does it itself, in the workspace that is shared.

The book's lock, its entry in the database and the markers of what is published are those of the terminal, so that
the two doors never make the same book twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

import msgspec

from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.book_run import run_book
from pressrun.engine.cleanup import remove_intermediates
from pressrun.engine.planner import Planner, make_planner
from pressrun.engine.process_runner import ProcessRunner
from pressrun.engine.stage_run import RunContext
from pressrun.engine.survivors import owner_stamp
from pressrun.errors import FencedError, PressrunError, StageDiedError
from pressrun.jobs.handler import Completed, Failed, JobContext, JobReport, Outcome, Stopped
from pressrun.kinds.books.send import BookOrder, book_of, order_of
from pressrun.kinds.host import Host
from pressrun.kinds.stage_reports import StageReports
from pressrun.model import event as events
from pressrun.model.book import Book
from pressrun.model.event import BookStarted, Event, StageWaits
from pressrun.model.plan import PlanRow
from pressrun.model.reason import Reason, ReasonKind, stored_reason
from pressrun.model.result import BookResult
from pressrun.store import run_folder
from pressrun.store.workspace import Workspace
from pressrun.wording import sentence

BUSY_LOOKS = 2.0
"""Seconds between two looks at a book that another process works on."""
_EVENTS: dict[str, type[Any]] = {
    each.__name__: each
    for each in (
        events.BookStarted, events.StageWaits, events.StageStarted, events.StageProgress, events.StageNote,
        events.StageRetried, events.StageFinished,
    )
}  # fmt: skip


def run(job: JobContext, host: Host) -> Outcome:
    """Make one attempt at a book, from its checkpoint on.

    Raises `FencedError` when the job was given to another worker, `PipelineError` for an order of another version.
    """
    pipeline, workspace, order = host.pipeline(job.pipeline), Workspace(job.workspace), order_of(job.request)
    spec = BatchSpec(workspace, pipeline, order.settings, _options(job, order))
    planner = make_planner(spec, order.services)
    reports = BookReports(job, planner)
    waits = stored_reason(str(job.data.get("waits") or ""), ReasonKind.UPLOADS_WAIT)
    row = PlanRow(job.position, book_of(job.data), "new", "process", Reason(ReasonKind.FRESH_START), waits=waits)
    with closing(ProcessRunner(workspace.root, owner_stamp(workspace.root))) as runner:
        run_settings = order.settings.run
        context = RunContext(workspace, pipeline, run_settings, runner, job.stop, reports.on_event, host.admission)
        result = run_book(context, planner, row, order.total)
        if result.ended_by(ReasonKind.BUSY):
            job.report(JobReport("note", "It waits: another process is working on this book"))
        while result.ended_by(ReasonKind.BUSY) and job.should_continue() and not job.stop.wait(BUSY_LOOKS):
            result = run_book(context, planner, row, order.total)
    reports.raise_if_fenced()
    if result.outcome in ("success", "resumed") and result.run_folder and not order.settings.run.keep_intermediate:
        # What cannot be removed takes room and breaks nothing.
        with suppress(OSError, PressrunError):
            remove_intermediates(workspace, pipeline, result.run_folder)
    return _outcome(job, result)


def _options(job: JobContext, order: BookOrder) -> Any:
    """A second attempt goes on with what the first one began, whatever was to be made anew."""
    return replace(order.options, skip_completed=True, start_at=None) if job.run_folder else order.options


def _outcome(job: JobContext, result: BookResult) -> Outcome:
    if result.outcome == "failed":
        error = result.error or StageDiedError(f"{result.book} failed and gave no reason").report()
        return Failed(error, result.stage)
    if result.ended_by(ReasonKind.INTERRUPTED, ReasonKind.BUSY):
        return Stopped()
    outcome = result.outcome
    if job.run_folder and outcome == "skipped" and result.run_folder == job.run_folder:
        outcome = "resumed"  # an earlier attempt finished it and could not say so any more
    stored = {
        "outcome": outcome,
        "youtube_url": result.video_url,
        "short_url": result.short_url,
        "reason": sentence(result.reason),
        "reason_kind": result.reason.kind if result.reason else "",
        "run_folder": result.run_folder,
        "seconds": result.seconds,
    }
    return Completed(result.video_url, result=stored)


class BookReports:
    """Tells the queue what the engine says of a book, in its words and, beside them, as the event itself."""

    def __init__(self, job: JobContext, planner: Planner) -> None:
        self._job = replace(job, report=self._report)
        self._tell = job.report
        self._planner = planner
        self._event: Event | None = None
        self._stages: StageReports | None = None
        self._fenced: FencedError | None = None

    def on_event(self, event: Event) -> None:
        """An observer of the engine; it raises nothing."""
        self._event = event
        try:
            if isinstance(event, BookStarted):
                self._stages = self._begin(event)
        except FencedError as error:
            self._fenced = error
            self._job.stop.request("fenced")
        if self._stages:
            self._stages.on_event(event)

    def raise_if_fenced(self) -> None:
        if self._fenced:
            raise self._fenced
        if self._stages:
            self._stages.raise_if_fenced()

    def _begin(self, event: BookStarted) -> StageReports:
        spec = self._planner.spec
        self._job.set_run_folder(event.run_folder)
        self._job.report(JobReport("note", f"{event.action} in {event.run_folder}"))
        folder = run_folder.read(spec.workspace.root / event.run_folder, spec.pipeline.names)
        return StageReports(self._job, folder, spec.pipeline, self._planner.config(folder).settings)

    def _report(self, report: JobReport) -> None:
        self._tell(replace(report, data={**report.data, "event": as_data(self._event)}) if self._event else report)


def as_data(event: Event) -> dict[str, Any]:
    """An event as plain data, without the book, which whoever reads it knows."""
    plain: dict[str, Any] = msgspec.to_builtins(event)
    if isinstance(event, StageWaits):
        plain |= {"reason": sentence(event.reason), "reason_kind": event.reason.kind}
    return {"type": type(event).__name__} | {name: value for name, value in plain.items() if name != "book"}


def event_of(data: Mapping[str, Any], book: Book) -> Event | None:
    """The event that `as_data` was made of; None for one that this version does not know."""
    kind = _EVENTS.get(str(data.get("type")))
    if kind is None:
        return None
    if kind is StageWaits:
        data = {**data, "reason": {"kind": data.get("reason_kind") or ReasonKind.OTHER, "text": data.get("reason")}}
    try:
        found: Event = msgspec.convert({**data, "book": msgspec.to_builtins(book)}, kind, strict=False)
    except msgspec.ValidationError:
        return None
    return found
