"""A batch: the books of a plan, one after the other, each to its result whatever happens to the others."""

from __future__ import annotations

import time
import traceback
from contextlib import closing, suppress

from pressrun.engine.book_run import BookRun, run_book, skip_reason
from pressrun.engine.plan import make_planner
from pressrun.engine.process_runner import ProcessRunner, Runner
from pressrun.engine.stop import StopToken
from pressrun.engine.survivors import owner_stamp
from pressrun.model.event import BatchFinished, BatchStarted, BookFinished, Event, Observer, Paused, ignore
from pressrun.model.plan import Plan, PlanRow, RunOptions
from pressrun.model.result import ABORTED_REASON, INTERRUPTED_REASON, BatchResult, BookResult
from pressrun.model.stage import Pipeline
from pressrun.settings import Settings
from pressrun.store.workspace import Workspace


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

    A book that fails does not stop the others, unless `options.abort_on_error`. When `stop` is asked to, the running
    stage and all it started end, and the books that are left are reported as skipped.
    """
    clock = time.monotonic()
    stop = StopToken() if stop is None else stop
    observer = _harmless(observer, workspace)
    planner = make_planner(workspace, pipeline, settings, options, plan.services)
    observer(BatchStarted(len(plan.rows), len(plan.to_run)))
    results: list[BookResult] = []
    with closing(runner or ProcessRunner(workspace.root, owner_stamp(workspace.root))) as running:
        run = BookRun(planner, running, stop, observer, len(plan.rows))
        pause_due = aborted = False
        for row in plan.rows:
            if row.action != "skip" and pause_due and not (stop or aborted) and settings.run.delay:
                observer(Paused(settings.run.delay))
                stop.wait(settings.run.delay)
                pause_due = False
            result = _without_running(row, stop, aborted) or run_book(run, row)
            pause_due = pause_due or result.outcome != "skipped"
            aborted = aborted or (options.abort_on_error and result.outcome == "failed")
            results.append(result)
            observer(BookFinished(row.number, len(plan.rows), result))
    result_of_all = BatchResult(tuple(results), interrupted=bool(stop), seconds=time.monotonic() - clock)
    observer(BatchFinished(result_of_all))
    return result_of_all


def _harmless(observer: Observer, workspace: Workspace) -> Observer:
    """`observer`, whose own defects cost it the rest of the events and nobody else anything."""
    broken = False

    def told(event: Event) -> None:
        nonlocal broken
        if broken:
            return
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
        reason = skip_reason(row)
    elif stop:
        reason = INTERRUPTED_REASON
    elif aborted:
        reason = ABORTED_REASON
    else:
        return None
    return BookResult(row.book, "skipped", row.youtube_url, row.short_url, reason=reason, run_folder=row.run_folder)
