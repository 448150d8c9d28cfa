"""`pressrun logs`: what a stage of a book said."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from pressrun.cli.command import run_command
from pressrun.cli.formatting import clean_text, format_size
from pressrun.cli.results import write_stream
from pressrun.cli.screen import is_terminal, open_screen
from pressrun.errors import EXIT_OK, UsageError
from pressrun.model.book import Book
from pressrun.pipelines import chosen_pipeline
from pressrun.settings import load_settings
from pressrun.store.books_file import parse_book
from pressrun.store.run_folder import LOGS, RunFolder, RunIndex
from pressrun.store.workspace import Workspace

_SEQUENCES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|.)?")
_ENGINE = "engine"
"""The log of a defect of the program itself, which belongs to no stage."""


def logs(book: str, workspace: Path | None, stage: str | None, *, follow: bool, list_only: bool) -> int:
    """Prints a log of `book` on standard output, as it grows where it `follows`, or their list; returns the exit code.
    """

    def work(place: Workspace) -> int:
        if list_only and follow:
            raise UsageError("Both --list and --follow were given", remedy="Give one of them.")
        folder = _folder(parse_book(book), place)
        if list_only:
            if not _paths(folder):
                open_screen().say(f"No stage of {folder.item.book} has printed anything yet.")
            write_stream(_lines(place, folder))
        elif follow and _goes_on(place, folder, stage):
            _follow(place, folder, stage)
        else:
            path = _log(folder, stage)
            _say(place, path)
            write_stream(_text(path))
        return EXIT_OK

    return run_command(workspace, work)


def _folder(book: Book, workspace: Workspace) -> RunFolder:
    """The run folder that the database names, else the newest of the book."""
    from pressrun.engine.batch_spec import BatchSpec
    from pressrun.engine.planner import make_planner
    from pressrun.store import run_folder

    planner = make_planner(BatchSpec(workspace, chosen_pipeline(), load_settings(workspace.root)))
    entry, index = planner.database.find(book), RunIndex(workspace)
    if folder := planner.folder(book, entry, index):
        return folder
    if paths := index.find(book):
        return run_folder.read(paths[0], planner.spec.pipeline.names)
    raise UsageError(f"{book} has no run folder", remedy=f'It has not been begun: run-pipeline "{book}" begins it.')


def _log(folder: RunFolder, stage: str | None) -> Path:
    """Of the stage asked for, else of the one that failed, else of the one that ran last and said something."""
    there = {path.stem: path for path in _paths(folder)}
    if stage:
        if stage not in there:
            raise UsageError(f"{stage} of {folder.item.book} has printed nothing", remedy=_choice(there, folder))
        return there[stage]
    failed = [name for name, state in folder.checkpoint.items() if state == "failed"]
    ran = sorted(folder.records, key=lambda name: folder.records[name].started or "", reverse=True)
    for name in (*failed, *ran, _ENGINE):
        if name in there:
            return there[name]
    if there:
        return max(there.values(), key=lambda path: path.stat().st_mtime)
    raise UsageError(f"No stage of {folder.item.book} has printed anything", remedy=f"Its run folder is {folder.path}.")


def _goes_on(workspace: Workspace, folder: RunFolder, stage: str | None) -> bool:
    """Whether the book is worked on, and the stage has not ended."""
    from pressrun.store import run_folder
    from pressrun.store.locks import is_book_locked

    if not is_book_locked(workspace.locks, folder.item.book):
        return False
    return stage is None or run_folder.read(folder.path, tuple(folder.checkpoint)).checkpoint.get(stage) is None


def _follow(workspace: Workspace, folder: RunFolder, stage: str | None) -> None:
    from pressrun.cli.follow import follow

    def growing() -> list[Path]:
        return [path for path in _paths(folder) if stage in (None, path.stem)]

    newest = max(growing(), key=lambda path: path.stat().st_mtime, default=None)
    follow(
        growing, newest, lambda: _goes_on(workspace, folder, stage), lambda path: _say(workspace, path),
        harmless if is_terminal(sys.stdout) else None,
    )


def _say(workspace: Workspace, path: Path) -> None:
    """Which log it is, on standard error."""
    open_screen().say((f"{workspace.relative(path)}, {format_size(path.stat().st_size)}", "dim"))


def _choice(there: Iterable[str], folder: RunFolder) -> str:
    names = ", ".join(there)
    return f"There are logs of {names}." if names else f"Its run folder is {folder.path}."


def _paths(folder: RunFolder) -> list[Path]:
    place = folder.path / LOGS
    return sorted(path for path in place.glob("*.log") if path.is_file()) if place.is_dir() else []


def _lines(workspace: Workspace, folder: RunFolder) -> str:
    """A line per log: stage, how it ended, size and path, separated by tabs."""
    rows = []
    for path in _paths(folder):
        state = folder.checkpoint.get(path.stem) or ("" if path.stem == _ENGINE else "not done")
        rows.append((path.stem, state, format_size(path.stat().st_size), workspace.relative(path)))
    return "".join("\t".join(row) + "\n" for row in rows)


def _text(path: Path) -> str:
    """The log as it is; on a terminal without what would change the terminal."""
    text = path.read_bytes().decode("utf-8", "replace")
    return harmless(text) if is_terminal(sys.stdout) else text


def harmless(text: str) -> str:
    """`text` with its lines and without escape sequences, control, format and bidirectional characters."""

    whole = _SEQUENCES.sub("", text).replace("\r\n", "\n")
    return "\n".join(clean_text(line.rpartition("\r")[2].replace("\t", "    ")) for line in whole.split("\n"))
