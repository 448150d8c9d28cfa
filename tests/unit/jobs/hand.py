"""A worker moved by hand: it takes and ends jobs when a test says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from pressrun.errors import ErrorReport
from pressrun.jobs.batches import NewBatch, NewJob, create_batch
from pressrun.jobs.connection import Queue, clear_errors
from pressrun.jobs.limits import Rates

FAILURE = ErrorReport("NetworkError", "The voice did not answer", "Try again.", retryable=True)
DEFECT = ErrorReport("ScriptError", "No script can be made", "Write more.")


@dataclass(frozen=True)
class Held:
    id: int
    attempt: int
    position: int
    batch_id: str


class Hand:
    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)
        self.ask("SET search_path TO pressrun")
        self.ask("SET ROLE pressrun_worker")
        self.worker: int = self.one("SELECT worker_id AS value FROM procrastinate_register_worker_v1()")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        with clear_errors():
            cursor = self.connection.execute(query.encode(), arguments or None)
            return cursor.fetchall() if cursor.description else []

    def one(self, query: str, *arguments: object) -> Any:
        """The column `value` of the only row."""
        (row,) = self.ask(query, *arguments)
        return row["value"]

    def take(self, rates: Rates | None = None, *, want: int = 5, overall: int = 0, first: bool = True) -> Held | None:
        rates = rates or Rates(0, 0)
        (row,) = self.ask(
            "SELECT * FROM claim_job(NULL, %s, %s, %s, %s, %s, %s, %s)",
            *(self.worker, first, want, rates.per_user, rates.per_project, rates.refill, overall),
        )
        if row["id"] is None:
            return None
        job = row["args"]
        return Held(job["job_id"], job["attempt"], job["position"], job["batch_id"])

    def end(self, job: Held, outcome: str = "completed", error: ErrorReport | None = None) -> str:
        (row,) = self.ask(
            "SELECT * FROM finish(%s, %s, %s, %s, 0.5, NULL, %s, NULL, false)",
            *(job.id, job.attempt, outcome, "file:///a" if outcome == "completed" else None),
            Jsonb(vars(error)) if error else None,
        )
        return str(row["state"])

    def work_off(self) -> list[int]:
        """Completes all that can be taken; the numbers of the rows in the order they were taken."""
        done = []
        while job := self.take():
            done.append(job.position)
            self.end(job)
        return done

    def batch(self, batch_id: str) -> dict[str, Any]:
        (row,) = self.ask("SELECT * FROM batches WHERE id = %s", batch_id)
        return row

    def states(self, batch_id: str) -> list[str]:
        rows = self.ask("SELECT state FROM jobs WHERE batch_id = %s ORDER BY position", batch_id)
        return [row["state"] for row in rows]

    def sleep_for_dead(self, seconds: float = 11.0) -> None:
        """As if this worker had given no sign of life for so long."""
        self.ask(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => %s) WHERE id = %s",
            *(seconds, self.worker),
        )

    def live(self) -> None:
        """Gives a sign of life."""
        self.ask("SELECT sign_of_life(%s, 'here', 1, 1, NULL)", self.worker)

    def look_after(self) -> None:
        self.ask("SELECT * FROM look_after('{}', '{}', 10)")


def batch_of(queue: Queue, count: int = 3, **options: Any) -> str:
    """The id of a new batch with so many jobs."""
    row, _ = create_batch(
        queue,
        NewBatch("Spring", "ideas", "idea-video", "items", **options),
        (NewJob(n, f"Idea {n}", {"idea_title": f"Idea {n}"}) for n in range(1, count + 1)),
    )
    return str(row["id"])
