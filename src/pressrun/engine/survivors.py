"""Processes that outlive what started them, found by the stamps in their environment."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

OWNER_VARIABLE = "PRESSRUN_OWNER"
RUN_VARIABLE = "PRESSRUN_RUN_ID"
PATIENCE = 2.0
"""Seconds to wait for killed processes to be gone."""


def owner_stamp(workspace: Path) -> str:
    """Names this process and its workspace in the environment of all it starts.

    The parts: workspace, machine and pid namespace, pid, time of birth, and a random part. Whether an owner lives is
    judged only by a process of the same workspace, boot and namespace, for which the pid means the same.
    """
    return f"{_scope(workspace)}-{os.getpid()}-{_birth(os.getpid())}-{secrets.token_hex(4)}"


def end_survivors(workspace: Path) -> list[int]:
    """Ends what batches of `workspace` left running when they were killed together with their supervisor.

    A supervisor that lives ends its stages itself. Returns the pids.
    """
    scope = _scope(workspace)
    orphans = []
    for process, owner in _stamped(OWNER_VARIABLE):
        of, _, rest = owner.partition("-")
        pid, birth, *_ = [*rest.split("-"), ""]
        if of == scope and pid.isdigit() and _birth(int(pid)) != birth:
            orphans.append(process)
    return _kill(orphans)


def end_run(run_id: str) -> list[int]:
    """Ends everything that was started for one attempt of a stage; for when its supervisor is gone."""
    return _kill([process for process, stamp in _stamped(RUN_VARIABLE) if stamp == run_id])


def _stamped(variable: str) -> list[tuple[psutil.Process, str]]:
    """This user's other processes that carry `variable`, with its value."""
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
    import psutil

    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    deadline = time.monotonic() + PATIENCE
    while any(_lives(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.01)
    return [process.pid for process in processes]


def _lives(process: psutil.Process) -> bool:
    import psutil

    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _scope(workspace: Path) -> str:
    """A digest of workspace, boot and pid namespace."""
    parts = [str(workspace.resolve())]
    with suppress(OSError):
        parts += [Path("/proc/sys/kernel/random/boot_id").read_text(), str(Path("/proc/self/ns/pid").readlink())]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _birth(pid: int) -> str:
    """When a process began, as its kernel counts, or the empty string when it is not there.

    On Linux in clock ticks since boot (proc_pid_stat(5), field 22), which a change of the clock leaves alone;
    elsewhere in seconds of the clock at that time.
    """
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
        except OSError:
            return ""
    import psutil

    try:
        return str(int(psutil.Process(pid).create_time()))
    except psutil.Error:
        return ""
