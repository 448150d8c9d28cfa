"""Queries of the queue. None of them counts jobs: each batch has counters in its row."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from pressrun.clock import awake_time
from pressrun.errors import UsageError
from pressrun.jobs.batches import no_such_batch, require_id
from pressrun.jobs.connection import Queue, Row
from pressrun.jobs.states import BatchState

Sort = Literal["created_at", "updated_at", "percent_complete"]
Order = Literal["asc", "desc"]
GroupBy = Literal["template_id", "state", "day", "priority"]

_SORTS = {"created_at": "created_at", "updated_at": "updated_at", "percent_complete": "percent"}
_TYPES = {"created_at": "timestamptz", "updated_at": "timestamptz", "percent": "double precision"}
_GROUPS = {
    "template_id": "coalesce(template, '')",
    "state": "state",
    "day": "to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
    "priority": "priority::text",
}
_SUMS = """count(*) AS jobs, coalesce(sum(total), 0) AS items, coalesce(sum(completed), 0) AS completed,
    coalesce(sum(failed), 0) AS failed, coalesce(sum(cost), 0) AS cost, coalesce(sum(worked), 0) AS worked"""
PAGE_SIZE = 100
"""Rows of one page, unless the caller wants another number."""


@dataclass(frozen=True)
class Page:
    """Batches, and the token of the next page; None on the last one."""

    rows: list[Row]
    next_token: str | None


def get_batch(queue: Queue, batch_id: str) -> Row:
    """Return the row of a batch. Raises `NoSuchBatchError`, also for a batch of another user."""
    require_id(batch_id)
    with queue.transaction() as cursor:
        row = cursor.execute("SELECT * FROM batches WHERE id = %s", (batch_id,)).fetchone()
    if row is None:
        raise no_such_batch(batch_id)
    return row


def describe(row: Row) -> dict[str, Any]:
    """Return a row of `batches` with the names that users rely on."""
    return {
        "id": row["id"],
        "title": row["title"],
        "state": row["state"],
        "priority": row["priority"],
        "percent_complete": round(row["percent"], 1),
        "items_total": row["total"],
        "items_completed": row["completed"],
        "items_failed": row["failed"],
        "items_pending": row["waiting"] + row["active"],
        "items_skipped": row["skipped"],
        "items_canceled": row["canceled"],
        "template_id": row["template"],
        "cost": row["cost"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "started_at": row["started_at"],
        "finished_at": row["finished_at"],
        "deadline": row["deadline"],
    }


def list_batches(
    queue: Queue,
    *,
    sort: Sort = "created_at",
    order: Order = "desc",
    state: str | None = None,
    page_size: int = 20,
    page_token: str | None = None,
) -> Page:
    """Return a page of the user's batches. Raises `UsageError` for a token of another list."""
    column = _SORTS[sort]
    where, values = ["owner = %(owner)s"], {"owner": queue.user, "state": state, "limit": page_size + 1}
    if state:
        where.append("state = %(state)s")
    if page_token:
        values["value"], values["id"] = _read_token(page_token, [sort, order, state])
        sign = "<" if order == "desc" else ">"
        where.append(f"({column}, id) {sign} (%(value)s::{_TYPES[column]}, %(id)s)")
    query = f"""SELECT * FROM batches WHERE {" AND ".join(where)}
        ORDER BY {column} {order}, id {order} LIMIT %(limit)s"""
    with queue.transaction() as cursor:
        rows = cursor.execute(query.encode(), values).fetchall()
    if len(rows) <= page_size:
        return Page(rows, None)
    last = rows[page_size - 1]
    value = last[column].isoformat() if isinstance(last[column], datetime) else last[column]
    return Page(rows[:page_size], _make_token([sort, order, state], [value, last["id"]]))


def _make_token(listing: list[Any], position: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([listing, position]).encode()).decode().rstrip("=")


