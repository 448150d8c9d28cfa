"""A worker moved by worker: it takes and ends jobs when a test says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pressrun.errors import ErrorReport
from pressrun.jobs.batches import NewBatch, NewJob, create_batch
from pressrun.jobs.connection import Queue, translate_errors
from pressrun.jobs.limits import Rates

FAILURE = ErrorReport("NetworkError", "The voice did not answer", "Try again.", retryable=True)
DEFECT = ErrorReport("ScriptError", "No script can be made", "Write more.")


@dataclass(frozen=True)
class ClaimedJob:
    id: int
    attempt: int
    position: int
    batch_id: str


class ManualWorker:
    """A registered worker with a connection of its own, in the role of the workers."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)
        self.execute("SET search_path TO pressrun")
        self.execute("SET ROLE pressrun_worker")
        self.id: int = self.value("SELECT worker_id AS value FROM procrastinate_register_worker_v1()")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def execute(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        with translate_errors():
            cursor = self.connection.execute(query.encode(), arguments or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *arguments: object) -> Any:
        """Return the column `value` of the only row."""
        (row,) = self.execute(query, *arguments)
        return row["value"]

    def claim(
        self, rates: Rates | None = None, *, want: int = 5, overall: int = 0, first: bool = True
    ) -> ClaimedJob | None:
        """Claim a job as a worker does; None if there is none."""
        rates = rates or Rates(0, 0)
        (row,) = self.execute(
            "SELECT * FROM claim_job(NULL, %s, %s, %s, %s, %s, %s, %s)",
            *(self.id, first, want, rates.per_user, rates.per_project, rates.refill, overall),
        )
        if row["id"] is None:
            return None
        job = row["args"]
        return ClaimedJob(job["job_id"], job["attempt"], job["position"], job["batch_id"])

    def finish(self, job: ClaimedJob, outcome: str = "completed", error: ErrorReport | None = None) -> str:
        (row,) = self.execute(
            "SELECT * FROM finish(%s, %s, %s, %s, 0.5, NULL, %s, NULL, false)",
            *(job.id, job.attempt, outcome, "file:///a" if outcome == "completed" else None),
            Jsonb(vars(error)) if error else None,
        )
        return str(row["state"])

    def complete_all(self) -> list[int]:
        """Complete all jobs that can be claimed; return the numbers of their rows in the order of the claims."""
        done = []
        while job := self.claim():
            done.append(job.position)
            self.finish(job)
        return done

    def batch(self, batch_id: str) -> dict[str, Any]:
        (row,) = self.execute("SELECT * FROM batches WHERE id = %s", batch_id)
        return row

    def states(self, batch_id: str) -> list[str]:
        rows = self.execute("SELECT state FROM jobs WHERE batch_id = %s ORDER BY position", batch_id)
        return [row["state"] for row in rows]

    def pretend_dead(self, seconds: float = 11.0) -> None:
        """Make it look as if this worker had not sent a heartbeat for so long."""
        self.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => %s) WHERE id = %s",
            *(seconds, self.id),
        )

    def heartbeat(self) -> None:
        """Send a heartbeat."""
        self.execute("SELECT sign_of_life(%s, 'here', 1, 1, NULL)", self.id)

    def look_after(self) -> None:
        self.execute("SELECT * FROM look_after('{}', '{}', 10)")


def new_batch(queue: Queue, count: int = 3, **options: Any) -> str:
    """Create a batch with `count` jobs; return its id."""
    row, _ = create_batch(
        queue,
        NewBatch("Spring", "ideas", "idea-video", "items", **options),
        (NewJob(n, f"Idea {n}", {"idea_title": f"Idea {n}"}) for n in range(1, count + 1)),
    )
    return str(row["id"])
