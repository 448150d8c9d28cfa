"""kill -9 at every request: what another machine finds is what was kept last, whole."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.job_harness import JobHarness
from tests.loopback.bucket import BUCKET, Bucket, BucketRequest

from pressrun.kinds.run_store.folders import item_id
from pressrun.kinds.run_store.location import parse_location
from pressrun.kinds.run_store.store import RunStore, run_store_for
from pressrun.model.book import Book
from pressrun.store import run_folder
from pressrun.store.run_folder import RunFolder, StageRecord, measure
from pressrun.store.workspace import Workspace
from pressrun.testing.pipeline import TINY

PLACE = f"s3://{BUCKET}/runs"
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "obstore.store"])
"""What is killed is a fork of a process that has all modules and no thread yet."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with Bucket() as bucket:
        for name, value in bucket.environment.items():
            monkeypatch.setenv(name, value)
        yield bucket


def open_run_store(harness: JobHarness) -> RunStore:
    return run_store_for(harness.next_attempt({}), parse_location(harness.workspace, PLACE))


def read(path: Path | None) -> RunFolder:
    assert path is not None
    return run_folder.read(path, TINY.names)


def do_stage(folder: RunFolder, stage: str, product: str, body: bytes) -> RunFolder:
    (folder.path / product).write_bytes(body)
    folder.log(stage).write_text(f"{stage} was here")
    return folder.save({stage: "success"}, {stage: StageRecord(outputs={product: measure(folder.path / product)})})


def first_attempt(root: Path) -> JobHarness:
    """A job whose first attempt has kept a folder with one stage done."""
    harness = JobHarness(root / "first")
    store = open_run_store(harness)
    assert store.fetch() is None
    workspace = Workspace(harness.workspace)
    folder = run_folder.create(workspace, Book("Emma"), "tiny", TINY.names, {}, {}, item_id=item_id("spring", 7))
    harness.set_run_folder(f"runs/{folder.path.name}")
    store.start(folder)
    store.save(do_stage(folder, "tts", "voice.wav", b"voice" * 1000))
    return harness


def second_attempt(workspace: Path, run_folder: str, environment: dict[str, str]) -> None:
    """Goes on in the folder, does one stage and keeps it."""
    os.environ.update(environment)
    store = open_run_store(JobHarness(workspace, attempt=1, run_folder=run_folder))
    store.save(do_stage(read(store.fetch()), "render", "video.mp4", bytes(range(256)) * (23 << 10)))


def killed(bucket: Bucket, harness: JobHarness, at: int, *, after: bool) -> int:
    """Has another machine do the second attempt and kills it at its request number `at`; how many there were."""
    second = harness.workspace.parent / "second"
    second.mkdir()
    child = FORKS.Process(target=second_attempt, args=(second, harness.run_folder, bucket.environment))
    started = threading.Event()
    asked = 0

    def kill(_: BucketRequest, when: str) -> None:
        nonlocal asked
        asked += when == "before"
        if asked == at and (when == "after") is after:
            # The first request may come before `start` knows the process.
            started.wait(10)
            child.kill()
            raise ConnectionAbortedError

    bucket.watch = kill
    child.start()
    started.set()
    child.join(60)
    assert child.exitcode == (-signal.SIGKILL if asked >= at else 0)
    bucket.watch = None
    return asked


def is_whole(folder: RunFolder) -> bool:
    """Whether everything that the checkpoint says is there as it was made."""
    done = [name for name, state in folder.checkpoint.items() if state == "success"]
    outputs = [output for stage in done for output in folder.record(stage).outputs.items()]
    return all(measure(folder.path / name) == output for name, output in outputs)


def test_a_worker_killed_at_any_request_leaves_a_whole_folder(bucket: Bucket, tmp_path: Path) -> None:
    seen, at, last = [], 0, False
    while not last:
        at += 1
        bucket.clear()
        harness = first_attempt(tmp_path / f"{at}")
        last = killed(bucket, harness, at, after=False) < at
        third = JobHarness(tmp_path / f"{at}" / "third", attempt=2, run_folder=harness.run_folder)
        store = open_run_store(third)
        folder = read(store.fetch())
        assert is_whole(folder)
        assert folder.checkpoint["tts"] == "success"
        seen.append(folder.checkpoint["render"])
        store.finish(folder)
        assert len(bucket.objects()) == len([path for path in folder.path.rglob("*") if path.is_file()]) + 1
    # Only the last request of all, which writes the manifest, makes the second stage known.
    assert set(seen[:-1]) == {None}
    assert seen[-1] == "success"
    assert at > 15


def test_a_worker_killed_before_it_hears_that_the_folder_is_kept_has_kept_it(bucket: Bucket, tmp_path: Path) -> None:
    requests = killed(bucket, first_attempt(tmp_path / "count"), 1000, after=True)
    bucket.clear()
    harness = first_attempt(tmp_path / "kill")
    killed(bucket, harness, requests, after=True)
    third = JobHarness(tmp_path / "kill" / "third", attempt=2, run_folder=harness.run_folder)
    folder = read(open_run_store(third).fetch())
    assert is_whole(folder)
    assert folder.checkpoint["render"] == "success"


def test_what_a_killed_fetch_left_is_gone_after_the_next(bucket: Bucket, tmp_path: Path) -> None:
    harness = first_attempt(tmp_path)
    killed(bucket, harness, 7, after=True)
    runs = tmp_path / "second" / "runs"
    assert [path.name for path in runs.iterdir() if path.name.endswith(".part")]
    second = JobHarness(tmp_path / "second", attempt=2, run_folder=harness.run_folder)
    folder = read(open_run_store(second).fetch())
    assert is_whole(folder)
    assert list(runs.iterdir()) == [folder.path]
