"""Bodies are read up to a size and for a time, whatever their headers say, before anybody works on them."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pressrun.errors import BodyTimeoutError, BodyTooLargeError

WITHOUT_BODY = ("GET", "HEAD", "OPTIONS", "DELETE", "TRACE")


class BodyGate:
    """Passes a request on once its body has arrived. `largest` in bytes, `seconds` for the whole of it."""

    def __init__(self, app: ASGIApp, largest: int, seconds: float) -> None:
        self._app = app
        self._largest = largest
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self._largest:
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
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, receive_again, send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The body; None when the client has gone."""
        parts = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            parts += message.get("body", b"")
            if len(parts) > self._largest:
                raise self._too_large()
            if not message.get("more_body", False):
                return bytes(parts)

    def _too_large(self) -> BodyTooLargeError:
        return BodyTooLargeError(
            f"The body has more than {self._largest:,} bytes", remedy="Send the rows in several batches."
        )
