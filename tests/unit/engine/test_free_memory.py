from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from pressrun.engine.free_memory import count_memory_kills, free_memory

MEGABYTE = 1 << 20


@pytest.fixture
def cgroups(tmp_path: Path) -> Path:
    """A machine on which this process belongs to the group `/night/batch`."""
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").write_text("1:name=systemd:/\n0::/night/batch\n")
    (tmp_path / "cgroup" / "night" / "batch").mkdir(parents=True)
    return tmp_path / "cgroup"


def limit(group: Path, most: str, current: int, cache: int) -> None:
    (group / "memory.max").write_text(f"{most}\n")
    (group / "memory.current").write_text(f"{current * MEGABYTE}\n")
    (group / "memory.stat").write_text(f"anon 5\ninactive_file {cache * MEGABYTE}\n")


def free(cgroups: Path) -> int:
    return free_memory(cgroups.with_name("proc"), cgroups)


def test_without_a_limit_the_system_is_believed(cgroups: Path) -> None:
    limit(cgroups / "night" / "batch", "max", 7, 0)
    assert free(cgroups) == pytest.approx(psutil.virtual_memory().available // MEGABYTE, rel=0.5)


def test_no_more_is_free_than_a_container_allows_and_its_cache_counts_as_free(cgroups: Path) -> None:
    limit(cgroups / "night" / "batch", str(40 * MEGABYTE), 30, 5)
    assert free(cgroups) == 15


def test_the_limit_of_a_group_above_holds_too(cgroups: Path) -> None:
    limit(cgroups / "night" / "batch", str(40 * MEGABYTE), 30, 5)
    limit(cgroups / "night", str(50 * MEGABYTE), 48, 0)
    assert free(cgroups) == 2


def test_a_group_above_its_limit_has_nothing_left(cgroups: Path) -> None:
    limit(cgroups / "night", str(5 * MEGABYTE), 6, 0)
    assert free(cgroups) == 0


def test_a_machine_without_groups_is_not_a_problem(tmp_path: Path) -> None:
    assert free_memory(tmp_path, tmp_path) > 0


def test_processes_killed_for_lack_of_memory_are_counted(tmp_path: Path) -> None:
    assert count_memory_kills(tmp_path) == 0
    (tmp_path / "vmstat").write_text("nr_free_pages 81\noom_kill 3\nnr_unstable 0\n")
    assert count_memory_kills(tmp_path) == 3
