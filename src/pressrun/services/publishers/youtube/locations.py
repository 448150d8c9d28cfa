"""Locate this publisher's files and server, and write files that only their owner can read."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from pressrun.errors import SettingsError
from pressrun.store.atomic import PART_SUFFIX, sync_folder

TOKEN_VARIABLE = "PRESSRUN_YOUTUBE_TOKEN_FILE"
CLIENT_VARIABLE = "PRESSRUN_YOUTUBE_CLIENT_FILE"
API_VARIABLE = "PRESSRUN_YOUTUBE_API"
"""Variable with another server that speaks the YouTube Data API, for tests: `https`, or `http` on this machine."""
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


def token_file() -> Path:
    """Return the path of the token, which `pressrun auth youtube` writes and every upload reads."""
    return _file_path(TOKEN_VARIABLE, "youtube-token.json")


def client_file() -> Path:
    """Return the path of the OAuth client of the user's own project, as downloaded from Google's console."""
    return _file_path(CLIENT_VARIABLE, "youtube-client.json")


def _file_path(variable: str, name: str) -> Path:
    if location := os.environ.get(variable, "").strip():
        return Path(location).expanduser()
    import platformdirs

    return platformdirs.user_config_path("pressrun", appauthor=False) / name


def api_address() -> str:
    """Return the address of the server with a trailing slash, or an empty string for Google's.

    Raises `SettingsError` for an address over which a token would be sent unencrypted.
    """
    address = os.environ.get(API_VARIABLE, "").strip()
    if not address:
        return ""
    if not is_safe_for_secrets(address):
        raise SettingsError(
            f'Environment variable {API_VARIABLE}: "{address}" is neither an https address nor on this machine',
            remedy="Use an https address, or an http address on this machine, e.g. http://127.0.0.1:8080/.",
        )
    return address if address.endswith("/") else f"{address}/"


def is_safe_for_secrets(address: str) -> bool:
    """Return whether a secret may be sent to `address`: it is encrypted, or never leaves this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, atomically, so that it survives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(PART_SUFFIX, f".{path.name}.", path.parent)  # created with mode 0600
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
