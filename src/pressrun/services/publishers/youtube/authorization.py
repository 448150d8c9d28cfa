"""Signing in to YouTube once: in the browser, or on a console by way of any browser elsewhere."""

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
"""Seconds in which the question in the browser must be answered."""
REDIRECT_URI = "http://localhost:8085/"
"""Redirect URI without a listener: the browser shows the code in the address of the failed page."""
_OFFLINE_ACCESS = {"access_type": "offline", "prompt": "consent"}
"""Request a refresh token, also from an account that has granted one before."""


@dataclass(frozen=True)
class SignedIn:
    channel: str
    """Its title."""
    file: Path
    """Where the token is."""


def sign_in(console: bool, ask: Callable[[str], str], say: Callable[[str], None]) -> SignedIn:
    """Gets a token and keeps it. `ask` puts a question on the terminal; it is used with `console`, and where there is
    no browser.

    Raises `SettingsError` for a client file that is not there or not one, `AuthenticationError` where nothing was
    granted, `NetworkError`, and what a refusal of YouTube is when the channel is looked up; the token stands by then.
    """
    flow = _open_flow()
    with _translate_errors():
        if console or not _has_browser():
            _sign_in_on_console(flow, ask, say)
        else:
            _sign_in_with_browser(flow)
    credentials = flow.credentials
    if not credentials.refresh_token:
        raise AuthenticationError("Google gave no lasting token", remedy="Run again: pressrun auth youtube")
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
            f"There is no OAuth client: {path}",
            remedy="Make one of the type desktop app in Google's console, and save its JSON there "
            f"or name it with {CLIENT_VARIABLE}; docs/how-to/first-upload.md has the steps.",
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"{path} is not an OAuth client of the type desktop app",
            remedy="Download the JSON of one from Google's console, and put it there.",
        ) from error


def _has_browser() -> bool:
    import webbrowser

    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _sign_in_with_browser(flow: Any) -> None:
    # The library prints; standard output is for results.
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
    say("The browser then shows a page that cannot be reached. That is as it should be: its address holds the answer.")
    flow.fetch_token(code=parse_code(ask("Address of that page: "), state), timeout=READ_TIMEOUT)


def parse_code(answer: str, state: str) -> str:
    """The code in what was pasted: the whole address, or the code alone. Raises `AuthenticationError` for neither."""
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
            "That is not the address that answers the question asked here",
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
        # The library warns, as an exception, when fewer permissions come back than were asked for.
        raise _permission_denied() from error
    except requests.RequestException as error:
        raise NetworkError(
            f"Google could not be reached: {type(error).__name__}", remedy="Look at the network, and run it again."
        ) from error


def _permission_denied() -> AuthenticationError:
    return AuthenticationError(
        "The permission to manage videos was not given", remedy="Run again and allow it: pressrun auth youtube"
    )


def channel_name() -> str:
    """The channel that the token belongs to, asked of YouTube with it. Raises `AuthenticationError`, `NetworkError`."""
    request = open_service().channels().list(part="snippet", mine=True)
    what = "show the channel"
    with parsing_reply(what):
        channels = [str(each["snippet"]["title"]) for each in execute_with_retries(request, what).get("items", [])]
    if not channels:
        raise AuthenticationError(
            "The account has no channel on YouTube",
            remedy="Make one on youtube.com, or choose another account: pressrun auth youtube",
        )
    return channels[0]
