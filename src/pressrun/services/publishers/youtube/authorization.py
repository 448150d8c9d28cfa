"""Sign in to YouTube once: in the browser, or in a terminal with any browser elsewhere."""

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
from pressrun.services.publishers.youtube import token
from pressrun.services.publishers.youtube.http import READ_TIMEOUT, execute_with_retries, open_service, parsing_reply
from pressrun.services.publishers.youtube.locations import CLIENT_VARIABLE, client_file

CONSENT_TIMEOUT = 300
"""Seconds in which you must answer the question in the browser."""
REDIRECT_URI = "http://localhost:8085/"
"""Redirect URI without a listener: the browser shows the code in the address of the failed page."""
_OFFLINE_ACCESS = {"access_type": "offline", "prompt": "consent"}
"""Request a refresh token, also from an account that has granted one before."""


@dataclass(frozen=True)
class SignedIn:
    channel: str
    """Title of the channel."""
    file: Path
    """Path of the token."""


def sign_in(console: bool, ask: Callable[[str], str], say: Callable[[str], None]) -> SignedIn:
    """Get a token and store it.

    `ask` shows a prompt in the terminal; it is used with `console`, and if there is no browser.

    Raises `SettingsError` for a missing or invalid client file, `AuthenticationError` if access was not granted,
    `NetworkError`, and the errors of the API if looking up the channel fails; by then the token is stored.
    """
    flow = _open_flow()
    with _translate_errors():
        if console or not _has_browser():
            _sign_in_on_console(flow, ask, say)
        else:
            _sign_in_with_browser(flow)
    credentials = flow.credentials
    if not credentials.refresh_token:
        raise AuthenticationError("Google did not return a refresh token", remedy="Run again: pressrun auth youtube")
    file = token.save(credentials)
    return SignedIn(channel_name(), file)


def _open_flow() -> Any:
    from google_auth_oauthlib.flow import InstalledAppFlow

    path = client_file()
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        client = config["installed"]
        redaction.register(str(client["client_secret"]))
        return InstalledAppFlow.from_client_config(config, scopes=list(token.SCOPES))
    except FileNotFoundError as error:
        raise SettingsError(
            f"OAuth client not found: {path}",
            remedy="Create one of type desktop app in Google's console, and save its JSON there "
            f"or set {CLIENT_VARIABLE} to its path; see docs/how-to/first-upload.md.",
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


def _sign_in_with_browser(flow: Any) -> None:
    # The library prints; stdout is for results.
    with redirect_stdout(sys.stderr):
        flow.run_local_server(
            port=0,
            timeout_seconds=CONSENT_TIMEOUT,
            authorization_prompt_message="Answer the question in your browser. If none has opened, visit:\n{url}\n",
            success_message="Pressrun may upload now. You can close this page.",
            **_OFFLINE_ACCESS,
        )


def _sign_in_on_console(flow: Any, ask: Callable[[str], str], say: Callable[[str], None]) -> None:
    flow.redirect_uri = REDIRECT_URI
    address, state = flow.authorization_url(**_OFFLINE_ACCESS)
    say("Open this address in any browser and answer the question there:")
    say(address)
    say(
        "The browser then shows a page that cannot be reached. "
        "This is expected: the address of that page contains the answer."
    )
    flow.fetch_token(code=parse_code(ask("Address of that page: "), state), timeout=READ_TIMEOUT)


def parse_code(answer: str, state: str) -> str:
    """Return the code from the pasted text: a whole address, or only the code. Raises `AuthenticationError` if there is
    none."""
    text = answer.strip().strip("'\"")
    if "?" not in text and "=" not in text:
        if not text:
            raise AuthenticationError("No address was given", remedy="Run again: pressrun auth youtube --console")
        redaction.register(text)
        return text
    given = parse_qs(urlsplit(text).query)
    if "error" in given:
        raise _permission_denied()
    if given.get("state", [state]) != [state] or not given.get("code"):
        raise AuthenticationError(
            "This address does not belong to this sign-in",
            remedy="Run again, and paste the whole address: pressrun auth youtube --console",
        )
    redaction.register(given["code"][0])
    return given["code"][0]


@contextmanager
def _translate_errors() -> Iterator[None]:
    import requests
    from google_auth_oauthlib.flow import WSGITimeoutError
    from oauthlib.oauth2 import OAuth2Error

    try:
        yield
    except WSGITimeoutError as error:
        raise AuthenticationError(
            f"The question in the browser was not answered within {CONSENT_TIMEOUT // 60} minutes",
            remedy="Run again: pressrun auth youtube",
        ) from error
    except OAuth2Error as error:
        if error.error == "access_denied":
            raise _permission_denied() from error
        what = redaction.redact(str(error.description or error.error))
        raise AuthenticationError(
            f"Google did not accept the answer: {what}", remedy="Run again: pressrun auth youtube"
        ) from error
    except Warning as error:
        # The library raises a warning as an exception if fewer permissions were granted than requested.
        raise _permission_denied() from error
    except requests.RequestException as error:
        raise NetworkError(
            f"Google could not be reached: {type(error).__name__}", remedy="Check the network, and run it again."
        ) from error


def _permission_denied() -> AuthenticationError:
    return AuthenticationError(
        "The permission to manage videos was not granted", remedy="Run again and allow it: pressrun auth youtube"
    )


def channel_name() -> str:
    """Return the title of the channel that the token belongs to. Raises `AuthenticationError` and `NetworkError`."""
    request = open_service().channels().list(part="snippet", mine=True)
    what = "show the channel"
    with parsing_reply(what):
        channels = [str(each["snippet"]["title"]) for each in execute_with_retries(request, what).get("items", [])]
    if not channels:
        raise AuthenticationError(
            "The account has no channel on YouTube",
            remedy="Create one on youtube.com, or choose another account: pressrun auth youtube",
        )
    return channels[0]
