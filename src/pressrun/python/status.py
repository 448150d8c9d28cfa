"""How bulk jobs and the whole queue stand, in the words of the Python door, which says "cancelled"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pressrun.errors import NoSuchBatchError, UsageError
from pressrun.jobs.connection import Queue, Row
from pressrun.jobs.limits import Rates, require_non_negative_int
from pressrun.jobs.queries import events, get_batch, items, list_batches, progress, workers
from pressrun.jobs.states import USER_ACTIONS, BatchState, JobPriority, JobStatus
from pressrun.python.failures import exception_of

REJECTED = 20
"""Rejected rows that a status names."""
ENDED = ("completed", "failed", "cancelled")
"""What a bulk job is once nothing of it is left to do."""

MANY = "Say how many you want at most."
_WORDS = {"canceling": "cancelling", "canceled": "cancelled"}


def status_word(state: str) -> str:
    """A state of a batch as the Python door says it."""
    return _WORDS.get(state, str(state))


def bulk_job_status(queue: Queue, bulk_job_id: str) -> dict[str, Any]:
    """Where a bulk job stands. Raises `NoSuchBatchError`. Times in seconds."""
    row = get_batch(queue, bulk_job_id)
    timing = progress(queue, bulk_job_id)["timing"]
    return {
        **brief_status(row),
        "elapsed": timing["processing_time_ms"] / 1000,
        "eta": None if timing["eta_ms"] is None else timing["eta_ms"] / 1000,
        "allowed": list(USER_ACTIONS[BatchState(row["state"])]),
        "warnings": list(row["request"].get("warnings", ())),
        "rejected": _rejected(queue, bulk_job_id) if row["skipped"] else [],
    }


def brief_status(row: Row) -> dict[str, Any]:
    """What the row of a batch alone says."""
    return {
        "id": row["id"],
        "title": row["title"],
        "status": status_word(row["state"]),
        "progress": round(row["percent"], 1),
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


def bulk_jobs(queue: Queue, status: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest bulk jobs of the user, of one status where it is given. Raises `UsageError` for no status."""
    states = {status_word(each): each for each in BatchState} | {each.value: each for each in BatchState}
    if status is not None and status not in states:
        known = ", ".join(dict.fromkeys(status_word(each) for each in BatchState))
        raise UsageError(f'status: found "{status}"; it must be one of {known}', remedy="Leave it out for all.")
    size = require_non_negative_int("limit", limit, MANY)
    page = list_batches(queue, state=states[status] if status else None, page_size=size)
    return [brief_status(row) for row in page.rows]


def _rejected(queue: Queue, bulk_job_id: str) -> list[dict[str, Any]]:
    query = """SELECT position AS row, message FROM jobs WHERE batch_id = %s AND state = 'skipped'
        ORDER BY position LIMIT %s"""
    with queue.transaction() as cursor:
        return cursor.execute(query, (bulk_job_id, REJECTED)).fetchall()


def jobs_of(queue: Queue, bulk_job_id: str, after: int, limit: int) -> list[dict[str, Any]]:
    """The videos of a bulk job after the row with number `after`. Raises `NoSuchBatchError`."""
    return [
        {
            "job_id": row["id"],
            "row": row["position"],
            "title": row["title"],
            "status": JobStatus(row["state"]),
            "progress": round(row["percent"], 1),
            "stage": row["stage"],
            "message": row["message"],
            "output_url": row["output_url"],
            "cost": row["cost"],
            "attempts": row["attempt"],
            "result": row["result"],
            "error": exception_of(row["error"]) if row["error"] and row["state"] == "failed" else None,
            "created_at": row["created_at"],
            "started_at": row["started_at"],
            "finished_at": row["finished_at"],
        }
        for row in items(queue, bulk_job_id, after=after, size=require_non_negative_int("limit", limit, MANY))
    ]


def job_events(queue: Queue, job_id: int | str, after: int, limit: int) -> list[dict[str, Any]]:
    """What happened to a video, or with the id of a bulk job to all of it, oldest first. Raises `NoSuchBatchError`."""
    size = require_non_negative_int("limit", limit, MANY)
    one = isinstance(job_id, int) or str(job_id).isdecimal()
    bulk = _bulk_job_of(queue, int(job_id)) if one else str(job_id)
    get_batch(queue, bulk)
    return [
        {
            "id": row["id"],
            "job_id": row["job_id"],
            "bulk_job_id": bulk,
            "created_at": row["created_at"],
            "level": row["level"],
            "kind": row["kind"],
            "message": row["message"],
            "stage": row["stage"],
            "percent": row["percent"],
            "scene": row["scene"],
            "scenes_total": row["scenes_total"],
        }
        for row in events(queue, bulk, after=after, size=size, job_id=int(job_id) if one else None)
    ]


def _bulk_job_of(queue: Queue, job_id: int) -> str:
    with queue.transaction() as cursor:
        row = cursor.execute("SELECT batch_id FROM jobs WHERE id = %s", (job_id,)).fetchone()
    if row is None:
        raise NoSuchBatchError(f"There is no job {job_id}", remedy="List the jobs of a bulk job to see their ids.")
    return str(row["batch_id"])


def unfinished(queue: Queue, maker: str) -> dict[str, int]:
    """The bulk jobs that a processor of this name made and that are not done, each with its latest event."""
    query = """SELECT b.id, (SELECT coalesce(max(e.id), 0) FROM job_events e WHERE e.batch_id = b.id) AS latest
        FROM batches b WHERE b.owner = %s AND b.state <> ALL (%s) AND b.request->>'processor' = %s"""
    with queue.transaction() as cursor:
        rows = cursor.execute(query, (queue.user, ["completed", "canceled"], maker)).fetchall()
    return {row["id"]: row["latest"] for row in rows}


def counts(queue: Queue) -> dict[str, int]:
    """Bulk jobs of the user in each state, and their `total`."""
    with queue.transaction() as cursor:
        found = cursor.execute(
            "SELECT state, count(*) AS number FROM batches WHERE owner = %s GROUP BY state", (queue.user,)
        ).fetchall()
    numbers = {each["state"]: each["number"] for each in found}
    by_status = {status_word(state): numbers.get(state, 0) for state in BatchState}
    return {**by_status, "total": sum(by_status.values())}


def limiter_status(queue: Queue, rates: Rates) -> Mapping[str, Any]:
    """The limits in force, and how many jobs of the user wait for them now."""
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


def worker_count(queue: Queue) -> int:
    """Workers that live, of all processes."""
    return len(workers(queue))
