"""Sign in to a Google service once: in the browser, or in a terminal with any browser elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pressrun import redaction
from pressrun.errors import AuthenticationError, NetworkError, SettingsError

READ_TIMEOUT = 12.0
"""Seconds in which Google must return the token."""
CONSENT_TIMEOUT = 300
"""Seconds in which you must answer the question in the browser."""
REDIRECT_URI = "http://localhost:8085/"
"""Redirect URI without a listener: the browser shows the code in the address of the failed page."""
_OFFLINE_ACCESS = {"access_type": "offline", "prompt": "consent"}
"""Request a refresh token, also from an account that has granted one before."""


@dataclass(frozen=True)
class OAuthClient:
    """The OAuth client with which a user signs in to one service."""

    command: str
    """The command that signs in, e.g. `pressrun auth youtube`."""
    file: Path
    """The client of the user's own project, as downloaded from Google's console."""
    variable: str
    """Variable that names another place for the file."""
    how_to: str
    scopes: tuple[str, ...]
    permission: str
    """What the user allows, e.g. "manage videos"."""
    success: str
    """What the browser shows afterwards."""


def sign_in(client: OAuthClient, console: bool, ask: Callable[[str], str], say: Callable[[str], None]) -> Any:
    """Return the credentials that the user grants. `ask` shows a prompt in the terminal; it is used with `console`,
    and if there is no browser.

    Raises `SettingsError` for a missing or invalid client file, `AuthenticationError` if access was not granted, and
    `NetworkError`.
    """
    flow = _open_flow(client)
    with _translate_errors(client):
        if console or not _has_browser():
            _sign_in_on_console(client, flow, ask, say)
        else:
            _sign_in_with_browser(client, flow)
    credentials = flow.credentials
    if not credentials.refresh_token:
        raise AuthenticationError("Google did not return a refresh token", remedy=f"Run again: {client.command}")
    return credentials


def _open_flow(client: OAuthClient) -> Any:
    from google_auth_oauthlib.flow import InstalledAppFlow

    path = client.file
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        installed = config["installed"]
        redaction.register(str(installed["client_secret"]))
        return InstalledAppFlow.from_client_config(config, scopes=list(client.scopes))
    except FileNotFoundError as error:
        raise SettingsError(
            f"OAuth client not found: {path}",
            remedy="Create one of type desktop app in Google's console, and save its JSON there "
            f"or set {client.variable} to its path; see {client.how_to}.",
        ) from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SettingsError(
            f"{path} is not an OAuth client of type desktop app",
            remedy="Download its JSON from Google's console and save it there.",
        ) from error


def _has_browser() -> bool:
    import webbrowser

    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _sign_in_with_browser(client: OAuthClient, flow: Any) -> None:
    # The library prints; stdout is for results.
    with redirect_stdout(sys.stderr):
        flow.run_local_server(
            port=0,
            timeout_seconds=CONSENT_TIMEOUT,
            authorization_prompt_message="Answer the question in your browser. If none has opened, visit:\n{url}\n",
            success_message=client.success,
            **_OFFLINE_ACCESS,
        )


def _sign_in_on_console(
    client: OAuthClient, flow: Any, ask: Callable[[str], str], say: Callable[[str], None]
) -> None:
    flow.redirect_uri = REDIRECT_URI
    address, state = flow.authorization_url(**_OFFLINE_ACCESS)
    say("Open this address in any browser and answer the question there:")
    say(address)
    say(
        "The browser then shows a page that cannot be reached. "
        "This is expected: the address of that page contains the answer."
    )
    flow.fetch_token(code=parse_code(client, ask("Address of that page: "), state), timeout=READ_TIMEOUT)


def parse_code(client: OAuthClient, answer: str, state: str) -> str:
    """Return the code from the pasted text: a whole address, or only the code. Raises `AuthenticationError` if there is
    none."""
    text = answer.strip().strip("'\"")
    if "?" not in text and "=" not in text:
        if not text:
            raise AuthenticationError("No address was given", remedy=f"Run again: {client.command} --console")
        redaction.register(text)
        return text
    given = parse_qs(urlsplit(text).query)
    if "error" in given:
        raise _permission_denied(client)
    if given.get("state", [state]) != [state] or not given.get("code"):
        raise AuthenticationError(
            "This address does not belong to this sign-in",
            remedy=f"Run again, and paste the whole address: {client.command} --console",
        )
    redaction.register(given["code"][0])
    return given["code"][0]


@contextmanager
def _translate_errors(client: OAuthClient) -> Iterator[None]:
    import requests
    from google_auth_oauthlib.flow import WSGITimeoutError
    from oauthlib.oauth2 import OAuth2Error

    try:
        yield
    except WSGITimeoutError as error:
        raise AuthenticationError(
            f"The question in the browser was not answered within {CONSENT_TIMEOUT // 60} minutes",
            remedy=f"Run again: {client.command}",
        ) from error
    except OAuth2Error as error:
        if error.error == "access_denied":
            raise _permission_denied(client) from error
        what = redaction.redact(str(error.description or error.error))
        raise AuthenticationError(
            f"Google did not accept the answer: {what}", remedy=f"Run again: {client.command}"
        ) from error
    except Warning as error:
        # The library raises a warning as an exception if fewer permissions were granted than requested.
        raise _permission_denied(client) from error
    except requests.RequestException as error:
        raise NetworkError(
            f"Google could not be reached: {type(error).__name__}", remedy="Check the network, and run it again."
        ) from error


def _permission_denied(client: OAuthClient) -> AuthenticationError:
    return AuthenticationError(
        f"The permission to {client.permission} was not granted", remedy=f"Run again and allow it: {client.command}"
    )
