"""Finished files are listed and downloaded: one at a time, all as a ZIP archive, and as a table."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.manual_worker import DEFECT, ClaimedJob, ManualWorker
from tests.run_files import make_run_folder, report_files, sample
from tests.unit.api.client import ApiClient, refused

VIDEO = sample(300_000)
FILES = {
    "video.mp4": VIDEO, "captions.srt": b"1\n", "captions.vtt": b"WEBVTT\n", "thumbnail.jpg": b"\xff\xd8",
    "short.mp4": b"s",
}  # fmt: skip


def make_files(
    api: ApiClient, worker: ManualWorker, contents: dict[str, bytes] | None = None
) -> tuple[str, ClaimedJob]:
    """Create a batch whose first item, in progress, has files; return its id and the job."""
    batch = api.new()
    job = worker.claim()
    assert job
    report_files(worker, job, make_run_folder(api.workspace / "runs", job, contents or FILES))
    return batch, job


@pytest.fixture
def batch(api: ApiClient, worker: ManualWorker) -> str:
    """A batch whose first item is completed and has files."""
    batch, job = make_files(api, worker)
    worker.finish(job)
    return batch


def open_link(api: ApiClient, link: str, **options: Any) -> Any:
    """Open a link without a token, as a browser does."""
    path = link.removeprefix(str(api.client.base_url).rstrip("/"))
    assert path.startswith("/api/"), link
    return api.client.request(options.pop("method", "GET"), path, **options)


def test_files_of_an_item_are_listed_with_sizes_and_hashes(api: ApiClient, batch: str) -> None:
    listed = api.get(f"/{batch}/items/1/files")
    assert (listed["row"], listed["state"]) == (1, "completed")
    assert {each["name"]: each["size"] for each in listed["files"]} == {name: len(FILES[name]) for name in FILES}
    video = listed["files"][0]
    assert video["sha256"] == hashlib.sha256(VIDEO).hexdigest()
    assert (video["type"], video["stage"], video["available"]) == ("video/mp4", "render", True)
    assert api.get(f"/{batch}/items/2/files")["files"] == []
    refused(api.ask("GET", f"/{batch}/items/4/files"), 404)


def test_files_of_a_batch_come_in_pages_of_items(api: ApiClient, batch: str) -> None:
    first = api.get(f"/{batch}/files", params={"page_size": 2})
    second = api.get(f"/{batch}/files", params={"page_size": 2, "page_token": first["next_page_token"]})
    assert [len(each["files"]) for each in first["items"] + second["items"]] == [5, 0, 0]
    assert second["next_page_token"] is None


def test_a_file_is_whole_and_says_what_it_is(api: ApiClient, batch: str) -> None:
    answer = api.ask("GET", f"/{batch}/items/1/files/video.mp4")
    assert (answer.status_code, answer.content) == (200, VIDEO)
    assert answer.headers["content-length"] == str(len(VIDEO))
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["etag"] == f'"{hashlib.sha256(VIDEO).hexdigest()}"'
    assert answer.headers["content-disposition"].startswith('inline; filename="Idea_1_video.mp4"')
    head = api.ask("HEAD", f"/{batch}/items/1/files/video.mp4")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(VIDEO)))
    same = api.ask("GET", f"/{batch}/items/1/files/video.mp4", headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1), ("bytes=5-", 5, len(VIDEO)), ("bytes=-7", len(VIDEO) - 7, len(VIDEO)),
        ("bytes=10-99999999999999999999", 10, len(VIDEO)), (f"bytes=-{len(VIDEO) * 2}", 0, len(VIDEO)),
        ("bytes=100-199", 100, 200),
    ],
)
def test_a_range_is_exactly_what_was_requested(api: ApiClient, batch: str, asked: str, start: int, end: int) -> None:
    answer = api.ask("GET", f"/{batch}/items/1/files/video.mp4", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, VIDEO[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(VIDEO)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=9-5", "bytes=x", "items=0-1", "bytes=-"])
def test_a_range_that_is_not_understood_counts_as_none(api: ApiClient, batch: str, asked: str) -> None:
    answer = api.ask("GET", f"/{batch}/items/1/files/video.mp4", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, VIDEO)


@pytest.mark.parametrize("asked", [f"bytes={len(VIDEO)}-", "bytes=-0"])
def test_a_range_beyond_the_end_is_rejected_with_the_size(api: ApiClient, batch: str, asked: str) -> None:
    answer = api.ask("GET", f"/{batch}/items/1/files/video.mp4", headers={"Range": asked})
    refused(answer, 416)
    assert answer.headers["content-range"] == f"bytes */{len(VIDEO)}"


def test_a_range_of_an_earlier_version_gets_the_whole_file(api: ApiClient, batch: str) -> None:
    path, etag = f"/{batch}/items/1/files/video.mp4", f'"{hashlib.sha256(VIDEO).hexdigest()}"'
    for condition, status in (('"older"', 200), (etag, 206)):
        assert api.ask("GET", path, headers={"Range": "bytes=5-", "If-Range": condition}).status_code == status


def test_links_of_an_item_work_without_a_token_and_never_lead_to_a_disk(api: ApiClient, batch: str) -> None:
    item = api.get(f"/{batch}/items")["items"][0]
    assert open_link(api, item["output_url"]).content == VIDEO
    assert open_link(api, item["captions"]["vtt"]).content == FILES["captions.vtt"]
    assert open_link(api, item["thumbnail"], method="HEAD").status_code == 200
    assert (item["size"], item["sha256"]) == (len(VIDEO), hashlib.sha256(VIDEO).hexdigest())
    assert "file://" not in json.dumps(api.get(f"/{batch}/items")) + json.dumps(api.get(f"/{batch}/events"))


def test_the_completed_event_carries_the_result(api: ApiClient, batch: str) -> None:
    (event,) = [each for each in api.get(f"/{batch}/events")["events"] if each["kind"] == "completed"]
    item = api.get(f"/{batch}/items")["items"][0]
    names = ("output_url", "short_url", "captions", "thumbnail", "duration", "size", "sha256")
    assert event["data"] == {name: item[name] for name in names}


def test_a_link_opens_nothing_else_and_expires(api: ApiClient, batch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    link = api.get(f"/{batch}/items")["items"][0]["output_url"]
    for changed in (
        link.replace("video.mp4", "thumbnail.jpg"), link.replace("/items/1/", "/items/2/"),
        link.partition("&sig")[0] + "&signature=",
        link.replace("expires=", "expires=9"), link.replace("/items/1/files/video.mp4", "/download"),
    ):
        refused(open_link(api, changed), 401)
    refused(open_link(api, link, method="POST"), 401)
    monkeypatch.setattr("pressrun.jobs.signing.time.time", lambda: 4e9)
    assert "expired" in refused(open_link(api, link), 401)["detail"]


def test_finished_files_of_a_failed_item_can_be_downloaded(api: ApiClient, worker: ManualWorker) -> None:
    batch, job = make_files(api, worker)
    worker.finish(job, "failed", DEFECT)
    assert api.ask("GET", f"/{batch}/items/1/files/video.mp4").content == VIDEO
    with open_zip(api.ask("GET", f"/{batch}/download").content) as archive:
        item = json.loads(archive.read("manifest.json"))["items"][0]
        assert (item["state"], item["error"]["message"]) == ("failed", DEFECT.message)
        assert archive.read(item["files"][0]["path"]) == VIDEO


def open_zip(content: bytes) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive


def test_the_archive_has_everything_and_a_manifest_with_hashes(api: ApiClient, batch: str) -> None:
    answer = api.ask("GET", f"/{batch}/download")
    assert answer.headers["content-length"] == str(len(answer.content))
    with open_zip(answer.content) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert [each["state"] for each in manifest["items"]] == ["completed", "pending", "pending"]
        listed = {each["path"]: each["sha256"] for item in manifest["items"] for each in item["files"]}
        assert set(archive.namelist()) == {"manifest.json", *listed}
        assert {name: hashlib.sha256(archive.read(name)).hexdigest() for name in listed} == listed
        assert f"1_Idea_1/{next(iter(FILES))}" in listed


def test_an_interrupted_archive_is_resumed_from_any_byte(api: ApiClient, batch: str) -> None:
    whole = api.ask("GET", f"/{batch}/download")
    condition = {"If-Range": whole.headers["etag"]}
    for start in (0, 1, 29, 30, 1000, 50_000, len(whole.content) - 1):
        answer = api.ask("GET", f"/{batch}/download", headers={"Range": f"bytes={start}-", **condition})
        assert (answer.status_code, answer.content) == (206, whole.content[start:])
        assert answer.headers["etag"] == whole.headers["etag"]


def test_the_archive_of_a_batch_that_went_on_is_another_one(api: ApiClient, worker: ManualWorker, batch: str) -> None:
    before = api.ask("HEAD", f"/{batch}/download").headers["etag"]
    worker.complete_all()
    answer = api.ask("GET", f"/{batch}/download", headers={"Range": "bytes=10-", "If-Range": before})
    assert answer.status_code == 200
    assert answer.headers["etag"] != before
    assert open_link(api, api.get(f"/{batch}")["output_url"]).content == answer.content


def test_a_file_out_of_reach_is_named_with_what_to_do(api: ApiClient, worker: ManualWorker) -> None:
    batch, job = make_files(api, worker)
    (api.workspace / "runs" / f"job-{job.id}" / "video.mp4").unlink()
    (video, *_) = api.get(f"/{batch}/items/1/files")["files"]
    assert video["available"] is False
    problem = refused(api.ask("GET", f"/{batch}/items/1/files/video.mp4"), 404)
    assert "runs" in problem["remedy"]
    with open_zip(api.ask("GET", f"/{batch}/download").content) as archive:
        (listed, *_) = json.loads(archive.read("manifest.json"))["items"][0]["files"]
    assert listed["path"] is None
    assert "not within reach" in listed["missing"]


def test_a_run_folder_of_another_job_is_not_read(api: ApiClient, worker: ManualWorker) -> None:
    batch, first = make_files(api, worker)
    second = worker.claim()
    assert second
    files = worker.value("SELECT files AS value FROM jobs WHERE id = %s", first.id)
    report_files(worker, second, files)
    worker.execute("UPDATE jobs SET run_folder = %s WHERE id = %s", f"runs/job-{first.id}", second.id)
    refused(api.ask("GET", f"/{batch}/items/2/files/video.mp4"), 404)


@pytest.mark.parametrize("name", ["nothing.mp4", "item.json", "../item.json", "%2e%2e/item.json", ".short.json", "a/b"])
def test_only_listed_files_are_there(api: ApiClient, batch: str, name: str) -> None:
    refused(api.ask("GET", f"/{batch}/items/1/files/{name}"), 404)


def test_a_published_copy_is_used_when_the_run_folder_was_cleaned(
    api: ApiClient, worker: ManualWorker, tmp_path: Path
) -> None:
    batch, job = make_files(api, worker)
    worker.finish(job)
    published = tmp_path / "published" / "Walden"
    published.mkdir(parents=True)
    (api.workspace / "runs" / f"job-{job.id}" / "video.mp4").rename(published / "video.mp4")
    worker.execute("UPDATE jobs SET output_url = %s WHERE id = %s", (published / "video.mp4").as_uri(), job.id)
    assert api.ask("GET", f"/{batch}/items/1/files/video.mp4").content == VIDEO


def test_results_are_a_table_with_links_and_reasons(api: ApiClient, worker: ManualWorker) -> None:
    rows = [{"idea_title": "=1+1", "script_content": "It begins."}, {"idea_title": "Two", "script_content": "It ends."}]
    batch = api.new(input_source={"type": "rows", "rows": rows})
    job = worker.claim()
    assert job
    report_files(worker, job, make_run_folder(api.workspace / "runs", job, FILES))
    worker.finish(job)
    failing = worker.claim()
    assert failing
    worker.finish(failing, "failed", DEFECT)
    answer = open_link(api, api.get(f"/{batch}")["results_url"])
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    first, second = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (first["row"], first["title"], first["state"]) == ("1", "'=1+1", "completed")
    assert open_link(api, first["output_url"]).content == VIDEO
    assert first["sha256"] == hashlib.sha256(VIDEO).hexdigest()
    assert (second["state"], second["error"], second["remedy"]) == ("failed", DEFECT.message, DEFECT.remedy)
