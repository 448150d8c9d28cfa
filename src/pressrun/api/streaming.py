"""Events of a batch as they happen, as server-sent events, until the batch ends or the token of the listener does."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec
from starlette.concurrency import run_in_threadpool

from pressrun.api.listening import AGAIN, Listening
from pressrun.api.reading import Caller
from pressrun.api.views import event_view
from pressrun.errors import DatabaseAwayError, NoSuchBatchError, TooManyRequestsError
from pressrun.jobs import queries
from pressrun.jobs.connection import Queue, Row
from pressrun.jobs.states import ENDED

COME_AGAIN = b"retry: 2000\n\n"
"""Milliseconds after which a client that lost the stream comes again."""
ALIVE = b": alive\n\n"
AT_ONCE = 200
"""Events that are read in one query."""
GATHERING = 0.02
"""Seconds in which streams that were rung for gather around one query."""


@dataclass(frozen=True)
class News:
    """Of a batch; of an unknown state while the database is away."""

    state: str = ""
    events: Sequence[Row] = ()


class Streams:
    """The streams of all users of this process."""

    def __init__(self, listening: Listening) -> None:
        self._listening = listening
        self._open: Counter[str] = Counter()
        self._asked: dict[tuple[str, str, int], asyncio.Task[News]] = {}

    def refuse_more(self, caller: Caller) -> None:
        """Raises `TooManyRequestsError` for a user who has as many streams open as is allowed."""
        if self._open[caller.identity.user] >= caller.settings.streams:
            raise TooManyRequestsError(
                f"You have {caller.settings.streams} streams of events open", remedy="Close one of them.", wait=5
            )

    async def of(self, caller: Caller, batch_id: str, after: int) -> AsyncIterator[bytes]:
        user = caller.identity.user
        self._open[user] += 1
        try:
            async for part in self._tell(caller, batch_id, after):
                yield part
        finally:
            self._open[user] -= 1
            if not self._open[user]:
                del self._open[user]

    async def _tell(self, caller: Caller, batch_id: str, after: int) -> AsyncIterator[bytes]:
        yield COME_AGAIN
        with self._listening.bell(batch_id) as bell:
            while time.time() < caller.identity.expires:
                bell.clear()
                try:
                    news = await self._news(caller, batch_id, after)
                except NoSuchBatchError:
                    return
                for row in news.events:
                    after = row["id"]
                    yield _event(row)
                if news.events:
                    continue
                if news.state in ENDED:
                    yield b"event: end\ndata: " + msgspec.json.encode({"state": news.state}) + b"\n\n"
                    return
                if not await self._heard(bell, caller.settings.heartbeat):
                    yield ALIVE

    async def _news(self, caller: Caller, batch_id: str, after: int) -> News:
        """What is new after the event `after`. Streams that have heard as much share one query.

        Raises `NoSuchBatchError` once the batch is removed.
        """
        key = (caller.identity.user, batch_id, after)
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._ask(key, caller.queue))
        return await asyncio.shield(self._asked[key])

    async def _ask(self, key: tuple[str, str, int], queue: Queue) -> News:
        await asyncio.sleep(GATHERING)
        # Whoever is rung for from now on needs a query of its own, as this one may not see what it was rung for.
        del self._asked[key]
        return await run_in_threadpool(_read, queue, key[1], key[2])

    async def _heard(self, bell: asyncio.Event, heartbeat: float) -> bool:
        """Waits for something new, and looks more often while nothing can be heard."""
        try:
            await asyncio.wait_for(bell.wait(), heartbeat if self._listening.connected else min(AGAIN, heartbeat))
        except TimeoutError:
            return False
        return True


def _read(queue: Queue, batch_id: str, after: int) -> News:
    """The state is read first: where it is an end, the events that belong to it can be seen as well."""
    try:
        state = queries.get_batch(queue, batch_id)["state"]
        return News(state, queries.events(queue, batch_id, after=after, size=AT_ONCE))
    except DatabaseAwayError:
        return News()


def _event(row: Row) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (row["id"], msgspec.json.encode(event_view(row)))
