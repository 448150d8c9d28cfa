"""Files that are not on the disk of the API: in a bucket, or uploaded by a worker on another machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.loopback.bucket import BUCKET, Bucket
from tests.loopback.queue_api import KEY
from tests.manual_worker import ClaimedJob, ManualWorker
from tests.run_files import make_run_folder, report_files, sample
from tests.unit.api.client import ApiClient, refused

from pressrun.engine.stop import StopToken
from pressrun.jobs.handler import JobContext, JobReport
from pressrun.jobs.signing import LinkSigner
from pressrun.kinds.run_store.api_store import ApiRunStore, upload_address
from pressrun.kinds.run_store.manifest import Manifest, ManifestEntry
from pressrun.store import json_files
from pressrun.store.run_folder import Item, RunFolder
from pressrun.store.workspace import Workspace

VIDEO = sample(3_000_000)


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with Bucket() as bucket:
        yield bucket


@pytest.fixture
def api(serve: Callable[..., ApiClient]) -> ApiClient:
    return serve()


class Machine:
    """A worker with a workspace of its own, and one job with a video in it."""

    def __init__(self, api: ApiClient, worker: ManualWorker, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.batch = api.new()
        job = worker.claim()
        assert job
        self.job: ClaimedJob = job
        self.files = make_run_folder(root / "runs", job, {"video.mp4": VIDEO, "thumbnail.jpg": b"jpg"})
        report_files(worker, job, self.files)
        self.path = root / "runs" / f"job-{job.id}"
        self.warnings: list[str] = []
        self.root, self.address = root, str(api.client.base_url).rstrip("/")
        monkeypatch.setenv("PRESSRUN_API_SECRET", KEY.reveal())
        monkeypatch.setattr("pressrun.kinds.run_store.api_store.retry_delay", lambda tries: 0.01)

    def store(self) -> ApiRunStore:
        def report(told: JobReport) -> None:
            self.warnings.append(told.message)

        context = JobContext(
            self.job.id, self.job.attempt, self.batch, "ann", None, self.job.position, 5, "ideas", "idea-video", "Idea",
            {}, {}, {}, self.root, None, StopToken(), lambda: True, lambda name: None, report,
        )
        return ApiRunStore(context, Workspace(self.root), self.address)

    @property
    def folder(self) -> RunFolder:
        return RunFolder(self.path, json_files.load(self.path / "item.json", Item), {}, {})


@pytest.fixture
def machine(api: ApiClient, worker: ManualWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(api, worker, tmp_path / "elsewhere", monkeypatch)


def test_a_worker_elsewhere_uploads_its_files_once(api: ApiClient, machine: Machine) -> None:
    path = f"/{machine.batch}/items/1/files"
    assert [each["available"] for each in api.get(path)["files"]] == [False, False]
    machine.store().save(machine.folder)
    assert machine.warnings == []
    assert [each["available"] for each in api.get(path)["files"]] == [True, True]
    assert api.ask("GET", f"{path}/video.mp4").content == VIDEO
    received = {file: file.stat().st_mtime_ns for file in (api.workspace / "runs").rglob("*") if file.is_file()}
    assert machine.store().finish(machine.folder) == ""
    assert {file: file.stat().st_mtime_ns for file in received} == received


def test_an_upload_with_other_content_is_rejected_and_leaves_nothing(api: ApiClient, machine: Machine) -> None:
    (machine.path / "video.mp4").write_bytes(VIDEO[::-1])
    assert "status 422" in machine.store().finish(machine.folder)
    (video, thumbnail) = api.get(f"/{machine.batch}/items/1/files")["files"]
    assert (video["available"], thumbnail["available"]) == (False, False)
    assert not [file for file in (api.workspace / "runs").rglob("*") if file.is_file()]


def test_a_worker_with_another_secret_is_told_so(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_API_SECRET", "e" * 32)
    warning = machine.store().finish(machine.folder)
    assert "rejects the signature" in warning
    assert machine.warnings == [warning]


def test_an_api_that_is_down_is_a_warning_and_no_error(machine: Machine) -> None:
    machine.address = "http://127.0.0.1:9"
    machine.store().save(machine.folder)
    assert "the connection failed" in machine.warnings[0]


def test_only_workers_upload_and_only_what_is_listed(api: ApiClient, machine: Machine) -> None:
    path = f"/{machine.batch}/items/1/files/video.mp4"
    refused(api.ask("PUT", path, content=VIDEO), 401)
    signer = LinkSigner(KEY)

    def put(name: str, content: bytes) -> httpx.Response:
        whole = f"/api/bulk-jobs/{machine.batch}/items/1/files/{name}"
        return api.client.put(f"{whole}?{signer.sign('PUT', whole, 60)}", content=content)

    refused(put("other.mp4", VIDEO), 404)
    refused(put("video.mp4", VIDEO[1:]), 422)
    refused(put("video.mp4", b""), 422)
    read_only = f"/api/bulk-jobs/{machine.batch}/items/1/files/video.mp4"
    refused(api.client.put(f"{read_only}?{signer.sign('GET', read_only, 60)}", content=VIDEO), 401)


@pytest.mark.parametrize("value", ["videos", "ftp://videos", "http://", "http://videos?x=1"])
def test_an_address_that_is_none_is_named(value: str) -> None:
    with pytest.raises(Exception, match="PRESSRUN_API_URL"):
        upload_address({"PRESSRUN_API_URL": value})


def test_files_in_a_bucket_are_downloaded_from_it(
    serve: Callable[..., ApiClient], worker: ManualWorker, bucket: Bucket, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    api = serve(runs=f"s3://{BUCKET}/runs")
    machine = Machine(api, worker, tmp_path / "elsewhere", monkeypatch)
    prefix = f"runs/{machine.batch}/{machine.job.id}"
    entries = {}
    for file in machine.files:
        bucket.add(f"{prefix}/a1.1/{file['name']}", (machine.path / file["name"]).read_bytes())
        entries[file["name"]] = ManifestEntry(f"a1.1/{file['name']}", file["size"], file["sha256"], 0)
    bucket.add(f"{prefix}/current.json", json_files.encode(Manifest(1, 1, "x", "y", entries)))
    worker.finish(machine.job)
    item = api.get(f"/{machine.batch}/items")["items"][0]
    redirect = httpx.get(item["output_url"])
    assert redirect.status_code == 307
    assert redirect.headers["location"].startswith(bucket.url)
    assert httpx.get(redirect.headers["location"]).content == VIDEO
    whole = api.ask("GET", f"/{machine.batch}/download").content
    assert VIDEO in whole
    assert len(api.get(f"/{machine.batch}/files")["items"][0]["files"]) == 2
    half = api.ask("GET", f"/{machine.batch}/download", headers={"Range": "bytes=1500000-"})
    assert half.content == whole[1_500_000:]
