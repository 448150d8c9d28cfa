"""Read the status of bulk jobs and of the queue, in the words of the Python API, which spells "cancelled"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pressrun.errors import UsageError
from pressrun.jobs.connection import Queue, Row
from pressrun.jobs.event_text import event_message
from pressrun.jobs.limits import Rates, require_non_negative_int
from pressrun.jobs.queries import events, get_batch, items, list_batches, progress
from pressrun.jobs.states import USER_ACTIONS, BatchState, JobPriority, JobStatus
from pressrun.python.exceptions import exception_from_report

MAX_REJECTED = 20
"""Rejected rows that a status lists."""
ENDED = ("completed", "failed", "cancelled")
"""Statuses of a bulk job that has nothing left to do."""

_AFTER_REMEDY = "Pass the id of the last event you have, or 0."
_LIMIT_REMEDY = "Pass the largest number of results you want."
_SPELLING = {"canceling": "cancelling", "canceled": "cancelled"}


def status_word(state: str) -> str:
    """Return the word of the Python API for a state of a batch."""
    return _SPELLING.get(state, str(state))


def whole_percent(percent: float) -> int:
    """Return a percentage as an int, rounded down, so that 100 means done."""
    return int(percent)


def bulk_job_status(queue: Queue, bulk_job_id: str) -> dict[str, Any]:
    """Return the status of a bulk job, with times in seconds. Raises `NoSuchBatchError`."""
    row = get_batch(queue, bulk_job_id)
    timing = progress(queue, bulk_job_id)["timing"]
    return {
        **batch_status(row),
        "elapsed": timing["processing_time_ms"] / 1000,
        "eta": None if timing["eta_ms"] is None else timing["eta_ms"] / 1000,
        "allowed": list(USER_ACTIONS[BatchState(row["state"])]),
        "warnings": list(row["request"].get("warnings", ())),
        "rejected": _rejected(queue, bulk_job_id) if row["skipped"] else [],
    }


def batch_status(row: Row) -> dict[str, Any]:
    """Return the part of a status that needs only the row of the batch."""
    return {
        "id": row["id"],
        "title": row["title"],
        "user_id": row["owner"],
        "status": status_word(row["state"]),
        "progress": whole_percent(row["percent"]),
        "statistics": {
            "total": row["total"],
            "pending": row["waiting"],
            "running": row["active"],
            "completed": row["completed"],
            "failed": row["failed"],
            "cancelled": row["canceled"],
            "skipped": row["skipped"],
            "rate_limited": row["limited"],
        },
        "rate_limited": row["limited"] > 0,
        "priority": JobPriority.of(row["priority"]),
        "cost": row["cost"],
        "project_id": row["project"],
        "created_at": row["created_at"],
        "started_at": row["started_at"],
        "finished_at": row["finished_at"],
        "deadline": row["deadline"],
    }


def list_bulk_jobs(queue: Queue, status: str | None, limit: int) -> list[dict[str, Any]]:
    """Return the newest bulk jobs of the user, only those with `status` unless it is None.

    Raises `UsageError` for an unknown status.
    """
    states = {status_word(each): each for each in BatchState} | {each.value: each for each in BatchState}
    if status is not None and status not in states:
        known = ", ".join(dict.fromkeys(status_word(each) for each in BatchState))
        raise UsageError(
            f'status: found "{status}"; it must be one of {known}', remedy="Leave it out to list all bulk jobs."
        )
    size = require_non_negative_int("limit", limit, _LIMIT_REMEDY)
    page = list_batches(queue, state=states[status] if status else None, page_size=size)
    return [batch_status(row) for row in page.rows]


def _rejected(queue: Queue, bulk_job_id: str) -> list[dict[str, Any]]:
    query = """SELECT position AS row, message FROM jobs WHERE batch_id = %s AND state = 'skipped'
        ORDER BY position LIMIT %s"""
    with queue.transaction() as cursor:
        return cursor.execute(query, (bulk_job_id, MAX_REJECTED)).fetchall()


def list_jobs(queue: Queue, bulk_job_id: str, after: int, limit: int) -> list[dict[str, Any]]:
    """Return the videos of a bulk job after row number `after`. Raises `NoSuchBatchError`."""
    return [
        {
            "job_id": str(row["id"]),
            "row": row["position"],
            "title": row["title"],
            "status": JobStatus(row["state"]),
            "progress": whole_percent(row["percent"]),
            "stage": row["stage"],
            "message": row["message"],
            "output_url": row["output_url"],
            "cost": row["cost"],
            "attempts": row["attempt"],
            "result": row["result"],
            "error": exception_from_report(row["error"]) if row["error"] and row["state"] == "failed" else None,
            "created_at": row["created_at"],
            "started_at": row["started_at"],
            "finished_at": row["finished_at"],
        }
        for row in items(queue, bulk_job_id, after=after, size=require_non_negative_int("limit", limit, _LIMIT_REMEDY))
    ]


def list_job_events(
    queue: Queue, bulk_job_id: str, job_id: int | None, after: int | str | None, limit: int
) -> list[dict[str, Any]]:
    """Return events of a bulk job, only those of the video `job_id` unless it is None, oldest first.

    These are the first ones after the event `after`, or the latest ones if it is None. Raises `NoSuchBatchError`.
    """
    size = require_non_negative_int("limit", limit, _LIMIT_REMEDY)
    start = int(after) if isinstance(after, str) and after.isdecimal() else after
    get_batch(queue, bulk_job_id)
    if start is None:
        start = _event_before_latest(queue, bulk_job_id, job_id, size)
    return [
        {
            "id": str(row["id"]),
            "job_id": None if row["job_id"] is None else str(row["job_id"]),
            "bulk_job_id": bulk_job_id,
            "created_at": row["created_at"],
            "level": row["level"],
            "kind": row["kind"],
            "message": event_message(row),
            "stage": row["stage"],
            "percent": None if row["percent"] is None else whole_percent(row["percent"]),
            "scene": row["scene"],
            "scenes_total": row["scenes_total"],
        }
        for row in events(queue, bulk_job_id, after=require_non_negative_int("after", start, _AFTER_REMEDY),
                          size=size, job_id=job_id)
    ]


def _event_before_latest(queue: Queue, bulk_job_id: str, job_id: int | None, number: int) -> int:
    """Return the id of the event before the latest `number` ones, or 0."""
    query = """SELECT id FROM job_events WHERE batch_id = %(batch)s AND (%(job)s::bigint IS NULL OR job_id = %(job)s)
        ORDER BY id DESC OFFSET %(number)s LIMIT 1"""
    with queue.transaction() as cursor:
        row = cursor.execute(query, {"batch": bulk_job_id, "job": job_id, "number": number}).fetchone()
    return int(row["id"]) if row else 0


def limiter_status(queue: Queue, rates: Rates) -> Mapping[str, Any]:
    """Return the effective rate limits, and the number of jobs of the user that wait for them now."""
    with queue.transaction() as cursor:
        row = cursor.execute(
            "SELECT coalesce(sum(limited), 0)::integer AS waiting FROM batches WHERE owner = %s AND limited > 0",
            (queue.user,),
        ).fetchone()
    return {
        "per_user_limit": rates.per_user,
        "per_project_limit": rates.per_project,
        "refill_rate": rates.refill,
        "waiting_jobs": row["waiting"] if row else 0,
    }

