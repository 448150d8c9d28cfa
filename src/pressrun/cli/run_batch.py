"""`run-batch` and `run-pipeline`: plan the books, ask, run them, and report the results."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.cli import results
from pressrun.cli.command import run_command
from pressrun.cli.explain import show_reasons
from pressrun.cli.formatting import format_path, pluralize
from pressrun.cli.notification import notification_url, notify_finished, notify_on_error
from pressrun.cli.options import Request
from pressrun.cli.plan_table import disk_space_warnings, plan_facts, show_plan
from pressrun.cli.prompt import confirm
from pressrun.cli.schedule import start_time, wait_until
from pressrun.cli.screen import Screen, open_screen
from pressrun.cli.summary import show_summary
from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.signals import stop_on_signals
from pressrun.errors import EXIT_OK, UsageError
from pressrun.kinds.books.local import complete_result, plan_books, run_plan, write_record
from pressrun.model.plan import Plan, RunOptions
from pressrun.model.result import BatchResult, BookResult
from pressrun.pipelines import chosen_pipeline
from pressrun.settings import load_settings
from pressrun.store.books_file import BooksFile, parse_book, read_books
from pressrun.store.database import gc_paused
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from pressrun.cli.live_view import LiveView
    from pressrun.cli.plain_log import PlainLog
    from pressrun.engine.stop import StopToken

LIST_NAME = "books.txt"
STDIN_NAME = "-"


def run_batch(request: Request) -> int:
    """Do what the command line asks for; return the exit code."""
    return run_command(
        request.workspace, lambda workspace: plan_and_run(request, workspace, open_screen()),
        json=request.json, writes=not request.plan_only,
    )


def plan_and_run(request: Request, workspace: Workspace, screen: Screen) -> int:
    """Plan the books, ask, run them, and report the results; return the exit code."""
    if request.queue:
        _check_queue(request)
    url = notification_url(request.notify)
    # A plan may have ten thousand rows, and none of it is garbage: the collector scans it neither now nor later.
    with gc_paused():
        books = _read_list(request, workspace)
        batch = _make_batch(request, workspace)
        plan = _plan_and_show(request, books, batch, screen)
        gc.freeze()
    if request.plan_only:
        return _finish_dry_run(request, plan, screen)
    # Books whose uploads wait for tomorrow may run at the scheduled time, so an empty plan is worth the wait.
    may_run_later = request.schedule and any(row.waits for row in plan.rows)
    if not plan.to_run and not may_run_later:
        return _report(request, screen, _nothing_to_do(screen, plan))
    if _needs_consent(request, plan) and not confirm("Proceed? [y/N] ", stdin_used=request.file == STDIN_NAME):
        screen.print("Nothing was run.")
        return _report(request, screen, BatchResult())
    with notify_on_error(url, workspace.root):
        if request.schedule:
            wait_until(request.schedule, screen)
            # The services, the uploads left and the database may have changed during the wait.
            plan = _plan_and_show(request, books, batch, screen, confirmed=plan)
        # The plan announced every second copy, and the user agreed.
        batch = replace(batch, options=replace(batch.options, publish_again=True))
        result, problem = run_and_record(plan, batch, screen, request.invocation(), queued=request.queue)
        exit_code = _report(request, screen, result)
    if problem:
        screen.warn(problem)
    notify_finished(url, screen, workspace.root, result)
    return exit_code


def _needs_consent(request: Request, plan: Plan) -> bool:
    """Return whether the user has to agree. Naming a single book is consent, except to publish a second copy of it."""
    is_named = request.book is not None and not any(row.is_second_copy for row in plan.rows)
    return not (request.yes or is_named)


def _check_queue(request: Request) -> None:
    """Raise an error for anything that keeps the queue from being used, before the plan is made."""
    from pressrun.cli.queue import require_packages

    if request.abort_on_error:
        raise UsageError(
            "--abort-on-error cannot be used with --queue: nothing may be watching when a book fails",
            remedy="Remove one of the two options.",
        )
    require_packages()


def _read_list(request: Request, workspace: Workspace) -> BooksFile:
    if request.books is not None:
        return BooksFile(request.books)
    if request.book is not None:
        return BooksFile((parse_book(request.book),))
    if request.file == STDIN_NAME:
        return read_books(None)
    return read_books(list_path(request.file, workspace))


def list_path(given: str | None, workspace: Workspace) -> Path:
    """Return the path of the list: the given one, in the current folder or else in the workspace, or the default."""
    if given is None:
        path = workspace.root / LIST_NAME
        return Path(LIST_NAME) if workspace.root == Path.cwd() else path
    path = Path(given)
    in_workspace = workspace.root / path
    return in_workspace if not path.exists() and in_workspace.exists() else path


def _make_batch(request: Request, workspace: Workspace) -> BatchSpec:
    options = RunOptions(
        skip_completed=not request.no_skip, until=request.until, start_at=request.start_at,
        abort_on_error=request.abort_on_error, ignore_quota=request.ignore_quota,
    )
    return BatchSpec(workspace, chosen_pipeline(), load_settings(workspace.root, request.flags), options)


def _plan_and_show(
    request: Request, books: BooksFile, batch: BatchSpec, screen: Screen, confirmed: Plan | None = None
) -> Plan:
    """Make the plan and show it. After a wait, leave out second copies that the `confirmed` plan did not announce."""
    # A dry run also asks whether online services respond: otherwise it could name other ones than the run will use.
    plan = plan_books(books.books, batch, ask_network=True)
    if confirmed:
        from pressrun.engine.plan_checks import without_unagreed_copies

        plan = without_unagreed_copies(plan, confirmed)
    plan = replace(plan, warnings=(*disk_space_warnings(plan), *books.warnings, *plan.warnings))
    title = f"Plan for {pluralize(len(plan.rows), 'book')} in {format_path(batch.workspace.root)}"
    start = start_time(request.schedule) if request.schedule and not confirmed else None
    show_plan(screen, plan, title, plan_facts(batch, plan, start=start), full=request.full)
    if request.explain:
        show_reasons(screen, plan, full=request.full)
    return plan


def _finish_dry_run(request: Request, plan: Plan, screen: Screen) -> int:
    screen.print(("Dry run: nothing was written.", "dim"))
    if request.json:
        results.write_plan_json(plan)
    return EXIT_OK


def _nothing_to_do(screen: Screen, plan: Plan) -> BatchResult:
    screen.print("Nothing to do." if plan.rows else "The list has no books: nothing to do.")
    return BatchResult(tuple(map(BookResult.skipped, plan.rows)))


def run_and_record(
    plan: Plan, batch: BatchSpec, screen: Screen, invocation: Mapping[str, Any], *, queued: bool = False
) -> tuple[BatchResult, str]:
    """Run a plan, here or in the queue, show its progress and write its record.

    `invocation` holds the command and the options that were given. Return the result, and what is wrong with the
    record as a sentence, or an empty string.
    """
    from pressrun.engine.stop import StopToken

    if not plan.to_run:
        return _nothing_to_do(screen, plan), ""
    stop, started = StopToken(), datetime.now().astimezone()
    # The record is written inside the block, so that an impatient Ctrl+C does not prevent it.
    with stop_on_signals(stop), open_view(screen, plan, stop, queued=queued) as observer:
        if queued:
            from pressrun.cli.run_in_queue import run_in_queue

            result = complete_result(run_in_queue(plan, batch, observer, stop, screen), plan, batch, started)
        else:
            result = run_plan(plan, batch, observer, stop)
        return result, write_record(batch, plan, result, invocation, started)


def open_view(screen: Screen, plan: Plan, stop: StopToken, *, queued: bool = False) -> LiveView | PlainLog:
    """Return the observer that shows the progress on this screen."""
    if screen.animated:
        from pressrun.cli.live_view import LiveView

        return LiveView(screen, plan, stop, queued=queued)
    from pressrun.cli.plain_log import PlainLog

    return PlainLog(screen)


def _report(request: Request, screen: Screen, result: BatchResult) -> int:
    if result.books:
        show_summary(screen, result, full=request.full, invocation=request.invocation())
    write = results.write_json if request.json else results.write_text
    write(result)
    return result.exit_code
