"""A sentence for every event of the queue, also for events that were stored without a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_JOB_TEXTS = {
    "queued": "Waiting in the queue",
    "rate_limited": "Waiting for the rate limit",
    "dispatched": "Ready for the next free worker",
    "in_progress": "Started",
    "retried": "Failed; retrying",
    "completed": "Completed",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
_BATCH_PREFIX = "batch_"


def event_message(row: Mapping[str, Any]) -> str:
    """Return the message of a row of `job_events`, or a text for its kind if it has none."""
    if message := row["message"]:
        return str(message)
    kind, data = str(row["kind"]), row["data"] or {}
    if kind == "batch_created":
        skipped = data.get("skipped", 0)
        return f"Created with {data.get('total', 0)} rows" + (f", {skipped} of them skipped" if skipped else "")
    if kind.startswith(_BATCH_PREFIX):
        return f"The batch is {kind.removeprefix(_BATCH_PREFIX)}"
    if kind in _JOB_TEXTS:
        return _JOB_TEXTS[kind]
    if row["stage"]:
        return f"Stage {row['stage']}"
    return "In progress" if row["percent"] is None else f"{row['percent']:.0f} % done"
