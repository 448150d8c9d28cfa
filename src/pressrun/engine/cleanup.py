"""Find files in `runs/` that are no longer needed, and remove them carefully.

Nothing is removed that is not published, or that a later run would need. A published book loses only its large
intermediate files: sound, video and pieces of them. Its checkpoint, receipts, texts, captions and pictures stay.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pressrun.engine.publication import publication_marker, unresolved_stage
from pressrun.errors import BrokenFileError, PressrunError
from pressrun.model.book import Book
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Pipeline, Stage
from pressrun.store import atomic, run_folder
from pressrun.store.database import Database
from pressrun.store.locks import book_lock
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace

LARGE_SUFFIXES = frozenset((".wav", ".mp4", ".mov", ".webm"))
"""Products that take nearly all the disk space: minutes of sound and video."""
WORK_FOLDERS = (".render", "preview")
"""Pieces of an unfinished video, and drafts."""
MIN_AGE = 3600.0
"""Seconds before a folder without its first files counts as abandoned; a younger one may be starting right now."""
_FOLDER_NAME = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_.+")


@dataclass(frozen=True)
class Removable:
    """Files or folders that can be removed from one run folder, or the folder itself."""

    folder: Path
    book: Book | None
    reason: Reason
    paths: tuple[Path, ...]
    size: int
    """Bytes."""


@dataclass(frozen=True)
class NotRemovable:
    """A run folder that has to stay as it is, and why."""

    folder: Path
    reason: Reason


class Cleaner:
    """Looks through `runs/` of one workspace."""

    def __init__(self, workspace: Workspace, pipeline: Pipeline) -> None:
        self.workspace = workspace
        self.pipeline = pipeline
        self.database = Database(workspace.database)

    def folders(self) -> list[Path]:
        """Return all run folders, oldest first, without links to other places."""
        try:
            names = sorted(os.listdir(self.workspace.runs))
        except FileNotFoundError:
            return []
        paths = (self.workspace.runs / name for name in names if _FOLDER_NAME.fullmatch(name))
        return [path for path in paths if path.is_dir() and not path.is_symlink()]

    def inspect(self, path: Path) -> Removable | NotRemovable | None:
        """Return what can be removed from a run folder, or why nothing can; None if it has nothing to remove."""
        if not run_folder.is_resumable(path):
            if time.time() - path.stat().st_mtime < MIN_AGE:
                return None
            return _removable(path, None, ReasonKind.RUN_NEVER_STARTED, [path])
        try:
            folder = run_folder.read(path, self.pipeline.names)
        except BrokenFileError:
            return NotRemovable(path, Reason(ReasonKind.RUN_UNREADABLE))
        if folder.item.pipeline != self.pipeline.name:
            return None
        pipeline = self.pipeline.with_settings({**_default_settings(self.pipeline), **folder.item.settings})
        book = folder.item.book
        partials = [each for each in path.iterdir() if atomic.is_partial(each.name) and each.is_file()]
        if self._is_superseded(folder, pipeline):
            return _removable(path, book, ReasonKind.RUN_SUPERSEDED, [path])
        if reason := self.why_needed(folder, pipeline):
            return _removable(path, book, ReasonKind.PARTIAL_FILES, partials) or NotRemovable(path, reason)
        return _removable(path, book, ReasonKind.RUN_PUBLISHED, [*_large_files(folder, pipeline), *partials])

    def why_needed(self, folder: RunFolder, pipeline: Pipeline) -> Reason | None:
        """Return why the large files of a folder may still be needed, or None."""
        if unresolved_stage(pipeline, folder):
            return Reason(ReasonKind.RUN_UNRESOLVED)
        for stage in pipeline.stages:
            if folder.checkpoint.get(stage.name) not in ("success", "skipped"):
                return Reason(ReasonKind.RUN_UNFINISHED, {"stage": stage.name})
        steps = [each for each in pipeline.stages if each.publishes and folder.checkpoint.get(each.name) == "success"]
        if not steps:
            entry = self._entry(folder.item.book)
            done = entry and entry.get("status") == "done" and self._names_folder(entry, folder.path)
            return None if done else Reason(ReasonKind.RUN_NOT_PUBLISHED)
        for stage in steps:
            url = folder.receipt_url(stage.receipt)
            if url is None:
                return Reason(ReasonKind.RECEIPT_INCOMPLETE, {"file": stage.receipt})
            if _is_lost_file(url):
                return Reason(ReasonKind.PUBLICATION_GONE)
            if _is_rebuilt(stage, folder):
                return Reason(ReasonKind.REBUILT_SINCE_PUBLISHED)
        return None

    def _is_superseded(self, folder: RunFolder, pipeline: Pipeline) -> bool:
        """Return whether a newer folder of the book is the finished one, and this one never published anything."""
        if any(folder.record(stage.name).publication for stage in pipeline.stages if stage.publishes):
            return False
        entry = self._entry(folder.item.book)
        named = entry and entry.get("status") == "done" and entry.get("run_folder")
        if not named:
            return False
        newer = self.workspace.run_folder(str(named))
        if not run_folder.is_resumable(newer):
            return False
        if newer.parent != self.workspace.runs or newer.name <= folder.path.name:
            return False
        with suppress(BrokenFileError):
            return not self.why_needed(run_folder.read(newer, self.pipeline.names), pipeline)
        return False

    def _entry(self, book: Book) -> dict[str, object] | None:
        with suppress(PressrunError):
            return self.database.find(book)
        return None

    def _names_folder(self, entry: dict[str, object], path: Path) -> bool:
        name = entry.get("run_folder")
        return bool(name) and self.workspace.run_folder(str(name)) == path

    def remove(self, found: Removable) -> int | None:
        """Remove what `inspect` found, under the lock of the book. Returns bytes, or None if the book is being run.

        The folder is inspected again first: a run may have started since it was shown.
        """
        if found.book is None:
            return self._remove_now(found)
        with book_lock(self.workspace.locks, found.book) as mine:
            return self._remove_now(found) if mine else None

    def _remove_now(self, found: Removable) -> int:
        now = self.inspect(found.folder) if found.folder.is_dir() else None
        if not isinstance(now, Removable) or now.reason.kind is not found.reason.kind:
            return 0
        freed = 0
        for path in now.paths:
            size = size_of(path)
            with suppress(FileNotFoundError):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
                freed += size
        return freed

    def open_markers(self) -> set[str]:
        """Return the markers of all publications that a later run may still start or finish."""
        found = set()
        for path in self.folders():
            with suppress(BrokenFileError):
                if run_folder.is_resumable(path):
                    folder = run_folder.read(path, self.pipeline.names)
                    found |= {
                        publication_marker(folder, stage)
                        for stage in self.pipeline.stages
                        if stage.publishes and folder.checkpoint.get(stage.name) != "success"
                    }
        return found


def remove_intermediates(workspace: Workspace, pipeline: Pipeline, folder: str) -> int:
    """Remove the large files of a book that has just been published, and of no other book; return bytes."""
    cleaner = Cleaner(workspace, pipeline)
    found = cleaner.inspect(workspace.root / folder)
    if isinstance(found, Removable) and found.reason.kind is ReasonKind.RUN_PUBLISHED:
        return cleaner.remove(found) or 0
    return 0


def _large_files(folder: RunFolder, pipeline: Pipeline) -> list[Path]:
    names = [name for stage in pipeline.stages for name in stage.makes if Path(name).suffix in LARGE_SUFFIXES]
    names += [f"{stage.name}.parts" for stage in pipeline.stages if not stage.publishes]
    return [path for name in (*names, *WORK_FOLDERS) if (path := folder.path / name).exists()]


def _is_rebuilt(stage: Stage, folder: RunFolder) -> bool:
    """Return whether a file that was published has been rebuilt since, and not published again."""
    known = folder.record(stage.name).fingerprint
    outputs = {name: each for record in folder.records.values() for name, each in record.outputs.items()}
    needs = known.needs if known else {}
    return any(name in outputs and outputs[name].sha256 != digest for name, digest in needs.items())


def _is_lost_file(url: str) -> bool:
    """Return whether a URL is that of a file on this machine that does not exist."""
    with suppress(ValueError):
        parts = urlsplit(url)
        return parts.scheme == "file" and not Path(unquote(parts.path)).is_file()
    return False


def _default_settings(pipeline: Pipeline) -> dict[str, object]:
    """Return the defaults for run folders that are older than a setting."""
    from pressrun.settings import setting_fields

    fields = setting_fields()
    return {name: fields[name].default for stage in pipeline.stages for name in stage.settings if name in fields}


def _removable(folder: Path, book: Book | None, kind: ReasonKind, paths: Iterable[Path]) -> Removable | None:
    listed = tuple(paths)
    size = sum(map(size_of, listed))
    return Removable(folder, book, Reason(kind), listed, size) if listed else None


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder; a link counts for itself."""
    try:
        if path.is_symlink() or not path.is_dir():
            return path.lstat().st_size
        return sum(size_of(path / name) for name in os.listdir(path))
    except OSError:
        return 0
