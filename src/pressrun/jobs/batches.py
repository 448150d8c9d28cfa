"""What an owner does with batches: create, pause, resume, cancel, retry, remove."""

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
"""Jobs of one batch that may run at the same time; the tables hold to it."""
INSERT_SIZE = 1000
"""Jobs added by one statement."""


@dataclass(frozen=True)
class NewJob:
    """One row to add to a batch."""

    position: int
    """Number of the row, as its owner counts."""
    title: str
    """What its owner calls it; may be empty."""
    data: Mapping[str, Any]
    """What the kind of job needs."""
    priority: int | None = None
    """1 (first) to 10; None for the priority of the batch."""
    rejected: ErrorReport | None = None
    """Why the row cannot be done. It is stored as skipped."""
    problems: Sequence[Mapping[str, Any]] = ()
    """What is wrong with a rejected row: one entry with `column`, `found` and `expected` for each cell."""


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
    """1 to 10, 1 first."""
    parallel: int = 5
    """Jobs at once, 1 to 5."""
    max_retries: int = 3
    minutes: int | None = None
    """From its creation to its deadline, 1 to 1440; None for no deadline."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    request: Mapping[str, Any] = field(default_factory=dict)
    """What was asked for. A `callback_url` in it is told the end."""
    template: str | None = None


@dataclass(frozen=True)
class Idempotency:
    """The key of a request and a digest of it: the same request again finds the batch it made the first time."""

    key: str
    digest: str


def create_batch(
    queue: Queue, batch: NewBatch, jobs: Iterable[NewJob], idempotency: Idempotency | None = None
) -> tuple[Row, bool]:
    """Keeps the batch and its jobs, all or nothing; returns its row, and whether it is new.

    Raises `IdempotencyError` when the key came with another request before.
    """
    counted = _Counted(jobs)
    with queue.transaction() as cursor:
        batch_id = new_id()
        values: dict[str, Any] = {name: getattr(batch, name) for name in _COLUMNS}
        values |= {"id": batch_id, "owner": queue.user, "settings": as_json(batch.settings)}
        values |= {"request": as_json(batch.request), "key": None, "digest": None}
        if idempotency:
            values |= {"key": idempotency.key, "digest": idempotency.digest}
        row = cursor.execute(_CREATE, values).fetchone()
        if row is None:
            assert idempotency
            found = _find_by_key(cursor, queue, idempotency)
            assert found is not None
            return found, False
        for rows in counted.in_parts():
            cursor.execute("SELECT add_jobs(%s, %s)", (batch_id, as_json(rows)))
        cursor.execute(_COUNT, {"id": batch_id, "total": counted.total, "skipped": counted.skipped})
        return _wanted(cursor, batch_id), True


_COLUMNS = (
    "title", "kind", "pipeline", "queue", "project", "priority", "parallel", "max_retries", "minutes", "template",
)  # fmt: skip
_CREATE = """INSERT INTO batches (id, owner, project, title, priority, request, settings, kind, pipeline, queue,
        template, parallel, max_retries, minutes, deadline, total, waiting, idempotency_key, digest)
    VALUES (%(id)s, %(owner)s, %(project)s, %(title)s, %(priority)s, %(request)s, %(settings)s, %(kind)s, %(pipeline)s,
        %(queue)s, %(template)s, %(parallel)s, %(max_retries)s, %(minutes)s::integer,
        now() + make_interval(mins => %(minutes)s::integer), 0, 0, %(key)s, %(digest)s)
    ON CONFLICT (owner, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id"""
_COUNT = """WITH counted AS (
        UPDATE batches SET total = %(total)s, waiting = %(total)s::integer - %(skipped)s, skipped = %(skipped)s
        WHERE id = %(id)s RETURNING *
    ), told AS (
        INSERT INTO job_events (batch_id, owner, kind, data)
        SELECT id, owner, 'batch_created', jsonb_build_object('total', total, 'skipped', skipped) FROM counted
    ) SELECT wake_workers()"""


class _Counted:
    """Counts the jobs while they pass."""

    def __init__(self, jobs: Iterable[NewJob]) -> None:
        self._jobs = iter(jobs)
        self.total = self.skipped = 0

    def in_parts(self) -> Iterator[list[dict[str, Any]]]:
        while part := list(islice(self._jobs, INSERT_SIZE)):
            self.total += len(part)
            self.skipped += sum(job.rejected is not None for job in part)
            yield [_as_row(job) for job in part]


def _as_row(job: NewJob) -> dict[str, Any]:
    row: dict[str, Any] = {"position": job.position, "title": job.title, "data": dict(job.data)}
    if job.priority is not None:
        row["priority"] = job.priority
    if job.rejected:
        row |= {"state": "skipped", "error": vars(job.rejected), "problems": list(job.problems)}
    return row


def find_by_idempotency_key(queue: Queue, idempotency: Idempotency) -> Row | None:
    """The batch that the same request made with this key. Raises `IdempotencyError` as `create_batch` does."""
    with queue.transaction() as cursor:
        return _find_by_key(cursor, queue, idempotency)


def _find_by_key(cursor: Cursor[Row], queue: Queue, idempotency: Idempotency) -> Row | None:
    found = cursor.execute(
        "SELECT * FROM batches WHERE owner = %s AND idempotency_key = %s", (queue.user, idempotency.key)
    ).fetchone()
    if found is not None and found["digest"] != idempotency.digest:
        raise IdempotencyError(
            f"The idempotency key {idempotency.key} was used for another request",
            remedy="Send every new request with a key of its own.",
        )
    return found


def pause(queue: Queue, batch_id: str) -> Row:
    """Running stages end, and no new one starts. Raises `NoSuchBatchError` and `MoveError`, as the others do."""
    return _act(queue, batch_id, "pause")


def resume(queue: Queue, batch_id: str) -> Row:
    return _act(queue, batch_id, "resume")


def cancel(queue: Queue, batch_id: str) -> Row:
    """What waits is cancelled, and what runs is stopped within seconds."""
    return _act(queue, batch_id, "cancel")


def retry(queue: Queue, batch_id: str) -> Row:
    """What failed waits again and goes on from the stage that failed; what was finished stays."""
    return _act(queue, batch_id, "retry")


def remove(queue: Queue, batch_id: str) -> None:
    """Forgets a batch that has ended, with its jobs and events. Its run folders stay."""
    with queue.transaction() as cursor:
        cursor.execute("SELECT forget(%s)", (batch_id,))


def no_such_batch(batch_id: object) -> NoSuchBatchError:
    return NoSuchBatchError(f"There is no batch {batch_id}", remedy="List the batches to see their ids.")


def check_id(batch_id: object) -> None:
    """Raises `NoSuchBatchError` for what the database would not even take for an id, as the number of a job."""
    if not isinstance(batch_id, str) or "\0" in batch_id:
        raise no_such_batch(batch_id)


def _act(queue: Queue, batch_id: str, action: str) -> Row:
    check_id(batch_id)
    states = [state.value for state, actions in USER_ACTIONS.items() if action in actions]
    with queue.transaction() as cursor:
        cursor.execute(f"SELECT {action}_batch(%s, %s)".encode(), (batch_id, states))
        return _wanted(cursor, batch_id)


def _wanted(cursor: Cursor[Row], batch_id: str) -> Row:
    row = cursor.execute("SELECT * FROM batches WHERE id = %s", (batch_id,)).fetchone()
    assert row is not None
    return row


_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(now: float | None = None) -> str:
    """`bj_` and 26 letters, of which the first ten tell the time: ids sort as they were made."""
    number = int((time.time() if now is None else now) * 1000) << 80 | int.from_bytes(os.urandom(10))
    return "bj_" + "".join(_LETTERS[number >> shift & 31] for shift in range(125, -1, -5))
