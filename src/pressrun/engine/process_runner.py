"""Runs one attempt of a stage as a process under the supervisor, and reads what it says while it runs."""

from __future__ import annotations

import json
import math
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from pressrun.engine.output_log import OutputLog
from pressrun.engine.stop import StopToken
from pressrun.engine.survivors import OWNER_VARIABLE, end_run
from pressrun.errors import ErrorReport, StageDiedError

Said = Callable[[dict[str, Any]], None]
"""Called with what a stage says of itself: progress, notes, that it computes no more."""

STOPPING = "stopping"
"""The one event that does not come from the stage: it is being asked to end."""
MAX_EVENT = 1 << 16
"""Bytes of one event line; a longer one is dropped."""
LAST_WORD = 5.0
"""Seconds the supervisor has to report the end of a stage after its grace; then it is taken as lost."""


@dataclass(frozen=True)
class Attempt:
    """What to start: the run id stamps the process and all it starts."""

    run_id: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    title: str
    """Heads this attempt's part of the log."""
    deadline: float
    """On the monotonic clock."""
    grace: float
    """Seconds between TERM and KILL."""


@dataclass(frozen=True)
class Exit:
    """How an attempt ended. `error` is what the stage itself said, or why it could not say anything."""

    status: int | None = None
    error: ErrorReport | None = None
    reads: dict[str, str] = field(default_factory=dict)
    timed_out: bool = False
    stopped: bool = False


class Runner(Protocol):
    """Runs attempts one after the other; closed at the end of the batch.

    One that several workers share must run their attempts at the same time.
    """

    def run(self, attempt: Attempt, stop: StopToken, said: Said) -> Exit: ...

    def close(self) -> None: ...


