"""A hundred thousand books in the database, ten thousand in the list: what a plan and an update cost, and who waits.

The commands are started as they are installed, with compiled modules. Eight processes finish books at once; what counts
is the longest wait of any of them, in one round and in a tight loop.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from bench.report import Figure, parse_arguments, report_figures
from pressrun.model.book import Book
from pressrun.store.database import Database
from pressrun.store.database_file import serialize

BOOKS, LINES, WRITERS = 100_000, 10_000, 8
MB = 1024 * 1024


def book(number: int) -> Book:
    """One title in ten is not plain ASCII."""
    return Book(f"{'Über die Bücher' if number % 10 == 0 else 'The Book'} of Number {number}", f"Author {number % 977}")


def prepare(folder: Path) -> None:
    """A database, and a list of which every second book is new."""
    entries = [
        {
            "main_title": book(number).title, "author_name": book(number).author, "status": "done",
            "youtube_url": f"https://videos.example/{number}", "short_url": f"https://videos.example/s{number}",
            "date_added": "2026-01-31T09:30:00+00:00", "run_folder": f"runs/2026-01-31_10-30-00_Book_{number}",
        }
        for number in range(BOOKS)
    ]
    (folder / "database.json").write_bytes(serialize({"books": entries}))
    listed = (book(number * 7 if number % 2 else BOOKS + number) for number in range(LINES))
    (folder / "books.txt").write_text("".join(f"{each}\n" for each in listed), encoding="utf-8")
    (folder / "sources").mkdir()
    (folder / "sources" / "walden.md").write_text("# Walden\n\nA pond in the woods.\n", encoding="utf-8")


def dry_run(folder: Path, times: int, *more: str) -> tuple[float, float]:
    """Seconds of the real command (median) and its memory in MB; the first start compiles and does not count."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PRESSRUN_UPLOAD_LEDGER": str(folder / "uploads")}
    argv = (str(Path(sys.executable).with_name("run-batch")), "--workspace", str(folder), "--dry-run", *more)
    taken = []
    for _ in range(times + 1):
        clock = time.perf_counter()
        subprocess.run(
            argv, check=True, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        taken.append(time.perf_counter() - clock)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return statistics.median(taken[1:]), largest / 1024 if sys.platform != "darwin" else largest / MB


def update(path: Path, times: int) -> tuple[float, float]:
    """Seconds (medians) to put one book, for a process that has read nothing yet and for one that knows the file."""
    cold: list[float] = []
    warm: list[float] = []
    for number in range(times):
        database = Database(path)
        for taken, each in ((cold, book(number)), (warm, Book(f"New {number}"))):
            clock = time.perf_counter()
            database.put_done(each, f"https://videos.example/again/{number}", None)
            taken.append(time.perf_counter() - clock)
    return statistics.median(cold), statistics.median(warm)


def look_up(path: Path) -> float:
    """Seconds to find one book once the titles are indexed, in one reading of the file."""
    database = Database(path)
    database.find(book(1))
    books = [book(number) for number in range(0, BOOKS, 10)]
    clock = time.perf_counter()
    for each in books:
        database.find_cached(each)
    return (time.perf_counter() - clock) / len(books)


def _address(number: int, trial: int) -> str:
    """Another in each trial, so that there is always something to write."""
    return f"https://videos.example/at-once/{number}/{trial}"


def _finish_books(path: Path, first: int, rounds: int, trial: int, start: Barrier, waited: Queue[float]) -> None:
    database = Database(path)
    database.find(book(first))
    start.wait()
    longest = 0.0
    for number in range(first, first + rounds):
        clock = time.perf_counter()
        database.put_done(book(number), _address(number, trial), None)
        longest = max(longest, time.perf_counter() - clock)
    waited.put(longest)


def _at_once(work: Callable[..., None], calls: Sequence[tuple[object, ...]]) -> list[float]:
    """What each call answers, in processes of their own that begin together."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(len(calls))
    answers: Queue[float] = context.Queue()
    processes = [context.Process(target=work, args=(*call, start, answers)) for call in calls]
    for each in processes:
        each.start()
    waits = [answers.get(timeout=600) for _ in processes]
    for each in processes:
        each.join()
    return waits


def longest_wait(path: Path, rounds: int, trial: int) -> float:
    """Seconds that the unluckiest of the writers waited for a book to be in the database."""
    waited = _at_once(_finish_books, [(path, number * 1000, rounds, trial) for number in range(WRITERS)])
    check_all_written(path, [number * 1000 + last for number in range(WRITERS) for last in range(rounds)], trial)
    return max(waited)


def check_all_written(path: Path, numbers: Sequence[int], trial: int) -> None:
    known = {entry["main_title"]: entry["youtube_url"] for entry in json.loads(path.read_bytes())["books"]}
    lost = [number for number in numbers if known[book(number).title] != _address(number, trial)]
    if lost:
        raise SystemExit(f"Updates were lost: {lost}")


def _update_until(path: Path, number: int, seconds: float, start: Barrier, done: Queue[int]) -> None:
    database, updates = Database(path), 0
    start.wait()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        database.put_done(book(number), _address(number, updates), None)
        updates += 1
    done.put(updates)


def updates_per_second(path: Path, seconds: float) -> float:
    """How many updates the writers come to together: what a turn in the queue costs, where the file costs nothing."""
    done = _at_once(_update_until, [(path, number, seconds) for number in range(WRITERS)])
    return sum(done) / seconds


def main() -> int:
    options = parse_arguments(__doc__ or "")
    times = 3 if options.short else 9
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        path = folder / "database.json"
        prepare(folder)
        network, memory = dry_run(folder, times, "--source", "youtube")
        own, memory_own = dry_run(folder, times, "--source", "folder")
        found = look_up(path)
        cold, warm = update(path, times)
        at_once = max(longest_wait(path, 1, trial) for trial in range(times))
        tight = longest_wait(path, 3 if options.short else 15, times)
        small = updates_per_second(folder / "small.json", 1.0 if options.short else 4.0)
    figures = [
        Figure("run-batch --dry-run, start of Python included", network, "s", required=1.0),
        Figure("the same, each new book looked for in sources/", own, "s"),
        Figure("memory", max(memory, memory_own), "MB", required=300),
        Figure("add or update one book, nothing read before", cold * 1000, "ms", required=500),
        Figure("add or update one book in the course of a batch", warm * 1000, "ms", required=500, target=150),
        Figure("look-up, once indexed", found * 1e6, "µs", required=10),
        Figure(f"{WRITERS} processes finish a book at once: the longest wait", at_once, "s", required=4.0, target=2.0),
        Figure("the same in a tight loop", tight, "s", required=4.0, target=2.0),
        Figure(f"updates by {WRITERS} processes of a database of a few books", small, "/s", target=250, at_most=False),
    ]
    return report_figures(figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
