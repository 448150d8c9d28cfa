"""The signing key that the API and its workers share, and signed links made with it."""

from __future__ import annotations

import hmac
import math
import os
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from pressrun import redaction
from pressrun.errors import SettingsError, TokenError
from pressrun.jobs.server import default_folder
from pressrun.redaction import SecretText

MIN_KEY_BYTES = 32
"""A key of HS256 should be as long as its hash."""
EXPIRES, SIGNATURE = "expires", "signature"
ROUNDING = 600
"""Links expire at a multiple of these seconds, so that an item shows the same link for a while."""
MAX_DIGITS = 12
LINK_REMEDY = "Get the item again for a new link, or send a token."


class LinkSigner:
    """Signs and verifies links with a key of its own, made from the key of the API."""

    def __init__(self, key: SecretText) -> None:
        self._key = hmac.digest(key.reveal().encode(), b"pressrun signed links", "sha256")

    def sign(self, method: str, path: str, seconds: float, now: float | None = None) -> str:
        """Return the query that allows `method` on the decoded `path` for at least `seconds`."""
        expires = math.ceil(((time.time() if now is None else now) + seconds) / ROUNDING) * ROUNDING
        return urlencode({EXPIRES: expires, SIGNATURE: self._signature(method, path, str(expires))})

    def verify(self, method: str, path: str, expires: str, signature: str, now: float | None = None) -> None:
        """Raise `TokenError` unless the link was signed for this method and path and has not expired."""
        expected = self._signature("GET" if method == "HEAD" else method, path, expires)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise TokenError("The signature of the link is invalid", remedy=LINK_REMEDY)
        if not (expires.isascii() and expires.isdecimal() and len(expires) <= MAX_DIGITS):
            raise TokenError("The link does not say when it expires", remedy=LINK_REMEDY)
        if int(expires) < (time.time() if now is None else now):
            raise TokenError("The link has expired", remedy=LINK_REMEDY)

    def _signature(self, method: str, path: str, expires: str) -> str:
        digest = hmac.digest(self._key, f"{method}\n{path}\n{expires}".encode("utf-8", "replace"), sha256)
        return urlsafe_b64encode(digest).decode().rstrip("=")


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
