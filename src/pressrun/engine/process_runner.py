"""Run one attempt of a stage as a process under the supervisor, and follow it to its end."""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from pressrun.clock import awake_time
from pressrun.engine.free_memory import count_memory_kills
from pressrun.engine.output_log import OutputLog
from pressrun.engine.stop import StopToken
from pressrun.engine.survivors import OWNER_VARIABLE, kill_run
from pressrun.error_reports import reason_text
from pressrun.errors import ErrorReport, StageDiedError
from pressrun.model.stage_protocol import (
    EVENTS_DESCRIPTOR,
    MAX_EVENT_BYTES,
    Failure,
    Note,
    Reads,
    StageEvent,
    TimeLimit,
    decode_event,
)

SUPERVISOR_TIMEOUT = 5.0
"""Seconds the supervisor has to report the end of a stage after its grace; then it counts as lost."""
SUSPENSION_CHECK_INTERVAL = 1.0
"""Seconds between two checks, after the deadline, of a supervisor that is suspended."""
_MAX_WAIT = 3600.0
"""Seconds of one wait. epoll counts milliseconds in 32 bits, which is 24 days; a deadline may be later."""


class Terminating:
    """Passed to an `EventHandler` when the runner asks the stage to end because of a stop."""


EventHandler = Callable[[StageEvent | Terminating], None]


@dataclass(frozen=True)
class StageProcess:
    """One attempt to start. Its run id is in the environment of the process and of everything it starts."""

    run_id: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    title: str
    """Heading of this attempt in the log."""
    deadline: float
    """In seconds of `awake_time`. It moves by the time that the stage is suspended."""
    grace: float
    """Seconds between SIGTERM and SIGKILL."""


@dataclass(frozen=True)
class ProcessResult:
    """The end of an attempt. `error` comes from the stage, or explains why the stage could not report one."""

    status: int | None = None
    error: ErrorReport | None = None
    reads: dict[str, str] = field(default_factory=dict)
    """Location -> hash, of everything outside the run folder that the stage depends on."""
    timed_out: bool = False
    stopped: bool = False
    seconds: float = 0.0
    """How long the stage worked, without the time it was suspended; 0 if that is not known."""
    peak_memory: int = 0
    """MB that the stage used at its peak, without the processes it started; 0 if that is not known."""
    out_of_memory: bool = False
    """Whether the system killed it, or something else at the same time, for lack of memory."""
    suspended: float = 0.0
    """How many seconds the deadline moved because the stage was suspended."""
    extended: float = 0.0
    """How many seconds the deadline moved because the stage asked for more time."""


class Runner(Protocol):
    """Runs attempts. A runner that several workers share must be able to run their attempts at the same time."""

    def run(self, process: StageProcess, stop: StopToken, on_event: EventHandler) -> ProcessResult: ...

    def close(self) -> None: ...


