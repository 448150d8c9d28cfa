"""Sign in to YouTube once, and name the channel of the token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pressrun.errors import AuthenticationError
from pressrun.services import google_sign_in
from pressrun.services.google_sign_in import OAuthClient
from pressrun.services.publishers.youtube import token
from pressrun.services.publishers.youtube.http import execute_with_retries, open_service, parsing_reply
from pressrun.services.publishers.youtube.locations import CLIENT_VARIABLE, client_file


@dataclass(frozen=True)
class SignedIn:
    channel: str
    """Title of the channel."""
    file: Path
    """Path of the token."""


def oauth_client() -> OAuthClient:
    return OAuthClient(
        "pressrun auth youtube", client_file(), CLIENT_VARIABLE, "docs/how-to/first-upload.md", token.SCOPES,
        "manage videos", "Pressrun may upload now. You can close this page.",
    )


def sign_in(console: bool, ask: Callable[[str], str], say: Callable[[str], None]) -> SignedIn:
    """Get a token and store it.

    `ask` shows a prompt in the terminal; it is used with `console`, and if there is no browser.

    Raises `SettingsError` for a missing or invalid client file, `AuthenticationError` if access was not granted,
    `NetworkError`, and the errors of the API if looking up the channel fails; by then the token is stored.
    """
    file = token.save(google_sign_in.sign_in(oauth_client(), console, ask, say))
    return SignedIn(channel_name(), file)


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
