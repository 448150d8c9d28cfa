"""What a second machine does again when the first one dies, with nothing in common but the queue and a bucket."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from tests.loopback.bucket import BUCKET, Bucket

from bench.queueing.world import Database, database, wait_until, workers
from bench.report import Figure
from pressrun.testing.kind import send
from pressrun.testing.pipeline import TINY
from pressrun.testing.tiny import LOG

SECONDS = 12
"""What the stage takes in which the first machine dies: enough for all jobs to have come to theirs."""
PATIENCE = 120.0
SETTINGS = {"source": "folder", "writer": "extractive", "voice": "espeak", "publisher": "folder"}

Ran = set[tuple[str, str]]
"""Title and stage."""


def two_machines(url: str, *, short: bool) -> list[Figure]:
    """In each round seven jobs, one in each stage, are in the hands of a worker that is killed; another ends them."""
    rounds = 1 if short else 3
    again, finished, waits = 0, 0, []
    with Bucket() as bucket, patch.dict(os.environ, {**bucket.environment, "PRESSRUN_RUNS": f"s3://{BUCKET}/runs"}):
        os.environ["PRESSRUN_RENDERS"] = "16"  # no stage waits for another
        for number in range(rounds):
            bucket.clear()
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                before, after, seconds = _round(database(url, f"machines_{number}"), Path(folder).resolve())
            again += len(before & after)
            finished += len(before)
            waits.append(seconds)
    return [
        Figure(f"finished stages run again, of {finished}; a worker killed in each stage", again, "", required=0),
        Figure("from the kill to the last job going on elsewhere", max(waits), "s", required=15),
    ]


def _round(target: Database, root: Path) -> tuple[Ran, Ran, float]:
    """The stages finished before the kill, those that ran after it, and the seconds until all jobs went on."""
    first, second = root / "first", root / "second"
    first.mkdir()
    second.mkdir()
    titles = {f"Book of {name} @{name}:sleep={SECONDS}": name for name in TINY.names}
    count = str(len(titles))
    with target.queue() as queue, workers(1, "tiny", target.url, count, home=first) as (worker,):
        for title in titles:
            send(queue, [{"title": title}], title, settings=SETTINGS)
        wait_until(lambda: _ran(first) >= set(titles.items()), "every job in its stage", patience=PATIENCE)
        time.sleep(0.5)
        finished = _ran(first) - set(titles.items())
        with workers(1, "tiny", target.url, count, home=second):
            worker.kill()
            clock = time.perf_counter()
            wait_until(lambda: {title for title, _ in _ran(second)} >= set(titles), "all going on", patience=PATIENCE)
            seconds = time.perf_counter() - clock
            done = "SELECT count(*) FROM jobs WHERE state = 'completed'"
            wait_until(lambda: target.ask(done) == len(titles), "the jobs", patience=PATIENCE)
    return finished, _ran(second), seconds


def _ran(machine: Path) -> Ran:
    """The stages that began on a machine."""
    log = machine / LOG
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return {(title, stage) for stage, title, _ in (line.split("\t") for line in lines)}
