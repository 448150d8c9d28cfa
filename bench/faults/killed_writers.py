"""Promise 1: an update of `database.json` that was acknowledged is never lost, and the file is never torn.

Eight processes write as fast as they can and are killed at random, half of the time aimed at the one that holds the
lock. A process of its own forks them, so that a new writer costs no start of Python.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.faults.trial import PROJECT, partial_files
from bench.report import Figure
from pressrun.engine.survivors import recover
from pressrun.errors import PressrunError
from pressrun.model.book import Book
from pressrun.store.database import Database
from pressrun.store.database_file import parse
from pressrun.store.workspace import Workspace

WRITERS = 8
ACKNOWLEDGED = "acknowledged.log"


@dataclass(frozen=True)
class Tally:
    """What a series of kills came to."""

    kills: int = 0
    aimed: int = 0
    """Kills that hit the holder of the lock."""
    acknowledged: int = 0
    lost: int = 0
    torn: int = 0
    """Times that the file, or its backup, could not be read after a kill."""
    partial_files: int = 0
    """Half-made files after the next start."""


def figures(kills: int) -> list[Figure]:
    """The writers in a process of their own, which forks and kills them."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "bench.faults.killed_writers", folder, str(kills)]
        output = subprocess.run(argv, check=True, capture_output=True, timeout=60 + kills, text=True, cwd=PROJECT)
    tally = Tally(**json.loads(output.stdout))
    return [
        Figure("1 kills of writers", tally.kills, "", required=kills, at_most=False),
        Figure("1 of them at the holder of the lock", tally.aimed, "", required=kills // 4, at_most=False),
        Figure("1 updates acknowledged", tally.acknowledged, "", required=kills, at_most=False),
        Figure("1 acknowledged updates lost", tally.lost, "", required=0),
        Figure("1 torn files", tally.torn, "", required=0),
        Figure("1 temporary files left after the next start", tally.partial_files, "", required=0),
    ]


def kill_writers(folder: Path, kills: int, chance: random.Random) -> Tally:
    database = folder / "database.json"
    writers = {_fork_writer(folder, number): number for number in range(WRITERS)}
    aimed = torn = 0
    for number in range(kills):
        time.sleep(chance.uniform(0.0, 0.06))
        victim = _holder(database, writers) if number % 2 else None
        if victim:
            time.sleep(chance.uniform(0.0, 0.004))
            aimed += 1
        else:
            victim = chance.choice(list(writers))
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        del writers[victim]
        torn += sum(_is_torn(path) for path in (database, database.with_name("database.json.bak")))
        writers[_fork_writer(folder, WRITERS + number)] = WRITERS + number
    for pid in writers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    recover(Workspace(folder))
    acknowledged, lost = count_lost(folder / ACKNOWLEDGED, database)
    return Tally(kills, aimed, acknowledged, lost, torn + _is_torn(database), len(partial_files(folder)))


def write_until_killed(folder: Path, log: Path, title: str) -> None:
    """Updates one book again and again, and says so in `log` after each call has returned.

    Before each update it looks for the one before, which another writer could have undone in between.
    """
    database, book, number = Database(folder / "database.json"), Book(title), 0
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        if number and (database.find(book) or {}).get("youtube_url") != _address(number):
            os.write(descriptor, f"{title}\tundone\t{number}\n".encode())
        number += 1
        if number % 2:
            database.put_processing(book, youtube_url=_address(number))
        else:
            database.put_done(book, _address(number), None)
        os.write(descriptor, f"{title}\tdone\t{number}\n".encode())


def count_lost(log: Path, database: Path) -> tuple[int, int]:
    """Updates that were acknowledged, and how many of them the file does not know."""
    rows = [line.split("\t") for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []
    last = {title: int(number) for title, kind, number in rows if kind == "done"}
    known = {each["main_title"]: each["youtube_url"] for each in Database(database).books()}
    lost = sum(int((known.get(title) or "/0").rpartition("/")[2]) < number for title, number in last.items())
    return len(rows), lost + sum(kind == "undone" for _, kind, _ in rows)


def _address(number: int) -> str:
    return f"https://videos.example/{number}"


def _fork_writer(folder: Path, number: int) -> int:
    if pid := os.fork():
        return pid
    with suppress(BaseException):
        write_until_killed(folder, folder / ACKNOWLEDGED, f"Book {number}")
    os._exit(1)


def _holder(database: Path, writers: dict[int, int]) -> int | None:
    """Which writer holds the lock of the database, as the kernel lists it (proc_locks(5))."""
    locks = Path("/proc/locks")
    deadline = time.monotonic() + 0.5
    while locks.exists() and time.monotonic() < deadline:
        inode = f":{database.with_name('database.json.lock').stat().st_ino}"
        for line in locks.read_text().splitlines():
            words = line.split()
            if words[1] != "->" and words[5].endswith(inode) and int(words[4]) in writers:
                return int(words[4])
    return None


def _is_torn(path: Path) -> bool:
    try:
        parse(path, path.read_bytes())
    except FileNotFoundError:
        return False
    except PressrunError:
        return True
    return False


if __name__ == "__main__":
    print(json.dumps(asdict(kill_writers(Path(sys.argv[1]), int(sys.argv[2]), random.Random(1)))))
