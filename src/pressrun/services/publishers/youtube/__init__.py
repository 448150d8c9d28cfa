"""Publish to YouTube through its Data API exactly once: the channel is checked before an upload is repeated.

`find` and `publish` are in `publishing`; the token comes from `pressrun auth youtube` (`authorization`).
"""

from __future__ import annotations

from pressrun.errors import AuthenticationError
from pressrun.services.protocols import Context, Readiness
from pressrun.services.publishers.youtube import token
from pressrun.services.publishers.youtube.locations import api_address, token_file
from pressrun.services.publishers.youtube.metadata import parse_future_time
from pressrun.services.publishers.youtube.publishing import NAME as NAME
from pressrun.services.publishers.youtube.publishing import find as find
from pressrun.services.publishers.youtube.publishing import publish as publish

NEEDS_NETWORK = True
HOST = "youtube.googleapis.com"


def check(context: Context) -> str:  # noqa: ARG001 - the protocol of every service
    """Return the name of the channel; refreshes the token if it has expired."""
    from pressrun.services.publishers.youtube.authorization import channel_name

    return f"signed in to the channel {channel_name()}"


def ready(context: Context) -> Readiness:
    """Return ready after signing in. Raises `SettingsError` for a `publish_at` that the upload would reject later."""
    if not token_file().exists():
        return Readiness(False, "not signed in to YouTube", "Run: pressrun auth youtube")
    api_address()
    try:
        token.load()
    except AuthenticationError as error:
        return Readiness(False, error.message, error.remedy, configured=True)
    parse_future_time(str(context.settings.get("publish_at", "")), str(context.settings.get("privacy", "private")))
    return Readiness(True, "you have signed in to YouTube", configured=True)
