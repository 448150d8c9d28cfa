"""What the commands of the queue share: the extra they need, the database in words, and whose jobs they send."""

from __future__ import annotations

from pressrun import redaction
from pressrun.jobs.connection import local_user
from pressrun.jobs.server import EMBEDDED, NEEDED, need_packages

__all__ = ["database_in_words", "local_user", "need_extra"]
NEEDED_TO_SERVE = {"fastapi": "fastapi", "uvicorn": "uvicorn", "websockets": "websockets", "jwt": "PyJWT"}


def need_extra(*, api: bool = False) -> None:
    """Raises `ServiceUnavailableError` where packages of the extra are missing."""
    embedded = {} if redaction.secret_variable("database") else EMBEDDED
    need_packages(NEEDED | (NEEDED_TO_SERVE if api else {}) | embedded)


def database_in_words(url: str) -> str:
    """Where the database is, without its password."""
    from psycopg.conninfo import conninfo_to_dict

    from pressrun.jobs.server import default_folder

    if not redaction.find_secret("database"):
        return f"its own, in {default_folder()}"
    parts = {"port": "5432"} | conninfo_to_dict(url)
    user = f"{parts['user']}@" if "user" in parts else ""
    return f"postgresql://{user}{parts.get('host', 'localhost')}:{parts['port']}/{parts.get('dbname', '')}"
