"""Bearer tokens: JWTs that name a user, signed with the key of this server, valid for a limited time."""

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
MIN_KEY_BYTES = 32
"""A key of HS256 should be as long as its hash."""
MAX_NAME_LENGTH = 200
MAX_HOURS = 24 * 366
REMEDY = "Create one with `pressrun token create` and send it as Authorization: Bearer TOKEN."


@dataclass(frozen=True)
class Identity:
    """The user of a token."""

    user: str
    project: str | None
    expires: float
    """Seconds since 1970."""


def create_token(
    user: str, project: str | None = None, hours: float = 24.0, *, key: SecretText | None = None
) -> str:
    """Return a token for `user`, valid for `hours`. Raises `UsageError` for an invalid name or time.

    `key` is the key of the API. Without one, it is read as the API reads it, and created if there is none yet.
    """
    import jwt

    _require_name("user", user)
    if project is not None:
        _require_name("project", project)
    if not 0 < hours <= MAX_HOURS:
        raise UsageError(f"A token cannot be valid for {hours:g} hours", remedy=f"Use at most {MAX_HOURS} hours.")
    now = time.time()
    claims = {"sub": user, "aud": AUDIENCE, "iat": int(now), "exp": int(now + hours * 3600)}
    return jwt.encode(
        claims | ({"project": project} if project else {}), (key or signing_key()).reveal(), algorithm=ALGORITHM
    )


def read_token(text: str, key: SecretText | None = None) -> Identity:
    """Return the user of a token. Raises `TokenError` for one of another key, an expired or an incomplete one."""
    import jwt

    try:
        claims = jwt.decode(
            text, (key or signing_key()).reveal(), algorithms=[ALGORITHM], audience=AUDIENCE,
            options={"require": ["exp", "sub", "aud"]},
        )
    except jwt.ExpiredSignatureError:
        raise TokenError("The token has expired", remedy=REMEDY) from None
    except (jwt.PyJWTError, ValueError, RecursionError):
        # No details, so that someone who forges tokens does not learn which part was right.
        raise TokenError("The token is invalid", remedy=REMEDY) from None
    user, project = claims["sub"], claims.get("project")
    if not _is_name(user) or not (project is None or _is_name(project)):
        raise TokenError("The token does not name a user", remedy=REMEDY)
    return Identity(user, project, float(claims["exp"]))


def _is_name(value: object) -> bool:
    return (
        isinstance(value, str) and 0 < len(value) <= MAX_NAME_LENGTH and value.isprintable() and value == value.strip()
    )


def _require_name(what: str, name: str) -> None:
    if not _is_name(name):
        raise UsageError(
            f"Invalid {what} name {name!r}",
            remedy=f"Use 1 to {MAX_NAME_LENGTH} printable characters, without spaces at the start or end.",
        )


def signing_key(environment: Mapping[str, str] | None = None) -> SecretText:
    """Return `PRESSRUN_API_SECRET`, or else a key of our own, created once and stored beside the database.

    Raises `SettingsError` for a key that is too short or cannot be read.
    """
    if found := redaction.find_secret("api", environment):
        return _require_length(found, "PRESSRUN_API_SECRET")
    path = key_file(environment)
    try:
        if not path.exists():
            _create_key(path)
        return _require_length(SecretText(path.read_text(encoding="ascii").strip()), str(path))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(
            f"The API key in {path} cannot be used: {why}", remedy="Fix its permissions, or set PRESSRUN_API_SECRET."
        ) from error


def key_file(environment: Mapping[str, str] | None = None) -> Path:
    """Return the file that holds our own key."""
    folder = default_folder(environment)
    return folder.with_name(f"{folder.name}.api-key")


def _require_length(key: SecretText, where: str) -> SecretText:
    if len(key.reveal().encode()) < MIN_KEY_BYTES:
        raise SettingsError(
            f"The API key in {where} has fewer than {MIN_KEY_BYTES} bytes",
            remedy="Create one with: openssl rand -hex 32",
        )
    return key


def _create_key(path: Path) -> None:
    """Write a new key that only this user can read. If two processes do so at once, both use the first one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(MIN_KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, never replaces a key that another process has written meanwhile.
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
