"""Who asks is known before a byte of what they send is read, and how often they may ask."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pressrun.api.tokens import REMEDY, Identity, read_token
from pressrun.errors import TokenError, TooManyRequestsError
from pressrun.jobs.limits import RateLimiter
from pressrun.redaction import SecretText

IDENTITY = "pressrun.identity"
"""Where the scope of a request holds who asks."""
TOKEN_PROTOCOL = "bearer."
"""Begins the subprotocol of a socket that is a token."""


class Doorkeeper:
    """Lets nobody pass without a token, but to the paths that are `open_to_all`."""

    def __init__(self, app: ASGIApp, key: SecretText, requests_per_minute: int, open_to_all: Collection[str]) -> None:
        self._app = app
        self._key = key
        self._open = frozenset(open_to_all)
        self._limiter = RateLimiter(requests_per_minute, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and scope["path"] not in self._open:
            identity = scope[IDENTITY] = self._identify(scope)
            if not self._limiter.can_proceed(identity.user):
                raise TooManyRequestsError(
                    "More requests came in a minute than one user may send", remedy="Wait as long as Retry-After says.",
                    wait=self._limiter.get_backoff_time(identity.user),
                )
        await self._app(scope, receive, send)

    def _identify(self, scope: Scope) -> Identity:
        given = Headers(scope=scope).getlist("authorization")
        # Pages cannot set this header of a socket, and its address would stand in logs.
        offered = [each for each in scope.get("subprotocols", ()) if each.startswith(TOKEN_PROTOCOL)]
        if not given and offered:
            return read_token(offered[0].removeprefix(TOKEN_PROTOCOL), self._key)
        if not given:
            raise TokenError("The request has no token", remedy=REMEDY)
        scheme, _, token = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer":
            raise TokenError("The header Authorization holds no bearer token", remedy=REMEDY)
        return read_token(token.strip(), self._key)
