"""Choose how to sign in to Google Sheets: a service account, a sign-in in the browser, or an API key."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressrun import redaction
from pressrun.errors import AuthenticationError, SettingsError

CREDENTIALS_VARIABLES = ("PRESSRUN_GOOGLE_CREDENTIALS", "GOOGLE_SHEETS_CREDENTIALS_PATH")
TOKEN_VARIABLE = "PRESSRUN_SHEETS_TOKEN_FILE"
CLIENT_VARIABLE = "PRESSRUN_SHEETS_CLIENT_FILE"
API_VARIABLE = "PRESSRUN_SHEETS_API"
"""Variable with another server that speaks the Google Sheets API, for tests: `https`, or `http` on this machine."""
KEY_SECRET = "sheets"
SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
TOKEN_URI = "https://oauth2.googleapis.com/token"
_LINK_SHARING = 'share the sheet with "Anyone with the link"'


@dataclass(frozen=True)
class Access:
    """A way to sign in."""

    credentials: Any = None
    """Credentials of Google's library; None for an API key."""
    api_key: redaction.SecretText | None = None
    share_with: str = "the Google account that you signed in with"
    """With whom a sheet has to be shared."""

    @property
    def can_write(self) -> bool:
        return self.credentials is not None

    @property
    def sharing_remedy(self) -> str:
        """Return how to give access to a sheet."""
        if not self.can_write:
            return f"In Google Sheets, {_LINK_SHARING}, or sign in: pressrun auth sheets."
        return f"In Google Sheets, share the sheet with {self.share_with}."


def token_file() -> Path:
    """Return the path of the token that `pressrun auth sheets` writes."""
    return _file_path(TOKEN_VARIABLE, "sheets-token.json")


def client_file() -> Path:
    """Return the path of the OAuth client of the user's own project, as downloaded from Google's console."""
    return _file_path(CLIENT_VARIABLE, "sheets-client.json")


def _file_path(variable: str, name: str) -> Path:
    if location := os.environ.get(variable, "").strip():
        return Path(location).expanduser()
    import platformdirs

    return platformdirs.user_config_path("pressrun", appauthor=False) / name


def api_address() -> str:
    """Return the address of the server, with a trailing slash, or an empty string for Google's.

    Raises `SettingsError` for an address to which credentials would be sent unencrypted.
    """
    from pressrun.services.publishers.youtube.locations import is_safe_for_secrets

    address = os.environ.get(API_VARIABLE, "").strip()
    if address and not is_safe_for_secrets(address):
        raise SettingsError(
            f'Environment variable {API_VARIABLE}: "{address}" is neither an https address nor on this machine',
            remedy="Use an https address, or an http address on this machine, e.g. http://127.0.0.1:8080/.",
        )
    return address if not address or address.endswith("/") else f"{address}/"


def find_access(credentials_path: str | os.PathLike[str] | None = None) -> Access:
    """Return the way to sign in: the given credentials, those of the environment, the token, or the API key.

    Raises `AuthenticationError` if there is none of them, or if the first one found cannot be used.
    """
    if path := credentials_path or _credentials_from_environment():
        return _read_credentials(Path(path).expanduser())
    if token_file().exists():
        return _read_credentials(token_file())
    if key := redaction.find_secret(KEY_SECRET):
        return Access(api_key=key)
    raise AuthenticationError(
        "There are no credentials for Google Sheets",
        remedy=f"Set {CREDENTIALS_VARIABLES[0]} to the JSON file of a service account, or sign in with: "
        "pressrun auth sheets. To read a sheet that anyone with the link can view, "
        "set PRESSRUN_SHEETS_API_KEY to an API key.",
    )


def sign_in(console: bool, ask: Callable[[str], str], say: Callable[[str], None]) -> Path:
    """Get a token, store it so that only its owner can read it, and return its path.

    `ask` shows a prompt in the terminal; it is used with `console`, and if there is no browser. Raises `SettingsError`
    for a missing or invalid client file, `AuthenticationError` if access was not granted, and `NetworkError`.
    """
    from pressrun.services import google_sign_in
    from pressrun.services.publishers.youtube.locations import write_private

    client = google_sign_in.OAuthClient(
        "pressrun auth sheets", client_file(), CLIENT_VARIABLE, "docs/how-to/connect-a-sheet.md", SCOPES,
        "read and edit sheets", "Pressrun may read and edit your sheets now. You can close this page.",
    )
    granted = google_sign_in.sign_in(client, console, ask, say)
    token = {
        "refresh_token": str(granted.refresh_token), "client_id": str(granted.client_id),
        "client_secret": str(granted.client_secret), "token_uri": str(granted.token_uri or TOKEN_URI),
    }
    redaction.register(token["refresh_token"], token["client_secret"])
    path = token_file()
    write_private(path, json.dumps(token, indent=2).encode() + b"\n")
    return path


def is_configured() -> bool:
    """Return whether any way to sign in is set up."""
    return bool(_credentials_from_environment() or token_file().exists() or redaction.secret_variable(KEY_SECRET))


def describe_access() -> str:
    """Return which way to sign in applies, without secrets. Raises like `find_access`."""
    access = find_access()
    if not access.can_write:
        return "an API key: reads sheets that anyone with the link can view"
    return f"share sheets with {access.share_with}"


def _credentials_from_environment() -> str:
    return next((value for name in CREDENTIALS_VARIABLES if (value := os.environ.get(name, "").strip())), "")


def _read_credentials(path: Path) -> Access:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AuthenticationError(
            f"The Google credentials {path} do not exist",
            remedy="Use the path of the JSON file of a service account, or sign in with: pressrun auth sheets.",
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise _unusable(path) from error
    if not isinstance(found, dict):
        raise _unusable(path)
    redaction.register(*(str(found.get(name) or "") for name in ("private_key", "refresh_token", "client_secret")))
    try:
        if found.get("type") == "service_account":
            return _service_account(found)
        if "refresh_token" in found:
            return Access(_user_credentials(found))
    except (ValueError, KeyError, TypeError) as error:
        raise _unusable(path) from error
    if "installed" in found or "web" in found:
        raise AuthenticationError(
            f"{path} is an OAuth client, which identifies your app but gives no access",
            remedy=f"Set {CLIENT_VARIABLE} to this file, and sign in with: pressrun auth sheets.",
        )
    raise _unusable(path)


def _service_account(found: dict[str, Any]) -> Access:
    from google.oauth2 import service_account

    _require_safe(str(found["token_uri"]))
    make: Any = service_account.Credentials.from_service_account_info
    return Access(make(found, scopes=list(SCOPES)), share_with=str(found["client_email"]))


def _user_credentials(found: dict[str, Any]) -> Any:
    from google.oauth2.credentials import Credentials

    address = str(found.get("token_uri") or TOKEN_URI)
    _require_safe(address)
    make: Any = Credentials
    return make(
        None, refresh_token=str(found["refresh_token"]), token_uri=address, client_id=str(found["client_id"]),
        client_secret=str(found["client_secret"]), scopes=list(SCOPES),
    )


def _require_safe(address: str) -> None:
    from pressrun.services.publishers.youtube.locations import is_safe_for_secrets

    if not is_safe_for_secrets(address):
        raise ValueError("the token address is not encrypted")


def _unusable(path: Path) -> AuthenticationError:
    return AuthenticationError(
        f"{path} has no credentials for Google Sheets",
        remedy="Use the JSON file of a service account as downloaded from Google's console, "
        "or sign in with: pressrun auth sheets.",
    )
