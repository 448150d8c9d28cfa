"""Ten books on a slow network, with one worker and with three: how much faster the batch is.

Every request takes 300 ms. The books are made by the real stages and client libraries against servers on this machine,
in pictures of 320x180; three times with each number of workers in turn, so that both see the same machine, and the
median of the ratios counts. That takes a quarter of an hour. The short form makes six books once with stages that only
ask and compute, in the same proportion.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread

from tests.loopback.covers import Shelved
from tests.loopback.slow_network import slow_network
from tests.loopback.video_site import Clip
from tests.loopback.world import world

from bench.report import Figure, parse_arguments, report_figures
from bench.working.pipeline import ADDRESS_VARIABLE

PROJECT = Path(__file__).parents[1]
RUN_BATCH = Path(sys.executable).with_name("run-batch")
AUTHOR = "Ada Keeper"
TITLES = (
    "The Lamp on the Rock", "A Garden in Winter", "Seven Bridges", "What the Miller Knew", "Salt Roads",
    "Letters to an Orchard", "The Clock of Ashby", "Under Grey Sails", "Bread and Weather", "Night Ferry",
)
BOOKS = [f"{title} | {AUTHOR}" for title in TITLES]
REQUEST = 0.3
"""Seconds that each request takes."""
FEW, MANY = 1, 3
ROUNDS = 3
SHORT_BOOKS = 6


def main() -> int:
    options = parse_arguments(__doc__ or "")
    batch, rounds, books = (asking_batch, 1, SHORT_BOOKS) if options.short else (real_batch, ROUNDS, len(BOOKS))
    taken: dict[int, list[float]] = {FEW: [], MANY: []}
    with slow_network(REQUEST) as network:
        for _ in range(rounds):
            for workers in (FEW, MANY):
                taken[workers].append(batch(books, workers))
    requests = network.requests / (2 * rounds * books)
    faster = median(few / many for few, many in zip(taken[FEW], taken[MANY], strict=True))
    return report_figures(
        [
            Figure(f"{books} books, {FEW} worker", median(taken[FEW]), "s"),
            Figure(f"{books} books, {MANY} workers", median(taken[MANY]), "s"),
            Figure("requests of 300 ms for a book", requests, ""),
            Figure(f"{MANY} workers faster than {FEW}", faster, "x", required=1.8, target=2.2, at_most=False),
        ],
        options.json,
    )


def real_batch(books: int, workers: int) -> float:
    """Seconds that the real stages take."""
    with _folder() as folder:
        private = folder / "private"
        private.mkdir()
        with world(private) as services:
            services.prepare(folder)
            services.site.clips = tuple(
                Clip(f"film{number}", f"{title} by {AUTHOR}: summary") for number, title in enumerate(TITLES)
            )
            services.library.books = [Shelved(title, AUTHOR, cover=number) for number, title in enumerate(TITLES, 1)]
            return _timed(folder, books, workers, services.environment)


def asking_batch(books: int, workers: int) -> float:
    """Seconds that the stages in small take."""
    with _folder() as folder, _server() as address:
        return _timed(
            folder, books, workers,
            {ADDRESS_VARIABLE: address, "PRESSRUN_PIPELINE": "bench.working.pipeline:ASKING"},
        )


def _timed(folder: Path, books: int, workers: int, environment: dict[str, str]) -> float:
    (folder / "books.txt").write_text("".join(f"{book}\n" for book in BOOKS[:books]), encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PRESSRUN_")}
    argv = [str(RUN_BATCH), "--workspace", str(folder), "--yes", "--delay", "0", "--workers", str(workers)]
    began = time.monotonic()
    done = subprocess.run(
        argv, env=clean | {"PYTHONPATH": str(PROJECT)} | environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )
    seconds = time.monotonic() - began
    if done.returncode or done.stdout.count("success\t") != books:
        raise SystemExit(f"The batch did not make all books:\n{done.stderr}")
    return seconds


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="workers-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


@contextmanager
def _server() -> Iterator[str]:
    """The address of a server that answers everything with nothing."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    sys.exit(main())
