"""`pressrun publish`: a finished book in another place, without making it again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pressrun.cli import results
from pressrun.cli.command import run_command
from pressrun.cli.plan_table import show_plan
from pressrun.cli.prompt import confirm
from pressrun.cli.screen import Screen, open_screen
from pressrun.cli.session import facts, run_and_record, short_path
from pressrun.cli.summary import show_summary
from pressrun.engine.batch_spec import BatchSpec
from pressrun.errors import EXIT_OK
from pressrun.model.book import Book
from pressrun.model.plan import Plan, RunOptions
from pressrun.model.result import BatchResult, BookResult
from pressrun.pipelines import chosen_pipeline
from pressrun.settings import load_settings
from pressrun.store.books_file import parse_book
from pressrun.store.workspace import Workspace


def publish(
    book: str, workspace: Path | None, flags: Mapping[str, Any], *, yes: bool, dry_run: bool, ignore_quota: bool
) -> int:
    """Publishes `book` with the settings `flags` and returns the exit code; errors have become words by then."""

    def work(place: Workspace) -> int:
        options = RunOptions(publish_elsewhere=True, ignore_quota=ignore_quota)
        batch = BatchSpec(place, chosen_pipeline(), load_settings(place.root, flags), options)
        return _publish(parse_book(book), batch, open_screen(), yes, dry_run)

    return run_command(workspace, work)


def _publish(book: Book, batch: BatchSpec, screen: Screen, yes: bool, dry_run: bool) -> int:
    plan = _plan(book, batch, ask_network=not dry_run)
    title = f"Publishing 1 book of {short_path(batch.workspace.root)}"
    show_plan(screen, plan, title, facts(batch, plan, _kept_privacy(plan, batch)))
    if dry_run:
        screen.say(("Dry run: nothing was written.", "dim"))
        return EXIT_OK
    if not plan.to_run:
        screen.say("Nothing to do.")
        results.write_text(BatchResult(tuple(map(BookResult.skipped, plan.rows))))
        return EXIT_OK
    if not yes and not confirm("Proceed? [y/N] "):
        screen.say("Nothing was published.")
        return EXIT_OK
    asked = {"command": "publish"} | ({"ignore_quota": True} if batch.options.ignore_quota else {})
    result, trouble = run_and_record(plan, batch, screen, asked)
    show_summary(screen, result)
    results.write_text(result)
    if trouble:
        screen.warn(trouble)
    return result.exit_code


def _plan(book: Book, batch: BatchSpec, *, ask_network: bool) -> Plan:
    """The plan of the one book, with the publisher alone chosen: nothing else of the book is looked for or made."""
    from pressrun.engine.plan import make_plan
    from pressrun.services.choice import choose

    choices = choose(batch.settings, batch.workspace.root, ask_network=ask_network, kinds=("publisher",))
    return make_plan((book,), batch, choices)


def _kept_privacy(plan: Plan, batch: BatchSpec) -> str:
    """The privacy that the book was made with, or the empty string where another is asked for now."""
    from pressrun.store import run_folder

    (row,) = plan.rows
    if row.run_folder is None or "privacy" in batch.settings.explicit:
        return ""
    folder = run_folder.read(batch.workspace.root / row.run_folder, batch.pipeline.names)
    return str(folder.item.settings.get("privacy", ""))

