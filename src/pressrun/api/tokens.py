"""Tokens that say who asks: signed here with one key and one algorithm, and good for a time."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pressrun import redaction
from pressrun.errors import SettingsError, TokenError, UsageError
from pressrun.jobs.server import default_folder
from pressrun.redaction import SecretText

ALGORITHM = "HS256"
AUDIENCE = "pressrun"
SHORTEST_KEY = 32
"""Bytes: a key of this algorithm should be as long as its hash."""
LONGEST_NAME = 200
LONGEST_HOURS = 24 * 366
REMEDY = "Make one with `pressrun token create` and send it as Authorization: Bearer TOKEN."


@dataclass(frozen=True)
class Identity:
    user: str
    project: str | None
    expires: float
    """Seconds since 1970."""


def create_token(
    user: str, project: str | None = None, hours: float = 24.0, *, key: SecretText | None = None
) -> str:
    """A token for `user`, good for `hours`. Raises `UsageError` for a name or a time that cannot be.

    `key` is that of the API; without one it is read as the API reads it, and made where there is none yet.
    """
    import jwt

    _refuse_strange("user", user)
    if project is not None:
        _refuse_strange("project", project)
    if not 0 < hours <= LONGEST_HOURS:
        raise UsageError(f"A token cannot be good for {hours:g} hours", remedy=f"Give up to {LONGEST_HOURS} hours.")
    now = time.time()
    claims = {"sub": user, "aud": AUDIENCE, "iat": int(now), "exp": int(now + hours * 3600)}
    return jwt.encode(
        claims | ({"project": project} if project else {}), (key or signing_key()).reveal(), algorithm=ALGORITHM
    )


def read_token(text: str, key: SecretText | None = None) -> Identity:
    """Who the token names. Raises `TokenError` for one that is not ours, is over, or says less than it must."""
    import jwt

    try:
        claims = jwt.decode(
            text, (key or signing_key()).reveal(), algorithms=[ALGORITHM], audience=AUDIENCE,
            options={"require": ["exp", "sub", "aud"]},
        )
    except jwt.ExpiredSignatureError:
        raise TokenError("The token is no longer valid", remedy=REMEDY) from None
    except (jwt.PyJWTError, ValueError, RecursionError):
        # No more is said, so that nobody learns what part of a made-up token was right.
        raise TokenError("The token is not valid here", remedy=REMEDY) from None
    user, project = claims["sub"], claims.get("project")
    if not _is_name(user) or not (project is None or _is_name(project)):
        raise TokenError("The token names nobody", remedy=REMEDY)
    return Identity(user, project, float(claims["exp"]))


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable() and value == value.strip()


def _refuse_strange(what: str, name: str) -> None:
    if not _is_name(name):
        raise UsageError(
            f"{name!r} cannot be the name of a {what}",
            remedy=f"Use 1 to {LONGEST_NAME} printable characters, with none but blanks between them.",
        )


def signing_key(environment: Mapping[str, str] | None = None) -> SecretText:
    """`PRESSRUN_API_SECRET`, else a key of our own that is made once and kept beside the database.

    Raises `SettingsError` for one that is too short or cannot be read.
    """
    if found := redaction.find_secret("api", environment):
        return _long_enough(found, "PRESSRUN_API_SECRET")
    path = key_file(environment)
    try:
        if not path.exists():
            _make(path)
        return _long_enough(SecretText(path.read_text(encoding="ascii").strip()), str(path))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(
            f"The key of the API in {path} cannot be used: {why}",
            remedy="Mend its permissions, or set PRESSRUN_API_SECRET.",
        ) from error


def key_file(environment: Mapping[str, str] | None = None) -> Path:
    folder = default_folder(environment)
    return folder.with_name(f"{folder.name}.api-key")


def _long_enough(key: SecretText, where: str) -> SecretText:
    if len(key.reveal().encode()) < SHORTEST_KEY:
        raise SettingsError(
            f"The key of the API in {where} has fewer than {SHORTEST_KEY} bytes",
            remedy="Make one with: openssl rand -hex 32",
        )
    return key


def _make(path: Path) -> None:
    """Writes a new key that nobody else may read; where another process does so at the same time, one of both stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(SHORTEST_KEY) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
