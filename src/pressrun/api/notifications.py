"""Notifications of new events from the database: one connection of this process for everyone who watches a batch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pressrun.error_reports import error_text
from pressrun.jobs.migrate import EVENTS_CHANNEL

RECONNECT_DELAY = 1.0
"""Seconds between attempts to reach a database that does not answer."""

logger = logging.getLogger("pressrun.api")


class Notifications:
    """Wakes the subscribers of a batch when it has a new event. Belongs to one event loop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._subscribers: dict[str, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None
        self.connected = False

    @contextmanager
    def subscribe(self, batch_id: str) -> Iterator[asyncio.Event]:
        """Yield an `asyncio.Event` that is set at every new event of the batch, and whenever some may have been missed.

        The first subscriber opens the connection.
        """
        if self._task is None:
            self._task = asyncio.create_task(self._listen_forever(), name="listen for events")
        signal = asyncio.Event()
        subscribers = self._subscribers.setdefault(batch_id, set())
        subscribers.add(signal)
        try:
            yield signal
        finally:
            subscribers.discard(signal)
            if not subscribers:
                self._subscribers.pop(batch_id, None)

    async def close(self) -> None:
        """End the connection."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _listen_forever(self) -> None:
        import psycopg

        while True:
            try:
                await self._listen()
            except psycopg.OperationalError as error:
                logger.warning("No notifications of events: %s", error_text(error))
            self.connected = False
            await asyncio.sleep(RECONNECT_DELAY)

    async def _listen(self) -> None:
        import psycopg

        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute(f"LISTEN {EVENTS_CHANNEL}".encode())
            self.connected = True
            # Notifications that were sent while there was no connection are lost, so everyone reads once now.
            self._wake_all()
            async for notification in connection.notifies():
                for signal in self._subscribers.get(notification.payload, ()):
                    signal.set()

    def _wake_all(self) -> None:
        for subscribers in self._subscribers.values():
            for signal in subscribers:
                signal.set()
