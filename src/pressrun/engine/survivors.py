"""Processes that outlive what started them, found by stamps in their environment."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.clock import awake_time

if TYPE_CHECKING:
    import psutil

    from pressrun.store.workspace import Workspace

OWNER_VARIABLE = "PRESSRUN_OWNER"
"""In the environment of a supervisor and everything below it: the stamp of the process that started it."""
RUN_VARIABLE = "PRESSRUN_RUN_ID"
"""In the environment of a stage and everything below it: which attempt it is."""
KILL_TIMEOUT = 2.0
"""Seconds to wait for killed processes to be gone."""


def recover(workspace: Workspace) -> None:
    """End what a killed run left running, and remove its partial files.

    It is safe while other batches run: only what has lost its owner is touched.
    """
    from pressrun.store.database import Database  # the supervisor imports this module, and needs no database

    Database(workspace.database).remove_partials()
    kill_survivors(workspace.root)


def owner_stamp(workspace: Path) -> str:
    """Return the stamp of this process for everything it starts in `workspace`.

    The parts: a digest of workspace, boot and pid namespace, the pid, the start time of the process, and a random
    part. Pids are reused, and mean nothing in another container or after a reboot, so `kill_survivors` considers only
    stamps with its own digest, and compares the start time.
    """
    return f"{_scope(workspace)}-{os.getpid()}-{_start_time(os.getpid())}-{secrets.token_hex(4)}"


def kill_survivors(workspace: Path) -> list[int]:
    """Kill what batches of `workspace` left running when they were killed together with their supervisor.

    A supervisor that is alive ends its stages itself. Returns the pids.
    """
    scope = _scope(workspace)
    orphans = []
    for process, owner in _stamped_processes(OWNER_VARIABLE):
        of, _, rest = owner.partition("-")
        pid, started, *_ = [*rest.split("-"), ""]
        if of == scope and pid.isdigit() and _start_time(int(pid)) != started:
            orphans.append(process)
    return _kill(orphans)


def kill_run(run_id: str) -> list[int]:
    """Kill everything that was started for one attempt of a stage, because its supervisor is gone."""
    return _kill([process for process, stamp in _stamped_processes(RUN_VARIABLE) if stamp == run_id])


def _stamped_processes(variable: str) -> list[tuple[psutil.Process, str]]:
    """Return this user's other processes that have `variable` in their environment, with its value."""
    import psutil

    found = []
    own = psutil.Process().username()
    for process in psutil.process_iter(["username"]):
        with suppress(psutil.Error):
            if process.info["username"] == own and process.pid != os.getpid():
                stamp = process.environ().get(variable)
                if stamp:
                    found.append((process, stamp))
    return found


def _kill(processes: list[psutil.Process]) -> list[int]:
    """Kill and wait, because the caller is about to work in the folder that they write to."""
    import psutil

    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    deadline = awake_time() + KILL_TIMEOUT
    while any(_is_alive(process) for process in processes) and awake_time() < deadline:
        time.sleep(0.01)
    return [process.pid for process in processes]


def _is_alive(process: psutil.Process) -> bool:
    """Return whether a process still runs. A zombie does not, and stays one until its parent collects it."""
    import psutil

    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _scope(workspace: Path) -> str:
    """Return a digest of workspace, boot and pid namespace."""
    parts = [str(workspace.resolve())]
    with suppress(OSError):
        parts += [Path("/proc/sys/kernel/random/boot_id").read_text(), str(Path("/proc/self/ns/pid").readlink())]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _start_time(pid: int) -> str:
    """Return the start time of a process, or an empty string if it does not exist.

    On Linux in clock ticks since boot (proc_pid_stat(5), field 22), because those do not change when someone sets the
    clock; elsewhere in seconds of the clock at that time.
    """
    if sys.platform == "linux":
        try:
            # The name of the program, in parentheses, may itself contain spaces and parentheses.
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
        except OSError:
            return ""
    import psutil

    try:
        return str(int(psutil.Process(pid).create_time()))
    except psutil.Error:
        return ""
