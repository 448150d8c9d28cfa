"""Webhooks: events of batches that are sent to the `callback_url` of their owner.

The database stores each event in the transaction that causes it (`sql/webhooks.sql`), and workers send it.
"""

from __future__ import annotations

WEBHOOK_EVENTS = (
    "bulk_job.progress", "bulk_job.completed", "bulk_job.failed", "bulk_job.canceled", "item.completed", "item.failed",
)  # fmt: skip
DEFAULT_EVENTS = WEBHOOK_EVENTS[:4]
"""Events of a batch that does not choose its own: those about the whole batch."""
TEST_EVENT = "webhook.test"
