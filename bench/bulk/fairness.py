"""Bob sends one row while Ann has a hundred: how many of hers start before his."""

from __future__ import annotations

from bench.queueing.world import database, wait_until, workers
from bench.report import Figure
from pressrun.jobs.batches import NewBatch, NewJob, create_batch
from pressrun.jobs.connection import Queue

ANN_BATCHES, ANN_ROWS = 10, 10
WORKERS, CONCURRENCY = 2, 2
PAUSE = 0.05
"""Seconds of each of the four stages of a job."""


def measure(url: str, *, short: bool) -> list[Figure]:
    worst = max(_jobs_before(url, number) for number in range(1 if short else 5))
    at_once = WORKERS * CONCURRENCY
    return [Figure(f"Bob's 1 row among Ann's 100, {at_once} at once: her jobs before it", worst, "", required=at_once)]


def _jobs_before(url: str, number: int) -> int:
    target = database(url, f"fairness{number}")
    with target.queue("ann") as ann, workers(WORKERS, "stages", target.url, str(CONCURRENCY)):
        for _ in range(ANN_BATCHES):
            _send(ann, ANN_ROWS)
        wait_until(lambda: target.ask("SELECT count(*) FROM jobs WHERE state = 'completed'") >= 4, "Ann's first jobs")
        bob = _send(Queue(ann.pool, "bob"), 1)
        started = "SELECT min(id) FROM job_events WHERE batch_id = %s AND kind = 'in_progress'"
        wait_until(lambda: target.ask(started, bob) is not None, "Bob's row")
        sent = target.ask("SELECT min(id) FROM job_events WHERE batch_id = %s", bob)
        between = "SELECT count(*) FROM job_events WHERE owner = 'ann' AND kind = 'in_progress' AND id > %s AND id < %s"
        return int(target.ask(between, sent, target.ask(started, bob)))


def _send(queue: Queue, rows: int) -> str:
    batch = NewBatch("Rows", "ideas", "idea-video", "items")
    jobs = (NewJob(number, f"Row {number}", {"pause": PAUSE}) for number in range(1, rows + 1))
    return str(create_batch(queue, batch, jobs)[0]["id"])
