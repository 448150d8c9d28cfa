"""Locks between processes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pressrun.errors import PressrunError
from pressrun.model.book import Book
from pressrun.store import locks
from pressrun.store.locks import book_lock, database_lock, is_book_locked

HOLD = """
import sys, time
from pathlib import Path
from pressrun.model.book import Book
from pressrun.store.locks import book_lock
with book_lock(Path(sys.argv[1]), Book(sys.argv[2])) as mine:
    print(mine, flush=True)
    time.sleep(60)
"""


def test_a_locked_book_cannot_be_locked_again(tmp_path: Path) -> None:
    with book_lock(tmp_path, Book("Emma")) as first, book_lock(tmp_path, Book("Emma")) as second:
        assert (first, second) == (True, False)


def test_the_lock_ignores_the_author(tmp_path: Path) -> None:
    with book_lock(tmp_path, Book("EMMA ", "Jane Austen")), book_lock(tmp_path, Book("emma")) as second:
        assert not second


def test_two_books_can_be_locked_at_once(tmp_path: Path) -> None:
    with book_lock(tmp_path, Book("Emma")), book_lock(tmp_path, Book("Walden")) as second:
        assert second


def test_a_lock_is_released_after_an_error_and_its_file_stays(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), book_lock(tmp_path, Book("Emma")):
        raise ValueError("broken")
    with book_lock(tmp_path, Book("Emma")) as mine:
        assert mine
    assert len(list(tmp_path.glob("*.lock"))) == 1


def test_killing_a_process_releases_its_lock(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path), "Emma"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "True\n"
        with book_lock(tmp_path, Book("Emma")) as mine:
            assert not mine
        holder.kill()
        holder.wait()
    with book_lock(tmp_path, Book("Emma")) as mine:
        assert mine


def test_checking_a_lock_never_blocks_another_process(tmp_path: Path) -> None:
    assert not is_book_locked(tmp_path, Book("Emma"))
    assert list(tmp_path.iterdir()) == []
    over = threading.Event()

    def check() -> None:
        while not over.is_set():
            is_book_locked(tmp_path, Book("Emma"))

    with book_lock(tmp_path, Book("Emma")):
        assert is_book_locked(tmp_path, Book("Emma", "Jane Austen"))
        checker = threading.Thread(target=check)
        checker.start()
    for _ in range(100):
        with book_lock(tmp_path, Book("Emma")) as mine:
            assert mine
    over.set()
    checker.join()
    assert not is_book_locked(tmp_path, Book("Emma"))


def test_waiting_for_the_database_has_a_timeout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "DATABASE_LOCK_TIMEOUT", 0.1)
    began = time.monotonic()
    with (
        database_lock(tmp_path / "database.json"),
        pytest.raises(PressrunError, match="locked by another process"),
        database_lock(tmp_path / "database.json"),
    ):
        raise AssertionError
    assert time.monotonic() - began < 5