def _read_token(token: str, listing: list[Any]) -> tuple[Any, str]:
    try:
        of, (value, batch_id) = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if of != listing or not re.fullmatch(r"[0-9a-z_]{1,40}", batch_id, re.ASCII):
            raise ValueError
        return float(value) if listing[0] == "percent_complete" else datetime.fromisoformat(value), batch_id
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise UsageError(
            "The page token does not belong to this list",
            remedy="Use the next_page_token of the previous page, with the same sort, order and state.",
        ) from None


def count_by_state(queue: Queue) -> dict[str, dict[str, int]]:
    """Return the number of the user's batches in each state, and of their items."""
    query = """SELECT state, count(*) AS batches, coalesce(sum(waiting), 0) AS waiting,
            coalesce(sum(active), 0) AS active, coalesce(sum(completed), 0) AS completed,
            coalesce(sum(failed), 0) AS failed, coalesce(sum(skipped), 0) AS skipped,
            coalesce(sum(canceled), 0) AS canceled
        FROM batches WHERE owner = %s GROUP BY state"""
    with queue.transaction() as cursor:
        rows = cursor.execute(query, (queue.user,)).fetchall()
    batches = {state.value: 0 for state in BatchState} | {row["state"]: row["batches"] for row in rows}
    names = ("waiting", "active", "completed", "failed", "skipped", "canceled")
    return {"jobs": batches, "items": {name: int(sum(row[name] for row in rows)) for name in names}}


def progress(queue: Queue, batch_id: str) -> dict[str, Any]:
    """Return the progress of a batch and the time left, with the names that users rely on. Times in milliseconds."""
    row = get_batch(queue, batch_id)
    now = datetime.now(UTC)
    elapsed = ((row["finished_at"] or now) - row["started_at"]).total_seconds() if row["started_at"] else 0.0
    at_once = sum(each["concurrency"] for each in workers(queue) if serves(each, row["queue"]))
    left = eta(row, elapsed, at_once)
    return {
        "job_id": row["id"],
        "state": row["state"],
        "percent_complete": round(row["percent"], 1),
        "items_status": {
            "total": row["total"],
            "completed": row["completed"],
            "failed": row["failed"],
            "pending": row["waiting"] + row["active"],
            "skipped": row["skipped"],
            "canceled": row["canceled"],
        },
        "timing": {
            "started_at": row["started_at"],
            "processing_time_ms": round(elapsed * 1000),
            "eta_ms": None if left is None else round(left * 1000),
        },
        "rate_limited": row["limited"] > 0,
    }


def eta(row: Mapping[str, Any], elapsed: float, at_once: int) -> float | None:
    """Estimate the seconds left of a batch with workers that run `at_once` jobs; None if it cannot be known.

    The estimate uses the durations of its ended jobs, and before the first has ended, the share that is done.
    """
    pending = row["waiting"] + row["active"]
    if pending == 0:
        return 0.0
    if row["state"] not in ("running", "pausing"):
        return None
    jobs_left = max(0.0, pending - row["partial"] / 100)
    ended = row["completed"] + row["failed"]
    if ended and row["worked"] > 0:
        return float(row["worked"] / ended * jobs_left / max(1, min(row["active"], at_once)))
    done = pending - jobs_left
    return elapsed * jobs_left / done if done > 0 and elapsed > 0 else None


def items(queue: Queue, batch_id: str, *, after: int = 0, size: int = PAGE_SIZE) -> list[Row]:
    """Return the jobs of a batch after the row number `after`, with the state of their stages."""
    get_batch(queue, batch_id)
    query = """SELECT j.id, j.batch_id, j.position, j.priority, j.state, j.attempt, j.tries, j.not_before, j.title,
            j.data, j.run_folder, j.stage, j.percent, j.message, j.output_url, j.cost, j.result, j.files, j.error,
            j.problems, j.created_at, j.updated_at, j.started_at, j.finished_at, coalesce(s.stages, '[]') AS stages
        FROM jobs j LEFT JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('stage', stage, 'state', state, 'percent', percent, 'seconds', seconds,
                'attempts', attempts, 'started_at', started_at, 'finished_at', finished_at)
                ORDER BY started_at, stage) AS stages
            FROM job_stages WHERE job_id = j.id) s ON true
        WHERE j.batch_id = %s AND j.position > %s ORDER BY j.position LIMIT %s"""
    with queue.transaction() as cursor:
        return cursor.execute(query, (batch_id, after, size)).fetchall()


