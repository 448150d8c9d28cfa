"""Events of a batch as they happen, until the batch ends or the token of the listener does."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass

import msgspec
from starlette.concurrency import run_in_threadpool

from pressrun.api.listening import AGAIN, Listening
from pressrun.api.reading import Caller
from pressrun.api.tokens import REMEDY
from pressrun.api.views import event_view
from pressrun.errors import DatabaseAwayError, NoSuchBatchError, TokenError, TooManyRequestsError
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

    @property
    def ended(self) -> bool:
        """Nothing more will happen, and nothing is left to be told."""
        return self.state in ENDED and not self.events


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

    @contextmanager
    def counted(self, caller: Caller) -> Iterator[None]:
        """Counts one more stream of the user while it is open."""
        user = caller.identity.user
        self._open[user] += 1
        try:
            yield
        finally:
            self._open[user] -= 1
            if not self._open[user]:
                del self._open[user]

    async def of(self, caller: Caller, batch_id: str, after: int) -> AsyncIterator[bytes]:
        """What happens in a batch as server-sent events."""
        with self.counted(caller), suppress(NoSuchBatchError, TokenError):
            yield COME_AGAIN
            async with aclosing(self.news(caller, batch_id, after)) as all_news:
                async for news in all_news:
                    for row in news.events:
                        yield _event(row)
                    if news.ended:
                        yield b"event: end\ndata: " + msgspec.json.encode({"state": news.state}) + b"\n\n"
                    elif not news.events:
                        yield ALIVE

    async def news(self, caller: Caller, batch_id: str, after: int) -> AsyncGenerator[News]:
        """What happens in a batch after the event `after`, until it has ended; empty news while nothing does.

        Raises `NoSuchBatchError` once the batch is removed, and `TokenError` once the token of the caller is over.
        """
        with self._listening.bell(batch_id) as bell:
            while (left := caller.identity.expires - time.time()) > 0:
                bell.clear()
                news = await self._news(caller, batch_id, after)
                if news.events:
                    after = news.events[-1]["id"]
                    yield news
                elif news.ended:
                    yield news
                    return
                elif not await self._heard(bell, min(caller.settings.heartbeat, left)):
                    yield News()
        raise TokenError("The token is no longer valid", remedy=REMEDY)

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
