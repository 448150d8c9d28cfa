"""`pressrun clean`: free disk space, after showing what would be removed and asking."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from pressrun.cli.command import run_command
from pressrun.cli.formatting import format_size, pluralize
from pressrun.cli.prompt import confirm
from pressrun.cli.screen import Screen, open_screen
from pressrun.errors import EXIT_FAILED, EXIT_OK
from pressrun.pipelines import chosen_pipeline
from pressrun.store.workspace import Workspace
from pressrun.wording import sentence

if TYPE_CHECKING:
    from pressrun.engine.cleanup import Cleaner, NotRemovable, Removable

MAX_LISTED_KEPT = 20
"""Run folders that stay and are listed with the reason; the newest ones."""
INCOMPLETE_PUBLICATION = "incomplete publication that no run will finish"


def clean(workspace: Path | None, *, yes: bool, dry_run: bool) -> int:
    """Show what can be removed, ask, and remove it; return the exit code."""
    return run_command(workspace, lambda place: _clean(place, open_screen(), yes, dry_run))


def _clean(workspace: Workspace, screen: Screen, yes: bool, dry_run: bool) -> int:
    from pressrun.engine.cleanup import Cleaner, NotRemovable, Removable

    cleaner = Cleaner(workspace, chosen_pipeline())
    # Raises an error for a broken database: without it, nobody knows which books are published.
    cleaner.database.books()
    inspected = [cleaner.inspect(path) for path in cleaner.folders()]
    removable = [each for each in inspected if isinstance(each, Removable)]
    publications = _incomplete_publications(workspace, cleaner)
    _show_kept(screen, workspace, [each for each in inspected if isinstance(each, NotRemovable)])
    if not removable and not publications:
        screen.print("Nothing to free.")
        return EXIT_OK
    _show_removable(screen, workspace, removable, publications)
    if dry_run:
        screen.print(("Dry run: nothing was removed.", "dim"))
        return EXIT_OK
    if not yes and not confirm("Remove them? [y/N] "):
        screen.print("Nothing was removed.")
        return EXIT_OK
    return _remove(screen, workspace, cleaner, removable, publications)


def _incomplete_publications(workspace: Workspace, cleaner: Cleaner) -> list[Path]:
    from pressrun.services.publishers.folder import find_unfinished

    return find_unfinished(workspace.published, cleaner.open_markers())


def _show_removable(
    screen: Screen, workspace: Workspace, removable: Sequence[Removable], publications: Sequence[Path]
) -> None:
    from pressrun.engine.cleanup import size_of

    rows = [(workspace.relative(each.folder), sentence(each.reason), each.size) for each in removable]
    rows += [(workspace.relative(path), INCOMPLETE_PUBLICATION, size_of(path)) for path in publications]
    table = Table(box=box.ROUNDED, border_style="dim", title="Can be removed", title_justify="left")
    table.add_column("Folder", overflow="fold")
    table.add_column("Content", overflow="fold")
    table.add_column("Size", justify="right", no_wrap=True)
    for place, reason, size in rows:
        table.add_row(screen.text(place), screen.text(reason), format_size(size))
    screen.console.print(table)
    total = sum(size for _, _, size in rows)
    screen.print((f"{format_size(total)} in {pluralize(len(rows), 'folder')}", "bold"))


def _show_kept(screen: Screen, workspace: Workspace, kept: Sequence[NotRemovable]) -> None:
    if not kept:
        return
    screen.print((f"{pluralize(len(kept), 'run folder')} {'stay' if len(kept) > 1 else 'stays'} unchanged:", "dim"))
    for each in kept[-MAX_LISTED_KEPT:]:
        screen.print((f"{workspace.relative(each.folder)}: {sentence(each.reason)}", "dim"), indent=2)
    if len(kept) > MAX_LISTED_KEPT:
        screen.print((f"and {len(kept) - MAX_LISTED_KEPT:,} older ones", "dim"), indent=2)


def _remove(
    screen: Screen, workspace: Workspace, cleaner: Cleaner, removable: Sequence[Removable], publications: Sequence[Path]
) -> int:
    from pressrun.engine.cleanup import size_of

    freed, failed = 0, False
    for each in removable:
        try:
            removed = cleaner.remove(each)
        except OSError as error:
            screen.warn(f"{workspace.relative(each.folder)}: {(error.strerror or str(error)).lower()}")
            failed = True
            continue
        if removed is None:
            screen.warn(f"{workspace.relative(each.folder)} was kept: another process is working on this book.")
        freed += removed or 0
    for path in publications:
        size = size_of(path)
        with suppress(FileNotFoundError):
            try:
                shutil.rmtree(path)
                freed += size
            except PermissionError as error:
                screen.warn(f"{workspace.relative(path)}: {(error.strerror or str(error)).lower()}")
                failed = True
    cleaner.database.remove_partials()
    screen.print(f"{format_size(freed)} freed.")
    return EXIT_FAILED if failed else EXIT_OK
