"""A PostgreSQL for tests: one server for a test process, a database of its own for each test.

`PRESSRUN_TEST_DATABASE_URL` names another server, whose user may create databases, and the same tests run there.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from pressrun.jobs.migrate import migrate
from pressrun.jobs.server import embedded_server

URL_VARIABLE = "PRESSRUN_TEST_DATABASE_URL"
_numbers = itertools.count(1)


@contextmanager
def server() -> Iterator[str]:
    """The address of a server; one of our own is thrown away at the end."""
    if given := os.environ.get(URL_VARIABLE):
        yield given
        return
    # Not in pytest's own folder, which the user that the server runs as may not enter.
    folder = Path(tempfile.mkdtemp(prefix="pressrun-postgres-")).resolve()
    folder.chmod(0o755)
    try:
        with embedded_server(folder / "data") as url:
            # A server that is thrown away need not survive a power cut.
            _run(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def template(url: str) -> str:
    """The name of a database with our tables, of which the tests' own are copies."""
    name = f"pressrun_template_{os.getpid()}"
    _run(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    migrate(make_conninfo(url, dbname=name))
    return name


@contextmanager
def database(url: str, of: str = "template1") -> Iterator[str]:
    """The address of a new database, a copy of the database `of`, that is gone afterwards."""
    name = f"pressrun_test_{os.getpid()}_{next(_numbers)}"
    _run(url, f"CREATE DATABASE {name} TEMPLATE {of} STRATEGY file_copy")  # half the time of the default
    try:
        yield make_conninfo(url, dbname=name)
    finally:
        _run(url, f"DROP DATABASE {name} WITH (FORCE)")


def drop(url: str, name: str) -> None:
    _run(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
