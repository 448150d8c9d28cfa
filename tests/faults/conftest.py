from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

RUN_BATCH = Path(sys.executable).with_name("run-batch")
PATIENCE = 20.0


@dataclass
class Night:
    """A workspace in which real commands run the tiny pipeline and are ended by force."""

    folder: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def run_batch(self, *titles: str, **options: str) -> subprocess.Popen[str]:
        (self.folder / "books.txt").write_text("\n".join(titles) + "\n", encoding="utf-8")
        flags = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value)]
        process = subprocess.Popen(
            [RUN_BATCH, "--workspace", self.folder, "--yes", "--delay", "0", *flags],
            env={
                **os.environ,
                "PRESSRUN_PIPELINE": "pressrun.testing.pipeline:TINY",
                "PRESSRUN_NIGHT": str(self.folder),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def finish(self, *titles: str, **options: str) -> subprocess.Popen[str]:
        process = self.run_batch(*titles, **options)
        process.communicate(timeout=PATIENCE * 3)
        return process

    def log(self) -> list[str]:
        """The stages whose processes started, in order."""
        path = self.folder / "tiny.log"
        return [line.split("\t")[0] for line in path.read_text().splitlines()] if path.exists() else []

    def published(self) -> list[str]:
        path = self.folder / "published.log"
        return path.read_text().split() if path.exists() else []

    def wait_for(self, what: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < deadline, "what the test waits for never came"
            time.sleep(0.01)

    def processes(self) -> list[psutil.Process]:
        """Everything that the commands of this workspace started and that still lives."""
        found = []
        for process in psutil.process_iter():
            try:
                ours = process.environ().get("PRESSRUN_NIGHT") == str(self.folder)
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    night = Night(tmp_path.resolve())
    yield night
    for process in night.started:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()
    for left in night.processes():
        left.kill()
