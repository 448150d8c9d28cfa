"""The setting `runs`: the workspace, a folder that machines share, or a bucket."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.job_harness import STAGES, JobHarness

from pressrun.errors import SettingsError
from pressrun.jobs.handler import Completed, Stopped
from pressrun.kinds import job_handler
from pressrun.kinds.run_store.folders import local_path, stored_name
from pressrun.kinds.run_store.location import location_checks, parse_location
from pressrun.services.checks import run_check


def test_without_it_run_folders_lie_in_the_workspace(tmp_path: Path) -> None:
    runs = parse_location(tmp_path, " ")
    assert (runs.workspace.runs, runs.bucket) == (tmp_path / "runs", None)


@pytest.mark.parametrize("shape", ["{}", "file://{}"])
def test_a_folder_takes_the_place_of_that_of_the_workspace(tmp_path: Path, shape: str) -> None:
    (tmp_path / "shared folder").mkdir()
    address = shape.format(tmp_path / "shared folder")
    runs = parse_location(tmp_path / "workspace", address)
    assert (runs.workspace.root, runs.workspace.runs) == (tmp_path / "workspace", tmp_path / "shared folder")
    assert runs.bucket is None


def test_a_relative_folder_is_one_of_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    assert parse_location(tmp_path, "elsewhere").workspace.runs == tmp_path / "elsewhere"


@pytest.mark.parametrize("address", ["s3://bucket/runs/", "gs://bucket/runs", "az://container/runs"])
def test_a_bucket_leaves_the_folders_of_this_machine_in_the_workspace(tmp_path: Path, address: str) -> None:
    runs = parse_location(tmp_path, address)
    assert runs.workspace.runs == tmp_path / "runs"
    assert str(runs.bucket) == address.rstrip("/")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("nowhere", "does not exist"),
        ("ftp://host/runs", "is not a bucket address"),
        ("s3://", "has no bucket name"),
        ("s3://key:secret@bucket/runs", "contains a user name or a key"),
    ],
)
def test_a_wrong_value_ends_the_worker_before_it_takes_a_job(
    tmp_path: Path, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_RUNS", value)
    with pytest.raises(SettingsError, match=f"Setting runs.*{words}") as caught:
        job_handler(tmp_path)
    assert caught.value.remedy


def test_the_doctor_looks_at_a_shared_folder_and_not_at_that_of_the_workspace(tmp_path: Path) -> None:
    assert location_checks(tmp_path, "", ask_network=True) == []
    (check,) = location_checks(tmp_path, "shared", ask_network=True)
    assert "does not exist" in run_check(check).found
    (tmp_path / "shared").mkdir()
    assert run_check(check).found == f"in the folder {tmp_path / 'shared'}"


def test_the_row_of_a_job_knows_its_folder_under_one_name_on_every_machine(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        workspace = parse_location(tmp_path, str(tmp_path / name)).workspace
        assert local_path(workspace, stored_name(workspace.runs / "Emma")) == tmp_path / name / "Emma"


@pytest.mark.real_processes
def test_machines_that_share_a_folder_continue_where_the_other_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    for folder in (shared, tmp_path / "first", tmp_path / "second"):
        folder.mkdir()
    monkeypatch.setenv("PRESSRUN_RUNS", str(shared))
    harness = JobHarness(tmp_path / "first")
    harness.on_report = lambda report, stop: stop.request("shutdown") if report.stage == "tts" else None
    assert isinstance(harness.run({"title": "Emma"}), Stopped)
    harness.workspace, harness.on_report = tmp_path / "second", None
    outcome = harness.run({"title": "Emma"})
    assert isinstance(outcome, Completed)
    assert harness.started_stages() == STAGES[STAGES.index("tts") :]
    (folder,) = shared.iterdir()
    assert folder.name.endswith(".a2")
    assert outcome.result["run_folder"] == harness.run_folder == f"runs/{folder.name}"
    assert not (tmp_path / "first" / "runs").exists()


def test_a_machine_without_the_folder_says_that_it_starts_over_and_takes_none_of_another_job(tmp_path: Path) -> None:
    harness, other = JobHarness(tmp_path / "first"), JobHarness(tmp_path / "second")
    for each in (harness, other):
        each.workspace.mkdir()
        each.on_report = lambda report, stop: stop.request("shutdown") if report.stage == "tts" else None
    harness.run({"title": "Emma"})
    other.run({"title": "Emma"}, job=8)
    theirs = other.folder.rename(other.folder.with_name(harness.folder.name))
    harness.workspace = other.workspace
    harness.run({"title": "Emma"})
    assert harness.started_stages() == STAGES[: STAGES.index("tts") + 1]
    assert "is not on this machine" in next(each.message for each in harness.reports if each.kind == "warning")
    assert theirs.is_dir()
