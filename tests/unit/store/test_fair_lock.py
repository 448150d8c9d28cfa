"""Processes that wait for a lock are served in order."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pressrun.store.fair_lock import fair_lock
from pressrun.store.locks import database_lock

WAITERS = 5
HOLD = """
import sys, time
from pathlib import Path
from pressrun.store.fair_lock import fair_lock
with fair_lock(Path(sys.argv[1])):
    print("mine", flush=True)
    time.sleep(60)
"""


def test_waiters_are_served_in_order_before_a_holder_that_returns(tmp_path: Path) -> None:
    served: list[int] = []

    def take_lock(number: int) -> None:
        with database_lock(tmp_path / "database.json"):
            served.append(number)
            time.sleep(0.02)

    threads = [threading.Thread(target=take_lock, args=(number,)) for number in range(WAITERS)]
    with database_lock(tmp_path / "database.json"):
        for thread in threads:
            thread.start()
            time.sleep(0.05)
    with database_lock(tmp_path / "database.json"):
        served.append(WAITERS)
    for thread in threads:
        thread.join()
    assert served == [*range(WAITERS), WAITERS]


def test_waiting_for_a_turn_has_a_timeout(tmp_path: Path) -> None:
    began = time.monotonic()
    with fair_lock(tmp_path / "queue"), fair_lock(tmp_path / "queue", 0.05):
        assert time.monotonic() - began < 2


def test_killing_the_holder_serves_the_next_at_once(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "queue")], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"mine\n"
        killed: list[float] = []

        def kill() -> None:
            killed.append(time.monotonic())
            holder.kill()

        threading.Timer(0.1, kill).start()
        with fair_lock(tmp_path / "queue"):
            assert time.monotonic() - killed[0] < 2


def test_turns_follow_without_pauses(tmp_path: Path) -> None:
    turns = 100

    def take_turns() -> None:
        for _ in range(turns):
            with fair_lock(tmp_path / "queue"):
                pass

    threads = [threading.Thread(target=take_turns) for _ in range(WAITERS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (time.monotonic() - began) / (turns * WAITERS) < 0.003


def test_waiting_for_a_turn_takes_no_processor_time(tmp_path: Path) -> None:
    with fair_lock(tmp_path / "queue"):
        began = time.process_time()
        with fair_lock(tmp_path / "queue", 0.5):
            assert time.process_time() - began < 0.02


def test_an_unusable_queue_file_does_not_block(tmp_path: Path) -> None:
    with fair_lock(tmp_path / "missing" / "queue"):
        pass


@pytest.mark.parametrize("corrupt", [b"x", b"\xff" * 7 + b"\x7f", b"\xff" * 7 + b"\x80"])
def test_a_corrupt_counter_restarts_at_one(tmp_path: Path, corrupt: bytes) -> None:
    (tmp_path / "queue").write_bytes(corrupt)
    with fair_lock(tmp_path / "queue"):
        pass
    assert (tmp_path / "queue").read_bytes() == bytes([1, 0, 0, 0, 0, 0, 0, 0])


def test_without_ofd_locks_there_is_no_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressrun.store.fair_lock.fcntl", None)
    with fair_lock(tmp_path / "queue"):
        pass
    assert not (tmp_path / "queue").exists()
