"""Brings a database to the state this version of the program needs: schema, tables, functions, roles, policies.

All of it happens in one transaction under one lock, so that two processes that start at once do it once, and a failure
leaves the database as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.errors import DatabaseError
from pressrun.jobs.states import BATCH_MOVES, JOB_MOVES

if TYPE_CHECKING:
    from psycopg import Cursor
    from sqlalchemy import Connection as SqlConnection

SCHEMA = "pressrun"
API_ROLE = "pressrun_api"
WORKER_ROLE = "pressrun_worker"
EVENTS_CHANNEL = "pressrun_events"
"""Names each batch in which something happened."""

_HERE = Path(__file__).parent
_SQL = ("moves", "admission", "attempts", "batches", "listening", "policies")
_LOCK = 8206_0001
"""Any number that nobody else locks."""
OLDEST = 140000
"""The server must be PostgreSQL 14 or newer, which has CREATE OR REPLACE TRIGGER."""


def migrate(url: str) -> bool:
    """Brings the database at `url` up to date; says whether there was anything to do.

    Raises `DatabaseError` where its user may not make what is needed, with the statements for somebody who may, and for
    a server that is too old.
    """
    import psycopg
    from psycopg.errors import InsufficientPrivilege

    with psycopg.connect(url, autocommit=True) as look, look.cursor() as cursor:
        refuse_old(look.info.server_version)
        try:
            return not is_current(cursor) and _migrate_alone(url)
        except InsufficientPrivilege as error:
            user = look.info.user
            there = {name for (name,) in cursor.execute("SELECT rolname FROM pg_roles")}
            raise DatabaseError(
                f"The database user {user} may not set up the queue: {error.diag.message_primary}",
                remedy=f"Run as an administrator of the database: {by_hand(look.info.dbname, user, there)}",
            ) from error


def refuse_old(version: int) -> None:
    """Raises `DatabaseError` for a server older than the functions of the queue; 150018 is PostgreSQL 15.18."""
    if version < OLDEST:
        raise DatabaseError(
            f"The database is PostgreSQL {version // 10000}.{version % 10000}, which is too old for the queue",
            remedy=f"Use PostgreSQL {OLDEST // 10000} or newer.",
        )


def _migrate_alone(url: str) -> bool:
    # Only now: every command of the queue comes by here, and hardly one has anything to migrate.
    import psycopg
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.begin() as shared, _driver_cursor(shared) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        if is_current(cursor):
            return False
        _bring_up_to_date(shared, cursor)
    return True


def _driver_cursor(shared: SqlConnection) -> Cursor:
    """A cursor of the driver in the transaction that SQLAlchemy holds."""
    driver: Any = shared.connection.driver_connection
    cursor: Cursor = driver.cursor()
    return cursor


def by_hand(database: str, user: str, there: Container[str] = ()) -> str:
    """The statements that let `user` do the rest; `there` are the roles that the server has."""
    made = "".join(f"CREATE ROLE {role} NOLOGIN; " for role in (API_ROLE, WORKER_ROLE) if role not in there)
    return (
        f'{made}GRANT {API_ROLE}, {WORKER_ROLE} TO "{user}"; '
        f'GRANT CREATE ON DATABASE "{database}" TO "{user}";'
    )


@cache
def _functions() -> str:
    """All that is made anew whenever it changes: functions, triggers, policies."""
    text = "\n".join((_HERE / "sql" / f"{name}.sql").read_text(encoding="utf-8") for name in _SQL)
    for name, moves in (("job_moves", JOB_MOVES), ("batch_moves", BATCH_MOVES)):
        pairs = ", ".join(f"'{start}>{end}'" for start, ends in moves.items() for end in ends)
        text = text.replace(f"{{{name}}}", pairs)
    return text


@cache
def digest() -> str:
    """What the database must be at: names everything this version brings."""
    parts = [_functions(), _procrastinate_scripts()[-1].name]
    parts += [path.read_text(encoding="utf-8") for path in sorted((_HERE / "migrations").rglob("*.sql"))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def is_current(cursor: Cursor) -> bool:
    """Whether the database is as this version needs it."""
    cursor.execute("SELECT to_regclass('pressrun.schema_digest')")
    if (found := cursor.fetchone()) is None or found[0] is None:
        return False
    cursor.execute("SELECT digest FROM pressrun.schema_digest")
    return cursor.fetchone() == (digest(),)


def _bring_up_to_date(shared: SqlConnection, cursor: Cursor) -> None:
    cursor.execute("CREATE SCHEMA IF NOT EXISTS pressrun")
    cursor.execute("SET LOCAL search_path TO pressrun")
    _make_roles(cursor)
    cursor.execute("CREATE TABLE IF NOT EXISTS schema_digest (digest text NOT NULL, procrastinate text NOT NULL)")
    _apply_procrastinate(cursor)
    _run_alembic(shared)
    cursor.execute(_functions().encode())
    cursor.execute("DELETE FROM schema_digest")
    cursor.execute("INSERT INTO schema_digest VALUES (%s, %s)", (digest(), _procrastinate_scripts()[-1].name))


def _make_roles(cursor: Cursor) -> None:
    for role in (API_ROLE, WORKER_ROLE):
        cursor.execute("SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = %s", (role,))
        member = cursor.fetchone()
        if member is None:
            # Roles belong to the whole server, so another database on it may be making them at the same moment.
            made_elsewhere = "EXCEPTION WHEN duplicate_object OR unique_violation THEN"
            cursor.execute(f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; {made_elsewhere} END $$".encode())
        if member != (True,):
            cursor.execute(f"GRANT {role} TO CURRENT_USER".encode())


def _procrastinate_scripts() -> list[Path]:
    """The changes of procrastinate's schema, oldest first."""
    from procrastinate.schema import SchemaManager

    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _apply_procrastinate(cursor: Cursor) -> None:
    """Its whole schema where there is none yet, else what its newer versions changed."""
    from procrastinate.schema import SchemaManager

    cursor.execute("SELECT procrastinate FROM schema_digest")
    if (known := cursor.fetchone()) is None:
        cursor.execute(SchemaManager.get_schema())
        return
    for script in _procrastinate_scripts():
        if script.name > known[0]:
            cursor.execute(script.read_bytes())


def _run_alembic(shared: SqlConnection) -> None:
    """Runs the migrations that are missing, in the same transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE / "migrations"))
    config.attributes["connection"] = shared
    command.upgrade(config, "head")
