"""A PostgreSQL for tests: one server for all processes of a test run, and in it a database that is empty for each test.

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
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pressrun.jobs.migrate import migrate
from pressrun.jobs.server import embedded_server, is_running

URL_VARIABLE = "PRESSRUN_TEST_DATABASE_URL"
_numbers = itertools.count(1)


@contextmanager
def server(run_id: str = "") -> Iterator[str]:
    """Yield the URL of a server. Processes that name the same test run share it, and the last one removes it."""
    if given := os.environ.get(URL_VARIABLE):
        yield given
        return
    # Not in pytest's own folder, which the user that the server runs as may not enter.
    folder = Path(tempfile.gettempdir()).resolve() / f"pressrun-postgres-{run_id[:8] or os.getpid()}"
    folder.mkdir(mode=0o755, exist_ok=True)
    data = folder / "data"
    try:
        with embedded_server(data) as url:
            # A server that is thrown away need not survive a power cut.
            _run(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
            yield url
    finally:
        if not is_running(data):
            shutil.rmtree(folder, ignore_errors=True)


def prepared(url: str) -> str:
    """The address of a database with our tables that tests use one after the other."""
    name = f"pressrun_tables_{os.getpid()}"
    _run(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    address = make_conninfo(url, dbname=name)
    migrate(address)
    return address


def throw_out(address: str, spared: int = 0) -> None:
    """Ends every connection of ours to a database but that of the process `spared`, as a restart of it would."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s) AND usename = current_user",
            (spared,),
        )


_EMPTY = """DO $$ BEGIN
    EXECUTE (SELECT 'TRUNCATE ' || string_agg('pressrun.' || relname, ', ') || ' RESTART IDENTITY CASCADE' FROM pg_class
        WHERE relnamespace = 'pressrun'::regnamespace AND relkind = 'r' AND relname NOT LIKE 'schema_%');
END $$"""


def empty(address: str) -> None:
    """Takes all rows out of a prepared database; whoever is still connected is thrown out first."""
    throw_out(address)
    _run(address, _EMPTY)


@contextmanager
def database(url: str) -> Iterator[str]:
    """The address of a new database without tables that is gone afterwards."""
    name = f"pressrun_test_{os.getpid()}_{next(_numbers)}"
    _run(url, f"CREATE DATABASE {name}")
    try:
        yield make_conninfo(url, dbname=name)
    finally:
        _run(url, f"DROP DATABASE {name} WITH (FORCE)")


def is_superuser(url: str) -> bool:
    """Whether the user of the server may do everything."""
    with psycopg.connect(url) as connection:
        return connection.info.parameter_status("is_superuser") == "on"


def drop(url: str, address: str) -> None:
    """Drops the database at `address`."""
    _run(url, f"DROP DATABASE IF EXISTS {conninfo_to_dict(address)['dbname']} WITH (FORCE)")


def _run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
