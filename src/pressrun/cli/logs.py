"""`pressrun logs`: print the log of a stage, or follow the logs of a running book."""

from __future__ import annotations

import codecs
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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
from pressrun.store.run_folder import LOGS, RunFolder
from pressrun.store.workspace import Workspace

_ESCAPE_SEQUENCES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|.)?"
)
_ENGINE = "engine"
"""Name of the log with unexpected errors of Pressrun itself, which belongs to no stage."""
POLL_INTERVAL = 0.2
"""Seconds between two looks for new text."""

Filter = Callable[[str], str]


def logs(book: str, workspace: Path | None, stage: str | None, *, follow: bool, list_only: bool) -> int:
    """Print a log of `book`, follow its logs, or list them, on standard output; return the exit code."""

    def work(place: Workspace) -> int:
        if list_only and follow:
            raise UsageError("--list and --follow exclude each other", remedy="Remove one of them.")
        folder = _find_folder(parse_book(book), place)
        if list_only:
            if not _log_paths(folder):
                open_screen().print(f"No stage of {folder.item.book} has printed anything yet.")
            write_stream(_list_logs(place, folder))
        elif follow and _is_running(place, folder, stage):
            _follow_book(place, folder, stage)
        else:
            path = _choose_log(folder, stage)
            _announce(place, path)
            write_stream(_read_log(path))
        return EXIT_OK

    return run_command(workspace, work)


def _find_folder(book: Book, workspace: Workspace) -> RunFolder:
    from pressrun.engine.batch_spec import BatchSpec
    from pressrun.engine.planner import make_planner

    planner = make_planner(BatchSpec(workspace, chosen_pipeline(), load_settings(workspace.root)))
    if folder := planner.latest_folder(book):
        return folder
    raise UsageError(f"{book} has no run folder", remedy=f'To start the book: run-pipeline "{book}"')


def _choose_log(folder: RunFolder, stage: str | None) -> Path:
    """Return the log of the given stage, or else of the one that failed, or else of the last one that ran."""
    found = {path.stem: path for path in _log_paths(folder)}
    hint = f"There are logs of {', '.join(found)}." if found else f"Its run folder is {folder.path}."
    if stage:
        if stage not in found:
            raise UsageError(f"The stage {stage} of {folder.item.book} has printed nothing", remedy=hint)
        return found[stage]
    failed = [name for name, state in folder.checkpoint.items() if state == "failed"]
    newest_first = sorted(folder.records, key=lambda name: folder.records[name].started or "", reverse=True)
    for name in (*failed, *newest_first, _ENGINE):
        if name in found:
            return found[name]
    if found:
        return max(found.values(), key=lambda path: path.stat().st_mtime)
    raise UsageError(f"No stage of {folder.item.book} has printed anything", remedy=hint)


def _log_paths(folder: RunFolder) -> list[Path]:
    place = folder.path / LOGS
    return sorted(path for path in place.glob("*.log") if path.is_file()) if place.is_dir() else []


def _list_logs(workspace: Workspace, folder: RunFolder) -> str:
    """Return a line per log: stage, outcome, size and path, separated by tabs."""
    rows = []
    for path in _log_paths(folder):
        state = folder.checkpoint.get(path.stem) or ("" if path.stem == _ENGINE else "not done")
        rows.append((path.stem, state, format_size(path.stat().st_size), workspace.relative(path)))
    return "".join("\t".join(row) + "\n" for row in rows)


def _announce(workspace: Workspace, path: Path) -> None:
    """Print on standard error which log follows."""
    open_screen().print((f"{workspace.relative(path)}, {format_size(path.stat().st_size)}", "dim"))


def _read_log(path: Path) -> str:
    text = path.read_bytes().decode("utf-8", "replace")
    return strip_control_sequences(text) if is_terminal(sys.stdout) else text


def strip_control_sequences(text: str) -> str:
    """Return `text` with its lines, but without anything that could change the terminal."""
    plain = _ESCAPE_SEQUENCES.sub("", text).replace("\r\n", "\n")
    # Of a line that was rewritten in place, e.g. a progress bar, only the last state counts.
    return "\n".join(clean_text(line.rpartition("\r")[2].replace("\t", "    ")) for line in plain.split("\n"))


def _is_running(workspace: Workspace, folder: RunFolder, stage: str | None) -> bool:
    """Return whether a process works on the book, and the stage, if one is given, has not ended."""
    from pressrun.store import run_folder
    from pressrun.store.locks import is_book_locked

    if not is_book_locked(workspace.locks, folder.item.book):
        return False
    return stage is None or run_folder.read(folder.path, tuple(folder.checkpoint)).checkpoint.get(stage) is None


def _follow_book(workspace: Workspace, folder: RunFolder, stage: str | None) -> None:
    def list_logs() -> list[Path]:
        return [path for path in _log_paths(folder) if stage in (None, path.stem)]

    newest = max(list_logs(), key=lambda path: path.stat().st_mtime, default=None)
    follow_logs(
        list_logs, newest, lambda: _is_running(workspace, folder, stage), lambda path: _announce(workspace, path),
        strip_control_sequences if is_terminal(sys.stdout) else None,
    )


def follow_logs(
    list_logs: Callable[[], Iterable[Path]],
    first: Path | None,
    is_running: Callable[[], bool],
    on_switch: Callable[[Path], None],
    text_filter: Filter | None = None,
) -> None:
    """Write the content of `first`, then whatever is appended to any log, until the book ends or the reader has gone.

    `on_switch` is called with a log before text of it follows text of another one.
    """
    tails = {path: _Tail(path, 0 if path == first else path.stat().st_size) for path in list_logs()}
    shown: Path | None = None
    last = False
    while not last:
        # Before the logs are read: if the book has ended by now, everything it printed is in them.
        last = not is_running()
        for path in sorted(list_logs(), key=lambda path: path.stat().st_mtime):
            text = tails.setdefault(path, _Tail(path)).read(text_filter, last=last)
            if text and path != shown:
                on_switch(path)
                shown = path
            if text and not write_stream(text):
                return
        if not last:
            time.sleep(POLL_INTERVAL)


def _utf8_decoder() -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder("utf-8")("replace")


@dataclass
class _Tail:
    """The part of a log that has not been shown yet."""

    path: Path
    offset: int = 0
    _decoder: codecs.IncrementalDecoder = field(default_factory=_utf8_decoder)
    _line: str = ""

    def read(self, text_filter: Filter | None, *, last: bool) -> str:
        """Return what was appended since the last call.

        With a filter, only whole lines are returned, as half an escape sequence cannot be recognised. The `last` call
        also returns an incomplete line.
        """
        if self.path.stat().st_size < self.offset:
            self.offset = 0  # the log was cut and starts again
        with self.path.open("rb") as file:
            file.seek(self.offset)
            data = file.read()
        self.offset += len(data)
        text = self._decoder.decode(data, last)
        if text_filter is None:
            return text
        lines, end, self._line = (self._line + text).rpartition("\n")
        if last:
            return text_filter(lines + end + self._line)
        return text_filter(lines) + end if end else ""
