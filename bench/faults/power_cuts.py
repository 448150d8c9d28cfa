"""Promise 2: what was acknowledged survives a power cut.

On a real ext4 in a file, mounted through a loop device and cut off by EXT4_IOC_SHUTDOWN without flushing its journal:
what was not fsynced is gone, as after a power cut. It needs root, Linux and loop devices; the simulated disk of
`bench.faults.simulated_disk` needs nothing and is cut at every single step.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from bench.faults.killed_writers import ACKNOWLEDGED, count_lost, write_until_killed
from bench.faults.mounts import ROOT
from bench.faults.simulated_disk import cut_everywhere
from bench.faults.trial import PROJECT, partial_files
from bench.report import Figure
from pressrun.engine.survivors import recover
from pressrun.errors import PressrunError
from pressrun.store.database import Database
from pressrun.store.workspace import Workspace

WRITERS = 3
SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN, _IOR('X', 125, __u32) of fs/ext4/ext4.h."""
WITHOUT_FLUSH = 2
"""EXT4_GOING_FLAGS_NOLOGFLUSH: not even the journal is written any more."""
MOUNT = "loop,noauto_da_alloc,commit=300"
"""Nothing reaches the disk by itself, nor by ext4's guess that a rename wants its data flushed."""
TOOLS = ("mkfs.ext4", "mount", "umount", "unshare")


@dataclass(frozen=True)
class Cuts:
    cuts: int
    acknowledged: int = 0
    lost: int = 0
    torn: int = 0
    partial_files: int = 0


def real_figures(cuts: int) -> list[Figure]:
    """Raises `RuntimeError` with the reason where a real disk cannot be cut off."""
    if reason := why_not():
        raise RuntimeError(reason)
    with tempfile.TemporaryDirectory() as folder:
        argv = [*ROOT, sys.executable, "-m", "bench.faults.power_cuts", folder, str(cuts)]
        output = subprocess.run(
            argv, check=True, capture_output=True, timeout=60 + 10 * cuts, text=True, cwd=PROJECT
        )
    seen = Cuts(**json.loads(output.stdout))
    return [
        Figure("2 power cuts of a real disk", seen.cuts, "", required=cuts, at_most=False),
        Figure("2 updates acknowledged", seen.acknowledged, "", required=cuts, at_most=False),
        Figure("2 acknowledged updates lost", seen.lost, "", required=0),
        Figure("2 torn files", seen.torn, "", required=0),
        Figure("2 temporary files left after the next start", seen.partial_files, "", required=0),
    ]


def simulated_figures(updates: int) -> list[Figure]:
    states, wrong = cut_everywhere(updates)
    return [
        Figure("2 states of a simulated disk after a cut", states, "", required=10 * updates, at_most=False),
        Figure("2 of them torn, or without what was acknowledged", wrong, "", required=0),
    ]


def figures(cuts: int, simulated_updates: int) -> list[Figure]:
    """Both; where a real disk cannot be cut off, that is reported on standard error."""
    try:
        real = real_figures(cuts)
    except RuntimeError as reason:
        print(f"Promise 2, skipped: {reason}. The simulated disk takes its place.", file=sys.stderr)
        real = []
    return [*real, *simulated_figures(simulated_updates)]


@cache
def why_not() -> str:
    """Why no real disk can be cut off here, or the empty string."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a disk can be cut off only by root on Linux"
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        return f"{', '.join(missing)} not found"
    with tempfile.TemporaryDirectory() as folder:
        disk = _make_disk(Path(folder))
        mount = subprocess.run(
            [*ROOT, "mount", "-o", MOUNT, str(disk), folder], capture_output=True, text=True, check=False
        )
    return "" if mount.returncode == 0 else f"no loop device can be mounted ({mount.stderr.strip()})"


def cut(folder: Path, cuts: int, chance: random.Random) -> Cuts:
    disk, place = _make_disk(folder), folder / "mounted"
    place.mkdir()
    workspace, log = place / "workspace", folder / ACKNOWLEDGED
    torn = 0
    for number in range(cuts):
        _run("mount", "-o", MOUNT, str(disk), str(place))
        workspace.mkdir(exist_ok=True)
        if number == 0:
            os.sync()
        torn += _is_torn(workspace)
        recover(Workspace(workspace))
        writers = [_fork(workspace, log, f"Book {number}-{each}") for each in range(WRITERS)]
        time.sleep(chance.uniform(0.05, 0.4))
        _cut_off(place)
        for pid in writers:
            os.waitpid(pid, 0)
        _run("umount", str(place))
    _run("mount", "-o", MOUNT, str(disk), str(place))
    torn += _is_torn(workspace)
    recover(Workspace(workspace))
    acknowledged, lost = count_lost(log, workspace / "database.json")
    left = len(partial_files(workspace))
    _run("umount", str(place))
    return Cuts(cuts, acknowledged, lost, torn, left)


def _make_disk(folder: Path) -> Path:
    disk = folder / "disk"
    with disk.open("wb") as file:
        file.truncate(24 * 1024 * 1024)
    _run("mkfs.ext4", "-q", str(disk))
    return disk


def _fork(workspace: Path, log: Path, title: str) -> int:
    """A writer that ends when its disk does."""
    if pid := os.fork():
        return pid
    try:
        write_until_killed(workspace, log, title)
    except (OSError, PressrunError):
        os._exit(0)
    finally:
        os._exit(1)


def _cut_off(place: Path) -> None:
    import fcntl

    descriptor = os.open(place, os.O_RDONLY)
    fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", WITHOUT_FLUSH))
    os.close(descriptor)


def _is_torn(workspace: Path) -> bool:
    try:
        Database(workspace / "database.json").books()
        Database(workspace / "database.json.bak").books()
    except PressrunError:
        return True
    return False


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)


if __name__ == "__main__":
    print(json.dumps(asdict(cut(Path(sys.argv[1]), int(sys.argv[2]), random.Random(2)))))