class ProcessRunner:
    """The runner that everything but a few tests uses; the supervisor starts with the first attempt.

    It runs one attempt at a time: each worker of a batch has a runner, and with it a supervisor, of its own.
    """

    def __init__(self, folder: Path, owner: str) -> None:
        self._folder = folder
        self._owner = owner
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._replies = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the supervisor and, through it, whatever still runs."""
        if self._control:
            self._control.close()
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=LAST_WORD)
        self._control = self._process = None

    def run(self, attempt: Attempt, stop: StopToken, said: Said) -> Exit:
        output, output_end = os.pipe()
        events, events_end = os.pipe()
        try:
            request = {"do": "start", "id": attempt.run_id, "argv": attempt.argv, "env": attempt.environment}
            try:
                socket.send_fds(self._connection(), [json.dumps(request).encode() + b"\n"], [output_end, events_end])
            finally:
                os.close(output_end)
                os.close(events_end)
            return _Watch(self, attempt, stop, said, output, events).until_the_end()
        except OSError as error:
            self.close()
            return Exit(
                error=StageDiedError(
                    f"The stage could not be started: {error}", remedy="Run the same command again."
                ).report()
            )
        finally:
            os.close(output)
            os.close(events)

    def ask_to_end(self, run_id: str, grace: float) -> None:
        with suppress(OSError):
            self._connection().sendall(json.dumps({"do": "end", "id": run_id, "grace": grace}).encode() + b"\n")

    def control(self) -> socket.socket:
        return self._connection()

    def replies(self) -> list[dict[str, Any]] | None:
        """Replies that have come; None when the supervisor is gone."""
        try:
            data = self._connection().recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            return None
        *lines, self._replies = (self._replies + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def _connection(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "pressrun.engine.supervisor", str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                    cwd=self._folder,
                    env={**os.environ, OWNER_VARIABLE: self._owner},
                )
            self._replies = b""
        return self._control


class _Watch:
    """One attempt from its start to its end: output, events, deadline and stop token in one wait."""

    def __init__(
        self, runner: ProcessRunner, attempt: Attempt, stop: StopToken, said: Said, output: int, events: int
    ) -> None:
        self._runner, self._attempt, self._stop, self._said = runner, attempt, stop, said
        self._output, self._events = output, events
        self._log = OutputLog(attempt.log, attempt.title)
        self._line = b""
        self._reads: dict[str, str] = {}
        self._error: ErrorReport | None = None
        self._timed_out = self._stopped = self._forced = False
        self._give_up = float("inf")

    def until_the_end(self) -> Exit:
        with selectors.DefaultSelector() as selector:
            for descriptor in (self._output, self._events):
                os.set_blocking(descriptor, False)
                selector.register(descriptor, selectors.EVENT_READ)
            selector.register(self._runner.control(), selectors.EVENT_READ)
            selector.register(self._stop.fileno(), selectors.EVENT_READ)
            selector.register(self._stop.forced_fileno(), selectors.EVENT_READ)
            reply: dict[str, Any] | None = None
            while reply is None:
                ready = {key.fileobj for key, _ in selector.select(self._patience())}
                self._press_for_an_end()
                for noticed in ready & {self._stop.fileno(), self._stop.forced_fileno()}:
                    selector.unregister(noticed)  # it stays readable for the others who wait for it
                for descriptor in (self._output, self._events):
                    if descriptor in ready and not self._drain(descriptor):
                        selector.unregister(descriptor)
                if self._runner.control() in ready or time.monotonic() > self._give_up:
                    reply = self._own_reply()
        self._drain(self._output, everything=True)
        self._drain(self._events, everything=True)
        self._log.close()
        return self._exit(reply)

    def _patience(self) -> float:
        until = self._give_up if self._timed_out or self._stopped else self._attempt.deadline
        return max(0.0, min(until - time.monotonic(), 3600.0))

    def _press_for_an_end(self) -> None:
        """Asks the supervisor to end the stage, once per reason: a timeout, a stop, a forced stop."""
        late = time.monotonic() >= self._attempt.deadline
        if self._stop and not self._stopped:
            self._stopped = True
            self._said({"event": STOPPING})
        elif late and not (self._timed_out or self._stopped):
            self._timed_out = True
        elif self._stop.forced and not self._forced:
            pass
        else:
            return
        self._forced = self._stop.forced
        grace = 0.0 if self._forced else self._attempt.grace
        self._give_up = time.monotonic() + grace + LAST_WORD
        self._runner.ask_to_end(self._attempt.run_id, grace)

    def _own_reply(self) -> dict[str, Any] | None:
        if time.monotonic() > self._give_up:
            return {"error": "it did not end when it was asked to"}
        replies = self._runner.replies()
        if replies is None:
            self._runner.close()
            # The stage lives on without it. It must not, as the lock of its book is let go when this attempt is over.
            end_run(self._attempt.run_id)
            return {"error": "the process that watches over the stages was ended from outside"}
        return next((reply for reply in replies if reply["id"] == self._attempt.run_id), None)

    def _drain(self, descriptor: int, everything: bool = False) -> bool:
        """Takes what can be read now; False at the end of the pipe."""
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
        *lines, self._line = (self._line + data).split(b"\n")
        self._line = self._line if len(self._line) <= MAX_EVENT else b""
        for line in lines:
            if (event := _read_event(line)) is None:
                self._log.write(b"[an event that cannot be read: " + line[:200] + b"]\n")
            elif event["event"] == "reads":
                self._reads[event["path"]] = event["sha256"]
            elif event["event"] == "error":
                self._error = ErrorReport(event["kind"], event["message"], event["remedy"], event["retryable"])
            else:
                self._said(event)

    def _exit(self, reply: dict[str, Any] | None) -> Exit:
        reply = reply or {}
        error = self._error
        status = reply.get("exit")
        if "error" in reply:
            error = StageDiedError(
                f"The stage was lost: {reply['error']}", remedy="Run the same command again."
            ).report()
        return Exit(status, error, self._reads, self._timed_out, self._stopped)


_EVENTS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "progress": {"done": (int, float), "total": (int, float), "unit": str},
    "note": {"text": str},
    "fact": {"name": str, "value": str},
    "computed": {},
    "reads": {"path": str, "sha256": str},
    "error": {"kind": str, "message": str, "remedy": str, "retryable": bool},
}


def _read_event(line: bytes) -> dict[str, Any] | None:
    """What a stage wrote into its event pipe, or None for what is no event: a stage may write anything there."""
    try:
        event = json.loads(line)
        shape = _EVENTS[event["event"]]
        fits = all(isinstance(event[name], kind) for name, kind in shape.items())
        numbers = [event[name] for name in shape if isinstance(event[name], int | float)]
        return event if fits and all(map(math.isfinite, numbers)) else None
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
