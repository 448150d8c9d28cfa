from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pressrun.store.locks import database_lock
from pressrun.store.turns import in_turn

WAITERS = 5
HOLD = """
import sys, time
from pathlib import Path
from pressrun.store.turns import in_turn
with in_turn(Path(sys.argv[1])):
    print("mine", flush=True)
    time.sleep(60)
"""


def test_who_came_first_is_served_first_whoever_asks_again(tmp_path: Path) -> None:
    served: list[int] = []

    def wait_for_a_turn(number: int) -> None:
        with database_lock(tmp_path / "database.json"):
            served.append(number)
            time.sleep(0.02)

    threads = [threading.Thread(target=wait_for_a_turn, args=(number,)) for number in range(WAITERS)]
    with database_lock(tmp_path / "database.json"):
        for thread in threads:
            thread.start()
            time.sleep(0.05)
    with database_lock(tmp_path / "database.json"):
        served.append(WAITERS)
    for thread in threads:
        thread.join()
    assert served == [*range(WAITERS), WAITERS]


def test_a_turn_that_does_not_end_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    began = time.monotonic()
    with in_turn(tmp_path / "queue"), in_turn(tmp_path / "queue", 0.05):
        assert time.monotonic() - began < 2


def test_the_next_is_served_at_once_when_the_one_before_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "queue")], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"mine\n"
        killed: list[float] = []

        def kill() -> None:
            killed.append(time.monotonic())
            holder.kill()

        threading.Timer(0.1, kill).start()
        with in_turn(tmp_path / "queue"):
            assert time.monotonic() - killed[0] < 2


def test_turns_follow_each_other_without_pauses(tmp_path: Path) -> None:
    turns = 100

    def take_turns() -> None:
        for _ in range(turns):
            with in_turn(tmp_path / "queue"):
                pass

    threads = [threading.Thread(target=take_turns) for _ in range(WAITERS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (time.monotonic() - began) / (turns * WAITERS) < 0.003


def test_waiting_for_a_turn_takes_no_processor_time(tmp_path: Path) -> None:
    with in_turn(tmp_path / "queue"):
        began = time.process_time()
        with in_turn(tmp_path / "queue", 0.5):
            assert time.process_time() - began < 0.02


def test_a_place_where_no_queue_can_be_is_no_hindrance(tmp_path: Path) -> None:
    with in_turn(tmp_path / "missing" / "queue"):
        pass


@pytest.mark.parametrize("spoilt", [b"x", b"\xff" * 7 + b"\x7f", b"\xff" * 7 + b"\x80"])
def test_a_number_that_was_spoilt_begins_anew(tmp_path: Path, spoilt: bytes) -> None:
    (tmp_path / "queue").write_bytes(spoilt)
    with in_turn(tmp_path / "queue"):
        pass
    assert (tmp_path / "queue").read_bytes() == bytes([1, 0, 0, 0, 0, 0, 0, 0])


def test_a_system_without_such_locks_has_no_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressrun.store.turns.fcntl", None)
    with in_turn(tmp_path / "queue"):
        pass
    assert not (tmp_path / "queue").exists()
