"""Remove what the queue keeps no longer: batches, their files or their events, some days after they ended."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.engine.cleanup import MIN_AGE, size_of
from pressrun.errors import BrokenFileError, PressrunError, SettingsError
from pressrun.jobs.connection import Row, translate_errors
from pressrun.jobs.migrate import SCHEMA, WORKER_ROLE
from pressrun.jobs.variables import MAX_RETENTION_DAYS, RETENTION
from pressrun.kinds.run_store.folders import item_id, local_path
from pressrun.kinds.run_store.location import RunLocation
from pressrun.kinds.run_store.removal import remove_files
from pressrun.pipelines.idea_video import IDEA_VIDEO
from pressrun.store import json_files
from pressrun.store.run_folder import ITEM, Item

if TYPE_CHECKING:
    from psycopg import Connection

INTERVAL = 3600.0
"""Seconds between two runs of `keep_removing`."""

logger = logging.getLogger(__name__)

_ENDED = """b.state IN ('completed', 'canceled', 'failed') AND b.active = 0
    AND b.finished_at < now() - make_interval(secs => %(days)s * 86400)"""

_OLD_EVENTS = f"FROM job_events e JOIN batches b ON b.id = e.batch_id AND {_ENDED} AND e.kind NOT LIKE 'batch%%'"


@dataclass(frozen=True)
class Retention:
    """Days for which batches, files and events are kept after their batch has ended; None: for ever."""

    batches: float | None = None
    files: float | None = None
    events: float | None = None

    def __bool__(self) -> bool:
        return (self.batches, self.files, self.events) != (None, None, None)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Retention:
        """Return the days in the environment. Raises `SettingsError` for a value that is not a number of days."""
        env = os.environ if environment is None else environment
        return cls(**{name: _days(variable, env.get(variable, "")) for name, variable in RETENTION.items()})


def _days(variable: str, text: str) -> float | None:
    if not text.strip():
        return None
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days <= MAX_RETENTION_DAYS:
        raise SettingsError(
            f"Environment variable {variable}: found {text!r}",
            remedy=f"Use a number of days from 0 to {MAX_RETENTION_DAYS:,}.",
        )
    return days


@dataclass(frozen=True)
class Expired:
    """What can be removed. Sizes are those of the disk, without buckets."""

    batches: Sequence[Row]
    """`id`, `owner`, `title` and `finished_at` of batches to delete with their files."""
    files: Sequence[Row]
    """The same of batches that lose only their files."""
    events: int
    orphans: Sequence[Path]
    """Run folders of ideas whose job is not in the queue."""
    size: int
    """Bytes in run folders and uploads."""


@contextmanager
def open_connection(url: str) -> Iterator[Connection[Row]]:
    """Yield a connection that sees the batches of all users. Raises database errors as `translate_errors`."""
    import psycopg
    from psycopg.rows import dict_row

    with translate_errors(), psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
        connection.execute(f"SET search_path TO {SCHEMA}".encode())
        connection.execute(f"SET ROLE {WORKER_ROLE}".encode())
        yield connection


def find_expired(
    connection: Connection[Row], location: RunLocation, retention: Retention, *, orphans: bool = False
) -> Expired:
    """Return what `remove_expired` would remove now."""
    batches = _ended(connection, retention.batches)
    gone = {row["id"] for row in batches}
    files = [row for row in _ended(connection, retention.files, with_files=True) if row["id"] not in gone]
    folders = _find_orphans(connection, location) if orphans else []
    size = sum(map(size_of, folders))
    for row in (*batches, *files):
        size += sum(size_of(folder) for folder in _folders(connection, location, row["id"]))
    events = 0
    if retention.events is not None:
        found = connection.execute(f"SELECT count(*) AS count {_OLD_EVENTS}".encode(), {"days": retention.events})
        events = (found.fetchone() or {"count": 0})["count"]
    return Expired(batches, files, events, folders, size)


def remove_expired(connection: Connection[Row], location: RunLocation, expired: Expired, retention: Retention) -> int:
    """Remove what `find_expired` found, unless it is in use by now, and return the bytes freed, also in a bucket."""
    freed = 0
    for row in expired.batches:
        with connection.transaction():
            jobs = _lock_jobs(connection, row["id"], retention.batches)
            if jobs is not None:
                connection.execute("SELECT forget(%s)", (row["id"],))
        freed += remove_files(location, row["id"], jobs or ())
    for row in expired.files:
        with connection.transaction():
            jobs = _lock_jobs(connection, row["id"], retention.files)
            if jobs is not None:
                # A retry that starts now begins with a new run folder.
                connection.execute("UPDATE jobs SET files = '[]', run_folder = NULL WHERE batch_id = %s", (row["id"],))
        freed += remove_files(location, row["id"], jobs or ())
    if retention.events is not None and expired.events:
        connection.execute(
            f"DELETE FROM job_events WHERE id IN (SELECT e.id {_OLD_EVENTS})".encode(), {"days": retention.events}
        )
    for folder in expired.orphans:
        size = size_of(folder)
        shutil.rmtree(folder, ignore_errors=True)
        freed += size - size_of(folder)
    return freed


def keep_removing(url: str, location: RunLocation, retention: Retention, stop: threading.Event) -> None:
    """Remove what has expired, now and every hour until `stop` is set. Errors are only logged."""
    while True:
        try:
            with open_connection(url) as connection:
                expired = find_expired(connection, location, retention)
                if expired.batches or expired.files or expired.events:
                    freed = remove_expired(connection, location, expired, retention)
                    logger.info(
                        "Removed %s batches, the files of %s and %s events: %.1f MB",
                        len(expired.batches), len(expired.files), expired.events, freed / 1e6,
                    )
        except (PressrunError, OSError) as error:
            logger.warning("Old batches cannot be removed: %s", error)
        if stop.wait(INTERVAL):
            return


def _ended(connection: Connection[Row], days: float | None, *, with_files: bool = False) -> list[Row]:
    if days is None:
        return []
    files = """AND EXISTS (SELECT 1 FROM jobs j WHERE j.batch_id = b.id
        AND (j.run_folder IS NOT NULL OR j.files <> '[]'))"""
    query = f"""SELECT b.id, b.owner, b.title, b.finished_at FROM batches b WHERE {_ENDED}
        {files if with_files else ""} ORDER BY b.finished_at"""
    return connection.execute(query.encode(), {"days": days}).fetchall()


def _lock_jobs(connection: Connection[Row], batch_id: str, days: float | None) -> list[Row] | None:
    """Lock a batch and return its jobs; None if it was deleted or retried meanwhile."""
    query = f"SELECT 1 FROM batches b WHERE b.id = %(id)s AND {_ENDED} FOR UPDATE"
    if connection.execute(query.encode(), {"id": batch_id, "days": days}).fetchone() is None:
        return None
    return connection.execute("SELECT id, run_folder FROM jobs WHERE batch_id = %s", (batch_id,)).fetchall()


def _folders(connection: Connection[Row], location: RunLocation, batch_id: str) -> list[Path]:
    rows = connection.execute("SELECT run_folder FROM jobs WHERE batch_id = %s", (batch_id,)).fetchall()
    return [local_path(location.workspace, row["run_folder"]) for row in rows if row["run_folder"]]


def _find_orphans(connection: Connection[Row], location: RunLocation) -> list[Path]:
    """Return the run folders of ideas in this workspace whose job is in no batch, oldest first."""
    known = {item_id(row["batch_id"], row["id"]) for row in connection.execute("SELECT batch_id, id FROM jobs")}
    runs, found = location.workspace.runs, []
    for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
        item = _read_item(folder)
        # The job of a folder that is being created may have been too new for the query.
        if (
            item and item.pipeline == IDEA_VIDEO.name and item.id not in known
            and time.time() - (folder / ITEM).stat().st_mtime > MIN_AGE
        ):
            found.append(folder)
    return found


def _read_item(folder: Path) -> Item | None:
    if folder.name.startswith(".") or folder.is_symlink() or not (folder / ITEM).is_file():
        return None
    try:
        return json_files.load(folder / ITEM, Item)
    except BrokenFileError:
        return None
