"""The worker beside the API: started again, ever later while it dies at once, and ended with the service."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from pressrun.cli.worker_keeper import LONGEST_WAIT, SETTLED, WorkerKeeper

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
def said() -> list[str]:
    return []


@pytest.fixture
def keepers() -> Iterator[list[WorkerKeeper]]:
    made: list[WorkerKeeper] = []
    yield made
    for each in made:
        each.end()


def let_die(keeper: WorkerKeeper, clock: Clock, after: float, said: list[str]) -> None:
    """Starts it and waits until its death was said, `after` seconds of the clock later."""
    keeper.look()
    clock.now += after
    told, end = len(said), time.monotonic() + 10
    while len(said) == told:
        assert time.monotonic() < end
        keeper.look()
        time.sleep(0.01)


def waits(said: list[str]) -> list[str]:
    return [each.rpartition(" in ")[2] for each in said]


def test_a_worker_that_dies_at_once_is_started_again_ever_later(
    clock: Clock, said: list[str], keepers: list[WorkerKeeper]
) -> None:
    keeper = WorkerKeeper([], said.append, clock, DIES)
    keepers.append(keeper)
    for _ in range(7):
        let_die(keeper, clock, 0, said)
        keeper.look()
        assert not keeper.running, "not before its time"
        clock.now += LONGEST_WAIT
    assert said[0] == "The worker ended with exit code 3; it is started again in 1.0 s"
    assert waits(said) == ["1.0 s", "2.0 s", "4.0 s", "8.0 s", "16 s", "30 s", "30 s"]


def test_a_worker_that_was_well_for_a_while_is_started_again_soon(
    clock: Clock, said: list[str], keepers: list[WorkerKeeper]
) -> None:
    keeper = WorkerKeeper([], said.append, clock, DIES)
    keepers.append(keeper)
    for after in (0, 0, SETTLED):
        let_die(keeper, clock, after, said)
        clock.now += LONGEST_WAIT
    assert waits(said) == ["1.0 s", "2.0 s", "1.0 s"]


def test_a_worker_that_was_asked_to_end_is_not_started_again(
    clock: Clock, said: list[str], keepers: list[WorkerKeeper]
) -> None:
    keeper = WorkerKeeper([], said.append, clock, LISTENS)
    keepers.append(keeper)
    keeper.look()
    assert keeper.running
    keeper.ask_to_end()
    end = time.monotonic() + 10
    while keeper.running:
        assert time.monotonic() < end
        time.sleep(0.01)
    keeper.end()
    clock.now += 100
    keeper.look()
    assert not keeper.running
    assert said == []


def test_a_worker_that_does_not_end_is_killed(clock: Clock, said: list[str], keepers: list[WorkerKeeper]) -> None:
    keeper = WorkerKeeper([], said.append, clock, IGNORES)
    keepers.append(keeper)
    keeper.look()
    time.sleep(0.3)
    keeper.ask_to_end()
    time.sleep(0.1)
    assert keeper.running
    keeper.end()
    assert not keeper.running
