"""Run books that `run-batch --queue` sent, as `run-batch` does in the same workspace.

Both use the same lock of the book, the same database entry and the same markers of publications, so the terminal and
the queue never make a book twice.
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
from pressrun.kinds.books.send import decode_book, decode_order
from pressrun.kinds.host import Host
from pressrun.kinds.stage_reports import StageReports
from pressrun.model import event as events
from pressrun.model.book import Book
from pressrun.model.conversion import convert
from pressrun.model.event import BookStarted, Event, StageWaits
from pressrun.model.plan import PlanRow, RunOptions
from pressrun.model.reason import Reason, ReasonKind, stored_reason
from pressrun.model.result import BookResult
from pressrun.store import run_folder
from pressrun.store.workspace import Workspace
from pressrun.wording import sentence

BUSY_POLL_INTERVAL = 2.0
"""Seconds between two attempts at a book that another process is working on."""
_EVENTS: dict[str, type[Any]] = {
    each.__name__: each
    for each in (
        events.BookStarted, events.StageWaits, events.StageStarted, events.StageProgress, events.StageNote,
        events.StageRetried, events.StageFinished,
    )
}  # fmt: skip


def run(job: JobContext, host: Host) -> Outcome:
    """Make one attempt at a book, from its checkpoint on.

    Raises `FencedError` if another worker has the job, and `PipelineError` for an order of another version.
    """
    pipeline, workspace, order = host.pipeline(job.pipeline), Workspace(job.workspace), decode_order(job.request)
    spec = BatchSpec(workspace, pipeline, order.settings, _attempt_options(job, order.options))
    planner = make_planner(spec, order.services)
    reports = BookReports(job, planner)
    waits = stored_reason(str(job.data.get("waits") or ""), ReasonKind.UPLOADS_WAIT)
    row = PlanRow(job.position, decode_book(job.data), "new", "process", Reason(ReasonKind.FRESH_START), waits=waits)
    with closing(ProcessRunner(workspace.root, owner_stamp(workspace.root))) as runner:
        run_settings = order.settings.run
        context = RunContext(workspace, pipeline, run_settings, runner, job.stop, reports.on_event, host.admission)
        result = run_book(context, planner, row, order.total)
        if result.ended_by(ReasonKind.BUSY):
            job.report(JobReport("note", "Waiting: another process is working on this book"))
        while result.ended_by(ReasonKind.BUSY) and job.should_continue() and not job.stop.wait(BUSY_POLL_INTERVAL):
            result = run_book(context, planner, row, order.total)
    reports.raise_if_fenced()
    if result.outcome in ("success", "resumed") and result.run_folder and not order.settings.run.keep_intermediate:
        # A file that cannot be removed takes disk space but breaks nothing.
        with suppress(OSError, PressrunError):
            remove_intermediates(workspace, pipeline, result.run_folder)
    return _outcome(job, result)


def _attempt_options(job: JobContext, options: RunOptions) -> RunOptions:
    """Return the options of this attempt. A second one resumes the first, even if that was to rebuild the book."""
    return replace(options, skip_completed=True, start_at=None) if job.run_folder else options


def _outcome(job: JobContext, result: BookResult) -> Outcome:
    if result.outcome == "failed":
        unknown = StageDiedError(f"{result.book} failed without giving a reason", remedy="See its log.")
        return Failed(result.error or unknown.report(), result.stage)
    if result.ended_by(ReasonKind.INTERRUPTED, ReasonKind.BUSY):
        return Stopped()
    outcome = result.outcome
    if job.run_folder and outcome == "skipped" and result.run_folder == job.run_folder:
        outcome = "resumed"  # an earlier attempt finished it but died before it could report that
    stored: dict[str, Any] = {
        "outcome": outcome,
        "youtube_url": result.video_url,
        "short_url": result.short_url,
        "reason": sentence(result.reason),
        "reason_kind": result.reason.kind if result.reason else "",
        "run_folder": result.run_folder,
        "seconds": result.seconds,
    }
    if result.warnings:
        stored["warnings"] = list(result.warnings)
    return Completed(result.video_url, result=stored)


class BookReports:
    """Reports the events of the engine to the queue, each as a message and as data for `decode_event`."""

    def __init__(self, job: JobContext, planner: Planner) -> None:
        self._job = replace(job, report=self._report)
        self._send = job.report
        self._planner = planner
        self._event: Event | None = None
        self._stages: StageReports | None = None
        self._fenced: FencedError | None = None

    def on_event(self, event: Event) -> None:
        """Report an event, as an observer of the engine. Raises nothing."""
        self._event = event
        try:
            if isinstance(event, BookStarted):
                self._stages = self._start_book(event)
        except FencedError as error:
            self._fenced = error
            self._job.stop.request("fenced")
        if self._stages:
            self._stages.on_event(event)

    def raise_if_fenced(self) -> None:
        """Raise `FencedError` if a report was rejected because another worker has the job."""
        if self._fenced:
            raise self._fenced
        if self._stages:
            self._stages.raise_if_fenced()

    def _start_book(self, event: BookStarted) -> StageReports:
        spec = self._planner.spec
        self._job.set_run_folder(event.run_folder)
        self._job.report(JobReport("note", f"{event.action} in {event.run_folder}"))
        folder = run_folder.read(spec.workspace.root / event.run_folder, spec.pipeline.names)
        return StageReports(self._job, folder, spec.pipeline, self._planner.config(folder).settings)

    def _report(self, report: JobReport) -> None:
        self._send(replace(report, data={**report.data, "event": encode_event(self._event)}) if self._event else report)


def encode_event(event: Event) -> dict[str, Any]:
    """Return an event as plain data, without the book, which the reader knows from the job."""
    plain: dict[str, Any] = msgspec.to_builtins(event)
    if isinstance(event, StageWaits):
        plain |= {"reason": sentence(event.reason), "reason_kind": event.reason.kind}
    return {"type": type(event).__name__} | {name: value for name, value in plain.items() if name != "book"}


def decode_event(data: Mapping[str, Any], book: Book) -> Event | None:
    """Return the event from the data of `encode_event`; None if this version does not know it."""
    kind = _EVENTS.get(str(data.get("type")))
    if kind is None:
        return None
    if kind is StageWaits:
        data = {**data, "reason": {"kind": data.get("reason_kind") or ReasonKind.OTHER, "text": data.get("reason")}}
    try:
        event: Event = convert({**data, "book": msgspec.to_builtins(book)}, kind, strict=False)
    except msgspec.ValidationError:
        return None
    return event
