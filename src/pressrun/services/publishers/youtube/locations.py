"""Where the files of this publisher lie, which server it speaks to, and how a file is kept from other users."""

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
"""Another server that speaks the YouTube Data API, for tests: `https`, or `http` on this machine."""
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


def token_file() -> Path:
    """What `pressrun auth youtube` writes and every upload reads."""
    return _file_path(TOKEN_VARIABLE, "youtube-token.json")


def client_file() -> Path:
    """The OAuth client of the user's own project, as Google's console hands it out."""
    return _file_path(CLIENT_VARIABLE, "youtube-client.json")


def _file_path(variable: str, name: str) -> Path:
    if location := os.environ.get(variable, "").strip():
        return Path(location).expanduser()
    import platformdirs

    return platformdirs.user_config_path("pressrun", appauthor=False) / name


def api_address() -> str:
    """The address of the server with a slash at its end, or the empty string for Google's.

    Raises `SettingsError` for an address over which a token would travel unencrypted.
    """
    address = os.environ.get(API_VARIABLE, "").strip()
    if not address:
        return ""
    if not is_safe_for_secrets(address):
        raise SettingsError(
            f'Environment variable {API_VARIABLE}: found "{address}"',
            remedy="Give an address with https, or one with http on this machine, as http://127.0.0.1:8080/.",
        )
    return address if address.endswith("/") else f"{address}/"


def is_safe_for_secrets(address: str) -> bool:
    """Whether a secret may be sent to `address`: it is encrypted, or never leaves this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)


def write_private(path: Path, data: bytes) -> None:
    """Writes a file that its owner alone can read, whole or not at all, so that it survives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(PART_SUFFIX, f".{path.name}.", path.parent)  # with mode 0600
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
