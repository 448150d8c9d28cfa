"""The worker beside the API: it is restarted, ever later while it dies right away, and stopped with the service."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from pressrun.cli.worker_process import MAX_RESTART_DELAY, STABLE_AFTER, WorkerProcess

DIES = (sys.executable, "-c", "import sys; sys.exit(3)")
LISTENS = (sys.executable, "-c", "import sys; sys.stdin.read()")
IGNORES = (
    sys.executable, "-c",
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); sys.stdin.read()",
)  # fmt: skip


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logged() -> list[str]:
    return []


@pytest.fixture
def workers() -> Iterator[list[WorkerProcess]]:
    made: list[WorkerProcess] = []
    yield made
    for each in made:
        each.kill()


def let_die(worker: WorkerProcess, clock: Clock, after: float, logged: list[str]) -> None:
    """Start it, and wait until its death is logged, `after` seconds of the clock later."""
    worker.check()
    clock.now += after
    before, end = len(logged), time.monotonic() + 10
    while len(logged) == before:
        assert time.monotonic() < end
        worker.check()
        time.sleep(0.01)


def waits(logged: list[str]) -> list[str]:
    return [each.rpartition(" in ")[2] for each in logged]


def test_a_worker_that_dies_right_away_is_restarted_ever_later(
    clock: Clock, logged: list[str], workers: list[WorkerProcess]
) -> None:
    worker = WorkerProcess([], logged.append, clock, DIES)
    workers.append(worker)
    for _ in range(7):
        let_die(worker, clock, 0, logged)
        worker.check()
        assert not worker.running, "not before its time"
        clock.now += MAX_RESTART_DELAY
    assert logged[0] == "The worker exited with code 3; restarting it in 1.0 s"
    assert waits(logged) == ["1.0 s", "2.0 s", "4.0 s", "8.0 s", "16 s", "30 s", "30 s"]


def test_a_worker_that_was_stable_is_restarted_soon(
    clock: Clock, logged: list[str], workers: list[WorkerProcess]
) -> None:
    worker = WorkerProcess([], logged.append, clock, DIES)
    workers.append(worker)
    for after in (0, 0, STABLE_AFTER):
        let_die(worker, clock, after, logged)
        clock.now += MAX_RESTART_DELAY
    assert waits(logged) == ["1.0 s", "2.0 s", "1.0 s"]


def test_a_terminated_worker_is_not_restarted(
    clock: Clock, logged: list[str], workers: list[WorkerProcess]
) -> None:
    worker = WorkerProcess([], logged.append, clock, LISTENS)
    workers.append(worker)
    worker.check()
    assert worker.running
    worker.terminate()
    end = time.monotonic() + 10
    while worker.running:
        assert time.monotonic() < end
        time.sleep(0.01)
    worker.kill()
    clock.now += 100
    worker.check()
    assert not worker.running
    assert logged == []


def test_a_worker_that_ignores_term_is_killed(clock: Clock, logged: list[str], workers: list[WorkerProcess]) -> None:
    worker = WorkerProcess([], logged.append, clock, IGNORES)
    workers.append(worker)
    worker.check()
    time.sleep(0.3)
    worker.terminate()
    time.sleep(0.1)
    assert worker.running
    worker.kill()
    assert not worker.running
