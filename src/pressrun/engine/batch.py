"""A batch: the books of a plan, one after the other or several at once, each to its result whatever else happens."""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import closing, suppress
from contextvars import copy_context
from dataclasses import dataclass, field

from pressrun.engine.admission import Admission
from pressrun.engine.book_run import BookRun, run_book
from pressrun.engine.item_run import ENGINE_LOG, unexpected
from pressrun.engine.plan import make_planner
from pressrun.engine.process_runner import ProcessRunner, Runner
from pressrun.engine.stop import StopToken
from pressrun.engine.survivors import owner_stamp
from pressrun.model.event import (
    BatchFinished,
    BatchStarted,
    BookFinished,
    Event,
    Observer,
    Paused,
    Stopping,
    ignore,
)
from pressrun.model.plan import Plan, PlanRow, RunOptions
from pressrun.model.reason import Reason, ReasonKind, StopReason
from pressrun.model.result import BatchResult, BookResult
from pressrun.model.stage import Pipeline
from pressrun.settings import Settings
from pressrun.store.workspace import Workspace

_GLANCE = 0.2
"""Seconds after which the main thread, which alone is given signals, looks up from waiting for the workers."""


def run_batch(
    plan: Plan,
    workspace: Workspace,
    pipeline: Pipeline,
    settings: Settings,
    options: RunOptions,
    observer: Observer = ignore,
    stop: StopToken | None = None,
    runner: Runner | None = None,
) -> BatchResult:
    """Runs a plan and reports every book of it, in the order of the list.

    As many books run at once as the setting `workers` says; one worker is the calling thread itself. A book that fails
    does not stop the others, unless `options.abort_on_error`. When `stop` is asked to, the running stages and all
    they started end, and the books that are left are reported as skipped. `observer` is called by one thread at a
    time. Workers share a `runner` that is given; without one each has its own.
    """
    clock = time.monotonic()
    stop = StopToken() if stop is None else stop
    observer = _harmless(observer, workspace)
    workers = max(1, min(settings.run.workers, len(plan.to_run)))
    batch = _Batch(plan, workspace, pipeline, settings, options, observer, stop, Admission(settings.run.renders))
    observer(BatchStarted(len(plan.rows), len(plan.to_run), workers))
    if runner:
        with closing(runner):
            _with_workers(workers, lambda: batch.work(runner), stop)
    else:
        _with_workers(workers, batch.work_with_own_runner, stop)
    result = BatchResult(
        tuple(batch.results[row.number] for row in plan.rows), bool(stop), seconds=time.monotonic() - clock
    )
    observer(BatchFinished(result))
    return result


def _with_workers(count: int, work: Callable[[], None], stop: StopToken) -> None:
    """Has `count` workers do the same until they are all done; a single one needs no thread."""
    if count == 1:
        work()
        return
    threads = [threading.Thread(target=copy_context().run, args=(work,), name=f"worker-{n + 1}") for n in range(count)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(_GLANCE)
    except BaseException:
        stop.request(StopReason.INTERRUPTED)
        for thread in threads:
            if thread.ident is not None:
                thread.join()
        raise


@dataclass
class _Batch:
    """What the workers of a batch share."""

    plan: Plan
    workspace: Workspace
    pipeline: Pipeline
    settings: Settings
    options: RunOptions
    observer: Observer
    stop: StopToken
    admission: Admission
    results: dict[int, BookResult] = field(default_factory=dict)
    """Number of the book -> result."""
    aborted: bool = False

    def __post_init__(self) -> None:
        self._queue = _Queue(self.plan.rows)

    def work_with_own_runner(self) -> None:
        with closing(ProcessRunner(self.workspace.root, owner_stamp(self.workspace.root))) as runner:
            self.work(runner)

    def work(self, runner: Runner) -> None:
        """One worker: takes book after book until none is left."""
        # Planners, with the database as they last read it, are not shared by threads.
        planner = make_planner(self.workspace, self.pipeline, self.settings, self.options, self.plan.services)
        run = BookRun(planner, runner, self.stop, self.observer, len(self.plan.rows), self.admission)
        delay = self.settings.run.delay
        pause_due = False
        while row := self._queue.take():
            try:
                if row.action != "skip" and pause_due and not (self.stop or self.aborted) and delay:
                    self.observer(Paused(delay))
                    self.stop.wait(delay)
                    pause_due = False
                result = _without_running(row, self.stop, self.aborted) or self._run(run, row)
                pause_due = pause_due or result.outcome != "skipped"
                self.aborted = self.aborted or (self.options.abort_on_error and result.outcome == "failed")
                self.results[row.number] = result
                self.observer(BookFinished(row.number, len(self.plan.rows), result))
            finally:
                self._queue.finished(row)

    def _run(self, run: BookRun, row: PlanRow) -> BookResult:
        """The result of a book; a defect that even its own boundary let through costs the other books nothing."""
        try:
            return run_book(run, row)
        except Exception as error:
            report, log = unexpected(error, self.workspace.logs / ENGINE_LOG)
            relative = self.workspace.relative(log) if log else None
            return BookResult(row.book, "failed", error=report, log=relative, run_folder=row.run_folder)


class _Queue:
    """The rows of a plan in their order, each for one worker.

    The lock of a book is made of its title alone. Two books of one title therefore never run at once, as the later
    one would find the earlier one's lock and be left out.
    """

    def __init__(self, rows: tuple[PlanRow, ...]) -> None:
        self._rows = deque(rows)
        self._titles: list[str] = []
        self._changed = threading.Condition()

    def take(self) -> PlanRow | None:
        """The next row that can run now; waits while there are only others, and None once there is none at all."""
        with self._changed:
            while self._rows:
                row = next((row for row in self._rows if row.book.key[0] not in self._titles), None)
                if row:
                    self._rows.remove(row)
                    self._titles.append(row.book.key[0])
                    return row
                self._changed.wait()
            return None

    def finished(self, row: PlanRow) -> None:
        with self._changed:
            self._titles.remove(row.book.key[0])
            self._changed.notify_all()


def _harmless(observer: Observer, workspace: Workspace) -> Observer:
    """`observer`, told by one thread at a time, whose own defects cost it the rest of the events and nobody anything.

    That the batch is being stopped is told once, however many stages notice.
    """
    broken = stopping = False
    alone = threading.Lock()

    def told(event: Event) -> None:
        nonlocal broken, stopping
        with alone:
            if broken or (stopping and isinstance(event, Stopping)):
                return
            stopping = stopping or isinstance(event, Stopping)
            tell(event)

    def tell(event: Event) -> None:
        nonlocal broken
        try:
            observer(event)
        except Exception as error:
            broken = True
            with suppress(OSError):
                workspace.logs.mkdir(parents=True, exist_ok=True)
                with (workspace.logs / "observer.log").open("a", encoding="utf-8") as log:
                    log.writelines(traceback.format_exception(error))

    return told


def _without_running(row: PlanRow, stop: StopToken, aborted: bool) -> BookResult | None:
    """The result of a book that is not run at all, or None when it is to run."""
    if row.action == "skip":
        return BookResult.skipped(row)
    if stop:
        return BookResult.skipped(row, Reason(ReasonKind.INTERRUPTED))
    if aborted:
        return BookResult.skipped(row, Reason(ReasonKind.ABORTED))
    return None
