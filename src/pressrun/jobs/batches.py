"""Create, pause, resume, cancel, retry and remove batches, as their owner."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from pressrun.errors import ErrorReport, IdempotencyError, NoSuchBatchError
from pressrun.jobs.connection import Queue, Row, as_json
from pressrun.jobs.states import USER_ACTIONS

if TYPE_CHECKING:
    from psycopg import Cursor

MAX_PARALLEL = 5
"""Jobs of one batch that may run at the same time. The tables enforce it."""
INSERT_SIZE = 1000
"""Jobs added by one statement."""


@dataclass(frozen=True)
class NewJob:
    """One row to add to a batch."""

    position: int
    """Number of the row, as its owner counts."""
    title: str
    """Its name for its owner; may be empty."""
    data: Mapping[str, Any]
    """Input of the job, in the form of its kind."""
    priority: int | None = None
    """1 (first) to 10; None for the priority of the batch."""
    rejected: ErrorReport | None = None
    """Why the row cannot be done. It is stored as skipped."""
    problems: Sequence[Mapping[str, Any]] = ()
    """The invalid cells of a rejected row, each with `column`, `found` and `expected`."""


@dataclass(frozen=True)
class NewBatch:
    """A batch to create."""

    title: str
    kind: str
    """Name of the kind of job."""
    pipeline: str
    queue: str
    project: str | None = None
    priority: int = 5
    """1 (first) to 10."""
    parallel: int = MAX_PARALLEL
    """Jobs that may run at the same time, 1 to 5."""
    max_retries: int = 3
    minutes: int | None = None
    """From creation to deadline, 1 to 1440; None for no deadline."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Item settings of all its jobs."""
    request: Mapping[str, Any] = field(default_factory=dict)
    """Data that the kind stores with the batch. Webhooks go to its `callback_url`."""
    webhook_events: Sequence[str] = ()
    """The events to announce there, of `WEBHOOK_EVENTS`."""
    template: str | None = None


@dataclass(frozen=True)
class Idempotency:
    """The key of a request and a digest of its content."""

    key: str
    digest: str


def create_batch(
    queue: Queue, batch: NewBatch, jobs: Iterable[NewJob], idempotency: Idempotency | None = None
) -> tuple[Row, bool]:
    """Store a batch and its jobs, all or nothing. Return its row, and whether it is new.

    If the same request came with the same key before, return the batch that it created. Raises `IdempotencyError` if
    another request came with that key.
    """
    counter = JobCounter(jobs)
    with queue.transaction() as cursor:
        batch_id = new_id()
        values: dict[str, Any] = {name: getattr(batch, name) for name in _COLUMNS}
        values |= {"id": batch_id, "owner": queue.user, "settings": as_json(batch.settings)}
        values |= {"request": as_json(batch.request), "key": None, "digest": None}
        values["webhook_events"] = list(batch.webhook_events) or None
        if idempotency:
            values |= {"key": idempotency.key, "digest": idempotency.digest}
        row = cursor.execute(_CREATE, values).fetchone()
        if row is None:
            assert idempotency
            found = _find_by_key(cursor, queue, idempotency)
            assert found is not None
            return found, False
        for rows in counter.chunks():
            cursor.execute("SELECT add_jobs(%s, %s)", (batch_id, as_json(rows)))
        cursor.execute(_COUNT, {"id": batch_id, "total": counter.total, "skipped": counter.skipped})
        return _read_batch(cursor, batch_id), True


_COLUMNS = (
    "title", "kind", "pipeline", "queue", "project", "priority", "parallel", "max_retries", "minutes", "template",
)  # fmt: skip
# Of two requests with one key at the same time, the second waits for the first to commit and then inserts nothing.
_CREATE = """INSERT INTO batches (id, owner, project, title, priority, request, settings, kind, pipeline, queue,
        template, parallel, max_retries, minutes, deadline, total, waiting, idempotency_key, digest, webhook_events)
    VALUES (%(id)s, %(owner)s, %(project)s, %(title)s, %(priority)s, %(request)s, %(settings)s, %(kind)s, %(pipeline)s,
        %(queue)s, %(template)s, %(parallel)s, %(max_retries)s, %(minutes)s::integer,
        now() + make_interval(mins => %(minutes)s::integer), 0, 0, %(key)s, %(digest)s, %(webhook_events)s)
    ON CONFLICT (owner, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id"""
