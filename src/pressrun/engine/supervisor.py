"""The supervisor process: starts the stages of one worker and leaves nothing behind, however the worker ends.

It has a session of its own, so a Ctrl+C in the terminal does not reach it. On Linux it is the subreaper of everything
it starts: a process whose parent dies becomes its child, and cannot escape by daemonizing. It holds one end of a
socket; only the worker's process holds the other. If that process dies, even by SIGKILL, the kernel closes the socket,
and the supervisor ends every descendant: SIGTERM, a moment of grace, SIGKILL.

Requests are JSON lines: `{"do": "start", "id", "argv", "env", "events"}` with two descriptors, for the output and the
events of the stage (number `events` in the stage itself), and `{"do": "end", "id", "grace"}`. Replies:
`{"id", "exit", "seconds", "peak"}` (MB of memory) when a stage and everything it started have ended, `{"id", "error"}`
if it could not be started, and `{"id", "pid", "suspended"}` when a signal from outside stopped or continued it.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.clock import awake_time
from pressrun.engine.survivors import RUN_VARIABLE

if TYPE_CHECKING:
    import psutil

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
EXIT_GRACE = 1.0
"""Seconds between SIGTERM and SIGKILL for what a stage leaves behind, and for everything when the worker is gone."""
POLL_INTERVAL = 0.05
"""Seconds between two checks while something is asked to end."""
_KILL_CALLS = {
    "x86_64": {62: 1, 200: 1, 234: 2},
    "aarch64": {129: 1, 130: 1, 131: 2},
}
"""Machine -> number of kill, tkill and tgkill -> position of the signal among the arguments."""
_MEGABYTE = 1 << 20
_STOP_SIGNALS = (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)


class Supervisor:
    """The stages of one worker. The id of a stage is its run id, which is also its stamp in the environment."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._buffer = b""
        self._descriptors: list[int] = []
        self._leaders: dict[int, str] = {}
        """pid of the first process of a stage -> id."""
        self._ending: dict[str, float] = {}
        """id -> when SIGTERM turns into SIGKILL, in seconds of `awake_time`."""
        self._worked: dict[str, float] = {}
        """id -> when the stage started, in seconds of `awake_time`, later by the time it was suspended."""
        self._suspended: dict[str, float] = {}
        """id -> since when the stage is suspended, in seconds of `awake_time`."""
        self._ended: dict[str, dict[str, Any]] = {}
        """id -> the reply for a stage whose first process has ended; it is sent when the others have, too."""

    def serve(self) -> None:
        """Serve until the worker closes the socket, then end everything."""
        # SIGCHLD must wake up the select. Python's handler does not do that; the wakeup descriptor does.
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
                ready = {key.fileobj for key, _ in selector.select(POLL_INTERVAL if self._ending else None)}
                if wake_read in ready:
                    with suppress(BlockingIOError):
                        os.read(wake_read, 4096)
                if self._control in ready:
                    alive = self._receive()
                self._reap()
                self._enforce_termination()
        self._end_everything()

    def _receive(self) -> bool:
        """Handle what the worker sent; return False when it is gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, 1 << 16, 64)
        except OSError:
            return False
        for descriptor in descriptors:
            # Received descriptors are inheritable. Another stage that held them would keep these pipes open.
            os.set_inheritable(descriptor, False)
        self._descriptors += descriptors
        self._buffer += data
        while b"\n" in self._buffer:
            line, self._buffer = self._buffer.split(b"\n", 1)
            request = json.loads(line)
            if request["do"] == "start":
                self._start(request)
            elif request["id"] not in self._ended:
                self._terminate(request["id"], float(request["grace"]))
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
                    (os.POSIX_SPAWN_DUP2, events, request["events"]),
                ],
                setsid=True,
                setsigmask=[],
                setsigdef=[signal.SIGPIPE, signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT],
            )
            self._leaders[pid] = request["id"]
            self._worked[request["id"]] = awake_time()
        except OSError as error:
            self._reply({"id": request["id"], "error": f"{argv[0]}: {error.strerror}"})
        finally:
            os.close(output)
            os.close(events)

    def _reap(self) -> None:
        """Collect ended processes, and reply for stages that left none behind."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            except ChildProcessError:
                none_left = True
                break
            if pid == 0:
                none_left = False
                break
            if os.WIFSTOPPED(status) or os.WIFCONTINUED(status):
                self._note_suspension(pid, os.WIFSTOPPED(status))
            elif stage := self._leaders.pop(pid, None):
                self._note_resumption(stage)
                seconds = awake_time() - self._worked.pop(stage)
                # In kilobytes on Linux, in bytes on macOS.
                peak = usage.ru_maxrss // (_MEGABYTE if sys.platform == "darwin" else 1024)
                self._ended[stage] = {
                    "id": stage, "exit": os.waitstatus_to_exitcode(status), "seconds": seconds, "peak": peak
                }
                self._ending.setdefault(stage, awake_time() + EXIT_GRACE)
        for stage in [each for each in self._ended if none_left or not self._processes_of(each)]:
            self._ending.pop(stage, None)
            self._reply(self._ended.pop(stage))

    def _note_suspension(self, pid: int, stopped: bool) -> None:
        """Report that the first process of a stage was stopped or continued.

        A stage that stops itself counts as working: nobody is going to continue it, so its time limit has to end it.
        """
        stage = self._leaders.get(pid)
        if stage is None or stage in self._ending:
            return
        if not stopped:
            self._note_resumption(stage)
        elif stage not in self._suspended and not _stopped_itself(pid):
            self._suspended[stage] = awake_time()
        else:
            return
        self._reply({"id": stage, "pid": pid, "suspended": stopped})

    def _note_resumption(self, stage: str) -> None:
        if stage in self._suspended:
            self._worked[stage] += awake_time() - self._suspended.pop(stage)

    def _terminate(self, stage: str, grace: float) -> None:
        """Send SIGTERM to a stage and everything it started; SIGKILL follows after `grace` seconds."""
        self._ending[stage] = awake_time() + grace
        _signal(self._processes_of(stage), signal.SIGTERM if grace > 0 else signal.SIGKILL)

    def _enforce_termination(self) -> None:
        """Send SIGTERM to what an ended stage left behind, SIGKILL to what outlives its grace."""
        now = awake_time()
        for stage, deadline in list(self._ending.items()):
            if now >= deadline:
                _signal(self._processes_of(stage), signal.SIGKILL)
            elif stage in self._ended:
                _signal(self._processes_of(stage), signal.SIGTERM)

    def _processes_of(self, stage: str) -> list[psutil.Process]:
        """Return the living processes of a stage, in whatever session: those stamped with its id, and its first one."""
        import psutil

        everything = _descendants()
        if len(self._leaders) + len(self._ended) <= 1:
            return everything  # also a process that cleared its environment
        leaders = {pid for pid, each in self._leaders.items() if each == stage}
        members: list[psutil.Process] = []
        for process in everything:
            with suppress(psutil.Error):
                if process.pid in leaders or process.environ().get(RUN_VARIABLE) == stage:
                    members.append(process)
        return members

    def _end_everything(self) -> None:
        deadline = awake_time() + EXIT_GRACE
        _signal(_descendants(), signal.SIGTERM)
        while _has_children():
            time.sleep(0.02)
            late = awake_time() > deadline
            # What was started after the first look gets its SIGTERM too; what ignores it, SIGKILL.
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
                process.send_signal(signal.SIGCONT)  # a stopped process handles SIGTERM only when it continues


def _stopped_itself(pid: int) -> bool:
    """Return whether a stopped process sent the signal itself, which only Linux reveals: it is still in that call."""
    calls = _KILL_CALLS.get(platform.machine(), {})
    try:
        call, *arguments = Path(f"/proc/{pid}/syscall").read_text().split()
        position = calls[int(call)]
        receiver, number = int(arguments[0], 16), int(arguments[position], 16)
    except (OSError, ValueError, LookupError):
        return False
    # 0 and the negative of its id, as the kernel passes it on, are its process group: a stage leads its own.
    return receiver in (pid, 0, -pid % (1 << 32), -pid % (1 << 64)) and number in _STOP_SIGNALS


def _has_children() -> bool:
    """Collect ended processes, and return whether any process is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def become_subreaper() -> None:
    """On Linux, make orphans among the descendants children of this process."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main() -> None:
    """Run `python -m pressrun.engine.supervisor DESCRIPTOR`."""
    # Only the end of the socket may end it, or the stages would lose their supervisor with the first Ctrl+C.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    become_subreaper()
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    Supervisor(control).serve()


if __name__ == "__main__":
    main()
