"""Events of a batch as they happen, until the batch ends or the client's token expires."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass

import msgspec
from starlette.concurrency import run_in_threadpool

from pressrun.api.dependencies import Caller
from pressrun.api.links import Links
from pressrun.api.notifications import RECONNECT_DELAY, Notifications
from pressrun.api.tokens import REMEDY
from pressrun.api.views import event_view
from pressrun.errors import DatabaseAwayError, NoSuchBatchError, TokenError, TooManyRequestsError
from pressrun.jobs import queries
from pressrun.jobs.connection import Queue, Row
from pressrun.jobs.states import ENDED

RECONNECT_FIELD = b"retry: 2000\n\n"
"""Milliseconds after which a client that lost the stream reconnects."""
KEEP_ALIVE = b": alive\n\n"
MAX_EVENTS = 200
"""Events read by one query."""
SHARED_QUERY_DELAY = 0.02
"""Seconds in which streams woken by the same event join one query."""


@dataclass(frozen=True)
class EventBatch:
    """Events read together, and the state of their batch; an empty state while the database does not answer."""

    state: str = ""
    events: Sequence[Row] = ()

    @property
    def ended(self) -> bool:
        """Return whether the batch has ended and no event is left to send."""
        return self.state in ENDED and not self.events


class EventStreams:
    """The open streams of all users of this process."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications
        self._open: Counter[str] = Counter()
        self._queries: dict[tuple[str, str, int], asyncio.Task[EventBatch]] = {}

    def require_capacity(self, caller: Caller) -> None:
        """Raise `TooManyRequestsError` for a user who has as many streams open as allowed."""
        if self._open[caller.identity.user] >= caller.settings.streams:
            raise TooManyRequestsError(
                f"You have {caller.settings.streams} event streams open", remedy="Close one of them.", wait=5
            )

    @contextmanager
    def counted(self, caller: Caller) -> Iterator[None]:
        """Count one stream of the user while the block runs."""
        user = caller.identity.user
        self._open[user] += 1
        try:
            yield
        finally:
            self._open[user] -= 1
            if not self._open[user]:
                del self._open[user]

    async def sse(self, caller: Caller, batch_id: str, after: int) -> AsyncIterator[bytes]:
        """Yield the events of a batch after the event `after` as server-sent events."""
        with self.counted(caller), suppress(NoSuchBatchError, TokenError):
            yield RECONNECT_FIELD
            async with aclosing(self.follow(caller, batch_id, after)) as batches:
                async for batch in batches:
                    for row in batch.events:
                        yield _sse_event(row, caller.links)
                    if batch.ended:
                        yield b"event: end\ndata: " + msgspec.json.encode({"state": batch.state}) + b"\n\n"
                    elif not batch.events:
                        yield KEEP_ALIVE

    async def follow(self, caller: Caller, batch_id: str, after: int) -> AsyncGenerator[EventBatch]:
        """Yield the events of a batch after the event `after` until it has ended, and an empty `EventBatch` when none
        has come for as long as a heartbeat takes.

        Raises `NoSuchBatchError` once the batch is removed, and `TokenError` once the caller's token expires.
        """
        with self._notifications.subscribe(batch_id) as signal:
            while (left := caller.identity.expires - time.time()) > 0:
                # Cleared before the query: an event that comes during it sets the signal again.
                signal.clear()
                batch = await self._read_shared(caller, batch_id, after)
                if batch.events:
                    after = batch.events[-1]["id"]
                    yield batch
                elif batch.ended:
                    yield batch
                    return
                elif not await self._wait(signal, min(caller.settings.heartbeat, left)):
                    yield EventBatch()
        raise TokenError("The token has expired", remedy=REMEDY)

    async def _read_shared(self, caller: Caller, batch_id: str, after: int) -> EventBatch:
        """Return the events after `after`. Streams of a user that are at the same event share one query.

        Raises `NoSuchBatchError` once the batch is removed.
        """
        key = (caller.identity.user, batch_id, after)
        if key not in self._queries:
            self._queries[key] = asyncio.create_task(self._query(key, caller.queue))
        # Shielded: a client that disconnects must not cancel the query of the others.
        return await asyncio.shield(self._queries[key])

    async def _query(self, key: tuple[str, str, int], queue: Queue) -> EventBatch:
        await asyncio.sleep(SHARED_QUERY_DELAY)
        # Streams woken from here on need a query of their own: this one may not see the event that woke them.
        del self._queries[key]
        return await run_in_threadpool(_read, queue, key[1], key[2])

    async def _wait(self, signal: asyncio.Event, heartbeat: float) -> bool:
        """Wait for the signal; poll more often while notifications are not connected. Return whether it came."""
        timeout = heartbeat if self._notifications.connected else min(RECONNECT_DELAY, heartbeat)
        try:
            await asyncio.wait_for(signal.wait(), timeout)
        except TimeoutError:
            return False
        return True


def _read(queue: Queue, batch_id: str, after: int) -> EventBatch:
    # The state is read first: if the batch has ended, all its events are visible to the second query.
    try:
        state = queries.get_batch(queue, batch_id)["state"]
        return EventBatch(state, queries.events(queue, batch_id, after=after, size=MAX_EVENTS))
    except DatabaseAwayError:
        return EventBatch()


def _sse_event(row: Row, links: Links) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (row["id"], msgspec.json.encode(event_view(row, links)))
