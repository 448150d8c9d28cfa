"""Send the webhooks in the outbox.

Any number of senders share the outbox; each worker runs one. A sender claims a webhook for a while before it sends it.
If it dies, the claim expires and another one sends the webhook again, under the same id.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pressrun.error_reports import error_text
from pressrun.jobs.webhooks import delivery
from pressrun.jobs.webhooks.addresses import Network, read_networks

if TYPE_CHECKING:
    from httpx import AsyncClient

POLL_INTERVAL = 1.0
"""Seconds between two checks for webhooks that are due."""
MAX_CONCURRENT = 16
"""Webhooks that one sender sends at once."""
MAX_PER_OWNER = 4
"""Webhooks of one owner that all senders together send at once."""
LEASE = 2 * delivery.DELIVERY_TIMEOUT
"""Seconds after which another sender may take over a claimed webhook."""

logger = logging.getLogger(__name__)

Execute = Callable[..., Awaitable[Sequence[Mapping[str, Any]]]]
"""Runs a query with named parameters as a worker, and returns its rows."""

_CLAIM = "SELECT * FROM claim_webhooks(%(now)s, %(size)s, %(per_owner)s, %(lease)s)"
_END = "SELECT end_webhook_attempt(%(id)s, %(claim)s, %(state)s, %(now)s, %(not_before)s, %(status)s, %(error)s)"


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class SenderOptions:
    """Options of a sender."""

    networks: tuple[Network, ...] = ()
    """Networks that it may reach although they are not public."""
    clock: Callable[[], datetime] = field(default=_utc_now)

    @classmethod
    def from_environment(cls) -> SenderOptions:
        """Return the options. Raises `SettingsError` for a variable that is not a list of networks."""
        return cls(read_networks())


class WebhookSender:
    """Sends the webhooks that are due, in the running event loop."""

    def __init__(self, execute: Execute, options: SenderOptions) -> None:
        self._execute, self._options = execute, options
        self._running: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._client: AsyncClient | None = None

    async def run(self) -> None:
        """Send webhooks until cancelled. A database that does not answer is asked again."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._close)
            while True:
                try:
                    await self._start_due()
                except Exception as error:
                    logger.warning("The outbox of webhooks could not be read: %s", error_text(error))
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_INTERVAL)
                self._wake.clear()

    async def send_due(self) -> None:
        """Send everything that is due now, and what becomes due because of that."""
        try:
            while await self._start_due() or self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._close()

    async def _start_due(self) -> int:
        """Claim webhooks that are due and start to send them; return how many."""
        free = MAX_CONCURRENT - len(self._running)
        if free <= 0:
            return 0
        rows = await self._execute(
            query=_CLAIM, now=self._options.clock(), size=free, per_owner=MAX_PER_OWNER, lease=LEASE
        )
        for row in rows:
            task = asyncio.create_task(self._send(row))
            self._running.add(task)
            task.add_done_callback(self._end_task)
        return len(rows)

    def _end_task(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            # The claim expires, and the webhook is sent again.
            logger.warning("The result of a webhook could not be stored: %s", error_text(error))

    async def _send(self, row: Mapping[str, Any]) -> None:
        if self._client is None:
            self._client = delivery.open_client()
        clock, body = self._options.clock, delivery.encode_body(row["body"])
        headers = delivery.sign(row["event_id"], clock(), body, row["secrets"])
        attempt = await delivery.deliver(self._client, row["url"], body, headers, self._options.networks, clock())
        now, not_before = clock(), None
        if attempt.delivered:
            state = "delivered"
        elif attempt.gone:
            state = "disabled"
            logger.warning("%s answered 410, so it gets no more webhooks", row["url"])
        else:
            not_before = delivery.next_attempt(row["tries"] + 1, now, row["expires_at"], attempt.retry_after)
            state = "pending" if not_before else "failed"
        await self._execute(
            query=_END, id=row["id"], claim=row["claim"], state=state, now=now, not_before=not_before,
            status=attempt.status, error=attempt.error or None,
        )

    async def _close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._client:
            await self._client.aclose()
            self._client = None
