"""The database as one user or one worker sees it."""

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
ROLE_IN_FORCE = "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


@dataclass(frozen=True)
class Queue:
    """The queue of one user: everything asked of it finds their batches and nobody else's."""

    pool: ConnectionPool[Connection[Row]]
    user: str

    @contextmanager
    def transaction(self) -> Iterator[Cursor[Row]]:
        """A transaction in the role of the API and in the name of the user, both set in one round trip.

        Raises what `clear_error` makes of an error of the database.
        """
        with clear_errors(), self.pool.connection() as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('role', %s, true), set_config('pressrun.user', %s, true)", (API_ROLE, self.user)
            )
            yield cursor


def local_user() -> str:
    """Who owns what is sent from this machine without a name: its user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local"


@contextmanager
def open_pool(
    url: str, size: int = 8, patience: float | None = None
) -> Iterator[ConnectionPool[Connection[Row]]]:
    """Connections for the `Queue`s of all users of one process.

    `patience` is how many seconds a connection is waited for, and how many a statement may take; where there is none,
    30, and as many as it likes.
    """
    from psycopg.rows import dict_row
    from psycopg_pool import ConnectionPool

    made: ConnectionPool[Connection[Row]] = ConnectionPool(
        url, min_size=1, max_size=size, configure=partial(_prepare, patience=patience),
        kwargs={"row_factory": dict_row}, open=False, timeout=patience or 30.0,
    )
    with made as pool:
        yield pool


def _prepare(connection: Connection[Row], patience: float | None) -> None:
    """What holds for a whole connection; refuses to go on in a role that row-level security does not hold back."""
    from psycopg.rows import tuple_row

    connection.autocommit = True
    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(f"SET search_path TO {SCHEMA}".encode())
        cursor.execute(f"SET ROLE {API_ROLE}".encode())
        refuse_power(cursor.execute(ROLE_IN_FORCE).fetchone())
        cursor.execute("RESET ROLE")
        if patience:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", (f"{patience * 1000:.0f}ms",))
    connection.autocommit = False


async def prepare_worker(connection: AsyncConnection[Any]) -> None:
    """The same of a worker, whose connections stay in its role; each statement is a transaction."""
    from psycopg.rows import tuple_row

    await connection.set_autocommit(True)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(f"SET search_path TO {SCHEMA}".encode())
        await cursor.execute(f"SET ROLE {WORKER_ROLE}".encode())
        await cursor.execute(ROLE_IN_FORCE)
        refuse_power(await cursor.fetchone())


def refuse_power(found: tuple[Any, ...] | None) -> None:
    """Raises `DatabaseError` when the role in force is a superuser or may go around row-level security."""
    if found is None or found[1]:
        name = found[0] if found else "in force"
        raise DatabaseError(
            f"The database role {name} goes around row-level security, so owners would see each other's batches",
            remedy=f"Run as an administrator of the database: ALTER ROLE {name} NOSUPERUSER NOBYPASSRLS;",
        )


def as_json(value: Any) -> Jsonb:
    """`value` for a column of jsonb."""
    from psycopg.types.json import Jsonb

    return Jsonb(clean(value))


def clean(value: Any) -> Any:
    """`value` without what PostgreSQL keeps in no text."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {clean(str(name)): clean(each) for name, each in value.items()}
    return [clean(each) for each in value] if isinstance(value, list | tuple) else value


def refuse_powerful_roles(cursor: Cursor[tuple[Any, ...]]) -> None:
    """Raises `DatabaseError` when one of our two roles is such; the role in force is the second of them afterwards."""
    for role in (API_ROLE, WORKER_ROLE):
        cursor.execute(f"SET ROLE {role}".encode())
        refuse_power(cursor.execute(ROLE_IN_FORCE).fetchone())


def check_roles(url: str, seconds: int = 10) -> None:
    """Raises `DatabaseError` when owners would not be kept apart, `DatabaseAwayError` when it does not answer."""
    import psycopg

    with (
        clear_errors(),
        psycopg.connect(url, autocommit=True, connect_timeout=seconds) as connection,
        connection.cursor() as cursor,
    ):
        refuse_powerful_roles(cursor)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turns errors of the database into those that users can read."""
    import psycopg
    from psycopg_pool import PoolTimeout

    try:
        yield
    except PoolTimeout as error:
        raise DatabaseAwayError("The database does not answer", remedy="Try again a little later.") from error
    except psycopg.Error as error:
        if known := clear_error(error):
            raise known from error
        raise


def clear_error(error: psycopg.Error) -> PressrunError | None:
    """The clear form of an error of the database; None for one that is a defect."""
    message = error.diag.message_primary or ""
    if error.sqlstate == "PR001":
        return FencedError(message)
    if error.sqlstate == "PR404":
        return NoSuchBatchError(message, remedy="List the batches to see their ids.")
    if error.sqlstate == "PR409":
        state = error.diag.message_detail or ""
        allowed = USER_ACTIONS[BatchState(state)] if state in set(BatchState) and "batch" in message else ()
        remedy = f"What can be done now: {', '.join(allowed)}." if allowed else "Nothing can be done with it now."
        return MoveError(message, remedy=remedy, state=state, allowed=allowed)
    if passes(error):
        return DatabaseAwayError("The database does not answer", remedy="Try again a little later.")
    return None


def passes(error: BaseException | None) -> bool:
    """Whether the same statement may succeed a little later: the database is away, busy, full, or changes its host."""
    import psycopg

    if not isinstance(error, psycopg.Error):
        return False
    if not error.sqlstate:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return re.match("08|40|53|57P|57014|55P03|25006", error.sqlstate) is not None
