"""Jobs done by the engine: a row becomes a run folder, the queue is told, and another attempt goes on from there."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

import pytest
from tests.job_harness import STAGES, JobHarness

from pressrun.errors import FencedError, PipelineError, SettingsError
from pressrun.jobs.handler import Completed
from pressrun.kinds import job_handler


@pytest.fixture
def harness(tmp_path: Path) -> JobHarness:
    return JobHarness(tmp_path)


def test_a_worker_whose_settings_make_no_video_takes_no_job(tmp_path: Path) -> None:
    (tmp_path / "pressrun.toml").write_text('resolution = "huge"\n')
    with pytest.raises(SettingsError, match="resolution"):
        job_handler(tmp_path)


@pytest.mark.real_processes
def test_a_job_is_done_and_its_queue_hears_of_every_stage(harness: JobHarness) -> None:
    outcome = harness.run({"title": "Emma @render:sleep=0.4"})
    assert isinstance(outcome, Completed)
    assert outcome.output_url
    assert harness.started_stages() == STAGES
    ends = [(each.stage, each.seconds is not None) for each in harness.reports if each.stage_state == "success"]
    assert ends == [(name, True) for name in STAGES]
    percents = [each.percent for each in harness.reports if each.percent is not None]
    assert percents == sorted(percents)
    assert percents[-1] == 99.9
    assert any(each.kind == "progress" and each.stage == "render" for each in harness.reports)


def test_a_worker_that_lost_its_job_leaves_the_folder_where_it_is(harness: JobHarness) -> None:
    harness.run({"title": "Emma @tts:fail"})
    left = harness.folder
    harness.fenced = True
    with pytest.raises(FencedError):
        harness.run({"title": "Emma"})
    assert left.is_dir()


def test_warnings_of_stages_are_in_the_result_of_a_job(harness: JobHarness) -> None:
    outcome = harness.run({"title": "Emma @process:warn=3"})
    assert isinstance(outcome, Completed)
    assert outcome.result["warnings"] == ["Sentence 3 does not read well"]


def test_a_pipeline_that_is_not_there_is_named_with_those_that_are(harness: JobHarness) -> None:
    with pytest.raises(PipelineError, match='no pipeline "opera"') as caught:
        harness.run({"title": "Emma"}, "opera")
    assert "idea-video" in caught.value.remedy


def test_finished_files_are_reported_after_each_stage_without_receipts(harness: JobHarness) -> None:
    harness.run({"title": "Emma @upload:fail"})
    listed = [each.files for each in harness.reports if each.files is not None]
    names = [[file["name"] for file in files] for files in listed]
    assert names[0] == []
    assert names[-1] == ["search.json", "transcript.json", "script.json", "voice.wav", "video.mp4"]
    for file in listed[-1]:
        content = (harness.folder / file["name"]).read_bytes()
        assert (file["size"], file["crc32"]) == (len(content), zlib.crc32(content))
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
    harness.run({"title": "Emma"})
    names = [[file["name"] for file in each.files] for each in harness.reports if each.files is not None]
    assert names[0] == names[-1]
    assert "upload.json" not in names[-1]
