"""How long the job of a killed worker waits for another."""

from __future__ import annotations

import time

from bench.queueing.world import database, wait_until, workers
from bench.report import Figure
from pressrun.jobs.batches import NewBatch, NewJob, create_batch


def takeover(url: str, *, short: bool) -> list[Figure]:
    waits = [_one(url, number) for number in range(1 if short else 5)]
    name = f"a killed worker's job resumed, longest of {len(waits)}"
    return [Figure(name, max(waits), "s", required=15, target=12)]


def _one(url: str, number: int) -> float:
    target = database(url, f"taken_over_{number}")
    attempts = "SELECT max(attempt) FROM jobs WHERE state = 'in_progress'"
    with target.queue() as queue, workers(1, "stages", target.url, "1") as (first,):
        create_batch(queue, NewBatch("One", "none", "none", "items"), [NewJob(1, "", {"pause": 60})])
        wait_until(lambda: target.ask(attempts) == 1, "the first attempt")
        with workers(1, "stages", target.url, "1"):
            wait_until(lambda: target.ask("SELECT count(*) FROM workers") == 2, "the second worker")
            time.sleep(number * 0.7)  # at another moment between two signs of life
            first.kill()
            return wait_until(lambda: target.ask(attempts) == 2, "the second attempt")
