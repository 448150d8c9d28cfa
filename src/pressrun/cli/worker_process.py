"""Run a worker process beside the API: restart it when it dies, and stop it with the service."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from pressrun.cli.formatting import clean_text, format_duration

MIN_RESTART_DELAY, MAX_RESTART_DELAY = 1.0, 30.0
"""Seconds before a worker that died is restarted; the delay doubles each time it dies right away."""
STABLE_AFTER = 60.0
"""Seconds after which a worker counts as stable, and its next restart has the shortest delay again."""


class WorkerProcess:
    """One worker process. Its standard input is a pipe of ours, so that it stops even if we are killed."""

    def __init__(
        self,
        arguments: Sequence[str],
        log: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        command: Sequence[str] = (sys.executable, "-P", "-m", "pressrun.cli", "worker", "--with-parent"),
    ) -> None:
        self._argv = [*command, *arguments]
        self._log = log
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._restart_delay = MIN_RESTART_DELAY
        self._restart_at: float | None = clock()

    def check(self) -> None:
        """Notice if the worker died, and start it when it is time to. Call this regularly."""
        if self._process and (status := self._process.poll()) is not None:
            self._schedule_restart(self._process, status)
        if self._process is None and self._restart_at is not None and self._clock() >= self._restart_at:
            self._start()

    def _start(self) -> None:
        self._restart_at = None
        self._started_at = self._clock()
        # In a session of its own, Ctrl+C in the terminal reaches only us, and we stop the worker in order.
        self._process = subprocess.Popen(self._argv, stdin=subprocess.PIPE, start_new_session=True)

    def _schedule_restart(self, process: subprocess.Popen[bytes], status: int) -> None:
        self._discard(process)
        if self._clock() - self._started_at >= STABLE_AFTER:
            self._restart_delay = MIN_RESTART_DELAY
        cause = f"was killed by signal {-status}" if status < 0 else f"exited with code {status}"
        self._log(clean_text(f"The worker {cause}; restarting it in {format_duration(self._restart_delay)}"))
        self._restart_at = self._clock() + self._restart_delay
        self._restart_delay = min(MAX_RESTART_DELAY, self._restart_delay * 2)

    def terminate(self) -> None:
        """Send TERM. A second time, its stages get no grace period."""
        self._restart_at = None
        if self._process:
            with suppress(ProcessLookupError):
                self._process.terminate()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Kill it if it is still running."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._discard(self._process)

    def _discard(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin:
            process.stdin.close()
        self._process = None
