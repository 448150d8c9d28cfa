"""A workspace in which the real commands run the tiny pipeline and are ended by force."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import psutil

from pressrun.store.atomic import is_partial

PROJECT = Path(__file__).resolve().parents[2]
RUN_BATCH = Path(sys.executable).with_name("run-batch")
STAGES = ("search", "transcribe", "process", "tts", "render", "upload", "shorts")
STAMP = "PRESSRUN_TRIAL"
"""In the environment of everything that a command of a trial starts, in whatever session it ends up."""
WAIT_TIMEOUT = 30.0
PARALLEL_TRIALS = 4
"""Trials that run beside each other; most of a trial is waiting."""
T = TypeVar("T")


def start_program(argv: Sequence[str], folder: Path, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        encoding="utf-8", errors="backslashreplace", start_new_session=True, cwd=folder,
    )


start_command: Callable[[Sequence[str], Path, Mapping[str, str]], subprocess.Popen[str]] = start_program
"""Starts the commands of all trials. Tests replace it to save the start of a Python for each."""


@dataclass
class Trial:
    """Starts commands, ends them, and looks at what they left."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def list_books(self, *titles: str) -> None:
        (self.folder / "books.txt").write_text("".join(f"{title}\n" for title in titles), encoding="utf-8")

    def variables(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PRESSRUN_")}
        tiny = {
            "PRESSRUN_PIPELINE": "pressrun.testing.pipeline:TINY", "PRESSRUN_NETWORK": "off", STAMP: str(self.folder),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH")))),
        }
        return clean | tiny | dict(self.environment)

    def argv(self, **options: str) -> list[str]:
        flags = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value)]
        return [str(RUN_BATCH), "--workspace", str(self.folder), "--yes", "--delay", "0", *flags]

    def start(self, argv: list[str]) -> subprocess.Popen[str]:
        process = start_command(argv, PROJECT, self.variables())
        self.started.append(process)
        return process

    def run_batch(self, *titles: str, **options: str) -> subprocess.Popen[str]:
        self.list_books(*titles)
        return self.start(self.argv(**options))

    def finish(self, *titles: str, **options: str) -> tuple[int, str]:
        """Runs to the end; exit code and what stood on standard output and error."""
        return wait_for_exit(self.run_batch(*titles, **options))

    def log(self, title: str = "") -> list[str]:
        """The stages whose processes started, in order; of one title where it is given."""
        path = self.folder / "tiny.log"
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
        return [row[0] for row in rows if len(row) == 3 and title in ("", row[1])]

    def published(self) -> list[str]:
        path = self.folder / "published.log"
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    def books(self) -> list[dict[str, Any]]:
        path = self.folder / "database.json"
        return list(json.loads(path.read_bytes())["books"]) if path.exists() else []

    def processes(self) -> list[psutil.Process]:
        """Everything that the commands of this workspace started and that still lives."""
        found = []
        for process in psutil.process_iter():
            try:
                ours = process.environ().get(STAMP) == str(self.folder)
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def survivors(self, seconds: float) -> list[psutil.Process]:
        """What still lives `seconds` later; at once where nothing does."""
        wait_until(lambda: not self.processes(), seconds, pause=0.1)
        return self.processes()

    def wait_for(self, what: Callable[[], bool]) -> None:
        assert wait_until(what, WAIT_TIMEOUT), "what the test waits for never came"

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()
        for left in self.processes():
            left.kill()


def wait_for_exit(process: subprocess.Popen[str], seconds: float = 2 * WAIT_TIMEOUT) -> tuple[int, str]:
    """Exit code and all that a process said."""
    output, errors = process.communicate(timeout=seconds)
    return process.returncode, output + errors


def wait_until(what: Callable[[], bool], seconds: float, pause: float = 0.01) -> bool:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def partial_files(folder: Path) -> list[Path]:
    """Half-made files anywhere below `folder`."""
    return [path for path in folder.rglob("*") if is_partial(path.name)]


def spread(items: Sequence[T], count: int) -> Sequence[T]:
    """Return at most `count` of `items`, taken at equal distances so that every part of the list has its share."""
    return items[:: -(-len(items) // count)]


@contextmanager
def new_trial(**environment: str) -> Iterator[Trial]:
    """A trial in a folder of its own, which is gone afterwards with all that still runs there."""
    with TemporaryDirectory(prefix="trial-", ignore_cleanup_errors=True) as name:
        trial = Trial(Path(name).resolve(), environment)
        try:
            yield trial
        finally:
            trial.close()


def repeat(count: int, run: Callable[[int, random.Random], T], seed: int) -> list[T]:
    """Return the results of `count` calls of `run`, several at once, each with its number and its own randomness."""
    with ThreadPoolExecutor(PARALLEL_TRIALS) as pool:
        return list(pool.map(lambda number: run(number, random.Random(seed * 1000 + number)), range(count)))
