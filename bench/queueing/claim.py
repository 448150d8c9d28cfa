"""How soon an idle worker begins, and what it costs while there is nothing to do."""

from __future__ import annotations

import statistics
import time

import psutil

from bench.queueing.world import database, wait_until, workers
from bench.report import Figure
from pressrun.jobs.batches import NewBatch, NewJob, create_batch


def claim(url: str, *, short: bool) -> list[Figure]:
    tries, idle = (10, 10.0) if short else (50, 60.0)
    target = database(url, "claimed")
    with target.queue() as queue, workers(1, "nothing", target.url, "2") as (worker,):
        wait_until(lambda: target.ask("SELECT count(*) FROM workers") == 1, "the worker")
        time.sleep(2.0)
        process = psutil.Process(worker.pid)
        before, at = sum(process.cpu_times()[:2]), time.perf_counter()
        time.sleep(idle)
        share = (sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - at)
        for number in range(tries):
            create_batch(queue, NewBatch(f"Batch {number}", "none", "none", "items"), [NewJob(1, "", {})])
            time.sleep(0.2)
        wait_until(lambda: target.ask("SELECT sum(completed) FROM batches") == tries, "the jobs")
    latencies = target.administrator.execute(
        "SELECT extract(epoch FROM e.created_at - b.created_at)::float8 FROM job_events e "
        "JOIN batches b ON b.id = e.batch_id WHERE e.kind = 'in_progress'"
    ).fetchall()
    return [
        Figure(
            "from a batch to its first job, idle system", statistics.median(row[0] for row in latencies) * 1000, "ms",
            required=50, target=20,
        ),
        Figure("the slowest of them", max(row[0] for row in latencies) * 1000, "ms"),
        Figure("an idle worker, of one core", share * 100, "%", required=1.0, target=0.5),
    ]  # fmt: skip
