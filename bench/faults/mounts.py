"""Small disks of our own, where the machine allows them. They live in a mount namespace that ends with its process."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

ANY_USER = ("unshare", "--user", "--map-root-user", "--mount")
ROOT = ("unshare", "--mount", "--propagation", "private")


@cache
def way_to_mount(*mount: str) -> tuple[str, ...]:
    """The command under which `mount` works, or nothing where none does: in a container, on another system."""
    if sys.platform == "linux" and shutil.which("unshare"):
        for way in (ROOT, ANY_USER):
            if subprocess.run([*way, "--", *mount], capture_output=True, check=False).returncode == 0:
                return way
    return ()


def way_to_a_small_disk() -> tuple[str, ...]:
    """The command under which a tmpfs can be mounted, or nothing."""
    return way_to_mount("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt")


def mount_small_disk(folder: Path, kib: int) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)], check=True)
