"""What a start does before anything else: it ends what a killed run left running and removes its half-made files."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress

from pressrun.store.database import Database
from pressrun.store.workspace import Workspace

OWNER_VARIABLE = "PRESSRUN_OWNER"


def owner_stamp() -> str:
    """Names this process in the environment of all it starts: pid, time of birth, and a random part."""
    return f"{os.getpid()}-{_birth(os.getpid())}-{secrets.token_hex(4)}"


def recover(workspace: Workspace) -> None:
    """Sweeps `workspace`. Safe beside other running batches: only what has lost its owner is touched."""
    Database(workspace.database).sweep()
    end_survivors()


def end_survivors() -> list[int]:
    """Ends processes of batches that are gone, with all below them; returns their pids.

    The supervisor ends its stages itself. This is for the case in which it was killed together with its batch.
    """
    import psutil

    ended = []
    own = psutil.Process().username()
    for process in psutil.process_iter(["username"]):
        with suppress(psutil.Error):
            if process.info["username"] != own or process.pid == os.getpid():
                continue
            owner = process.environ().get(OWNER_VARIABLE)
            if owner and not _is_alive(owner):
                process.kill()
                ended.append(process.pid)
    return ended


def _is_alive(owner: str) -> bool:
    pid, _, rest = owner.partition("-")
    birth = rest.partition("-")[0]
    return pid.isdigit() and _birth(int(pid)) == birth


def _birth(pid: int) -> str:
    import psutil

    try:
        return str(int(psutil.Process(pid).create_time() * 100))
    except psutil.Error:
        return ""
