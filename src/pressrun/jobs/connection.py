"""Connections to the database in the name of one user or one worker, and its errors in plain words."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pressrun.errors import DatabaseAwayError, DatabaseError, FencedError, MoveError, NoSuchBatchError, PressrunError
from pressrun.jobs.migrate import API_ROLE, SCHEMA, WORKER_ROLE
from pressrun.jobs.states import USER_ACTIONS, BatchState

if TYPE_CHECKING:
    import psycopg
    from psycopg import AsyncConnection, Connection, Cursor
    from psycopg.types.json import Jsonb
    from psycopg_pool import ConnectionPool

Row = dict[str, Any]
EFFECTIVE_ROLE = "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


@dataclass(frozen=True)
class Queue:
    """The queue of one user: all its statements see only the batches of that user."""

    pool: ConnectionPool[Connection[Row]]
    user: str

    @contextmanager
    def transaction(self) -> Iterator[Cursor[Row]]:
        """Yield a cursor in a transaction with the role of the API and the name of the user.

        Raises database errors as `translate_error` returns them.
        """
        with translate_errors(), self.pool.connection() as connection, connection.cursor() as cursor:
            # One round trip for both; they end with the transaction.
            cursor.execute(
                "SELECT set_config('role', %s, true), set_config('pressrun.user', %s, true)", (API_ROLE, self.user)
            )
            yield cursor


def batch_owner(pool: ConnectionPool[Connection[Row]], batch_id: str) -> str:
    """Return the owner of a batch, for a request that proves in another way that it may use it.

    Raises `NoSuchBatchError`, and database errors as `translate_error` returns them.
    """
    with translate_errors(), pool.connection() as connection, connection.cursor() as cursor:
        # The role of the API sees only the batches of a user it knows.
        cursor.execute("SELECT set_config('role', %s, true)", (WORKER_ROLE,))
        row = cursor.execute("SELECT owner FROM batches WHERE id = %s", (batch_id,)).fetchone()
    if row is None:
        raise NoSuchBatchError(f"There is no batch {batch_id}", remedy="List the batches to see their ids.")
    return str(row["owner"])


def local_user() -> str:
    """Return the user of this machine, who owns batches that are sent from it without another name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local"


@contextmanager
def open_pool(
    url: str, size: int = 8, timeout: float | None = None
) -> Iterator[ConnectionPool[Connection[Row]]]:
    """Yield a pool of connections for the `Queue`s of all users of this process.

    `timeout` is the number of seconds to wait for a connection, and the longest that a statement may take. Without it,
    30 seconds for a connection and no limit for statements.
    """
    from psycopg.rows import dict_row
    from psycopg_pool import ConnectionPool

    made: ConnectionPool[Connection[Row]] = ConnectionPool(
        url, min_size=1, max_size=size, configure=partial(_prepare, timeout=timeout),
        kwargs={"row_factory": dict_row}, open=False, timeout=timeout or 30.0,
    )
    with made as pool:
        yield pool


def _prepare(connection: Connection[Row], timeout: float | None) -> None:
    """Set what holds for the whole connection, and reject a role that row-level security does not restrict."""
    from psycopg.rows import tuple_row

    connection.autocommit = True
    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(f"SET search_path TO {SCHEMA}".encode())
        cursor.execute(f"SET ROLE {API_ROLE}".encode())
        require_restricted_role(cursor.execute(EFFECTIVE_ROLE).fetchone())
        cursor.execute("RESET ROLE")
        if timeout:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", (f"{timeout * 1000:.0f}ms",))
    connection.autocommit = False


async def prepare_worker(connection: AsyncConnection[Any]) -> None:
    """Prepare a connection of a worker. It keeps the role of the workers, and each statement is a transaction."""
    from psycopg.rows import tuple_row

    await connection.set_autocommit(True)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(f"SET search_path TO {SCHEMA}".encode())
        await cursor.execute(f"SET ROLE {WORKER_ROLE}".encode())
        await cursor.execute(EFFECTIVE_ROLE)
        require_restricted_role(await cursor.fetchone())


def require_restricted_role(found: tuple[Any, ...] | None) -> None:
    """Raise `DatabaseError` if the effective role is a superuser or bypasses row-level security.

    `found` is the row of `EFFECTIVE_ROLE`.
    """
    if found is None or found[1]:
        name = found[0] if found else "in use"
        raise DatabaseError(
            f"The database role {name} bypasses row-level security, so owners would see each other's batches",
            remedy=f"Run as an administrator of the database: ALTER ROLE {name} NOSUPERUSER NOBYPASSRLS;",
        )


def as_json(value: Any) -> Jsonb:
    """Return `value` for a jsonb column."""
    from psycopg.types.json import Jsonb

    return Jsonb(clean(value))


def clean(value: Any) -> Any:
    """Return `value` without characters that PostgreSQL cannot store in text: NUL and lone surrogates."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {clean(str(name)): clean(each) for name, each in value.items()}
    return [clean(each) for each in value] if isinstance(value, list | tuple) else value


def require_restricted_roles(cursor: Cursor[tuple[Any, ...]]) -> None:
    """Raise `DatabaseError` if one of our two roles is not restricted. The second one is the effective role then."""
    for role in (API_ROLE, WORKER_ROLE):
        cursor.execute(f"SET ROLE {role}".encode())
        require_restricted_role(cursor.execute(EFFECTIVE_ROLE).fetchone())


def check_roles(url: str, seconds: int = 10) -> None:
    """Check that owners are kept apart.

    Raises `DatabaseError` if they are not, and `DatabaseAwayError` if the database does not answer within `seconds`.
    """
    import psycopg

    with (
        translate_errors(),
        psycopg.connect(url, autocommit=True, connect_timeout=seconds) as connection,
        connection.cursor() as cursor,
    ):
        require_restricted_roles(cursor)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise database errors as errors that users can read."""
    import psycopg
    from psycopg_pool import PoolTimeout

    try:
        yield
    except PoolTimeout as error:
        raise DatabaseAwayError("The database does not answer", remedy="Try again in a few seconds.") from error
    except psycopg.Error as error:
        if known := translate_error(error):
            raise known from error
        raise


def translate_error(error: psycopg.Error) -> PressrunError | None:
    """Return a database error as one that users can read; None for a bug.

    PR001, PR404 and PR409 are raised by our own functions and triggers.
    """
    message = error.diag.message_primary or ""
    if error.sqlstate == "PR001":
        return FencedError(message)
    if error.sqlstate == "PR404":
        return NoSuchBatchError(message, remedy="List the batches to see their ids.")
    if error.sqlstate == "PR409":
        state = error.diag.message_detail or ""
        # Only the moves of a batch come from its owner; a rejected move of a job has a job state as its detail.
        allowed = USER_ACTIONS[BatchState(state)] if state in set(BatchState) and "batch" in message else ()
        remedy = f"Allowed now: {', '.join(allowed)}." if allowed else "No action is allowed in this state."
        return MoveError(message, remedy=remedy, state=state, allowed=allowed)
    if is_transient(error):
        return DatabaseAwayError("The database does not answer", remedy="Try again in a few seconds.")
    return None


def is_transient(error: BaseException | None) -> bool:
    """Return whether the same statement may succeed later: the database is down, busy, full or failing over."""
    import psycopg

    if not isinstance(error, psycopg.Error):
        return False
    if not error.sqlstate:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return re.match("08|40|53|57P|57014|55P03|25006", error.sqlstate) is not None
