"""A PostgreSQL of one's own for a bench, databases in it, and worker processes on them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from pressrun.jobs.connection import Queue, open_pool
from pressrun.jobs.migrate import migrate
from pressrun.jobs.server import embedded_server

ROOT = Path(__file__).parents[2]
PATIENCE = 40.0
"""Seconds after which a bench gives up."""


@dataclass(frozen=True)
class Database:
    url: str
    administrator: psycopg.Connection[Any]

    def ask(self, query: str, *arguments: object) -> Any:
        """The first value of a query, asked as the administrator."""
        row = self.administrator.execute(query.encode(), arguments or None).fetchone()
        return row[0] if row else None

    @contextmanager
    def queue(self, user: str = "bench") -> Iterator[Queue]:
        with open_pool(self.url) as pool:
            yield Queue(pool, user)


@contextmanager
def server() -> Iterator[str]:
    """The address of an embedded server that is thrown away at the end."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with embedded_server(Path(folder).resolve() / "data") as url:
            yield url


def database(url: str, name: str, *, ours: bool = True) -> Database:
    """A new database on the server, with our tables where `ours`."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    address = make_conninfo(url, dbname=name)
    if ours:
        migrate(address)
    return Database(address, psycopg.connect(address, autocommit=True, options="-c search_path=pressrun,public"))


@contextmanager
def workers(
    count: int, kind: str, url: str, *options: str, home: Path | None = None
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """`count` worker processes that are ready; ended at the end. `home` is the workspace of those that need one."""
    argv = [sys.executable, "-m", "bench.queueing.worker", kind, url, *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    processes = [
        subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=home, env=environment)
        for _ in range(count)
    ]
    try:
        for process in processes:
            assert process.stdout
            if process.stdout.readline() != b"ready\n":
                raise SystemExit("A worker did not start")
        yield processes
    finally:
        for process in processes:
            process.terminate()  # does nothing to one that has ended
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until(true: Callable[[], bool], what: str, every: float = 0.05, patience: float = PATIENCE) -> float:
    """Seconds until `true`; ends the bench when it takes too long."""
    clock = time.perf_counter()
    while not true():
        if time.perf_counter() - clock > patience:
            raise SystemExit(f"Given up after {patience:.0f} s: {what}")
        time.sleep(every)
    return time.perf_counter() - clock
