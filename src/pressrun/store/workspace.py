"""The workspace: the folder with the list, the database, the runs, the sources and the published files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

WORKSPACE_VARIABLE = "PRESSRUN_WORKSPACE"


@dataclass(frozen=True)
class Workspace:
    """The paths in a workspace. Creating this object creates no files."""

    root: Path
    shared_runs: Path | None = None
    """The folder of run folders that workers on several machines share, if it is not in the workspace."""

    @property
    def database(self) -> Path:
        return self.root / "database.json"

    @property
    def runs(self) -> Path:
        return self.shared_runs or self.root / "runs"

    @property
    def sources(self) -> Path:
        return self.root / "sources"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def locks(self) -> Path:
        return self.runs / ".locks"

    @property
    def logs(self) -> Path:
        return self.runs / ".logs"

    def run_folder(self, name: str) -> Path:
        """Return the path of a run folder as the database names it; someone may have left out `runs/`."""
        with suppress(OSError):  # a name that no disk accepts
            if not (self.root / name).exists() and (self.runs / name).exists():
                return self.runs / name
        return self.root / name

    def relative(self, path: Path) -> str:
        """Return `path` for display: relative to the workspace if it is inside."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


_active: ContextVar[Workspace | None] = ContextVar("workspace", default=None)


def current_workspace() -> Workspace:
    """Return the workspace set by `use_workspace`, else `PRESSRUN_WORKSPACE`, else the current folder."""
    return _active.get() or Workspace(Path(os.environ.get(WORKSPACE_VARIABLE) or ".").resolve())


@contextmanager
def use_workspace(workspace: Workspace) -> Iterator[Workspace]:
    """Make `workspace` the current one inside the block."""
    token = _active.set(workspace)
    try:
        yield workspace
    finally:
        _active.reset(token)
