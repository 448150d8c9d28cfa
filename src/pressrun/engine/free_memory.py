"""The memory a stage can use: what the system has free, but not more than the limit of a container.

If there is too little, the kernel kills a process and counts that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_MEGABYTE = 1 << 20


def free_memory(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> int:
    """Return the MB that can be used without swapping: psutil's `available`, or less if a cgroup limits it.

    A container sees the memory of the whole machine, so without the cgroup a stage would be started and then killed.
    The files are those of version 2: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files.
    """
    import psutil

    return min([int(psutil.virtual_memory().available), *_left_in_groups(proc, cgroups)]) // _MEGABYTE


def count_memory_kills(proc: Path = Path("/proc")) -> int:
    """Return how many processes the kernel has killed for lack of memory since it started; 0 if it does not count."""
    with suppress(OSError, ValueError):
        for line in (proc / "vmstat").read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
    return 0


def _left_in_groups(proc: Path, cgroups: Path) -> Iterator[int]:
    """Yield the bytes left in each group above this process that has a limit."""
    with suppress(OSError):
        for line in (proc / "self" / "cgroup").read_text().splitlines():
            number, _, path = line.split(":", 2)
            if number == "0":
                group = cgroups / path.lstrip("/")
                for each in (group, *group.parents):
                    if each.is_relative_to(cgroups):
                        yield from _left_in(each)


def _left_in(group: Path) -> Iterator[int]:
    with suppress(OSError, ValueError):
        limit = int((group / "memory.max").read_text())  # "max" without a limit
        used = int((group / "memory.current").read_text())
        for line in (group / "memory.stat").read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == "inactive_file":  # the page cache, given back when it is needed
                used -= int(value)
        yield max(0, limit - used)
