"""Middleware of every request: the error boundary, authentication, and the limits of its body."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pressrun.api.links import BASE
from pressrun.api.problems import problem_of, response_of
from pressrun.api.tokens import REMEDY, Identity, read_token
from pressrun.errors import BodyTimeoutError, BodyTooLargeError, TokenError, TooManyRequestsError
from pressrun.jobs.connection import batch_owner
from pressrun.jobs.limits import RateLimiter
from pressrun.jobs.signing import EXPIRES, SIGNATURE, LinkSigner
from pressrun.redaction import SecretText

IDENTITY = "pressrun.identity"
"""Key of the `Identity` in the scope of a request."""
TOKEN_PROTOCOL = "bearer."
"""Prefix of a WebSocket subprotocol that carries a token."""
_BATCH_PATH = re.compile(rf"{BASE}/(bj_[0-9a-z]{{26}})/", re.ASCII)
METHODS_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS", "DELETE", "TRACE")
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class ErrorMiddleware:
    """The outermost layer: turns every exception into a problem and adds security headers to every response.

    `hidden` is the path of a folder that must not appear in a problem.
    """

    def __init__(self, app: ASGIApp, hidden: str = "") -> None:
        self._app = app
        self._hidden = hidden

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            problem = problem_of(error)
            # A response that has started cannot become another one; its connection ends without the rest.
            if not started:
                await response_of(problem, self._hidden)(scope, receive, send_with_headers)


class AuthMiddleware:
    """Requires a token, except for `public_paths`, and limits the requests of each user in a minute (0: unlimited).

    It runs before any of the body is read, so only users with a token can make the server read one.
    """

    def __init__(self, app: ASGIApp, key: SecretText, requests_per_minute: int, public_paths: Collection[str]) -> None:
        self._app = app
        self._key = key
        self._signer = LinkSigner(key)
        self._public = frozenset(public_paths)
        self._limiter = RateLimiter(requests_per_minute, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and scope["path"] not in self._public:
            identity = scope[IDENTITY] = await self._identify_link(scope) or self._identify(scope)
            if not self._limiter.can_proceed(identity.user):
                raise TooManyRequestsError(
                    "You sent more requests in a minute than allowed", remedy="Wait for the seconds in Retry-After.",
                    wait=self._limiter.get_backoff_time(identity.user),
                )
        await self._app(scope, receive, send)

    async def _identify_link(self, scope: Scope) -> Identity | None:
        """Return the owner of the batch for a request with a signed link and no token; None for other requests."""
        if scope["type"] != "http" or Headers(scope=scope).getlist("authorization"):
            return None
        query = QueryParams(scope["query_string"])
        signature, path = query.get(SIGNATURE), _BATCH_PATH.match(scope["path"])
        if signature is None or path is None:
            return None
        self._signer.verify(scope["method"], scope["path"], query.get(EXPIRES, ""), signature)
        # Only now: the database is not asked for anyone who guesses signatures.
        owner = await run_in_threadpool(batch_owner, scope["app"].state.pool, path[1])
        return Identity(owner, None, float(query[EXPIRES]), by_link=True)

    def _identify(self, scope: Scope) -> Identity:
        given = Headers(scope=scope).getlist("authorization")
        # A browser cannot set this header for a WebSocket, and a token in the URL would end up in logs.
        offered = [each for each in scope.get("subprotocols", ()) if each.startswith(TOKEN_PROTOCOL)]
        if not given and offered:
            return read_token(offered[0].removeprefix(TOKEN_PROTOCOL), self._key)
        if not given:
            raise TokenError("The request has no token", remedy=REMEDY)
        scheme, _, token = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer":
            raise TokenError("The Authorization header does not hold a bearer token", remedy=REMEDY)
        return read_token(token.strip(), self._key)


class BodyLimitMiddleware:
    """Reads the whole body before the route runs: at most `max_bytes`, within `seconds`.

    The bytes are counted as they arrive, so a wrong Content-Length or a chunked body gains nothing.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, seconds: float) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in METHODS_WITHOUT_BODY or _is_upload(scope):
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._read(receive)
        except TimeoutError:
            raise BodyTimeoutError(
                f"The body did not arrive within {self._seconds:g} s", remedy="Send it faster, or fewer rows at a time."
            ) from None
        if body is None:
            return
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_body() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, receive_body, send)

    async def _read(self, receive: Receive) -> bytes | None:
        """Return the body; None if the client has disconnected."""
        parts = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            parts += message.get("body", b"")
            if len(parts) > self._max_bytes:
                raise self._too_large()
            if not message.get("more_body", False):
                return bytes(parts)

    def _too_large(self) -> BodyTooLargeError:
        return BodyTooLargeError(
            f"The body has more than {self._max_bytes:,} bytes", remedy="Split the rows into several batches."
        )


def _is_upload(scope: Scope) -> bool:
    """Return whether a worker uploads a file. The route reads it in chunks, and knows its exact size beforehand."""
    identity: Identity | None = scope.get(IDENTITY)
    return scope["method"] == "PUT" and identity is not None and identity.by_link
