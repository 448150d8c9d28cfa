"""Bearer tokens: JWTs that name a user, signed with the key of this server, valid for a limited time."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pressrun.errors import TokenError, UsageError
from pressrun.jobs.signing import signing_key
from pressrun.redaction import SecretText

ALGORITHM = "HS256"
AUDIENCE = "pressrun"
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
    by_link: bool = False
    """Whether a signed link takes the place of a token: it allows one method on one path."""


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
