"""The real commands in a real pseudo-terminal, read the way a person sees it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pexpect
import psutil
import pyte
import pytest
from tests.commands import BIN, user_environment
from tests.forked import COMMANDS, ForkedTerminal, run_forked
from tests.size import FULL

from pressrun.testing.tiny import RELEASE

WAIT_TIMEOUT = 60.0
"""Seconds after which a test gives up; generous, as the machine may be busy with other work."""


class Terminal:
    """A terminal of a given size in which one command runs."""

    def __init__(self, argv: Sequence[str], folder: Path, environment: dict[str, str], columns: int) -> None:
        self.screen = pyte.HistoryScreen(columns, 50, history=1000, ratio=1.0)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        spawn = pexpect.spawn if FULL or Path(argv[0]).name not in COMMANDS else ForkedTerminal
        self.process = spawn(
            argv[0], list(argv[1:]), cwd=str(folder), env=environment, dimensions=(50, columns)  # type: ignore[arg-type]
        )

    def type(self, keys: str) -> None:
        self.process.send(keys)

    def wait_for(self, words: str, seconds: float = WAIT_TIMEOUT) -> None:
        """Reads until `words` stand on the screen."""
        end = time.monotonic() + seconds
        while words not in self.text:
            if time.monotonic() > end or not self._read():
                raise AssertionError(f"{words!r} never came; the screen shows:\n{self.text}")

    def finish(self, seconds: float = WAIT_TIMEOUT) -> int:
        """Reads to the end and returns the exit code."""
        end = time.monotonic() + seconds
        while self._read():
            assert time.monotonic() < end, f"still running; the screen shows:\n{self.text}"
        self.process.wait()
        return self.process.exitstatus if self.process.exitstatus is not None else -(self.process.signalstatus or 0)

    @property
    def lines(self) -> list[str]:
        """What has scrolled away and what is on the screen."""
        columns = range(self.screen.columns)
        gone = ["".join(row[column].data for column in columns) for row in self.screen.history.top]
        return [line.rstrip() for line in (*gone, *self.screen.display)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def _read(self) -> bool:
        """One piece of output; false at the end of it."""
        try:
            piece = self.process.read_nonblocking(4096, timeout=0.2)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += piece
        self._stream.feed(piece)
        return True


class CommandWorkspace:
    """A workspace, and the commands to use in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = user_environment() | {
            "TERM": "xterm-256color", "LANG": "C.UTF-8", "PRESSRUN_PIPELINE": "pressrun.testing.pipeline:TINY",
            "PRESSRUN_UPLOAD_LEDGER": str(folder / "account" / "uploads.json"),
        }
        for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
            self.environment.pop(name, None)
        self._terminals: list[Terminal] = []

    def list_books(self, *lines: str) -> None:
        (self.folder / "books.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def has_done(self, title: str, address: str | None) -> None:
        """Writes the database by hand, as if the book had been finished."""
        entry = {"main_title": title, "author_name": None, "status": "done", "youtube_url": address}
        (self.folder / "database.json").write_text(json.dumps({"books": [entry]}), encoding="utf-8")

    def terminal(self, *argv: str, columns: int = 120, **environment: str) -> Terminal:
        """Starts a command in a terminal."""
        made = Terminal(command(argv), self.folder, self.environment | environment, columns)
        self._terminals.append(made)
        return made

    def run(self, *argv: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command without a terminal: one of ours in a fork, which is quicker than a Python of its own."""
        if argv[0] in COMMANDS and not FULL and not any(name.startswith("PYTHON") for name in environment):
            return run_forked(argv, self.folder, self.environment | environment, stdin, timeout=60)
        return subprocess.run(
            command(argv), cwd=self.folder, env=self.environment | environment, input=stdin, capture_output=True,
            stdin=subprocess.DEVNULL if stdin is None else None, start_new_session=True, timeout=60, check=False,
            encoding="utf-8",
        )

    def files(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")}

    def stages_run(self, title: str = "") -> list[str]:
        """The stages that ran so far, in order; of books whose title begins with `title`."""
        log = self.folder / "tiny.log"
        rows = [line.split("\t") for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []
        return [row[0] for row in rows if row[1].startswith(title)]

    def release(self) -> None:
        """Let stages with the direction `hold` continue."""
        (self.folder / RELEASE).touch()

    def processes(self) -> list[psutil.Process]:
        """Those that work in this workspace and have not ended."""
        found = []
        for process in psutil.process_iter(["cwd", "cmdline", "status"]):
            info = process.info
            ours = info["cwd"] == str(self.folder) or any(str(self.folder) in word for word in info["cmdline"] or ())
            if ours and info["status"] != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
                found.append(process)
        return found

    def close(self) -> None:
        for terminal in self._terminals:
            terminal.process.close(force=True)


def command(argv: Sequence[str]) -> list[str]:
    """A command of the project as the file that is installed; others as they are."""
    installed = BIN / argv[0]
    return [str(installed) if installed.exists() else argv[0], *argv[1:]]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[CommandWorkspace]:
    made = CommandWorkspace(tmp_path)
    yield made
    made.close()
