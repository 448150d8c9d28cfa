"""Events of a batch over a WebSocket, one JSON object per message, until the batch has ended."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from contextlib import aclosing, suppress
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from pressrun.api.dependencies import NUMBER_PATTERN, BatchId, Caller, make_caller
from pressrun.api.middleware import IDENTITY
from pressrun.api.openapi import Routes
from pressrun.api.problems import problem_of
from pressrun.api.streaming import EventStreams
from pressrun.api.views import event_view
from pressrun.errors import UsageError
from pressrun.jobs import queries

PATH = "/ws/batch/{id}"
PROTOCOL = "pressrun"
"""The subprotocol for clients that offer some."""
CLOSE_CODE_OFFSET = 4000
"""Added to the HTTP status of a problem, it is the code that the socket is closed with."""
FOREIGN_ORIGIN = 403
MAX_CLIENT_MESSAGE = 4096
"""Bytes of a message from a client. The server enforces it."""

router = APIRouter()
ROUTES = Routes(router)


@router.websocket(PATH)
async def follow_batch(socket: WebSocket, batch_id: BatchId, after: Annotated[str | None, Query()] = None) -> None:
    """Send the events of a batch after the event `after`. Raises the errors of the route of its events."""
    identity, state = socket.scope[IDENTITY], socket.app.state
    caller = make_caller(identity, socket)
    event_id = _event_id(after)
    await run_in_threadpool(queries.get_batch, caller.queue, batch_id)
    streams: EventStreams = state.streams
    streams.require_capacity(caller)
    with streams.counted(caller):
        await socket.accept(_subprotocol(socket.scope))
        sending = asyncio.create_task(_send_events(socket, streams, caller, batch_id, event_id))
        leaving = asyncio.create_task(_wait_for_disconnect(socket))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                await sending
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)


def _event_id(after: str | None) -> int:
    if after is None:
        return 0
    if not re.fullmatch(NUMBER_PATTERN, after, re.ASCII):
        raise UsageError(
            "The parameter after is not the id of an event", remedy="Send the id of the last event you received."
        )
    return int(after)


def _subprotocol(scope: Scope) -> str | None:
    return PROTOCOL if PROTOCOL in scope["subprotocols"] else None


async def _send_events(socket: WebSocket, streams: EventStreams, caller: Caller, batch_id: str, after: int) -> None:
    async with aclosing(streams.follow(caller, batch_id, after)) as batches:
        async for batch in batches:
            for row in batch.events:
                await socket.send_text(msgspec.json.encode(event_view(row, caller.links)).decode())
            if batch.ended:
                await socket.close(reason=batch.state)


async def _wait_for_disconnect(socket: WebSocket) -> None:
    """Read and ignore the client's messages: only reading shows that it has disconnected."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


class WebSocketErrorMiddleware:
    """Closes a WebSocket with the code of the problem when an exception reaches it.

    Disconnects a client that stops reading for `seconds`. Rejects pages of other sites, except those in `origins`.
    """

    def __init__(self, app: ASGIApp, seconds: float, origins: Collection[str]) -> None:
        self._app = app
        self._seconds = seconds
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        client = _Client(scope, receive, send, self._seconds)
        with suppress(WebSocketDisconnect):
            if self._is_foreign(Headers(scope=scope)):
                await client.close(FOREIGN_ORIGIN, "Pages of this site are not allowed")
                return
            try:
                await self._app(scope, receive, client.send)
            except WebSocketDisconnect:
                raise
            except Exception as error:
                problem = problem_of(error)
                await client.close(problem.status, problem.title)

    def _is_foreign(self, headers: Headers) -> bool:
        # Unlike HTTP requests, WebSockets of any site are allowed by browsers; they name it and leave it to the server.
        origin = headers.get("origin")
        return origin is not None and origin not in self._origins and origin.partition("://")[2] != headers.get("host")


class _Client:
    """The other end of a socket. Raises `WebSocketDisconnect` when it has gone, or does not read in time."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, seconds: float) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._seconds = seconds
        self._accepted = False

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.close" and not self._accepted:
            # The router closes the socket itself for an unknown path.
            problem = problem_of(HTTPException(404))
            await self.close(problem.status, problem.title)
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(message)
        except (OSError, RuntimeError) as error:
            # uvicorn raises RuntimeError if a ping was not answered meanwhile.
            raise WebSocketDisconnect(1006) from error
        self._accepted = self._accepted or message["type"] == "websocket.accept"

    async def close(self, status: int, reason: str) -> None:
        if not self._accepted:
            # Browsers hide the status of a rejected handshake from the page, so accept and then close with the code.
            await self._receive()
            await self.send({"type": "websocket.accept", "subprotocol": _subprotocol(self._scope)})
        await self.send({"type": "websocket.close", "code": CLOSE_CODE_OFFSET + status, "reason": reason})
