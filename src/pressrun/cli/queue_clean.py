"""`pressrun queue clean`: delete old batches, their files or events, after showing what and asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.cli.command import run_command
from pressrun.cli.formatting import clean_text, format_size, pluralize
from pressrun.cli.prompt import confirm
from pressrun.cli.queue import require_packages
from pressrun.cli.screen import Screen, open_screen
from pressrun.errors import EXIT_OK, UsageError
from pressrun.settings import load_settings
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from pressrun.kinds.retention import Expired

MAX_LISTED = 20


@dataclass(frozen=True)
class CleanArgs:
    """The options of the command; days are counted from the end of a batch."""

    batches: float | None
    files: float | None
    events: float | None
    orphans: bool
    yes: bool
    dry_run: bool


def clean_queue(args: CleanArgs, workspace: Path | None) -> int:
    """Show what can be removed, ask, and remove it; return the exit code."""
    return run_command(workspace, lambda place: _clean(args, place, open_screen()))


def _clean(args: CleanArgs, workspace: Workspace, screen: Screen) -> int:
    require_packages()
    from pressrun.jobs.server import open_database
    from pressrun.kinds.retention import Retention, find_expired, open_connection, remove_expired
    from pressrun.kinds.run_store.location import parse_location

    retention = Retention(args.batches, args.files, args.events)
    if not retention and not args.orphans:
        raise UsageError(
            "Nothing to clean was named",
            remedy="Use --batches, --files or --events with a number of days, or --orphans.",
        )
    location = parse_location(workspace.root, load_settings(workspace.root).run.runs)
    with open_database() as url, open_connection(url) as connection:
        expired = find_expired(connection, location, retention, orphans=args.orphans)
        if not (expired.batches or expired.files or expired.events or expired.orphans):
            screen.print("Nothing to remove.")
            return EXIT_OK
        _show(screen, workspace, expired)
        if args.dry_run:
            screen.print(("Dry run: nothing was removed.", "dim"))
            return EXIT_OK
        if not args.yes and not confirm("Remove them? [y/N] "):
            screen.print("Nothing was removed.")
            return EXIT_OK
        freed = remove_expired(connection, location, expired, retention)
    screen.print(f"{format_size(freed)} freed.")
    return EXIT_OK


def _show(screen: Screen, workspace: Workspace, expired: Expired) -> None:
    groups = [
        (f"{_batches(expired.batches)} with files", [_line(row) for row in expired.batches]),
        (f"Files of {_batches(expired.files)}", [_line(row) for row in expired.files]),
        (
            f"{pluralize(len(expired.orphans), 'run folder')} without a job",
            [workspace.relative(each) for each in expired.orphans],
        ),
    ]
    for title, lines in groups:
        if lines:
            screen.print((title, "bold"))
            for line in lines[:MAX_LISTED]:
                screen.print(line, indent=2)
            if len(lines) > MAX_LISTED:
                screen.print(f"and {len(lines) - MAX_LISTED:,} more", indent=2)
    if expired.events:
        screen.print((f"{pluralize(expired.events, 'event')} of ended batches", "bold"))
    screen.print(f"{format_size(expired.size)} on this disk")


def _batches(rows: Sequence[object]) -> str:
    return "1 batch" if len(rows) == 1 else f"{len(rows):,} batches"


def _line(row: dict[str, object]) -> str:
    return f"{row['id']}  {str(row['finished_at'])[:10]}  {row['owner']}  {clean_text(str(row['title']))}"
