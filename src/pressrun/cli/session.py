"""One call of a command: list, plan, question, run, summary."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.cli import results
from pressrun.cli.command import run_command
from pressrun.cli.expectation import expectations, too_little_room
from pressrun.cli.explain import show_reasons
from pressrun.cli.formatting import pluralize
from pressrun.cli.notification import notification_url, notify_finished, notify_on_error
from pressrun.cli.options import Request
from pressrun.cli.plan_table import show_plan
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


def run_books(request: Request) -> int:
    """Plan, confirm, run and report what the command line asks for; return the exit code. Errors have been shown."""
    return run_command(
        request.workspace,
        lambda workspace: plan_and_run(request, workspace, open_screen()),
        json=request.output_format == "json",
        writes=not request.plan_only,
    )


def plan_and_run(request: Request, workspace: Workspace, screen: Screen) -> int:
    """Plan the books, ask, run them, show the summary and notify; return the exit code."""
    if request.queue:
        _check_queue(request)
    url = notification_url(request.notify)
    # Nothing of a plan is garbage, and it may have ten thousand rows: they are not looked through, now or later.
    with gc_paused():
        listed = _books(request, workspace)
        options = RunOptions(
            skip_completed=not request.no_skip, until=request.until, start_at=request.start_at,
            abort_on_error=request.abort_on_error, ignore_quota=request.ignore_quota,
        )
        settings = load_settings(workspace.root, request.flags)
        batch = BatchSpec(workspace, chosen_pipeline(), settings, options)
        plan = _shown_plan(request, listed, batch, screen)
        gc.freeze()
    if request.plan_only:
        screen.say(("Dry run: nothing was written.", "dim"))
        if request.output_format == "json":
            results.write_plan_json(plan)
        return EXIT_OK
    waits = request.schedule and any(row.waits for row in plan.rows)
    if not plan.to_run and not waits:
        return _report(request, screen, _nothing_to_do(screen, plan))
    if not request.yes and not confirm("Proceed? [y/N] ", stdin_used=request.file == STDIN_NAME):
        screen.say("Nothing was run.")
        return _report(request, screen, BatchResult())
    with notify_on_error(url, workspace.root):
        if request.schedule:
            wait_until(request.schedule, screen)
            # Services, uploads left and the database are those of now, not those of when it was typed.
            plan = _shown_plan(request, listed, batch, screen, agreed=plan)
        # The plan said what would be published a second time, and the answer was yes.
        batch = replace(batch, options=replace(options, publish_again=True))
        result, trouble = _run(request, batch, plan, screen)
        code = _report(request, screen, result)
    if trouble:
        screen.warn(trouble)
    notify_finished(url, screen, workspace.root, result)
    return code


def _check_queue(request: Request) -> None:
    """Raises `UsageError` and `ServiceUnavailableError` for what keeps the queue from being used, before the plan."""
    from pressrun.cli.queue import require_packages

    if request.abort_on_error:
        raise UsageError(
            "--abort-on-error and --queue do not go together: nobody may be watching when a book fails",
            remedy="Leave one of them out.",
        )
    require_packages()


def _run(request: Request, batch: BatchSpec, plan: Plan, screen: Screen) -> tuple[BatchResult, str]:
    """The result of a plan that was agreed to, and what is wrong with its record."""
    if not plan.to_run:
        return _nothing_to_do(screen, plan), ""
    return run_and_record(plan, batch, screen, request.invocation(), queued=request.queue)


def run_and_record(
    plan: Plan, batch: BatchSpec, screen: Screen, invocation: Mapping[str, Any], *, queued: bool = False
) -> tuple[BatchResult, str]:
    """Run a plan, here or in the queue, show its progress and write its record.

    `invocation` holds the command and the options that were given. Return the result, and what is wrong with the
    record as a sentence, or an empty string.
    """
    from pressrun.engine.stop import StopToken

    stop, started = StopToken(), datetime.now().astimezone()
    with stop_on_signals(stop), open_view(screen, plan, stop) as observer:
        if queued:
            from pressrun.cli.queue_batch import run_in_queue

            result = complete_result(run_in_queue(plan, batch, observer, stop, screen), plan, batch, started)
        else:
            result = run_plan(plan, batch, observer, stop)
        return result, write_record(batch, plan, result, invocation, started)


def _shown_plan(
    request: Request, listed: BooksFile, batch: BatchSpec, screen: Screen, agreed: Plan | None = None
) -> Plan:
    """The plan; after a wait without second copies of which the one `agreed` to before it did not tell."""
    plan = plan_books(listed.books, batch, ask_network=not request.plan_only)
    if agreed:
        from pressrun.engine.plan_checks import without_unagreed_copies

        plan = without_unagreed_copies(plan, agreed)
    room = too_little_room(plan)
    plan = replace(plan, warnings=(*((room,) if room else ()), *listed.warnings, *plan.warnings))
    title = f"Plan for {pluralize(len(plan.rows), 'book')} in {short_path(batch.workspace.root)}"
    begins = start_time(request.schedule) if request.schedule and not agreed else None
    show_plan(screen, plan, title, facts(batch, plan, begins=begins), full=request.full)
    if request.explain:
        show_reasons(screen, plan, full=request.full)
    return plan


def _books(request: Request, workspace: Workspace) -> BooksFile:
    if request.books is not None:
        return BooksFile(request.books)
    if request.book is not None:
        return BooksFile((parse_book(request.book),))
    if request.file == STDIN_NAME:
        return read_books(None)
    return read_books(list_path(request.file, workspace))


def list_path(named: str | None, workspace: Workspace) -> Path:
    """Where the list is: as named from the current folder, else from the workspace; unnamed, the workspace's own."""
    if named is None:
        path = workspace.root / LIST_NAME
        return Path(LIST_NAME) if workspace.root == Path.cwd() else path
    path = Path(named)
    inside = workspace.root / path
    return inside if not path.exists() and inside.exists() else path


