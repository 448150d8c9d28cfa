"""Bring a database up to date: schema, tables, functions, roles and policies.

All of it is one transaction under one lock, so two processes that start at once do it only once, and a failure leaves
the database unchanged. Programs of the previous version may run meanwhile, so a migration must keep what they call.
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
"""Each notification names a batch with new events."""

_HERE = Path(__file__).parent
_SQL = ("moves", "webhooks", "admission", "attempts", "batches", "listening", "policies")
_LOCK = 8206_0001
"""Key of the advisory lock: an arbitrary number that no other program uses."""
MIN_VERSION = 140000
"""PostgreSQL 14 is the first version with CREATE OR REPLACE TRIGGER."""


def migrate(url: str) -> bool:
    """Bring the database at `url` up to date. Return whether anything had to be done.

    Raises `DatabaseError` for a server that is too old, and for a user without the rights. The remedy then has the
    statements for an administrator.
    """
    import psycopg
    from psycopg.errors import InsufficientPrivilege

    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        require_version(connection.info.server_version)
        try:
            return not is_current(cursor) and _migrate_locked(url)
        except InsufficientPrivilege as error:
            user = connection.info.user
            existing = {name for (name,) in cursor.execute("SELECT rolname FROM pg_roles")}
            statements = admin_statements(connection.info.dbname, user, existing)
            raise DatabaseError(
                f"The database user {user} may not set up the queue: {error.diag.message_primary}",
                remedy=f"Run as an administrator of the database: {statements}",
            ) from error


def require_version(version: int) -> None:
    """Raise `DatabaseError` if the server is too old. 150018 means PostgreSQL 15.18."""
    if version < MIN_VERSION:
        raise DatabaseError(
            f"The database is PostgreSQL {version // 10000}.{version % 10000}, which is too old",
            remedy=f"Use PostgreSQL {MIN_VERSION // 10000} or newer.",
        )


def _migrate_locked(url: str) -> bool:
    # Imported here because every command of the queue checks the database, but hardly any has to migrate it.
    import psycopg
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.begin() as shared, _driver_cursor(shared) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        # Another process may have done it while this one waited for the lock.
        if is_current(cursor):
            return False
        _bring_up_to_date(shared, cursor)
    return True


def _driver_cursor(shared: SqlConnection) -> Cursor:
    """Return a cursor of the driver, in the transaction of SQLAlchemy."""
    driver: Any = shared.connection.driver_connection
    cursor: Cursor = driver.cursor()
    return cursor


def admin_statements(database: str, user: str, existing: Container[str] = ()) -> str:
    """Return the statements that let `user` do the rest; `existing` are the roles of the server."""
    created = "".join(f"CREATE ROLE {role} NOLOGIN; " for role in (API_ROLE, WORKER_ROLE) if role not in existing)
    return (
        f'{created}GRANT {API_ROLE}, {WORKER_ROLE} TO "{user}"; '
        f'GRANT CREATE ON DATABASE "{database}" TO "{user}";'
    )


@cache
def _functions() -> str:
    """Return the SQL of functions, triggers and policies, which run again whenever any of it changes."""
    text = "\n".join((_HERE / "sql" / f"{name}.sql").read_text(encoding="utf-8") for name in _SQL)
    for name, moves in (("job_moves", JOB_MOVES), ("batch_moves", BATCH_MOVES)):
        pairs = ", ".join(f"'{start}>{end}'" for start, ends in moves.items() for end in ends)
        text = text.replace(f"{{{name}}}", pairs)
    return text


@cache
def digest() -> str:
    """Return a digest of everything that this version puts into the database."""
    parts = [_functions(), _procrastinate_scripts()[-1].name]
    parts += [path.read_text(encoding="utf-8") for path in sorted((_HERE / "migrations").rglob("*.sql"))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def is_current(cursor: Cursor) -> bool:
    """Return whether the database is up to date."""
    cursor.execute("SELECT to_regclass('pressrun.schema_digest')")
    if (found := cursor.fetchone()) is None or found[0] is None:
        return False
    cursor.execute("SELECT digest FROM pressrun.schema_digest")
    return cursor.fetchone() == (digest(),)


def _bring_up_to_date(shared: SqlConnection, cursor: Cursor) -> None:
    cursor.execute("CREATE SCHEMA IF NOT EXISTS pressrun")
    cursor.execute("SET LOCAL search_path TO pressrun")
    _create_roles(cursor)
    cursor.execute("CREATE TABLE IF NOT EXISTS schema_digest (digest text NOT NULL, procrastinate text NOT NULL)")
    _apply_procrastinate(cursor)
    _run_alembic(shared)
    cursor.execute(_functions().encode())
    cursor.execute("DELETE FROM schema_digest")
    cursor.execute("INSERT INTO schema_digest VALUES (%s, %s)", (digest(), _procrastinate_scripts()[-1].name))


def _create_roles(cursor: Cursor) -> None:
    for role in (API_ROLE, WORKER_ROLE):
        cursor.execute("SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = %s", (role,))
        member = cursor.fetchone()
        if member is None:
            # Roles belong to the server, so a migration of another database may create them at the same moment.
            created_elsewhere = "EXCEPTION WHEN duplicate_object OR unique_violation THEN"
            cursor.execute(f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; {created_elsewhere} END $$".encode())
        if member != (True,):
            cursor.execute(f"GRANT {role} TO CURRENT_USER".encode())


def _procrastinate_scripts() -> list[Path]:
    """Return the migrations of procrastinate, oldest first."""
    from procrastinate.schema import SchemaManager

    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _apply_procrastinate(cursor: Cursor) -> None:
    """Create the tables of procrastinate, or apply the migrations of its newer versions."""
    from procrastinate.schema import SchemaManager

    cursor.execute("SELECT procrastinate FROM schema_digest")
    if (known := cursor.fetchone()) is None:
        cursor.execute(SchemaManager.get_schema())
        return
    for script in _procrastinate_scripts():
        if script.name > known[0]:
            cursor.execute(script.read_bytes())


def _run_alembic(shared: SqlConnection) -> None:
    """Run our missing migrations in the same transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE / "migrations"))
    config.attributes["connection"] = shared
    command.upgrade(config, "head")
