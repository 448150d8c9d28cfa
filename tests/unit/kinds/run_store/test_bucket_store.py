"""Run folders of jobs in a bucket: another machine goes on where the first one was, and one overtaken does no harm."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.job_harness import QUICK, JobHarness
from tests.loopback.bucket import BUCKET, Bucket, BucketRequest, Trouble

from pressrun.engine.stop import StopToken
from pressrun.errors import AuthenticationError, FencedError, NetworkError, NoSpaceError, PressrunError, RunStoreError
from pressrun.jobs.handler import Completed, Failed, JobReport, Stopped
from pressrun.kinds import job_handler
from pressrun.kinds.run_store import bucket_store, transfer
from pressrun.kinds.run_store.location import location_checks
from pressrun.services import bucket_location
from pressrun.services.checks import run_check
from pressrun.store.run_folder import listing_sha256

PLACE = f"s3://{BUCKET}/runs"
EMMA = {"title": "Emma"}
STAGES = list(QUICK.names)


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with Bucket() as bucket:
        yield bucket


@pytest.fixture
def bucket(server: Bucket, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    server.clear()
    for name, value in {**server.environment, "PRESSRUN_RUNS": PLACE}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(bucket_store, "retry_delay", lambda tries: 0.01)
    return server


@pytest.fixture
def harness(bucket: Bucket, tmp_path: Path) -> JobHarness:
    harness = JobHarness(tmp_path / "first", QUICK.name)
    move_to(harness, "first")
    return harness


def move_to(harness: JobHarness, machine: str) -> None:
    harness.workspace = harness.workspace.with_name(machine)
    harness.workspace.mkdir(exist_ok=True)


def stop_at(stage: str) -> Any:
    return lambda report, stop: stop.request("shutdown") if report.stage == stage else None


def manifest(bucket: Bucket, job: int = 7) -> dict[str, Any]:
    return json.loads(bucket.objects()[f"runs/spring/{job}/current.json"]["body"])  # type: ignore[no-any-return]


def kept(bucket: Bucket) -> dict[str, bytes]:
    """The run folder as the bucket has it."""
    objects = bucket.objects()
    return {name: objects[f"runs/spring/7/{each['key']}"]["body"] for name, each in manifest(bucket)["files"].items()}


def on_disk(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def warnings(harness: JobHarness) -> list[str]:
    return [each.message for each in harness.reports if each.kind == "warning"]


def test_what_a_job_made_is_in_the_bucket_and_nothing_else(harness: JobHarness, bucket: Bucket) -> None:
    assert isinstance(harness.run(EMMA), Completed)
    assert kept(bucket) == on_disk(harness.folder)
    assert len(bucket.objects()) == len(on_disk(harness.folder)) + 1


def test_the_checkpoint_comes_after_its_products_and_the_manifest_last(harness: JobHarness, bucket: Bucket) -> None:
    harness.run(EMMA)
    sent = [each.path.rpartition("/")[2] for each in bucket.asked if each.method == "PUT"]
    saves = " ".join(sent).split("current.json")
    assert all(save.endswith("stages.json summary.json ") for save in saves if save.strip())
    assert any("search.json" in save for save in saves)


def test_a_file_that_did_not_change_is_sent_once(harness: JobHarness, bucket: Bucket) -> None:
    harness.run(EMMA)
    sent = [each.path.rpartition("/")[2] for each in bucket.asked if each.method == "PUT"]
    assert all(sent.count(name) == 1 for name in ("search.json", "video.mp4", "item.json"))


@pytest.mark.real_processes
@pytest.mark.parametrize("stage", STAGES)
def test_another_machine_continues_and_runs_no_finished_stage_again(harness: JobHarness, stage: str) -> None:
    harness.on_report = stop_at(stage)
    assert isinstance(harness.run(EMMA), Stopped)
    harness.on_report = None
    move_to(harness, "second")
    assert isinstance(harness.run(EMMA), Completed)
    assert harness.started_stages() == STAGES[STAGES.index(stage) :]
    assert harness.folder.is_dir()


def test_a_job_may_wander_between_machines_and_back(harness: JobHarness, bucket: Bucket) -> None:
    seen: list[str | None] = []
    for machine, stage in (("first", "render"), ("second", "upload"), ("first", "")):
        move_to(harness, machine)
        harness.on_report = stop_at(stage) if stage else None
        harness.run(EMMA)
        seen += [each for each in harness.started_stages() if each != stage]
    assert seen == STAGES
    assert kept(bucket) == on_disk(harness.folder)


def test_the_machine_that_had_it_last_fetches_nothing(harness: JobHarness, bucket: Bucket) -> None:
    harness.on_report = stop_at("render")
    harness.run(EMMA)
    harness.on_report = None
    bucket.asked.clear()
    assert isinstance(harness.run(EMMA), Completed)
    assert {each.path.rpartition("/")[2] for each in bucket.asked if each.method == "GET"} <= {"current.json", BUCKET}
    assert harness.started_stages() == STAGES[STAGES.index("render") :]


def test_a_failed_job_continues_elsewhere_at_its_failed_stage(harness: JobHarness) -> None:
    assert isinstance(harness.run({"title": "Emma @render:fail"}), Failed)
    move_to(harness, "second")
    harness.run(EMMA)
    assert harness.started_stages() == ["render"]


def test_an_attempt_that_was_overtaken_stops_and_leaves_the_bucket_to_the_other(
    harness: JobHarness, bucket: Bucket
) -> None:
    other = JobHarness(harness.workspace.with_name("second"), QUICK.name, attempt=1)
    move_to(other, "second")

    def overtake(report: JobReport, _: StopToken) -> None:
        if report.stage == "render" and report.stage_state == "success":
            other.on_report = stop_at("upload")
            other.run(EMMA)

    harness.on_report = overtake
    with pytest.raises(FencedError):
        harness.run(EMMA)
    assert harness.started_stages()[-1] == "render"
    assert other.started_stages() == ["render", "upload"]
    assert kept(bucket) == on_disk(other.folder)
    with pytest.raises(FencedError):
        JobHarness(harness.workspace, QUICK.name, run_folder=harness.run_folder).run(EMMA)


def test_a_write_whose_answer_was_lost_counts(harness: JobHarness, bucket: Bucket) -> None:
    bucket.troubles.append(Trouble("PUT", "current.json", how="hang up after", times=3))
    assert isinstance(harness.run(EMMA), Completed)
    assert warnings(harness) == []
    assert kept(bucket) == on_disk(harness.folder)


def test_two_jobs_of_one_title_and_second_do_not_mix(harness: JobHarness, bucket: Bucket) -> None:
    harness.on_report = stop_at("render")
    harness.run(EMMA)
    made = harness.folder.name
    move_to(harness, "second")
    other = JobHarness(harness.workspace, QUICK.name)
    other.on_report = stop_at("upload")
    other.run(EMMA, job=8)
    other.folder.rename(other.folder.with_name(made))
    harness.on_report = None
    harness.run(EMMA)
    assert harness.started_stages() == STAGES[STAGES.index("render") :]
    assert (harness.workspace / "runs" / made).is_dir()


def test_a_bucket_that_is_away_for_a_while_is_caught_up_with(
    harness: JobHarness, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_location, "RETRY_TIMEOUT", 0.01)

    def away(report: JobReport, _: StopToken) -> None:
        if report.stage_state == "running":
            bucket.troubles[:] = [Trouble("PUT")] if report.stage in ("search", "render") else []

    harness.on_report = away
    outcome = harness.run(EMMA)
    assert isinstance(outcome, Completed)
    assert "warnings" not in outcome.result
    said = f"The run folder cannot be saved to {PLACE}; trying again after the next stage"
    assert [each.startswith(said) for each in warnings(harness)] == [True, True]
    assert kept(bucket) == on_disk(harness.folder)


def test_a_job_whose_folder_never_arrives_is_done_and_reports_it(
    harness: JobHarness, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_location, "RETRY_TIMEOUT", 0.01)

    def gone(report: JobReport, _: StopToken) -> None:
        if report.stage == "upload":
            bucket.troubles[:] = [Trouble("PUT")]

    harness.on_report = gone
    outcome = harness.run(EMMA)
    assert isinstance(outcome, Completed)
    (warning,) = outcome.result["warnings"]
    assert warning.startswith(f"The finished run folder cannot be saved to {PLACE}")
    assert "returned status 503" in warning


def test_a_file_that_vanishes_on_its_way_does_not_end_the_job(
    harness: JobHarness, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, times = transfer.upload_order, iter(range(100))
    monkeypatch.setattr(transfer, "upload_order", lambda root: (["gone"] if next(times) == 1 else []) + real(root))
    assert isinstance(harness.run(EMMA), Completed)
    (warning,) = warnings(harness)
    assert "no such file" in warning
    assert kept(bucket) == on_disk(harness.folder)


@pytest.mark.parametrize(
    ("trouble", "error", "words"),
    [
        (Trouble("GET", "current.json", "403 Forbidden", "InvalidAccessKeyId"), AuthenticationError, "credentials"),
        (Trouble("PUT", "current.json", "403 Forbidden", "AccessDenied"), RunStoreError, "does not allow these"),
        (Trouble("GET", "current.json", "404 Not Found", "NoSuchBucket"), RunStoreError, "There is no bucket press"),
    ],
)
def test_a_bucket_that_cannot_be_used_is_reported_before_anything_is_made(
    harness: JobHarness, bucket: Bucket, trouble: Trouble, error: type[PressrunError], words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bucket_location, "RETRY_TIMEOUT", 0.01)
    bucket.troubles.append(trouble)
    with pytest.raises(error, match=words) as caught:
        harness.run(EMMA)
    assert caught.value.remedy
    assert "publish_to" not in caught.value.remedy
    assert harness.started_stages() == []


def test_a_job_waits_for_a_bucket_that_does_not_answer(
    harness: JobHarness, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_location, "RETRY_TIMEOUT", 0.01)
    bucket.troubles += [Trouble("GET", "current.json", times=3), Trouble("PUT", "item.json", times=3)]
    assert isinstance(harness.run(EMMA), Completed)
    assert len([each for each in warnings(harness) if each.startswith(f"Waiting for {PLACE}: ")]) == 2
    monkeypatch.setattr(bucket_store, "BUCKET_TIMEOUT", 0.0)
    bucket.troubles.append(Trouble("GET", "current.json"))
    with pytest.raises(NetworkError, match="returned status 503"):
        harness.run(EMMA)


def test_a_job_that_waits_for_a_bucket_can_be_stopped(
    harness: JobHarness, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_location, "RETRY_TIMEOUT", 0.01)
    bucket.troubles.append(Trouble("GET", "current.json"))
    harness.on_report = lambda report, stop: stop.request("shutdown")
    assert isinstance(harness.run(EMMA), Stopped)


def test_a_worker_with_keys_that_are_not_accepted_takes_no_job(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_handler(tmp_path)
    assert bucket.objects() == {}
    monkeypatch.setattr(bucket_location, "RETRY_TIMEOUT", 0.01)
    bucket.troubles.append(Trouble("PUT"))
    job_handler(tmp_path)
    bucket.troubles[:] = [Trouble("PUT", "", "403 Forbidden", "SignatureDoesNotMatch")]
    with pytest.raises(AuthenticationError):
        job_handler(tmp_path)


def test_the_doctor_says_whether_the_bucket_can_be_used(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (check,) = location_checks(tmp_path, PLACE, ask_network=False)
    assert run_check(check).found == f"in {PLACE}, where objects can be written and removed"
    assert bucket.objects() == {}
    bucket.troubles.append(Trouble("PUT", "", "403 Forbidden", "AccessDenied"))
    found = run_check(check)
    assert (found.state, "does not allow these credentials" in found.found) == ("wrong", True)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert run_check(check).found == f"in {PLACE}, which was not checked"


def test_without_keys_it_is_said_which_to_set(harness: JobHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(AuthenticationError) as caught:
        harness.run(EMMA)
    assert "AWS_SECRET_ACCESS_KEY" in caught.value.remedy


@pytest.mark.parametrize("change", ["removed", "other size", "other content"])
def test_a_product_that_is_not_a_longer_in_the_bucket_is_rebuilt(
    harness: JobHarness, bucket: Bucket, change: str
) -> None:
    harness.on_report = stop_at("upload")
    harness.run(EMMA)
    key = f"runs/spring/7/{manifest(bucket)['files']['search.json']['key']}"
    body = bucket.objects()[key]["body"]
    bucket.remove(key)
    if change != "removed":
        bucket.add(key, body + b"!" if change == "other size" else body[::-1])
    harness.on_report = None
    move_to(harness, "second")
    assert isinstance(harness.run(EMMA), Completed)
    assert harness.started_stages() == STAGES
    assert "missing or changed in the bucket: search.json" in warnings(harness)[0]
    assert kept(bucket) == on_disk(harness.folder)


def test_a_name_that_leads_out_of_the_folder_is_rejected(harness: JobHarness, bucket: Bucket) -> None:
    harness.run({"title": "Emma @render:fail"})
    said = manifest(bucket)
    said["files"]["../../outside.json"] = said["files"]["search.json"]
    bucket.add("runs/spring/7/current.json", json.dumps(said).encode())
    move_to(harness, "second")
    with pytest.raises(RunStoreError, match="invalid name"):
        harness.run(EMMA)
    assert not any("outside" in path.name or path.name.endswith(".part") for path in harness.workspace.rglob("*"))


def test_a_broken_manifest_is_named_with_what_to_do(harness: JobHarness, bucket: Bucket) -> None:
    harness.run({"title": "Emma @render:fail"})
    bucket.add("runs/spring/7/current.json", b'{"attempt": "one"}')
    with pytest.raises(RunStoreError, match=r"runs/spring/7/current\.json") as caught:
        harness.run(EMMA)
    assert "starts from the beginning" in caught.value.remedy


def test_a_large_file_goes_and_comes_in_parts(harness: JobHarness, bucket: Bucket) -> None:
    harness.on_report = stop_at("upload")
    harness.run(EMMA)
    large = harness.folder / "notes.bin"
    large.write_bytes(bytes(range(256)) * (44 << 10))
    harness.run(EMMA)
    assert len([each for each in bucket.asked if "partNumber" in each.query]) == 3
    harness.on_report = None
    bucket.asked.clear()
    known = kept(bucket)["notes.bin"]
    move_to(harness, "second")
    harness.run(EMMA)
    assert (harness.folder / "notes.bin").read_bytes() == known
    assert len([each for each in bucket.asked if each.path.endswith("notes.bin") and each.method == "GET"]) == 3


@pytest.mark.real_processes
def test_a_cancelled_job_sends_nothing_more(harness: JobHarness, bucket: Bucket) -> None:
    def cancel(report: JobReport, stop: StopToken) -> None:
        if report.stage == "render":
            bucket.asked.clear()
            stop.request("cancel")

    harness.on_report = cancel
    assert isinstance(harness.run(EMMA), Stopped)
    assert [each.method for each in bucket.asked if each.method in ("PUT", "POST")] == []


def test_a_cancel_ends_the_way_of_a_long_file(harness: JobHarness, bucket: Bucket) -> None:
    token: list[StopToken] = []

    def cancel(asked: BucketRequest, when: str) -> None:
        if "partNumber" in asked.query:
            token[0].request("cancel")

    def enlarge(report: JobReport, stop: StopToken) -> None:
        token[:] = [stop]
        if report.stage == "render":
            (harness.folder / "notes.bin").write_bytes(bytes(40 << 20))
            bucket.watch = cancel

    harness.on_report = enlarge
    assert isinstance(harness.run(EMMA), Stopped)
    assert len([each for each in bucket.asked if "partNumber" in each.query]) < 8
    assert bucket.unfinished() == 0


def test_files_that_stages_read_in_the_workspace_are_found_on_the_other_machine(
    harness: JobHarness, bucket: Bucket
) -> None:
    harness.on_report = stop_at("render")
    harness.run(EMMA)
    records = harness.folder / "stages.json"
    said = json.loads(records.read_text())
    empty = listing_sha256(harness.workspace / "none")
    said["search"]["fingerprint"]["reads"] = {f"{harness.workspace}/none/": empty, "/elsewhere/a.txt": "1" * 64}
    records.write_text(json.dumps(said))
    harness.run(EMMA)
    move_to(harness, "second")
    harness.run(EMMA)
    assert harness.started_stages() == ["render"]
    reads = json.loads((harness.folder / "stages.json").read_text())["search"]["fingerprint"]["reads"]
    assert set(reads) == {f"{harness.workspace}/none/", "/elsewhere/a.txt"}


def test_what_is_tidied_away_at_the_end_goes_from_the_bucket_too(
    harness: JobHarness, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_KEEP_INTERMEDIATE", "false")
    assert isinstance(harness.run(EMMA), Completed)
    assert kept(bucket) == on_disk(harness.folder)
    assert not any(name.endswith((".mp4", ".wav")) for name in bucket.objects())


def test_a_server_without_conditional_writes_serves_one_machine_at_a_time(
    harness: JobHarness, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONDITIONAL_PUT", "disabled")
    harness.on_report = stop_at("render")
    harness.run(EMMA)
    harness.on_report = None
    move_to(harness, "second")
    assert isinstance(harness.run(EMMA), Completed)
    assert harness.started_stages() == STAGES[STAGES.index("render") :]
    with pytest.raises(FencedError):
        JobHarness(harness.workspace, QUICK.name).run(EMMA)


def test_a_full_disk_is_said_and_leaves_no_half_folder(
    harness: JobHarness, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.on_report = stop_at("render")
    harness.run(EMMA)
    move_to(harness, "second")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(transfer.os, "utime", full)
    with pytest.raises(NoSpaceError):
        harness.run(EMMA)
    assert list((harness.workspace / "runs").iterdir()) == []


def test_the_log_says_what_was_sent(harness: JobHarness, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="pressrun")
    harness.on_report = stop_at("render")
    harness.run(EMMA)
    assert any(line.startswith("Job 7: uploaded ") and " MB in " in line for line in caplog.messages)
    assert "canary" not in caplog.text
