"""What a program is to the queue: who it acts for, which database it means, and under which name its jobs wait."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path

from pressrun import redaction
from pressrun.errors import DatabaseError, UsageError
from pressrun.jobs.limits import env_int, require_non_negative_int

_ADDRESS = re.compile(r"://|(^|\s)(host|hostaddr|dbname|service)=")
"""Stands in what libpq takes for the address of a database, and in no name of a folder."""
LONGEST_QUEUE = 100
"""Characters of the name of a queue."""


def database_of(
    database: str | os.PathLike[str] | None, db_path: str | os.PathLike[str] | None
) -> tuple[Path | None, dict[str, str] | None]:
    """The folder of an embedded database, or an environment that names one, as `open_database` takes them.

    Raises `UsageError` for two that differ, `DatabaseError` for a file.
    """
    if database is not None and db_path is not None and os.fspath(database) != os.fspath(db_path):
        raise UsageError(
            "database and db_path are two names of one thing; found two values", remedy="Give one of them, database."
        )
    given = os.fspath(database if database is not None else db_path or "")
    if not given:
        return None, None
    if _ADDRESS.search(given):
        (variable,) = redaction.SECRETS["database"].variables
        return None, {variable: given}
    folder = Path(given).expanduser().resolve()
    if folder.is_file():
        raise DatabaseError(
            f"{folder} is a file", remedy="Name a folder for the database, or the address of a PostgreSQL."
        )
    return folder, None


def maker_name(kind: type, name: str) -> str:
    """What a class of processors is called, the same whenever its program is started again."""
    module = kind.__module__
    if module == "__main__":
        main = sys.modules["__main__"]
        spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
        module = spec.name if spec else Path(file).stem if file else module
    return f"{module}.{kind.__qualname__}" + (f":{name}" if name else "")


def own_queue_name(maker: str) -> str:
    """Return the queue of the jobs that `maker` does with a coroutine of its own."""
    queue = f"own:{maker}"
    if len(queue) <= LONGEST_QUEUE:
        return queue
    digest = hashlib.sha256(queue.encode()).hexdigest()[:16]
    return f"{queue[: LONGEST_QUEUE - 17]}:{digest}"


def workers_asked(said: int | None) -> int:
    """Videos at once. Raises `UsageError` for what is no whole number from 0 on, `SettingsError` in the environment."""
    if said is None:
        return env_int("PRESSRUN_MAX_WORKERS", 4, remedy="0 leaves the jobs to other workers.")
    return require_non_negative_int("max_workers", said, remedy="0 leaves the jobs to other workers.")
