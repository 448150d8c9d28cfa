"""Runs the real commands in forks of a process that has imported them already, which saves most of their start."""

from __future__ import annotations

import atexit
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing import connection, get_context
from pathlib import Path
from typing import IO, Any

import pexpect
import ptyprocess

COMMANDS = {"run-batch": "run_batch", "run-pipeline": "run_pipeline", "pressrun": "pressrun"}
PRELOADED = (
    "pytest", "pressrun.cli.main", "pressrun.cli.run_batch", "pressrun.engine.batch", "pressrun.services.choice",
    "pressrun.services.sources", "pressrun.services.voices", "pressrun.services.writers", "pressrun.cli.worker",
    "pressrun.jobs.server", "pressrun.jobs.worker", "pressrun.kinds", __name__,
)
_context = get_context("forkserver")
_context.set_forkserver_preload(list(PRELOADED))
_lock = threading.Lock()
"""Starting a process checks all others, and the exit code of each can be read only once."""


class ForkedCommand:
    """One of `COMMANDS` in a session of its own, with the interface of `subprocess.Popen`."""

    def __init__(
        self, argv: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: str | None = None,
        terminal: connection.Connection | None = None, errors: Path | None = None,
    ) -> None:
        """Start it. `terminal` becomes its controlling terminal; standard error is appended to `errors`."""
        self.args = list(argv)
        self.returncode: int | None = None
        self._folder = tempfile.TemporaryDirectory()
        self._files = [Path(self._folder.name) / each for each in ("stdin", "stdout", "stderr")]
        self._files[0].write_text(stdin or "", encoding="utf-8")
        self._files[2] = errors or self._files[2]
        self._process = _context.Process(
            target=_run, args=(self.args, str(folder), dict(environment), terminal or self._files)
        )
        with _lock:
            self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        if self.returncode is None:
            with _lock:
                self.returncode = self._process.exitcode
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        connection.wait([self._process.sentinel], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return code

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the end, and return standard output and standard error."""
        self.wait(timeout)
        output, errors = (file.read_text(encoding="utf-8", errors="backslashreplace") for file in self._files[1:])
        return output, errors

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkedTerminal(pexpect.spawn):  # type: ignore[misc]
    """A terminal in which one of `COMMANDS` runs as a fork."""

    def _spawnpty(self, args: list[str], **options: Any) -> ptyprocess.PtyProcess:
        ours, theirs = os.openpty()
        terminal = connection.Connection(theirs)
        try:
            termios.tcsetwinsize(theirs, options["dimensions"])
            command = ForkedCommand(args, Path(options["cwd"]), options["env"], terminal=terminal)
        finally:
            terminal.close()
        return _ForkedProcess(command, ours)


class _ForkedProcess(ptyprocess.PtyProcess):  # type: ignore[misc]
    """Asks the server of the forks how the process ended, because only a parent can wait for a process."""

    def __init__(self, command: ForkedCommand, terminal: int) -> None:
        super().__init__(command.pid, terminal)
        self._command = command

    def isalive(self) -> bool:
        code = self._command.poll()
        if code is None:
            return True
        self.terminated = True
        self.exitstatus, self.signalstatus = (code, None) if code >= 0 else (None, -code)
        return False

    def wait(self) -> int | None:
        self._command.wait()
        self.isalive()
        return self.exitstatus


def run_forked(
    argv: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: str | None, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run one of `COMMANDS` without a terminal, as `subprocess.run` would."""
    command = ForkedCommand(argv, folder, environment, stdin)
    try:
        output, errors = command.communicate(timeout)
    except subprocess.TimeoutExpired:
        command.send_signal(signal.SIGKILL)
        command.wait()
        raise
    return subprocess.CompletedProcess(command.args, command.wait(), output, errors)


def _run(
    argv: list[str], folder: str, environment: dict[str, str], streams: Sequence[Path] | connection.Connection
) -> None:
    from pressrun.cli import entry

    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if isinstance(streams, connection.Connection):
        fcntl.ioctl(streams.fileno(), termios.TIOCSCTTY, 0)
        for number in range(3):
            os.dup2(streams.fileno(), number)
        streams.close()
    else:
        for number, (file, flags) in enumerate(zip(streams, (os.O_RDONLY, _NEW, _NEW), strict=True)):
            descriptor = os.open(file, flags)
            os.dup2(descriptor, number)
            os.close(descriptor)
    sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(1, "w"), _stream(2, "w")
    sys.argv = argv
    try:
        sys.exit(getattr(entry, COMMANDS[Path(argv[0]).name])())
    finally:
        # Processes of multiprocessing skip this at their end.
        atexit._run_exitfuncs()
        with suppress(ValueError, OSError):
            sys.stdout.flush()


_NEW = os.O_WRONLY | os.O_CREAT | os.O_APPEND


def _stream(descriptor: int, mode: str) -> IO[str]:
    return open(descriptor, mode, encoding="utf-8", errors="backslashreplace" if descriptor == 2 else "strict")
