"""What a job costs that does nothing, beside the same job in procrastinate alone."""

from __future__ import annotations

import statistics
import time
from typing import Any

from bench.queueing.world import Database, database, wait_until, workers
from bench.report import Figure
from pressrun.jobs.batches import NewBatch, NewJob, create_batch

WORKERS = 2
THREADS = 4
BATCHES = 4
"""Each may have five jobs at once, so all threads have something to do."""


def overhead(url: str, *, short: bool) -> list[Figure]:
    jobs = 500 if short else 2000
    rounds = 1 if short else 3
    plain, ours = [], []
    for _ in range(rounds):
        plain.append(_plain(database(url, "plain", ours=False), jobs))
        ours.append(_ours(database(url, "ours"), jobs))
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, plain, strict=True))
    return [
        Figure(f"{jobs} jobs that do nothing, against procrastinate alone", ratio, "x", required=2.0, target=1.3),
        Figure("one of ours", statistics.median(ours) / jobs * 1000, "ms"),
        Figure("one of procrastinate", statistics.median(plain) / jobs * 1000, "ms"),
    ]


def _plain(target: Database, jobs: int) -> float:
    from procrastinate import App, SyncPsycopgConnector

    app = App(connector=SyncPsycopgConnector(conninfo=target.url))
    with app.open():
        app.schema_manager.apply_schema()
        with workers(WORKERS, "plain", target.url, str(THREADS)):
            wait_until(lambda: target.ask("SELECT count(*) FROM procrastinate_workers") == WORKERS, "workers")
            time.sleep(0.5)
            clock = time.perf_counter()
            orders: list[dict[str, Any]] = [{"number": number} for number in range(jobs)]
            app.configure_task("nothing").batch_defer(*orders)
            done = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"
            wait_until(lambda: target.ask(done) == jobs, "the jobs")
            return time.perf_counter() - clock


def _ours(target: Database, jobs: int) -> float:
    with target.queue() as queue, workers(WORKERS, "nothing", target.url, str(THREADS)):
        wait_until(lambda: target.ask("SELECT count(*) FROM workers") == WORKERS, "workers")
        time.sleep(0.5)
        clock = time.perf_counter()
        for number in range(BATCHES):
            rows = (NewJob(position, "", {}) for position in range(1, jobs // BATCHES + 1))
            create_batch(queue, NewBatch(f"Batch {number}", "none", "none", "items"), rows)
        wait_until(lambda: target.ask("SELECT sum(completed) FROM batches") == jobs, "the jobs")
        seconds = time.perf_counter() - clock
    events = target.ask("SELECT count(*) FROM job_events WHERE job_id IS NOT NULL")
    if events != 3 * jobs:
        raise SystemExit(f"Each of {jobs} jobs moved three times, and there are {events} events")
    return seconds
