"""`pressrun clean`: frees the room of what is of no use any more, after saying what that is."""

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

MOST_KEPT = 20
"""Folders that stay and are named, the newest."""
HALF_PUBLISHED = "a publication that no run will finish"


def clean(workspace: Path | None, *, yes: bool, dry_run: bool) -> int:
    """Shows what can go, asks, and removes it; returns the exit code."""
    return run_command(workspace, lambda place: _clean(place, open_screen(), yes, dry_run))


def _clean(workspace: Workspace, screen: Screen, yes: bool, dry_run: bool) -> int:
    from pressrun.engine.cleanup import Cleaner, NotRemovable, Removable

    cleaner = Cleaner(workspace, chosen_pipeline())
    cleaner.database.books()  # a broken database ends it here: what is published could not be told
    inspected = [cleaner.inspect(path) for path in cleaner.folders()]
    removable = [each for each in inspected if isinstance(each, Removable)]
    half_built = _half_built(workspace, cleaner)
    _show_kept(screen, workspace, [each for each in inspected if isinstance(each, NotRemovable)])
    if not removable and not half_built:
        screen.say("Nothing can be freed.")
        return EXIT_OK
    _show(screen, workspace, removable, half_built)
    if dry_run:
        screen.say(("Dry run: nothing was removed.", "dim"))
        return EXIT_OK
    if not yes and not confirm("Remove them? [y/N] "):
        screen.say("Nothing was removed.")
        return EXIT_OK
    return _remove(screen, workspace, cleaner, removable, half_built)


def _half_built(workspace: Workspace, cleaner: Cleaner) -> list[Path]:
    from pressrun.services.publishers.folder import half_built

    return half_built(workspace.published, cleaner.open_markers())


def _show(screen: Screen, workspace: Workspace, removable: Sequence[Removable], half_built: Sequence[Path]) -> None:
    from pressrun.engine.cleanup import size_of

    rows = [(workspace.relative(each.folder), sentence(each.reason), each.size) for each in removable]
    rows += [(workspace.relative(path), HALF_PUBLISHED, size_of(path)) for path in half_built]
    table = Table(box=box.ROUNDED, border_style="dim", title="What can be freed", title_justify="left")
    table.add_column("Folder", overflow="fold")
    table.add_column("What", overflow="fold")
    table.add_column("Size", justify="right", no_wrap=True)
    for place, reason, size in rows:
        table.add_row(screen.text(place), screen.text(reason), format_size(size))
    screen.console.print(table)
    total = sum(size for _, _, size in rows)
    screen.say((f"{format_size(total)} in {pluralize(len(rows), 'folder')}", "bold"))


def _show_kept(screen: Screen, workspace: Workspace, kept: Sequence[NotRemovable]) -> None:
    if not kept:
        return
    many = len(kept) > 1
    screen.say((f"{pluralize(len(kept), 'run folder')} {'stay as they are' if many else 'stays as it is'}:", "dim"))
    for each in kept[-MOST_KEPT:]:
        screen.say((f"{workspace.relative(each.folder)}: {sentence(each.reason)}", "dim"), indent=2)
    if len(kept) > MOST_KEPT:
        screen.say((f"and {len(kept) - MOST_KEPT:,} older ones", "dim"), indent=2)


def _remove(
    screen: Screen, workspace: Workspace, cleaner: Cleaner, removable: Sequence[Removable], half_built: Sequence[Path]
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
            screen.warn(f"{workspace.relative(each.folder)} was left: another process is working on this book.")
        freed += removed or 0
    for path in half_built:
        size = size_of(path)
        with suppress(FileNotFoundError):
            try:
                shutil.rmtree(path)
                freed += size
            except PermissionError as error:
                screen.warn(f"{workspace.relative(path)}: {(error.strerror or str(error)).lower()}")
                failed = True
    cleaner.database.remove_partials()
    screen.say(f"{format_size(freed)} freed.")
    return EXIT_FAILED if failed else EXIT_OK
