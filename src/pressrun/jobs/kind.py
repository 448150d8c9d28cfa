"""A kind of job, as the queue and its workers know it. Parsing a request belongs to the kind itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pressrun.model.stage import Pipeline

NAME_PATTERN = "[a-z][a-z0-9-]{0,39}"
MODULE_PATTERN = r"[a-zA-Z_]\w*(\.[a-zA-Z_]\w*)*"
MAX_RETRIES = 20
"""Highest `max_retries` that the tables accept."""
_ID_FILE = Path("runs", ".workspace")


@dataclass(frozen=True)
class KindQueue:
    """The queue of a kind. Use `shared` or `per_workspace` to create one."""

    name: str
    """Its name for users, e.g. in `pressrun worker --queue items`."""
    per_workspace: bool = False

    def of(self, workspace: Path) -> str:
        """Return its name in the database for a workspace, which gets an id if it does not have one yet."""
        return f"{self.name}-{_workspace_id(workspace)}" if self.per_workspace else self.name


def shared(name: str) -> KindQueue:
    """Return a queue that any worker may serve: its jobs carry all they need."""
    return KindQueue(name)


def per_workspace(name: str) -> KindQueue:
    """Return a queue for each workspace, served only by workers that see the files of that workspace."""
    return KindQueue(name, per_workspace=True)


@dataclass(frozen=True)
class Kind:
    """A kind of job as the queue and its workers know it. Use `kind` to create one."""

    name: str
    """Stored with every batch, so it never changes."""
    run: str
    """Module with `run(job: JobContext, host: Host) -> Outcome`, which makes one attempt from the checkpoint on."""
    pipelines: tuple[Pipeline, ...]
    """Pipelines that a batch may name. A worker may have others in addition (`PRESSRUN_PIPELINE`)."""
    queue: KindQueue
    max_retries: int = 3
    """Retries of a job whose error may pass, 0 to 20, unless its batch asks for another number."""


def kind(name: str, run: str, *pipelines: Pipeline, queue: KindQueue, max_retries: int = 3) -> Kind:
    """Return a checked `Kind`. Raises `ValueError` for a name, module or number that cannot be used."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise ValueError(f"invalid name of a kind {name!r}: use lower-case letters, digits and -")
    if not re.fullmatch(NAME_PATTERN, queue.name):
        raise ValueError(f"kind {name}: invalid name of a queue {queue.name!r}: use lower-case letters, digits and -")
    if not re.fullmatch(MODULE_PATTERN, run):
        raise ValueError(f"kind {name}: {run!r} is not the name of a module")
    if not pipelines:
        raise ValueError(f"kind {name}: name at least one pipeline")
    if not 0 <= max_retries <= MAX_RETRIES:
        raise ValueError(f"kind {name}: max_retries is {max_retries}, must be 0 to {MAX_RETRIES}")
    return Kind(name, run, pipelines, queue, max_retries)


def _workspace_id(workspace: Path) -> str:
    import uuid

    from pressrun.store.atomic import write_bytes
    from pressrun.store.locks import database_lock

    path = workspace / _ID_FILE
    if not path.is_file():
        path.parent.mkdir(exist_ok=True)
        with database_lock(path):
            # Another process may have written it while this one waited for the lock.
            if not path.is_file():
                write_bytes(path, f"{uuid.uuid4().hex}\n".encode())
    return path.read_text(encoding="ascii").strip()
