"""Keeps one worker process running beside the API: starts it again when it dies, and ends it with the service."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from pressrun.cli.formatting import clean_text, format_duration

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds before a worker that died is started again; doubled each time it dies at once."""
SETTLED = 60.0
"""Seconds after which a worker counts as well, and its next death waits as little as a first one."""


class WorkerKeeper:
    """One worker process, whose standard input is a pipe of ours: should we be killed, it ends by itself."""

    def __init__(
        self,
        arguments: Sequence[str],
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        command: Sequence[str] = (sys.executable, "-P", "-m", "pressrun.cli", "worker", "--with-parent"),
    ) -> None:
        self._argv = [*command, *arguments]
        self._tell = tell
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._wait = FIRST_WAIT
        self._again_at: float | None = clock()

    def look(self) -> None:
        """To be called now and then: starts the worker when it is time to, and notices its death."""
        if self._process and (status := self._process.poll()) is not None:
            self._died(status)
        if self._process is None and self._again_at is not None and self._clock() >= self._again_at:
            self._start()

    def _start(self) -> None:
        self._again_at = None
        self._began = self._clock()
        # A session of its own: Ctrl+C in the terminal is for us, who then end it in good order.
        self._process = subprocess.Popen(self._argv, stdin=subprocess.PIPE, start_new_session=True)

    def _died(self, status: int) -> None:
        assert self._process is not None
        self._let_go(self._process)
        if self._clock() - self._began >= SETTLED:
            self._wait = FIRST_WAIT
        how = f"was ended by signal {-status}" if status < 0 else f"ended with exit code {status}"
        self._tell(clean_text(f"The worker {how}; it is started again in {format_duration(self._wait)}"))
        self._again_at = self._clock() + self._wait
        self._wait = min(LONGEST_WAIT, self._wait * 2)

    def ask_to_end(self) -> None:
        """TERM; asked a second time, what it runs gets no grace."""
        self._again_at = None
        if self._process:
            with suppress(ProcessLookupError):
                self._process.terminate()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def end(self) -> None:
        """Kills it where it still runs."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._let_go(self._process)

    def _let_go(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin:
            process.stdin.close()
        self._process = None
