"""Read, refresh and store the token from `pressrun auth youtube`, readable only by its owner."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun import redaction
from pressrun.errors import AuthenticationError
from pressrun.services.publishers.youtube.locations import is_safe_for_secrets, token_file, write_private

if TYPE_CHECKING:
    from google.oauth2.credentials import Credentials

SCOPES = ("https://www.googleapis.com/auth/youtube.force-ssl",)
"""The one permission that covers uploads, thumbnails, captions, playlists and listing the channel's uploads."""
SIGN_IN = "Run: pressrun auth youtube"
TOKEN_URI = "https://oauth2.googleapis.com/token"


@dataclass(frozen=True)
class Token:
    """The content of the file; `expiry` of the access token in ISO 8601."""

    refresh_token: str
    client_id: str
    client_secret: str
    token_uri: str = TOKEN_URI
    token: str = ""
    expiry: str = ""


def load() -> Token:
    """Return the token. Raises `AuthenticationError` if it is missing or unusable."""
    path = token_file()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AuthenticationError(f"YouTube token not found: {path}", remedy=f"{SIGN_IN}.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise AuthenticationError(f"The YouTube token in {path} cannot be read", remedy=f"{SIGN_IN}.") from error
    return _validate(found, path)


def _validate(found: Any, path: Path) -> Token:
    if isinstance(found, dict):
        known = {name: value for name, value in found.items() if name in Token.__annotations__ and value is not None}
        if all(isinstance(known.get(name), str) and known[name] for name in _REQUIRED_FIELDS):
            token = Token(**{name: str(value) for name, value in known.items()})
            redaction.register(token.refresh_token, token.client_secret, token.token)
            if is_safe_for_secrets(token.token_uri):
                return token
    raise AuthenticationError(f"The YouTube token in {path} is incomplete", remedy=f"{SIGN_IN}.")


_REQUIRED_FIELDS = ("refresh_token", "client_id", "client_secret")


def save(credentials: Credentials) -> Path:
    """Store the granted or refreshed credentials, and return the file."""
    expiry = credentials.expiry.replace(tzinfo=UTC).isoformat() if credentials.expiry else ""
    token = Token(
        str(credentials.refresh_token), str(credentials.client_id), str(credentials.client_secret),
        str(credentials.token_uri or TOKEN_URI), str(credentials.token or ""), expiry,
    )
    redaction.register(token.refresh_token, token.client_secret, token.token)
    path = token_file()
    write_private(path, json.dumps(asdict(token), indent=2).encode() + b"\n")
    return path


def to_credentials(token: Token) -> Credentials:
    """Return the token as credentials of the library."""
    from google.oauth2.credentials import Credentials

    expiry = None
    if token.expiry:
        try:
            # The library compares it with the current time in UTC without a time zone.
            expiry = datetime.fromisoformat(token.expiry).astimezone(UTC).replace(tzinfo=None)
        except ValueError:
            token = Token(token.refresh_token, token.client_id, token.client_secret, token.token_uri)
    return Credentials(  # type: ignore[no-untyped-call]
        token=token.token or None,
        refresh_token=token.refresh_token,
        token_uri=token.token_uri,
        client_id=token.client_id,
        client_secret=token.client_secret,
        scopes=list(SCOPES),
        expiry=expiry,
    )
