"""Hears of new events in the database: one connection of this process for all who watch a batch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pressrun.error_reports import error_text
from pressrun.jobs.migrate import EVENTS_CHANNEL

AGAIN = 1.0
"""Seconds between two tries to reach a database that is away."""

logger = logging.getLogger("pressrun.api")


class Listening:
    """Rings the bells of those who watch a batch when something happens in it. Lives in one event loop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._bells: dict[str, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None
        self.connected = False

    @contextmanager
    def bell(self, batch_id: str) -> Iterator[asyncio.Event]:
        """Is set at every new event of the batch, and whenever some may have been missed."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen_always(), name="listen for events")
        bell = asyncio.Event()
        watching = self._bells.setdefault(batch_id, set())
        watching.add(bell)
        try:
            yield bell
        finally:
            watching.discard(bell)
            if not watching:
                self._bells.pop(batch_id, None)

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _listen_always(self) -> None:
        import psycopg

        while True:
            try:
                await self._listen()
            except psycopg.OperationalError as error:
                logger.warning("Events cannot be heard: %s", error_text(error))
            self.connected = False
            await asyncio.sleep(AGAIN)

    async def _listen(self) -> None:
        import psycopg

        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute(f"LISTEN {EVENTS_CHANNEL}".encode())
            self.connected = True
            self._ring_all()
            async for heard in connection.notifies():
                for bell in self._bells.get(heard.payload, ()):
                    bell.set()

    def _ring_all(self) -> None:
        for watching in self._bells.values():
            for bell in watching:
                bell.set()
