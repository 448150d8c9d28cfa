"""Events of a batch at a WebSocket, for pages that are open: one JSON object each, until the batch has ended."""

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

from pressrun.api.doorkeeper import IDENTITY
from pressrun.api.problems import problem_of
from pressrun.api.reading import PLACE_PATTERN, BatchId, Caller
from pressrun.api.streaming import Streams
from pressrun.api.views import event_view
from pressrun.errors import UsageError
from pressrun.jobs import queries
from pressrun.jobs.connection import Queue

PATH = "/ws/batch/{id}"
PROTOCOL = "pressrun"
"""The subprotocol that is spoken, for clients which offer any."""
OF_PROBLEMS = 4000
"""What is added to the HTTP status of a problem, so that it tells why a socket is closed."""
FOREIGN_PAGE = 403
LARGEST_WORDS = 4096
"""Bytes that a client may say at once, for the server to hold it to."""

router = APIRouter()


@router.websocket(PATH)
async def live(socket: WebSocket, batch_id: BatchId, after: Annotated[str | None, Query()] = None) -> None:
    """Tells what happens in a batch after the event `after`. Raises what the route of its events raises."""
    identity, state = socket.scope[IDENTITY], socket.app.state
    caller = Caller(identity, Queue(state.pool, identity.user), state.settings)
    place = _place(after)
    await run_in_threadpool(queries.get_batch, caller.queue, batch_id)
    streams: Streams = state.streams
    streams.refuse_more(caller)
    with streams.counted(caller):
        await socket.accept(_spoken(socket.scope))
        telling = asyncio.create_task(_tell(socket, streams, caller, batch_id, place))
        leaving = asyncio.create_task(_until_it_leaves(socket))
        try:
            await asyncio.wait((telling, leaving), return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                await telling
        finally:
            telling.cancel()
            leaving.cancel()
            await asyncio.gather(telling, leaving, return_exceptions=True)


def _place(after: str | None) -> int:
    if after is None:
        return 0
    if not re.fullmatch(PLACE_PATTERN, after, re.ASCII):
        raise UsageError(
            "The parameter after is not the id of an event", remedy="Send the id of the last event that was heard."
        )
    return int(after)


def _spoken(scope: Scope) -> str | None:
    return PROTOCOL if PROTOCOL in scope["subprotocols"] else None


async def _tell(socket: WebSocket, streams: Streams, caller: Caller, batch_id: str, after: int) -> None:
    async with aclosing(streams.news(caller, batch_id, after)) as all_news:
        async for news in all_news:
            for row in news.events:
                await socket.send_text(msgspec.json.encode(event_view(row)).decode())
            if news.ended:
                await socket.close(reason=news.state)


async def _until_it_leaves(socket: WebSocket) -> None:
    """Nothing that a client says is listened to; reading it shows when it has gone."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


class SocketBoundary:
    """No exception leaves a socket: it is closed with the number of the problem.

    One that takes nothing for so many `seconds` is given up. Pages of other sites than the `origins` are refused.
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
                await client.close(FOREIGN_PAGE, "Pages of this site may not ask")
                return
            try:
                await self._app(scope, receive, client.send)
            except WebSocketDisconnect:
                raise
            except Exception as error:
                problem = problem_of(error)
                await client.close(problem.status, problem.title)

    def _is_foreign(self, headers: Headers) -> bool:
        """Browsers always say of which site a page is, and let the server decide."""
        origin = headers.get("origin")
        return origin is not None and origin not in self._origins and origin.partition("://")[2] != headers.get("host")


class _Client:
    """At the other end of a socket. Raises `WebSocketDisconnect` when it has gone, or takes nothing in time."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, seconds: float) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._seconds = seconds
        self._opened = False

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.close" and not self._opened:
            # The router knows no such path.
            problem = problem_of(HTTPException(404))
            await self.close(problem.status, problem.title)
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(message)
        except (OSError, RuntimeError) as error:
            # The server raises the latter where a ping was not answered meanwhile.
            raise WebSocketDisconnect(1006) from error
        self._opened = self._opened or message["type"] == "websocket.accept"

    async def close(self, status: int, reason: str) -> None:
        if not self._opened:
            # A page is never told the status of an answer that opens no socket.
            await self._receive()
            await self.send({"type": "websocket.accept", "subprotocol": _spoken(self._scope)})
        await self.send({"type": "websocket.close", "code": OF_PROBLEMS + status, "reason": reason})
