"""What has expired is removed, with its files, and nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.manual_worker import ClaimedJob, ManualWorker, new_batch
from tests.run_files import make_run_folder, report_files

from pressrun.errors import SettingsError
from pressrun.jobs.connection import Queue, open_pool
from pressrun.jobs.queries import events, get_batch, list_batches
from pressrun.kinds import retention
from pressrun.kinds.retention import Retention, find_expired, remove_expired
from pressrun.kinds.run_store.location import parse_location


@pytest.fixture
def queue(database_url: str) -> Iterator[Queue]:
    with open_pool(database_url) as pool:
        yield Queue(pool, "ann")


class Setting:
    """A batch that ended ten days ago, one that ended today, and one that has not; each with a run folder."""

    def __init__(self, queue: Queue, worker: ManualWorker, root: Path) -> None:
        self.queue, self.location = queue, parse_location(root, "")
        self.batches = [new_batch(queue, 1) for _ in range(3)]
        self.jobs: list[ClaimedJob] = []
        for _ in self.batches:
            job = worker.claim()
            assert job
            report_files(worker, job, make_run_folder(root / "runs", job, {"video.mp4": b"film"}))
            self.jobs.append(job)
        for job in self.jobs[:2]:
            worker.finish(job)
        worker.execute(
            "UPDATE batches SET finished_at = now() - interval '10 days' WHERE id = %s", self.batches[0]
        )

    @property
    def folders(self) -> list[int]:
        """Return the numbers of the batches whose run folders are still there."""
        runs = self.location.workspace.runs
        return [number for number, job in enumerate(self.jobs) if (runs / f"job-{job.id}").is_dir()]

    def remove(self, database_url: str, kept: Retention, **options: Any) -> int:
        with retention.open_connection(database_url) as connection:
            expired = find_expired(connection, self.location, kept, **options)
            return remove_expired(connection, self.location, expired, kept)


@pytest.fixture
def setting(queue: Queue, database_url: str, tmp_path: Path) -> Iterator[Setting]:
    with ManualWorker(database_url) as worker:
        yield Setting(queue, worker, tmp_path)


def test_batches_go_with_their_files(setting: Setting, database_url: str) -> None:
    assert setting.remove(database_url, Retention(batches=7)) > 0
    assert {row["id"] for row in list_batches(setting.queue).rows} == set(setting.batches[1:])
    assert setting.folders == [1, 2]


def test_files_go_and_the_batch_stays(setting: Setting, database_url: str) -> None:
    assert setting.remove(database_url, Retention(files=7)) > 0
    assert setting.folders == [1, 2]
    assert get_batch(setting.queue, setting.batches[0])["completed"] == 1
    assert setting.remove(database_url, Retention(files=7)) == 0


def test_events_go_except_those_of_the_batch_itself(setting: Setting, database_url: str) -> None:
    before = len(events(setting.queue, setting.batches[1]))
    setting.remove(database_url, Retention(events=7))
    assert {each["kind"] for each in events(setting.queue, setting.batches[0])} == {
        "batch_created", "batch_running", "batch_completing", "batch_completed",
    }  # fmt: skip
    assert len(events(setting.queue, setting.batches[1])) == before


def test_nothing_expires_unless_it_is_requested(setting: Setting, database_url: str) -> None:
    assert setting.remove(database_url, Retention(batches=11, files=11, events=11)) == 0
    assert setting.folders == [0, 1, 2]


def test_run_folders_without_a_job_are_orphans_once_they_are_old(
    setting: Setting, database_url: str, tmp_path: Path
) -> None:
    for number, name in ((901, "old"), (902, "young")):
        make_run_folder(tmp_path / "runs", ClaimedJob(number, 1, 1, "bj_gone"), {"video.mp4": b"film"})
        (tmp_path / "runs" / f"job-{number}").rename(tmp_path / "runs" / name)
    os.utime(tmp_path / "runs" / "old" / "item.json", (time.time() - 7200,) * 2)
    for job in setting.jobs:
        os.utime(tmp_path / "runs" / f"job-{job.id}" / "item.json", (time.time() - 7200,) * 2)
    setting.remove(database_url, Retention(), orphans=True)
    assert setting.folders == [0, 1, 2]
    assert not (tmp_path / "runs" / "old").exists()
    assert (tmp_path / "runs" / "young").exists()


def test_days_come_from_the_environment() -> None:
    assert Retention.from_environment({"PRESSRUN_KEEP_FILES": "1.5"}) == Retention(files=1.5)
    assert not Retention.from_environment({})
    for value in ("soon", "-1", "nan", "99999"):
        with pytest.raises(SettingsError, match="PRESSRUN_KEEP_EVENTS"):
            Retention.from_environment({"PRESSRUN_KEEP_EVENTS": value})
