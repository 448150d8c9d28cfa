from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from pressrun.store.locks import database_lock
from pressrun.store.turns import in_turn

WAITERS = 5


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


def test_a_place_where_no_queue_can_be_is_no_hindrance(tmp_path: Path) -> None:
    with in_turn(tmp_path / "missing" / "queue"):
        pass


def test_a_number_that_was_spoilt_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "queue").write_bytes(b"x")
    with in_turn(tmp_path / "queue"):
        pass
    assert (tmp_path / "queue").read_bytes() == bytes([1, 0, 0, 0, 0, 0, 0, 0])


def test_a_system_without_such_locks_has_no_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressrun.store.turns.fcntl", None)
    with in_turn(tmp_path / "queue"):
        pass
    assert not (tmp_path / "queue").exists()