_RESULT_COLUMNS = """id, batch_id, position, title, state, attempt, run_folder, output_url, cost, result, files, error,
    started_at, finished_at, updated_at"""


def job_results(queue: Queue, batch_id: str, *, after: int = 0, size: int) -> list[Row]:
    """Return the results and files of the jobs of a batch after the row number `after`, at most `size` of them."""
    query = f"""SELECT {_RESULT_COLUMNS} FROM jobs WHERE batch_id = %s AND position > %s ORDER BY position LIMIT %s"""
    with queue.transaction() as cursor:
        return cursor.execute(query.encode(), (batch_id, after, size)).fetchall()


def batch_results(queue: Queue, batch_id: str) -> tuple[Row, list[Row]]:
    """Return the row of a batch, and the results and files of all its jobs. Raises `NoSuchBatchError`."""
    require_id(batch_id)
    query = f"SELECT {_RESULT_COLUMNS} FROM jobs WHERE batch_id = %s ORDER BY position"
    # One transaction: each costs three round trips, and a download waits for them.
    with queue.transaction() as cursor:
        batch = cursor.execute("SELECT * FROM batches WHERE id = %s", (batch_id,)).fetchone()
        if batch is None:
            raise no_such_batch(batch_id)
        return batch, cursor.execute(query.encode(), (batch_id,)).fetchall()


def job_result(queue: Queue, batch_id: str, position: int) -> Row | None:
    """Return the results and files of the job with this row number; None if the batch has no such row.

    Raises `NoSuchBatchError`.
    """
    get_batch(queue, batch_id)
    query = f"SELECT {_RESULT_COLUMNS} FROM jobs WHERE batch_id = %s AND position = %s"
    with queue.transaction() as cursor:
        return cursor.execute(query.encode(), (batch_id, position)).fetchone()


def events(queue: Queue, batch_id: str, *, after: int = 0, size: int = 500, job_id: int | None = None) -> list[Row]:
    """Return the events of a batch after the event `after`, oldest first, without gaps."""
    one_job = "AND e.job_id = %(job)s" if job_id is not None else ""
    query = f"""SELECT e.*, j.position, j.title,
            CASE WHEN e.kind = 'completed' THEN to_jsonb(j) END AS job,
            {VISIBILITY_COLUMNS}
        FROM job_events e LEFT JOIN jobs j ON j.id = e.job_id
        WHERE e.batch_id = %(batch)s AND e.id > %(after)s {one_job} ORDER BY e.id LIMIT %(size)s"""
    values = {"batch": batch_id, "after": after, "size": size, "job": job_id}

    def read() -> list[Row]:
        with queue.transaction() as cursor:
            return cursor.execute(query.encode(), values).fetchall()

    return read_without_gaps(read)


def analytics(queue: Queue, start: date, end: date, group_by: GroupBy = "day") -> dict[str, Any]:
    """Sum up the batches created from `start` to `end`, both days included, in UTC. Times in seconds."""
    span = {
        "owner": queue.user,
        "start": datetime(start.year, start.month, start.day, tzinfo=UTC),
        "end": datetime(end.year, end.month, end.day, tzinfo=UTC) + timedelta(days=1),
    }
    source = "FROM batches WHERE owner = %(owner)s AND created_at >= %(start)s AND created_at < %(end)s"

    def grouped(by: str) -> bytes:
        return f"SELECT {_GROUPS[by]} AS name, {_SUMS} {source} GROUP BY 1 ORDER BY 1".encode()

    with queue.transaction() as cursor:
        total = cursor.execute(f"SELECT {_SUMS} {source}".encode(), span).fetchone()
        groups = cursor.execute(grouped(group_by), span).fetchall()
        templates = cursor.execute(grouped("template_id"), span).fetchall()
    assert total is not None
    return {
        **_summary(total),
        "cost_summary": {"total": total["cost"], "by_template": {each["name"]: each["cost"] for each in templates}},
        "groups": [{group_by: each["name"], **_summary(each), "cost": each["cost"]} for each in groups],
    }


