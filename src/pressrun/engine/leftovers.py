"""What in `runs/` is of no use any more, and the careful removal of it.

Nothing goes that is not published, or that a later run would need. Of a published book the large files on the way to it
go: sound, video, pieces of them. Its checkpoint, receipts, texts, captions and pictures stay.
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

from pressrun.engine.publication import unknown_stage
from pressrun.engine.stage_run import marker
from pressrun.errors import BrokenFileError, PressrunError
from pressrun.model.book import Book
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Pipeline, Stage
from pressrun.store import atomic, run_folder
from pressrun.store.database import Database
from pressrun.store.locks import book_lock
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace

LARGE = frozenset((".wav", ".mp4", ".mov", ".webm"))
"""Suffixes of the products that take nearly all the room: minutes of sound and video."""
WORK_FOLDERS = (".render", "preview")
"""Pieces of an unfinished film, and drafts."""
YOUNG = 3600.0
"""Seconds for which a folder without its first files may be one that is just being made."""
_NAME = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_.+")


@dataclass(frozen=True)
class Leftover:
    """What can go from one run folder: files or folders inside it, or the folder itself."""

    folder: Path
    book: Book | None
    reason: Reason
    paths: tuple[Path, ...]
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Kept:
    """A run folder that stays as it is although it is large, and why."""

    folder: Path
    reason: Reason


class Sweep:
    """Looks through `runs/` of one workspace."""

    def __init__(self, workspace: Workspace, pipeline: Pipeline) -> None:
        self.workspace = workspace
        self.pipeline = pipeline
        self.database = Database(workspace.database)

    def folders(self) -> list[Path]:
        """All run folders, oldest first. One that is a link to elsewhere is none."""
        try:
            names = sorted(os.listdir(self.workspace.runs))
        except FileNotFoundError:
            return []
        paths = (self.workspace.runs / name for name in names if _NAME.fullmatch(name))
        return [path for path in paths if path.is_dir() and not path.is_symlink()]

    def look(self, path: Path) -> Leftover | Kept | None:
        """What can go from one run folder, or why nothing can; None where there is nothing worth a word."""
        if not run_folder.is_resumable(path):
            if time.time() - path.stat().st_mtime < YOUNG:
                return None
            return _leftover(path, None, ReasonKind.RUN_NEVER_STARTED, [path])
        try:
            folder = run_folder.read(path, self.pipeline.names)
        except BrokenFileError:
            return Kept(path, Reason(ReasonKind.RUN_UNREADABLE))
        if folder.item.pipeline != self.pipeline.name:
            return None
        pipeline = self.pipeline.with_settings({**_defaults(self.pipeline), **folder.item.settings})
        book = folder.item.book
        litter = [each for each in path.iterdir() if atomic.is_partial(each.name) and each.is_file()]
        if self._superseded(folder, pipeline):
            return _leftover(path, book, ReasonKind.RUN_SUPERSEDED, [path])
        why = self.not_settled(folder, pipeline)
        if why:
            return _leftover(path, book, ReasonKind.PARTIAL_FILES, litter) or Kept(path, why)
        return _leftover(path, book, ReasonKind.RUN_PUBLISHED, [*_large(folder, pipeline), *litter])

    def not_settled(self, folder: RunFolder, pipeline: Pipeline) -> Reason | None:
        """Return why the large files of a folder may still be needed, or None."""
        if unknown_stage(pipeline, folder):
            return Reason(ReasonKind.RUN_UNRESOLVED)
        for stage in pipeline.stages:
            if folder.checkpoint.get(stage.name) not in ("success", "skipped") and not stage.optional:
                return Reason(ReasonKind.RUN_UNFINISHED, {"stage": stage.name})
        steps = [each for each in pipeline.stages if each.publishes and folder.checkpoint.get(each.name) == "success"]
        if not steps:
            entry = self._entry(folder.item.book)
            done = entry and entry.get("status") == "done" and self._is_named(entry.get("run_folder"), folder.path)
            return None if done else Reason(ReasonKind.RUN_NOT_PUBLISHED)
        for stage in steps:
            address = folder.receipt_url(stage.receipt)
            if address is None:
                return Reason(ReasonKind.RECEIPT_INCOMPLETE, {"file": stage.receipt})
            if _lost(address):
                return Reason(ReasonKind.PUBLICATION_GONE)
            if _made_anew(stage, folder):
                return Reason(ReasonKind.REBUILT_SINCE_PUBLISHED)
        return None

    def _superseded(self, folder: RunFolder, pipeline: Pipeline) -> bool:
        """Whether a newer folder of the same book is the one that is done, and this one never sent anything."""
        if any(folder.record(stage.name).publication for stage in pipeline.stages if stage.publishes):
            return False
        entry = self._entry(folder.item.book)
        named = entry and entry.get("status") == "done" and entry.get("run_folder")
        if not named or not run_folder.is_resumable(self.workspace.root / str(named)):
            return False
        newer = self.workspace.root / str(named)
        if newer.parent != self.workspace.runs or newer.name <= folder.path.name:
            return False
        with suppress(BrokenFileError):
            return not self.not_settled(run_folder.read(newer, self.pipeline.names), pipeline)
        return False

    def _entry(self, book: Book) -> dict[str, object] | None:
        with suppress(PressrunError):
            return self.database.find(book)
        return None

    def _is_named(self, named: object, path: Path) -> bool:
        return bool(named) and self.workspace.root / str(named) == path

    def remove(self, leftover: Leftover) -> int | None:
        """Removes what can go from a folder now, under its book's lock. Returns bytes; None where somebody works on it.

        It is looked at once more: since it was shown, a run may have begun.
        """
        if leftover.book is None:
            return self._remove_now(leftover)
        with book_lock(self.workspace.locks, leftover.book) as mine:
            return self._remove_now(leftover) if mine else None

    def _remove_now(self, leftover: Leftover) -> int:
        now = self.look(leftover.folder) if leftover.folder.is_dir() else None
        if not isinstance(now, Leftover) or now.reason.kind is not leftover.reason.kind:
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
        """Of all publications that a later run may still make or finish."""
        found = set()
        for path in self.folders():
            with suppress(BrokenFileError):
                if run_folder.is_resumable(path):
                    folder = run_folder.read(path, self.pipeline.names)
                    steps = [stage for stage in self.pipeline.stages if stage.publishes]
                    found |= {marker(folder, each) for each in steps if folder.checkpoint.get(each.name) != "success"}
        return found


def tidy(workspace: Workspace, pipeline: Pipeline, folder: str) -> int:
    """Removes the large files of a book that has just been published; returns bytes. Nothing of any other book."""
    sweep = Sweep(workspace, pipeline)
    found = sweep.look(workspace.root / folder)
    if isinstance(found, Leftover) and found.reason.kind is ReasonKind.RUN_PUBLISHED:
        return sweep.remove(found) or 0
    return 0


def _large(folder: RunFolder, pipeline: Pipeline) -> list[Path]:
    names = [name for stage in pipeline.stages for name in stage.makes if Path(name).suffix in LARGE]
    names += [f"{stage.name}.parts" for stage in pipeline.stages if not stage.publishes]
    return [path for name in (*names, *WORK_FOLDERS) if (path := folder.path / name).exists()]


def _made_anew(stage: Stage, folder: RunFolder) -> bool:
    """Whether a file that was published has been made again since, and not published."""
    known = folder.record(stage.name).fingerprint
    outputs = {name: each for record in folder.records.values() for name, each in record.outputs.items()}
    needs = known.needs if known else {}
    return any(name in outputs and outputs[name].sha256 != digest for name, digest in needs.items())


def _lost(address: str) -> bool:
    """Whether an address is that of a file of this machine that is not there."""
    parts = urlsplit(address)
    return parts.scheme == "file" and not Path(unquote(parts.path)).is_file()


def _defaults(pipeline: Pipeline) -> dict[str, object]:
    """For folders made before a setting existed."""
    from pressrun.settings import setting_fields

    fields = setting_fields()
    return {name: fields[name].default for stage in pipeline.stages for name in stage.settings if name in fields}


def _leftover(folder: Path, book: Book | None, kind: ReasonKind, paths: Iterable[Path]) -> Leftover | None:
    listed = tuple(paths)
    size = sum(map(size_of, listed))
    return Leftover(folder, book, Reason(kind), listed, size) if listed else None


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; links count for themselves."""
    try:
        if path.is_symlink() or not path.is_dir():
            return path.lstat().st_size
        return sum(size_of(path / name) for name in os.listdir(path))
    except OSError:
        return 0