_COUNT = """WITH counted AS (
        UPDATE batches SET total = %(total)s, waiting = %(total)s::integer - %(skipped)s, skipped = %(skipped)s
        WHERE id = %(id)s RETURNING *
    ), event AS (
        INSERT INTO job_events (batch_id, owner, kind, data)
        SELECT id, owner, 'batch_created', jsonb_build_object('total', total, 'skipped', skipped) FROM counted
    ) SELECT wake_workers()"""


class JobCounter:
    """Counts jobs while they are read, so that they can come from a generator."""

    def __init__(self, jobs: Iterable[NewJob]) -> None:
        self._jobs = iter(jobs)
        self.total = self.skipped = 0

    def chunks(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the jobs in the form that `add_jobs` takes, a thousand at a time."""
        while chunk := list(islice(self._jobs, INSERT_SIZE)):
            self.total += len(chunk)
            self.skipped += sum(job.rejected is not None for job in chunk)
            yield [_as_row(job) for job in chunk]


def _as_row(job: NewJob) -> dict[str, Any]:
    row: dict[str, Any] = {"position": job.position, "title": job.title, "data": dict(job.data)}
    if job.priority is not None:
        row["priority"] = job.priority
    if job.rejected:
        row |= {"state": "skipped", "error": vars(job.rejected), "problems": list(job.problems)}
    return row


def find_by_idempotency_key(queue: Queue, idempotency: Idempotency) -> Row | None:
    """Return the batch that the same request created with this key. Raises `IdempotencyError` as `create_batch`."""
    with queue.transaction() as cursor:
        return _find_by_key(cursor, queue, idempotency)


def _find_by_key(cursor: Cursor[Row], queue: Queue, idempotency: Idempotency) -> Row | None:
    found = cursor.execute(
        "SELECT * FROM batches WHERE owner = %s AND idempotency_key = %s", (queue.user, idempotency.key)
    ).fetchone()
    if found is not None and found["digest"] != idempotency.digest:
        raise IdempotencyError(
            f"The idempotency key {idempotency.key} was used for another request",
            remedy="Send each new request with a new key.",
        )
    return found


def pause(queue: Queue, batch_id: str) -> Row:
    """Let running stages finish and start no new one; return the batch.

    Raises `NoSuchBatchError`, and `MoveError` if the state does not allow it, as the other moves do.
    """
    return _move(queue, batch_id, "pause")


def resume(queue: Queue, batch_id: str) -> Row:
    """Resume a paused batch; return it."""
    return _move(queue, batch_id, "resume")


def cancel(queue: Queue, batch_id: str) -> Row:
    """Cancel waiting jobs and stop running ones within seconds; return the batch."""
    return _move(queue, batch_id, "cancel")


def retry(queue: Queue, batch_id: str) -> Row:
    """Queue failed jobs again, which resume at the stage that failed; return the batch. Completed jobs stay."""
    return _move(queue, batch_id, "retry")


def remove(queue: Queue, batch_id: str) -> None:
    """Delete a batch that has ended, with its jobs and events. Its run folders stay."""
    with queue.transaction() as cursor:
        cursor.execute("SELECT forget(%s)", (batch_id,))


def no_such_batch(batch_id: object) -> NoSuchBatchError:
    """Return the error for a batch that does not exist, or belongs to someone else."""
    return NoSuchBatchError(f"There is no batch {batch_id}", remedy="List the batches to see their ids.")


def require_id(batch_id: object) -> None:
    """Raise `NoSuchBatchError` for a value that cannot be an id, e.g. the number of a job."""
    if not isinstance(batch_id, str) or "\0" in batch_id:
        raise no_such_batch(batch_id)


def _move(queue: Queue, batch_id: str, action: str) -> Row:
    require_id(batch_id)
    states = [state.value for state, actions in USER_ACTIONS.items() if action in actions]
    with queue.transaction() as cursor:
        cursor.execute(f"SELECT {action}_batch(%s, %s)".encode(), (batch_id, states))
        return _read_batch(cursor, batch_id)


def _read_batch(cursor: Cursor[Row], batch_id: str) -> Row:
    row = cursor.execute("SELECT * FROM batches WHERE id = %s", (batch_id,)).fetchone()
    assert row is not None
    return row


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(now: float | None = None) -> str:
    """Return a new id: `bj_` and 26 characters. The first ten encode the time, so ids sort by creation."""
    number = int((time.time() if now is None else now) * 1000) << 80 | int.from_bytes(os.urandom(10))
    return "bj_" + "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
