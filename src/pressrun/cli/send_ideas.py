"""`pressrun queue send`: send a CSV file of ideas to the queue, and show which rows were rejected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.cli.command import run_command
from pressrun.cli.formatting import pluralize
from pressrun.cli.queue import open_queue
from pressrun.cli.results import write_stream
from pressrun.cli.screen import Screen, open_screen
from pressrun.errors import EXIT_FAILED, EXIT_OK, NoUsableRowsError
from pressrun.settings import load_settings
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from pressrun.kinds.ideas.rows import Rows

MAX_SHOWN = 20
"""Rejected rows, corrections and warnings that are shown, of each."""


def send_ideas(path: Path, title: str | None, validation: str, user: str | None, workspace: Path | None) -> int:
    """Create a batch from a CSV file, print its id, and return the exit code: 1 if a row was rejected."""
    return run_command(workspace, lambda place: _send(path, title, validation, user, place), writes=False)


def _send(path: Path, title: str | None, validation: str, user: str | None, place: Workspace) -> int:
    from pressrun.kinds.ideas.request import parse_request
    from pressrun.kinds.ideas.rows.csv_file import read_csv_file
    from pressrun.kinds.ideas.send import BatchDefaults, send

    screen = open_screen()
    text, warning = read_csv_file(path)
    if warning:
        screen.warn(warning)
    source = {"type": "csv", "validation": validation, "content": text}
    request = parse_request({"title": title or path.stem, "input_source": source})
    with open_queue(user) as queue:
        try:
            sent = send(queue, request, BatchDefaults(place.root, load_settings(place.root).item.font_dir))
        except NoUsableRowsError as error:
            _show_rejected(screen, [str(row["message"]) for row in error.rejected], error.total)
            raise
    _show(screen, sent.rows)
    write_stream(f"{sent.batch['id']}\n")
    return EXIT_FAILED if sent.rows.rejected else EXIT_OK


def _show(screen: Screen, rows: Rows) -> None:
    _show_some(screen, rows.warnings)
    _show_rejected(screen, list(map(str, rows.rejected[:MAX_SHOWN])), len(rows.rejected))
    for fix in rows.fixes[:MAX_SHOWN]:
        screen.print((str(fix), "dim"))
    if len(rows.fixes) > MAX_SHOWN:
        screen.print((f"and {pluralize(len(rows.fixes) - MAX_SHOWN, 'more correction')}", "dim"))
    accepted = f"{pluralize(len(rows.accepted), 'video')} in the queue"
    rejected = f", {pluralize(len(rows.rejected), 'row')} rejected" if rows.rejected else ""
    screen.print(f"{accepted}{rejected}.")


def _show_rejected(screen: Screen, sentences: Sequence[str], total: int) -> None:
    for sentence in sentences[:MAX_SHOWN]:
        screen.warn(f"Rejected: {sentence}")
    if total > MAX_SHOWN:
        screen.warn(f"and {pluralize(total - MAX_SHOWN, 'more row')} rejected")


def _show_some(screen: Screen, sentences: Sequence[str]) -> None:
    for sentence in sentences[:MAX_SHOWN]:
        screen.warn(sentence)
    if len(sentences) > MAX_SHOWN:
        screen.warn(f"and {pluralize(len(sentences) - MAX_SHOWN, 'more warning')}")