def _nothing_to_do(screen: Screen, plan: Plan) -> BatchResult:
    """Every book with the reason for which it is skipped."""
    screen.say("Nothing to do." if plan.rows else "The list has no books: nothing to do.")
    return BatchResult(tuple(map(BookResult.skipped, plan.rows)))


def open_view(screen: Screen, plan: Plan, stop: StopToken) -> LiveView | PlainLog:
    if screen.animated:
        from pressrun.cli.live_view import LiveView

        return LiveView(screen, plan, stop)
    from pressrun.cli.plain_log import PlainLog

    return PlainLog(screen)


def _report(request: Request, screen: Screen, result: BatchResult) -> int:
    if result.books:
        show_summary(screen, result, full=request.full, asked=request.invocation())
    write = results.write_json if request.output_format == "json" else results.write_text
    write(result)
    return result.exit_code


def facts(
    batch: BatchSpec, plan: Plan, kept_privacy: str = "", begins: datetime | None = None
) -> list[tuple[str, str, str]]:
    """What the user should see before saying yes, beside the services; `kept_privacy` is that of the one book.

    It `begins` now where nothing else is said.
    """
    settings = batch.settings
    lines = []
    if kept_privacy:
        lines.append(("privacy", kept_privacy, "as the book was made"))
    elif any("privacy" in stage.settings for stage in batch.pipeline.stages):
        lines.append(("privacy", settings.item.privacy, "as set" if "privacy" in settings.explicit else "the default"))
    if plan.uploads:
        reason = "not heeded, as asked" if batch.options.ignore_quota else "a new day begins at midnight Pacific time"
        lines.append(("uploads left today", f"{plan.uploads.left:,} of {plan.uploads.of:,}", reason))
    return lines + expectations(plan, datetime.now().astimezone(), begins)


def short_path(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path != home and path.is_relative_to(home) else str(path)
