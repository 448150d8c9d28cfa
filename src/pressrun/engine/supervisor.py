"""The supervisor process: starts every stage of a batch and leaves nothing behind, however the batch ends.

It lives in a session of its own and is, on Linux, the subreaper of all it starts: a process whose parent dies becomes
its child and stays in its reach. It holds one end of a socket whose other end only the batch holds. When the batch
dies, even by KILL, the socket ends, and the supervisor ends every descendant: TERM, a moment of grace, KILL.

Requests are JSON lines: `{"do": "start", "id", "argv", "env"}` with two descriptors (output, events),
`{"do": "end", "id", "grace"}`. Replies: `{"id", "exit", "rusage"}` when a stage and all it started have ended,
`{"id", "error"}` when it could not be started.
"""

from __future__ import annotations

import ctypes
import json
import os
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pressrun.engine.survivors import RUN_VARIABLE

if TYPE_CHECKING:
    import psutil

EVENTS_DESCRIPTOR = 3
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
FAREWELL_GRACE = 1.0
"""Seconds between TERM and KILL when the batch is gone."""


class Supervisor:
    """One batch's stages. `id` of a stage is also its environment stamp."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._buffer = b""
        self._descriptors: list[int] = []
        self._leaders: dict[int, str] = {}
        self._ending: dict[str, float] = {}
        """id -> when TERM turns into KILL, on the monotonic clock."""
        self._ended: dict[str, dict[str, Any]] = {}
        """id -> the reply for a stage whose first process ended and left others."""

    def serve(self) -> None:
        """Until the batch closes the socket, or a signal asks; then everything is ended."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_read, False)
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(wake_read, selectors.EVENT_READ)
            alive = True
            while alive:
                ready = {key.fileobj for key, _ in selector.select(0.05 if self._ending else None)}
                if wake_read in ready:
                    with suppress(BlockingIOError):
                        os.read(wake_read, 4096)
                if self._control in ready:
                    alive = self._receive()
                self._reap()
                self._press()
        self._end_everything()

    def _receive(self) -> bool:
        """Takes what the batch sent; False when it is gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, 1 << 16, 64)
        except OSError:
            return False
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        self._descriptors += descriptors
        self._buffer += data
        while b"\n" in self._buffer:
            line, self._buffer = self._buffer.split(b"\n", 1)
            request = json.loads(line)
            if request["do"] == "start":
                self._start(request)
            elif request["id"] not in self._ended:
                self._end(request["id"], float(request["grace"]))
        return bool(data)

    def _start(self, request: dict[str, Any]) -> None:
        output, events, self._descriptors = self._descriptors[0], self._descriptors[1], self._descriptors[2:]
        argv = request["argv"]
        try:
            pid = os.posix_spawnp(
                argv[0],
                argv,
                {**os.environ, **request["env"], RUN_VARIABLE: request["id"]},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, output, 1),
                    (os.POSIX_SPAWN_DUP2, output, 2),
                    (os.POSIX_SPAWN_DUP2, events, EVENTS_DESCRIPTOR),
                ],
                setsid=True,
                setsigmask=[],
                setsigdef=[signal.SIGPIPE, signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT],
            )
            self._leaders[pid] = request["id"]
        except OSError as error:
            self._reply({"id": request["id"], "error": f"{argv[0]}: {error.strerror}"})
        finally:
            os.close(output)
            os.close(events)

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                none_left = True
                break
            if pid == 0:
                none_left = False
                break
            if stage := self._leaders.pop(pid, None):
                self._ended[stage] = {
                    "id": stage,
                    "exit": os.waitstatus_to_exitcode(status),
                    "cpu_seconds": usage.ru_utime + usage.ru_stime,
                    "peak_kib": usage.ru_maxrss if sys.platform == "linux" else usage.ru_maxrss // 1024,
                }
                self._ending.setdefault(stage, time.monotonic() + FAREWELL_GRACE)
        for stage in [each for each in self._ended if none_left or not self._members(each)]:
            self._ending.pop(stage, None)
            self._reply(self._ended.pop(stage))

    def _end(self, stage: str, grace: float) -> None:
        """TERM to a stage and all it started; KILL follows after `grace` seconds."""
        self._ending[stage] = time.monotonic() + grace
        _signal(self._members(stage), signal.SIGTERM if grace > 0 else signal.SIGKILL)

    def _press(self) -> None:
        """TERM to what an ended stage left behind, KILL to what outlives its grace."""
        now = time.monotonic()
        for stage, deadline in list(self._ending.items()):
            if now >= deadline:
                _signal(self._members(stage), signal.SIGKILL)
            elif stage in self._ended:
                _signal(self._members(stage), signal.SIGTERM)

    def _members(self, stage: str) -> list[psutil.Process]:
        """The living processes of a stage: those stamped with its id and all below them, in whatever session."""
        import psutil

        everything = _descendants()
        if len(self._leaders) + len(self._ended) <= 1:
            return everything
        leaders = {pid for pid, each in self._leaders.items() if each == stage}
        members: list[psutil.Process] = []
        for process in everything:
            with suppress(psutil.Error):
                if process.pid in leaders or process.environ().get(RUN_VARIABLE) == stage:
                    members.append(process)
        return members

    def _end_everything(self) -> None:
        deadline = time.monotonic() + FAREWELL_GRACE
        _signal(_descendants(), signal.SIGTERM)
        while _has_children():
            time.sleep(0.02)
            late = time.monotonic() > deadline
            # What was started after the first look gets its TERM too; what ignores it, KILL.
            _signal(_descendants(), signal.SIGKILL if late else signal.SIGTERM)

    def _reply(self, message: dict[str, Any]) -> None:
        with suppress(OSError):
            self._control.sendall(json.dumps(message).encode() + b"\n")


def _descendants() -> list[psutil.Process]:
    import psutil

    alive = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
    return alive


def _signal(processes: list[psutil.Process], number: int) -> None:
    import psutil

    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(number)
            if number == signal.SIGTERM:
                process.send_signal(signal.SIGCONT)  # a stopped process sees TERM only once it goes on


def _has_children() -> bool:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def become_subreaper() -> None:
    """On Linux, orphans among the descendants become children of this process."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main() -> None:
    """`python -m pressrun.engine.supervisor DESCRIPTOR`."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    become_subreaper()
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    Supervisor(control).serve()


if __name__ == "__main__":
    main()
