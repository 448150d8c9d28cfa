"""Run the books of a plan, one after the other or several at once, each to its own result."""

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
from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.book_run import run_book
from pressrun.engine.planner import make_planner
from pressrun.engine.process_runner import ProcessRunner, Runner
from pressrun.engine.stage_run import RunContext
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
from pressrun.model.plan import Plan, PlanRow
from pressrun.model.reason import Reason, ReasonKind, StopReason
from pressrun.model.result import BatchResult, BookResult
from pressrun.store.workspace import Workspace

RunRow = Callable[[PlanRow, int], BookResult]
"""Runs one row of a plan of so many rows. Raises nothing: an error becomes a failed result."""
MakeRunRow = Callable[[RunContext], RunRow]
"""Returns the function with which one worker runs its rows."""
SIGNAL_CHECK_INTERVAL = 0.2
"""Seconds between two checks of the workers by the main thread.

Python runs signal handlers only there, and not while it is blocked in a `join` without a timeout.
"""


def run_batch(
    plan: Plan,
    spec: BatchSpec,
    observer: Observer = ignore,
    stop: StopToken | None = None,
    runner: Runner | None = None,
    make_run_row: MakeRunRow | None = None,
) -> BatchResult:
    """Run a plan and return a result for every book of it, in the order of the list.

    The setting `workers` is the number of books at once; a single worker is the calling thread itself. A book that
    fails does not stop the others, unless `options.abort_on_error`. After a `stop` the running stages and everything
    they started end, and the remaining books are reported as skipped. `observer` is called by one thread at a time.
    Workers share `runner`; without one, each starts its own. `make_run_row` replaces the way a book is run, for rows
    that are no books of the database.
    """
    clock = time.monotonic()
    stop = StopToken() if stop is None else stop
    observer = _guarded_observer(observer, spec.workspace)
    workers = max(1, min(spec.settings.run.workers, len(plan.to_run)))
    batch = _Batch(plan, spec, observer, stop, make_run_row or book_runner(plan, spec))
    observer(BatchStarted(len(plan.rows), len(plan.to_run), workers))
    if runner:
        with closing(runner):
            _run_workers(workers, lambda: batch.work(runner), stop)
    else:
        _run_workers(workers, batch.work_with_own_runner, stop)
    results = tuple(batch.results[row.number] for row in plan.rows)
    result = BatchResult(results, bool(stop), seconds=time.monotonic() - clock)
    observer(BatchFinished(result))
    return result


def _run_workers(count: int, work: Callable[[], None], stop: StopToken) -> None:
    """Run `work` in `count` threads until all of them are done; a single worker needs no thread."""
    if count == 1:
        work()
        return
    threads = [threading.Thread(target=copy_context().run, args=(work,), name=f"worker-{n + 1}") for n in range(count)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(SIGNAL_CHECK_INTERVAL)
    except BaseException:
        # No worker may outlive the batch: the caller is about to release what it uses.
        stop.request(StopReason.INTERRUPTED)
        for thread in threads:
            if thread.ident is not None:
                thread.join()
        raise


def book_runner(plan: Plan, spec: BatchSpec) -> MakeRunRow:
    """Return how the books of the database run."""

    def make(run: RunContext) -> RunRow:
        # A planner caches the database as it last read it, and is not safe to share between threads.
        planner = make_planner(spec, plan.services)
        return lambda row, total: run_book(run, planner, row, total)

    return make


@dataclass
class _Batch:
    """What the workers of a batch share."""

    plan: Plan
    spec: BatchSpec
    observer: Observer
    stop: StopToken
    make_run_row: MakeRunRow
    results: dict[int, BookResult] = field(default_factory=dict)
    """Number of the book -> result."""
    aborted: bool = False

    def __post_init__(self) -> None:
        self._queue = _BookQueue(self.plan.rows)
        self._admission = Admission(self.spec.settings.run.renders)

    def work_with_own_runner(self) -> None:
        root = self.spec.workspace.root
        with closing(ProcessRunner(root, owner_stamp(root))) as runner:
            self.work(runner)

    def work(self, runner: Runner) -> None:
        """Run one book after the other until none is left. Each worker calls this once."""
        spec, total = self.spec, len(self.plan.rows)
        run = RunContext(
            spec.workspace, spec.pipeline, spec.settings.run, runner, self.stop, self.observer, self._admission
        )
        run_row = self.make_run_row(run)
        pause_due = False
        while row := self._queue.take():
            try:
                if row.action != "skip" and pause_due:
                    self._pause()
                    pause_due = False
                result = self._skip_result(row) or run_row(row, total)
                pause_due = pause_due or result.outcome != "skipped"
                self.aborted = self.aborted or (spec.options.abort_on_error and result.outcome == "failed")
                self.results[row.number] = result
                self.observer(BookFinished(row.number, total, result))
            finally:
                self._queue.finished(row)

    def _pause(self) -> None:
        delay = self.spec.settings.run.delay
        if delay and not (self.stop or self.aborted):
            self.observer(Paused(delay))
            self.stop.wait(delay)

    def _skip_result(self, row: PlanRow) -> BookResult | None:
        """Return the result of a book that does not run at all, or None."""
        if row.action == "skip":
            return BookResult.skipped(row)
        if self.stop:
            return BookResult.skipped(row, Reason(ReasonKind.INTERRUPTED))
        if self.aborted:
            return BookResult.skipped(row, Reason(ReasonKind.ABORTED))
        return None


class _BookQueue:
    """The rows of a plan in their order, each for one worker.

    A book is locked by its title without the author. Two books with the same title therefore never run at once: the
    later one would find the lock taken and be skipped as busy.
    """

    def __init__(self, rows: tuple[PlanRow, ...]) -> None:
        self._rows = deque(rows)
        self._running_titles: list[str] = []
        self._changed = threading.Condition()

    def take(self) -> PlanRow | None:
        """Return the next row that can run now, after waiting for one if necessary; None if no row is left."""
        with self._changed:
            while self._rows:
                row = next((row for row in self._rows if row.book.key[0] not in self._running_titles), None)
                if row:
                    self._rows.remove(row)
                    self._running_titles.append(row.book.key[0])
                    return row
                self._changed.wait()
            return None

    def finished(self, row: PlanRow) -> None:
        with self._changed:
            self._running_titles.remove(row.book.key[0])
            self._changed.notify_all()


def _guarded_observer(observer: Observer, workspace: Workspace) -> Observer:
    """Return `observer`, called by one thread at a time and cut off after its first exception.

    A defect in a progress display must not fail a book, so the traceback goes to a log instead. `Stopping` is passed on
    once, however many stages send it.
    """
    failed = stopping = False
    lock = threading.Lock()

    def guarded(event: Event) -> None:
        nonlocal failed, stopping
        with lock:
            if failed or (stopping and isinstance(event, Stopping)):
                return
            stopping = stopping or isinstance(event, Stopping)
            try:
                observer(event)
            except Exception as error:
                failed = True
                with suppress(OSError):
                    workspace.logs.mkdir(parents=True, exist_ok=True)
                    with (workspace.logs / "observer.log").open("a", encoding="utf-8") as log:
                        log.writelines(traceback.format_exception(error))

    return guarded
