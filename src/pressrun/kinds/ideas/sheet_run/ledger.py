"""Remember which rows of a sheet were made, in the workspace: `runs/.sheets/<sheet>.json`."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from pressrun.errors import UsageError
from pressrun.store import json_files
from pressrun.store.workspace import Workspace

FOLDER = ".sheets"
Status = Literal["queued", "in progress", "done", "failed"]


@dataclass(frozen=True)
class RowResult:
    """The video of one content of a row."""

    status: Status = "queued"
    url: str = ""
    error: str = ""
    cost: float | None = None
    seconds: float | None = None
    run_folder: str = ""
    title: str = ""


@dataclass(frozen=True)
class LedgerFile:
    """The content of the file."""

    sheet: str
    name: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    """ID of a row -> digest of the content that its last video was made from."""
    results: dict[str, RowResult] = field(default_factory=dict)
    """Digest of a content -> its video."""


class Ledger:
    """The rows of one sheet that this workspace knows. Thread-safe; every change is on disk when a method returns."""

    def __init__(self, workspace: Workspace, key: str) -> None:
        self._path = workspace.runs / FOLDER / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"
        self._lock = threading.Lock()
        self._file = json_files.load(self._path, LedgerFile) if self._path.exists() else LedgerFile(key)

    @property
    def rows(self) -> dict[str, str]:
        with self._lock:
            return dict(self._file.rows)

    def result(self, digest: str) -> RowResult | None:
        with self._lock:
            return self._file.results.get(digest)

    def put(self, digest: str, **changes: Any) -> None:
        """Change the result of a content, or add one."""
        with self._lock:
            result = replace(self._file.results.get(digest, RowResult()), **changes)
            self._save(replace(self._file, results={**self._file.results, digest: result}))

    def add_rows(
        self, rows: dict[str, str], results: dict[str, RowResult], queued: Mapping[str, str], name: str
    ) -> None:
        """Remember rows, results that are not known yet, and the title of each content that is queued, in one step."""
        with self._lock:
            known = {**results, **self._file.results}
            for digest, title in queued.items():
                known[digest] = replace(known.get(digest, RowResult()), status="queued", error="", title=title)
            self._save(replace(self._file, name=name, rows={**self._file.rows, **rows}, results=known))

    def _save(self, file: LedgerFile) -> None:
        if file == self._file:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        json_files.save(self._path, file)
        self._file = file


@contextmanager
def sheet_lock(workspace: Workspace, key: str, name: str) -> Iterator[None]:
    """Give one process exclusive use of a sheet. Raises `UsageError` if another one runs it."""
    workspace.locks.mkdir(parents=True, exist_ok=True)
    path = Path(workspace.locks / f"sheet-{hashlib.sha256(key.encode()).hexdigest()[:24]}.lock")
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise UsageError(
            f"{name} is being run by another process in this workspace",
            remedy="Wait until it has ended, or end it, and run the same command again.",
        ) from error
    try:
        yield
    finally:
        lock.release()
