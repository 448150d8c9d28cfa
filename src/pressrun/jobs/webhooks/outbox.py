"""List, replay and test webhooks as their owner, and rotate the secret that signs them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pressrun.errors import NoSuchWebhookError
from pressrun.jobs.connection import Queue, Row
from pressrun.jobs.webhooks import TEST_EVENT, delivery
from pressrun.jobs.webhooks.addresses import Network

WebhookState = Literal["pending", "delivered", "failed", "disabled"]

_COLUMNS = """o.id AS number, o.event_id AS id, o.event, o.batch_id AS job_id, o.url, o.state, o.tries AS attempts,
    o.last_status, o.last_error, o.created_at, o.attempted_at, o.sent_at AS delivered_at,
    CASE WHEN o.state = 'pending' THEN o.not_before END AS next_attempt_at, o.body"""


def list_webhooks(
    queue: Queue, *, batch_id: str | None = None, state: str | None = None, before: int = 0, size: int = 20
) -> list[Row]:
    """Return the webhooks of the user, newest first, older than the one with the `number` `before` (0: all)."""
    query = f"""SELECT {_COLUMNS} FROM webhook_outbox o WHERE o.owner = %(owner)s
            AND (%(batch)s::text IS NULL OR o.batch_id = %(batch)s)
            AND (%(state)s::text IS NULL OR o.state = %(state)s) AND (%(before)s = 0 OR o.id < %(before)s)
        ORDER BY o.id DESC LIMIT %(size)s"""
    values = {"owner": queue.user, "batch": batch_id, "state": state, "before": before, "size": size}
    with queue.transaction() as cursor:
        return cursor.execute(query.encode(), values).fetchall()


def replay(queue: Queue, name: str) -> list[Row]:
    """Send a webhook again, with all its attempts; return it.

    `name` is the id of a webhook, or of a batch for all its webhooks that were not delivered. Their URLs receive
    webhooks again even after a 410. Raises `NoSuchWebhookError`.
    """
    chosen = "batch_id = %(name)s AND state <> 'delivered'" if name.startswith("bj_") else "event_id = %(name)s"
    query = f"""WITH replayed AS (
            UPDATE webhook_outbox SET state = 'pending', tries = 0, not_before = now(), leased = false,
                expires_at = now() + interval '3 days', claims = claims + 1
            WHERE owner = %(owner)s AND {chosen} RETURNING *
        ), enabled AS (
            DELETE FROM webhook_disabled d USING replayed r WHERE d.owner = r.owner AND d.url = r.url
        ) SELECT {_COLUMNS} FROM replayed o ORDER BY o.id"""
    with queue.transaction() as cursor:
        rows = cursor.execute(query.encode(), {"owner": queue.user, "name": name.replace("\0", "")}).fetchall()
    if not rows:
        raise NoSuchWebhookError(
            f"There is no webhook {name} to send again", remedy="List the webhooks to see their ids and states."
        )
    return rows


def read_secrets(queue: Queue) -> list[str]:
    """Return the secrets that sign the webhooks of the user, the newest first. The first call creates one."""
    with queue.transaction() as cursor:
        row = cursor.execute("SELECT webhook_secrets_of(%s, now()) AS secrets", (queue.user,)).fetchone()
    return list(row["secrets"]) if row else []


def rotate_secret(queue: Queue) -> str:
    """Replace the secret of the user and return the new one. For a day, the earlier one also signs."""
    with queue.transaction() as cursor:
        row = cursor.execute("SELECT rotate_webhook_secret(%s) AS secret", (queue.user,)).fetchone()
    assert row is not None
    return str(row["secret"])


def send_test(queue: Queue, url: str, allowed: Sequence[Network]) -> delivery.Attempt:
    """Send the event `webhook.test` to `url` now and return the result.

    If the receiver accepts it, a URL that answered 410 earlier receives webhooks again.
    """
    now = datetime.now(UTC)
    body = delivery.encode_body({"event": TEST_EVENT, "job_id": None, "created_at": now.isoformat()})
    headers = delivery.sign(f"msg_test_{secrets.token_hex(16)}", now, body, read_secrets(queue))

    async def send() -> delivery.Attempt:
        async with delivery.open_client() as client:
            return await delivery.deliver(client, url, body, headers, allowed, now)

    attempt = asyncio.run(send())
    if attempt.delivered:
        with queue.transaction() as cursor:
            cursor.execute("DELETE FROM webhook_disabled WHERE owner = %s AND url = %s", (queue.user, url))
    return attempt


def is_disabled(queue: Queue, url: str) -> bool:
    """Return whether `url` answered 410, so it receives no webhooks."""
    query = "SELECT 1 FROM webhook_disabled WHERE owner = %s AND url = %s"
    with queue.transaction() as cursor:
        return cursor.execute(query, (queue.user, url)).fetchone() is not None
