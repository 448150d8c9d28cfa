"""Whether the database of the queue can be used, looked at without changing anything in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from pressrun import redaction
from pressrun.jobs.connection import refuse_powerful_roles
from pressrun.jobs.migrate import API_ROLE, WORKER_ROLE, is_current
from pressrun.jobs.server import EMBEDDED, NEEDED, check_address, default_folder, embedded_server, errors_of_reaching
from pressrun.services.checks import Check

GROUP, NAME = "Queue", "queue"
PATIENCE = 5
"""Seconds to wait for a connection."""


def queue_check(*, ask_network: bool) -> Check:
    """The look at the database; where the queue is not in use here, or must not be asked, it finds that alone."""
    if missing := [package for module, package in (NEEDED | EMBEDDED).items() if find_spec(module) is None]:
        return _unused(f"not installed: {', '.join(missing)}. pip install 'pressrun[serve]' brings it")
    if redaction.secret_variable("database"):
        if not ask_network:
            return _unused("PRESSRUN_DATABASE_URL is set, and the network is not asked")
        return Check(GROUP, NAME, lambda _note: _look(None))
    folder = default_folder()
    if not folder.is_dir():
        return _unused(f"not in use; the first start makes a database in {folder}")
    return Check(GROUP, NAME, lambda _note: _look(folder))


def _unused(found: str) -> Check:
    return Check(GROUP, NAME, lambda _note: found, when_fine="unused")


def _look(folder: Path | None) -> str:
    import psycopg

    with _address(folder) as url, psycopg.connect(url, autocommit=True, connect_timeout=PATIENCE) as connection:
        version = connection.info.server_version
        said = f"PostgreSQL {version // 10000}.{version % 10000}" + (f", its own, in {folder}" if folder else "")
        with connection.cursor() as cursor:
            if not is_current(cursor):
                return f"{said}; the next start makes its tables, or brings them up to date"
            refuse_powerful_roles(cursor)
            found = cursor.execute(
                "SELECT count(*) FROM pressrun.workers WHERE beat > now() - interval '10 seconds'"
            ).fetchone()
        workers = found[0] if found else 0
        running = f"{workers} worker{'' if workers == 1 else 's'} running" if workers else "no worker running"
        return f"{said}; tables of this version, roles {API_ROLE} and {WORKER_ROLE}; {running}"


@contextmanager
def _address(folder: Path | None) -> Iterator[str]:
    if folder:
        with embedded_server(folder) as url:
            yield url
    elif given := redaction.find_secret("database"):
        check_address(given.reveal())
        with errors_of_reaching():
            yield given.reveal()
