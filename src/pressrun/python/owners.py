"""Find the bulk jobs that a processor sent in the name of several users.

A bulk job belongs to its user, and row-level security shows it to no one else. A processor also sees those that it
sent for others: they carry the name of its own user. So these queries run in the role of the workers.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pressrun.errors import NoSuchBatchError
from pressrun.jobs.batches import no_such_batch, require_id
from pressrun.jobs.connection import Queue, Row, clean, translate_errors
from pressrun.jobs.migrate import WORKER_ROLE
from pressrun.jobs.states import BatchState
from pressrun.python.status import status_word

SENT_BY = "sent_by"
"""Key in the request of a bulk job: the user of the processor that sent it for another user."""
_MINE = "(b.owner = %(user)s OR b.request->>'sent_by' = %(user)s)"


class Owners:
    """The owners of the bulk jobs of one processor. Thread-safe."""

    def __init__(self, user: str) -> None:
        self._user = user
        self._owners: dict[str, str] = {}
        self._lock = threading.Lock()

    def remember(self, bulk_job_id: str, owner: str) -> None:
        with self._lock:
            self._owners[bulk_job_id] = owner

    def queue_of(self, queue: Queue, bulk_job_id: str) -> Queue:
        """Return the queue of the owner of a bulk job. Raises `NoSuchBatchError`."""
        require_id(bulk_job_id)
        owner = self._owners.get(bulk_job_id)
        if owner is None:
            rows = _read(queue, f"SELECT b.owner FROM batches b WHERE b.id = %(id)s AND {_MINE}", {
                "id": clean(bulk_job_id), "user": self._user,
            })  # fmt: skip
            if not rows:
                raise no_such_batch(bulk_job_id)
            owner = str(rows[0]["owner"])
            self.remember(bulk_job_id, owner)
        return Queue(queue.pool, owner)

    def find_bulk_job(self, queue: Queue, job_id: int) -> str:
        """Return the id of the bulk job of a video. Raises `NoSuchBatchError`."""
        query = f"SELECT b.id, b.owner FROM jobs j JOIN batches b ON b.id = j.batch_id WHERE j.id = %(id)s AND {_MINE}"
        rows = _read(queue, query, {"id": job_id, "user": self._user})
        if not rows:
            raise NoSuchBatchError(f"There is no job {job_id}", remedy="List the jobs of a bulk job to see their ids.")
        self.remember(rows[0]["id"], rows[0]["owner"])
        return str(rows[0]["id"])

    def unfinished(self, queue: Queue, processor: str) -> dict[str, int]:
        """Return the unfinished bulk jobs that a processor of this name created: id -> id of the latest event."""
        query = f"""SELECT b.id, b.owner,
                (SELECT coalesce(max(e.id), 0) FROM job_events e WHERE e.batch_id = b.id) AS latest
            FROM batches b WHERE {_MINE} AND b.state <> ALL (%(ended)s) AND b.request->>'processor' = %(processor)s"""
        ended = [BatchState.COMPLETED.value, BatchState.CANCELED.value]
        rows = _read(queue, query, {"user": self._user, "ended": ended, "processor": processor})
        for row in rows:
            self.remember(row["id"], row["owner"])
        return {row["id"]: row["latest"] for row in rows}

    def count_bulk_jobs(self, queue: Queue) -> dict[str, int]:
        """Return the number of bulk jobs in each status, and their `total`."""
        query = f"SELECT b.state, count(*) AS number FROM batches b WHERE {_MINE} GROUP BY b.state"
        by_state = {row["state"]: row["number"] for row in _read(queue, query, {"user": self._user})}
        by_status = {status_word(state): by_state.get(state, 0) for state in BatchState}
        return {**by_status, "total": sum(by_status.values())}

    def by_owner(self, queue: Queue, last_events: Mapping[str, int]) -> Sequence[tuple[Queue, dict[str, int]]]:
        """Return watched bulk jobs, with the last event of each, grouped by the queue of their owner."""
        groups: dict[str, dict[str, int]] = {}
        for bulk_job_id, event in last_events.items():
            with suppress(NoSuchBatchError):
                groups.setdefault(self.queue_of(queue, bulk_job_id).user, {})[bulk_job_id] = event
        return [(Queue(queue.pool, owner), events) for owner, events in groups.items()]


def _read(queue: Queue, query: str, values: Mapping[str, Any]) -> list[Row]:
    with translate_errors(), queue.pool.connection() as connection:
        connection.execute("SELECT set_config('role', %s, true)", (WORKER_ROLE,))
        return connection.execute(query.encode(), values).fetchall()
