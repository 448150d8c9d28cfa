"""`pressrun publish`: publish a finished book to another destination, without rebuilding anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pressrun.cli import results
from pressrun.cli.command import run_command
from pressrun.cli.formatting import format_path
from pressrun.cli.plan_table import plan_facts, show_plan
from pressrun.cli.prompt import confirm
from pressrun.cli.run_batch import run_and_record
from pressrun.cli.screen import Screen, open_screen
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
    """Publish `book` with the settings in `flags`; return the exit code."""

    def work(place: Workspace) -> int:
        options = RunOptions(publish_elsewhere=True, ignore_quota=ignore_quota)
        batch = BatchSpec(place, chosen_pipeline(), load_settings(place.root, flags), options)
        return _publish(parse_book(book), batch, open_screen(), yes, dry_run)

    return run_command(workspace, work)


def _publish(book: Book, batch: BatchSpec, screen: Screen, yes: bool, dry_run: bool) -> int:
    plan = _make_plan(book, batch, ask_network=not dry_run)
    title = f"Publishing 1 book in {format_path(batch.workspace.root)}"
    show_plan(screen, plan, title, plan_facts(batch, plan, original_privacy=_original_privacy(plan, batch)))
    if dry_run:
        screen.print(("Dry run: nothing was written.", "dim"))
        return EXIT_OK
    if not plan.to_run:
        screen.print("Nothing to do.")
        results.write_text(BatchResult(tuple(map(BookResult.skipped, plan.rows))))
        return EXIT_OK
    if not yes and not confirm("Proceed? [y/N] "):
        screen.print("Nothing was published.")
        return EXIT_OK
    invocation = {"command": "publish"} | ({"ignore_quota": True} if batch.options.ignore_quota else {})
    result, problem = run_and_record(plan, batch, screen, invocation)
    show_summary(screen, result)
    results.write_text(result)
    if problem:
        screen.warn(problem)
    return result.exit_code


def _make_plan(book: Book, batch: BatchSpec, *, ask_network: bool) -> Plan:
    """Return the plan. Only the publisher is chosen, as no other service is used."""
    from pressrun.engine.plan import make_plan
    from pressrun.services.choice import choose_services

    choices = choose_services(batch.settings, batch.workspace.root, ask_network=ask_network, kinds=("publisher",))
    return make_plan((book,), batch, choices)


def _original_privacy(plan: Plan, batch: BatchSpec) -> str:
    """Return the privacy that the book was made with, or an empty string if another one was given now."""
    from pressrun.store import run_folder

    (row,) = plan.rows
    if row.run_folder is None or "privacy" in batch.settings.explicit:
        return ""
    folder = run_folder.read(batch.workspace.root / row.run_folder, batch.pipeline.names)
    return str(folder.item.settings.get("privacy", ""))
