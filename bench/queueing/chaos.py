"""Workers are killed and frozen while they work: no job may be left over, and none may be completed twice."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass

from bench.queueing.world import Database, database, wait_until, workers
from bench.report import Figure
from pressrun.jobs.batches import NewBatch, NewJob, create_batch

WORKERS = 4
THREADS = 3
FROZEN = 12.0
"""Seconds a worker is frozen: longer than after what others take it for dead."""


@dataclass
class Post:
    """A place for a worker, which is filled again when it was killed."""

    target: Database
    stack: ExitStack
    process: subprocess.Popen[bytes] | None = None
    frozen_until: float = 0.0

    def fill(self) -> None:
        if self.process is None or self.process.poll() is not None:
            (self.process,) = self.stack.enter_context(workers(1, "stages", self.target.url, str(THREADS)))


def chaos(url: str, *, short: bool) -> list[Figure]:
    jobs, kills, stalls = (120, 12, 6) if short else (600, 200, 100)
    target = database(url, "chaos")
    choose = random.Random(7)
    faults = [signal.SIGKILL] * kills + [signal.SIGSTOP] * stalls
    choose.shuffle(faults)
    clock = time.perf_counter()
    with target.queue() as queue, ExitStack() as stack:
        posts = [Post(target, stack) for _ in range(WORKERS)]
        for number in range(8):
            rows = (NewJob(position, "", {"pause": 0.25}) for position in range(1, jobs // 8 + 1))
            create_batch(queue, NewBatch(f"Batch {number}", "none", "none", "items"), rows)
        for fault in faults:
            _let(posts, choose, fault)
            time.sleep(choose.uniform(0.1, 0.6))
        for post in posts:
            time.sleep(max(0.0, post.frozen_until - time.monotonic()))
            _thaw(post)
            post.fill()
        left = "SELECT count(*) FROM jobs WHERE state <> 'completed'"
        wait_until(lambda: target.ask(left) == 0, "the jobs", every=0.2, patience=240)
        seconds = time.perf_counter() - clock
    completions = "SELECT job_id FROM job_events WHERE kind = 'completed' GROUP BY job_id HAVING count(*) > 1"
    twice = target.ask(f"SELECT count(*) FROM ({completions}) AS twice")
    again = target.ask("SELECT count(*) FROM jobs WHERE attempt > 1")
    ended = target.ask("SELECT count(*) FROM batches WHERE state = 'completed' AND completed = total")
    what = f"{jobs} jobs, {WORKERS} workers, {kills} kill -9, {stalls} stalls"
    return [
        Figure(f"{what}: unfinished", target.ask(left) + (8 - ended), "", required=0),
        Figure(f"{what}: completed twice", twice, "", required=0),
        Figure("jobs that were taken up again", again, ""),
        Figure("until the last was completed", seconds, "s"),
    ]


def _let(posts: list[Post], choose: random.Random, fault: int) -> None:
    """A fault happens to one worker that is awake; the others are thawed and replaced as their time comes."""
    while True:
        for post in posts:
            if post.frozen_until and time.monotonic() >= post.frozen_until:
                _thaw(post)
            post.fill()
        awake = [post for post in posts if not post.frozen_until]
        # One is always left awake, as somebody has to do the work.
        if len(awake) > 1 or (awake and fault == signal.SIGKILL):
            break
        time.sleep(0.1)
    post = choose.choice(awake)
    assert post.process
    post.process.send_signal(fault)
    if fault == signal.SIGSTOP:
        post.frozen_until = time.monotonic() + FROZEN
    else:
        post.process.wait()


def _thaw(post: Post) -> None:
    if post.frozen_until and post.process:
        post.process.send_signal(signal.SIGCONT)
        post.frozen_until = 0.0