class ProcessRunner:
    """Runs one attempt at a time, under a supervisor that starts with the first one.

    Each worker of a batch has its own runner, and with it its own supervisor.
    """

    def __init__(self, folder: Path, owner: str) -> None:
        self._folder = folder
        self._owner = owner
        self._control: socket.socket | None = None
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._unread = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the supervisor, which ends whatever still runs."""
        if self._control:
            self._control.close()
        if self._supervisor:
            with suppress(subprocess.TimeoutExpired):
                self._supervisor.wait(timeout=SUPERVISOR_TIMEOUT)
        self._control = self._supervisor = None

    def run(self, process: StageProcess, stop: StopToken, on_event: EventHandler) -> ProcessResult:
        output, output_end = os.pipe()
        events, events_end = os.pipe()
        try:
            request = {
                "do": "start", "id": process.run_id, "argv": process.argv, "env": process.environment,
                "events": EVENTS_DESCRIPTOR,
            }
            try:
                socket.send_fds(self.control(), [json.dumps(request).encode() + b"\n"], [output_end, events_end])
            finally:
                # Only the stage may hold the write ends: the end of a pipe is how the reader notices the end of it.
                os.close(output_end)
                os.close(events_end)
            return _Attempt(self, process, stop, on_event, output, events).wait()
        except OSError as error:
            self.close()
            place = f"{error.filename}: " if error.filename else ""
            return ProcessResult(error=_lost_stage(f"The stage could not be started: {place}{reason_text(error)}"))
        finally:
            os.close(output)
            os.close(events)

    def terminate(self, run_id: str, grace: float) -> None:
        """Ask the supervisor to end a stage and everything it started."""
        with suppress(OSError):
            self.control().sendall(json.dumps({"do": "end", "id": run_id, "grace": grace}).encode() + b"\n")
            if self._supervisor and hasattr(signal, "SIGCONT"):
                self._supervisor.send_signal(signal.SIGCONT)

    def is_suspended(self) -> bool:
        """Return whether the supervisor was stopped by a signal, so that it cannot report anything."""
        import psutil

        with suppress(psutil.Error):
            return self._supervisor is not None and (
                psutil.Process(self._supervisor.pid).status() == psutil.STATUS_STOPPED
            )
        return False

    def control(self) -> socket.socket:
        """Return the socket to the supervisor, which is started if there is none."""
        if self._control is None:
            self._control, theirs = socket.socketpair()
            with theirs:
                self._supervisor = subprocess.Popen(
                    [sys.executable, "-P", "-m", "pressrun.engine.supervisor", str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    # Out of reach of the Ctrl+C that the terminal sends to the whole process group of the batch.
                    start_new_session=True,
                    cwd=self._folder,
                    env={**os.environ, OWNER_VARIABLE: self._owner},
                )
            self._unread = b""
        return self._control

    def replies(self) -> list[dict[str, Any]] | None:
        """Return the replies that have arrived, or None if the supervisor is gone."""
        try:
            data = self.control().recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            return None
        *lines, self._unread = (self._unread + data).split(b"\n")
        return [json.loads(line) for line in lines]


class _Attempt:
    """One attempt from its start to its end: output, events, deadline and stop token in a single wait."""

    def __init__(
        self, runner: ProcessRunner, process: StageProcess, stop: StopToken, on_event: EventHandler, output: int,
        events: int,
    ) -> None:
        self._runner, self._process, self._stop, self._on_event = runner, process, stop, on_event
        self._output, self._events = output, events
        self._log = OutputLog(process.log, process.title)
        self._unread = b""
        self._reads: dict[str, str] = {}
        self._error: ErrorReport | None = None
        self._timed_out = self._stopped = self._forced = False
        self._memory_kills = count_memory_kills()
        self._deadline = process.deadline
        self._started = awake_time()
        self._extended = 0.0
        self._suspended_at: float | None = None
        """Since when the stage is suspended."""
        self._lost_at = float("inf")
        """When a stage that was asked to end counts as lost. All times are in seconds of `awake_time`."""

    def wait(self) -> ProcessResult:
        """Follow the stage until the supervisor reports its end, or is gone or silent.

        The end of the output pipe is not the end of the stage: a process may close its output early, and a process
        it left behind may keep the pipe open. Only the supervisor knows when all of them are gone.
        """
        with selectors.DefaultSelector() as selector:
            for descriptor in (self._output, self._events):
                os.set_blocking(descriptor, False)
                selector.register(descriptor, selectors.EVENT_READ)
            selector.register(self._runner.control(), selectors.EVENT_READ)
            selector.register(self._stop.fileno(), selectors.EVENT_READ)
            selector.register(self._stop.forced_fileno(), selectors.EVENT_READ)
            reply: dict[str, Any] | None = None
            while reply is None:
                # The second, immediate look: a wait that is over because this process was stopped and continued says
                # that nothing is ready, without having looked.
                keys = selector.select(self._select_timeout()) or selector.select(0)
                ready = {key.fileobj for key, _ in keys}
                # The reply comes before the clock: a stage that has ended is not late, whenever that is noticed.
                reply = self._read_reply() if self._runner.control() in ready else None
                if reply is None:
                    self._request_termination()
                    if awake_time() > self._lost_at:
                        reply = {"error": "it did not end when it was asked to"}
                for noticed in ready & {self._stop.fileno(), self._stop.forced_fileno()}:
                    # Other attempts wait for the same token, so it stays readable; watching on would spin.
                    selector.unregister(noticed)
                for descriptor in (self._output, self._events):
                    if descriptor in ready and not self._drain(descriptor):
                        selector.unregister(descriptor)
        # What was written just before the end may still be in the pipes.
        self._drain(self._output, everything=True)
        self._drain(self._events, everything=True)
        self._log.close()
        self._end_suspension()
        return self._result(reply)

    def _select_timeout(self) -> float:
        if self._timed_out or self._stopped:
            until = self._lost_at
        else:
            until = self._deadline if self._suspended_at is None else float("inf")
        return max(0.0, min(until - awake_time(), _MAX_WAIT))

    def _request_termination(self) -> None:
        """Ask the supervisor to end the stage, once for each of a timeout, a stop and a forced stop.

        A forced stop asks again, now without grace; a timeout after a stop, or the reverse, changes nothing.
        """
        if self._stop and not self._stopped:
            self._stopped = True
            self._on_event(Terminating())
        elif not (self._timed_out or self._stopped) and self._is_late():
            self._timed_out = True
        elif not (self._stop.forced and not self._forced):
            return
        self._forced = self._stop.forced
        grace = 0.0 if self._forced else self._process.grace
        self._lost_at = awake_time() + grace + SUPERVISOR_TIMEOUT
        self._runner.terminate(self._process.run_id, grace)

    def _is_late(self) -> bool:
        if self._suspended_at is not None or awake_time() < self._deadline:
            return False
        if self._runner.is_suspended():
            self._deadline = awake_time() + SUSPENSION_CHECK_INTERVAL
            return False
        return True

    def _read_reply(self) -> dict[str, Any] | None:
        """Return the reply that ends the attempt, or None if there is none yet."""
        replies = self._runner.replies()
        if replies is None:
            self._runner.close()
            # The stage outlives its supervisor, and must not: the lock of its book is released when this attempt ends,
            # and another process would then work in the same run folder.
            kill_run(self._process.run_id)
            return {"error": "its supervisor was ended from outside"}
        for reply in replies:
            if reply["id"] != self._process.run_id:
                continue
            if "suspended" not in reply:
                return reply
            self._note_suspension(reply["pid"], reply["suspended"])
        return None

    def _note_suspension(self, pid: int, suspended: bool) -> None:
        if suspended:
            self._suspended_at = awake_time()
            self._on_event(Note(f"Suspended by a signal; its time limit waits. Continue it with: kill -CONT {pid}"))
        else:
            self._end_suspension()

    def _end_suspension(self) -> None:
        if self._suspended_at is not None:
            self._deadline += awake_time() - self._suspended_at
            self._suspended_at = None

    def _extend_deadline(self, seconds: float) -> None:
        """Move the deadline, if it is earlier, to `seconds` after the start, without the time it was suspended."""
        suspended = self._deadline - self._process.deadline - self._extended
        extra = max(0.0, self._started + seconds + suspended - self._deadline)
        self._deadline += extra
        self._extended += extra

    def _drain(self, descriptor: int, everything: bool = False) -> bool:
        """Read what is there now, one piece or `everything`; return False at the end of the pipe."""
        with suppress(BlockingIOError):
            while data := os.read(descriptor, 1 << 16):
                if descriptor == self._output:
                    self._log.write(data)
                else:
                    self._take_events(data)
                if not everything:
                    return True
            return False
        return True

    def _take_events(self, data: bytes) -> None:
        *lines, self._unread = (self._unread + data).split(b"\n")
        self._unread = self._unread if len(self._unread) <= MAX_EVENT_BYTES else b""
        for line in lines:
            match decode_event(line):
                case None:
                    self._log.write(b"[an event that cannot be read: " + line[:200] + b"]\n")
                case Reads(path, sha256):
                    self._reads[path] = sha256
                case Failure(kind, message, remedy, retryable):
                    self._error = ErrorReport(kind, message, remedy, retryable)
                case TimeLimit(seconds):
                    self._extend_deadline(seconds)
                case event:
                    self._on_event(event)

    def _result(self, reply: dict[str, Any]) -> ProcessResult:
        error = _lost_stage(f"The stage was lost: {reply['error']}") if "error" in reply else self._error
        return ProcessResult(
            reply.get("exit"), error, self._reads, self._timed_out, self._stopped,
            seconds=reply.get("seconds", 0.0), peak_memory=reply.get("peak", 0),
            out_of_memory=reply.get("exit") == -signal.SIGKILL and count_memory_kills() > self._memory_kills,
            suspended=self._deadline - self._process.deadline - self._extended, extended=self._extended,
        )


def _lost_stage(message: str) -> ErrorReport:
    return StageDiedError(message, remedy="Run the same command again.").report()