def _summary(sums: Row) -> dict[str, Any]:
    ended = sums["completed"] + sums["failed"]
    return {
        "total_jobs": sums["jobs"],
        "total_items": int(sums["items"]),
        "success_rate": round(sums["completed"] / ended, 4) if ended else None,
        "avg_processing_time": round(sums["worked"] / ended, 3) if ended else None,
    }


def average_job(queue: Queue, kind: str, size: int = 100) -> Row:
    """Return the averages of the latest completed jobs of a kind: `seconds` of work, `cost` and `bytes` of products.

    `jobs` is how many there are, at most `size`; the averages are null without any.
    """
    query = """SELECT count(*) AS jobs, avg(seconds)::float AS seconds, avg(cost) AS cost, avg(bytes)::float AS bytes
        FROM (SELECT extract(epoch FROM j.finished_at - j.started_at) AS seconds, j.cost,
                (SELECT coalesce(sum((f->>'size')::bigint), 0) FROM jsonb_array_elements(j.files) f) AS bytes
            FROM jobs j JOIN batches b ON b.id = j.batch_id
            WHERE b.owner = %s AND b.kind = %s AND j.state = 'completed' AND j.started_at IS NOT NULL
            ORDER BY j.id DESC LIMIT %s) latest"""
    with queue.transaction() as cursor:
        row = cursor.execute(query, (queue.user, kind, size)).fetchone()
    assert row is not None
    return row


def workers(queue: Queue) -> list[Row]:
    """Return the workers with a heartbeat in the last ten seconds."""
    with queue.transaction() as cursor:
        return cursor.execute(
            "SELECT id, concurrency, queues, started_at, beat FROM workers WHERE beat > now() - interval '10 seconds'"
        ).fetchall()


def serves(worker: Row, queue_name: str) -> bool:
    """Return whether a worker serves the queue."""
    return worker["queues"] is None or queue_name in worker["queues"]


def latest_event(queue: Queue, batch_id: str) -> int:
    """Return the id of the latest event of a batch, or 0. Raises `NoSuchBatchError`."""
    get_batch(queue, batch_id)
    query = "SELECT coalesce(max(id), 0) AS latest FROM job_events WHERE batch_id = %s"
    with queue.transaction() as cursor:
        row = cursor.execute(query, (batch_id,)).fetchone()
    return int(row["latest"]) if row else 0


VISIBILITY_COLUMNS = """e.created_at > now() - interval '5 seconds' AS young,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS newest"""
"""Columns to read with each event `e`, for `read_without_gaps`: whether the event is young, the oldest transaction that
may still run, and the first id that no transaction has yet."""
GAP_TIMEOUT = 1.0
"""Seconds to wait for other transactions. Most end within milliseconds."""
GAP_POLL_INTERVAL = 0.01


def read_without_gaps(read: Callable[[], list[Row]]) -> list[Row]:
    """Return the events that `read` returns, once no earlier event can still appear.

    An event gets its id when it is written but becomes visible when its transaction commits, so event 8 may be visible
    before event 7. A caller that continues after the last event returned would then miss 7. So young events are
    returned only when all transactions have ended that were running at the first read and may hold a lower id. `read`
    must select `VISIBILITY_COLUMNS`.
    """
    rows = read()
    if not any(row["young"] for row in rows):
        return rows
    last, horizon, end = max(row["id"] for row in rows), rows[0]["newest"], awake_time() + GAP_TIMEOUT
    while rows and rows[0]["oldest"] < horizon and awake_time() < end:
        time.sleep(GAP_POLL_INTERVAL)
        rows = [row for row in read() if row["id"] <= last]
    return rows
