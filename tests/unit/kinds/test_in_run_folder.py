"""Jobs done by the engine: a row becomes a run folder, the queue is told, and another attempt goes on from there."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.one_job import STAGES, Counter

from pressrun.engine.stop import StopToken
from pressrun.errors import FencedError, PipelineError, SettingsError
from pressrun.jobs.handler import Completed, Failed, JobReport, Stopped
from pressrun.kinds import job_handler
from pressrun.store import json_files


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


def test_a_worker_whose_settings_make_no_video_takes_no_job(tmp_path: Path) -> None:
    (tmp_path / "pressrun.toml").write_text('resolution = "huge"\n')
    with pytest.raises(SettingsError, match="resolution"):
        job_handler(tmp_path)


@pytest.mark.real_processes
def test_a_job_is_done_and_its_queue_hears_of_every_stage(counter: Counter) -> None:
    outcome = counter.give({"title": "Emma @render:sleep=0.4"})
    assert isinstance(outcome, Completed)
    assert outcome.output_url
    assert counter.started() == STAGES
    ends = [(each.stage, each.seconds is not None) for each in counter.reports if each.stage_state == "success"]
    assert ends == [(name, True) for name in STAGES]
    percents = [each.percent for each in counter.reports if each.percent is not None]
    assert percents == sorted(percents)
    assert percents[-1] == 99.9
    assert any(each.kind == "progress" and each.stage == "render" for each in counter.reports)


@pytest.mark.real_processes
def test_a_job_that_failed_goes_on_at_its_failed_stage_in_a_folder_of_another_name(counter: Counter) -> None:
    (counter.workspace / "pressrun.toml").write_text("retries = 2\n")
    first = counter.give({"title": "Emma @tts:flaky=2"})
    assert isinstance(first, Failed)
    assert (first.stage, first.error.retryable) == ("tts", True)
    assert any(each.kind == "warning" and "tried again" in each.message for each in counter.reports)
    left = counter.folder
    assert isinstance(counter.give({"title": "Emma @tts:flaky=2"}), Completed)
    assert counter.started() == STAGES[STAGES.index("tts") :]
    assert counter.folder.name == f"{left.name}.a2"
    assert not left.exists()


@pytest.mark.real_processes
def test_a_pause_lets_the_running_stage_finish_and_the_next_attempt_does_the_rest(counter: Counter) -> None:
    def pause(report: JobReport, _: StopToken) -> None:
        counter.pauses = report.stage == "process"

    counter.on_report = pause
    assert isinstance(counter.give({"title": "Emma @process:sleep=0.5"}), Stopped)
    assert counter.started() == STAGES[:3]
    assert counter.reports[-1].stage_state == "success"
    counter.on_report, counter.pauses = None, False
    assert isinstance(counter.give({"title": "Emma"}), Completed)
    assert counter.started() == STAGES[3:]


@pytest.mark.real_processes
def test_a_cancelled_job_stops_in_the_middle_of_a_stage(counter: Counter) -> None:
    counter.on_report = lambda report, stop: stop.request("cancel") if report.stage == "tts" else None
    assert isinstance(counter.give({"title": "Emma @tts:sleep=20"}), Stopped)
    assert counter.reports[-1].stage_state == "stopped"
    assert json_files.load_plain(counter.folder / "summary.json")["tts"] is None


@pytest.mark.real_processes
def test_a_job_of_another_worker_is_stopped_and_nothing_more_is_said(counter: Counter) -> None:
    def lose(report: JobReport, _: StopToken) -> None:
        counter.fenced = report.stage == "tts"

    counter.on_report = lose
    with pytest.raises(FencedError):
        counter.give({"title": "Emma @tts:sleep=20"})
    assert json_files.load_plain(counter.folder / "summary.json")["tts"] is None


def test_a_worker_that_lost_its_job_leaves_the_folder_where_it_is(counter: Counter) -> None:
    counter.give({"title": "Emma @tts:fail"})
    left = counter.folder
    counter.fenced = True
    with pytest.raises(FencedError):
        counter.give({"title": "Emma"})
    assert left.is_dir()


def test_a_job_whose_folder_is_gone_begins_again_and_publishes_no_second_copy(counter: Counter) -> None:
    first = counter.give({"title": "Emma"})
    counter.run_folder = "runs/gone"
    second = counter.give({"title": "Emma"})
    assert counter.started() == STAGES
    assert isinstance(first, Completed)
    assert isinstance(second, Completed)
    assert first.output_url == second.output_url
    other = counter.give({"title": "Emma"}, job=8)
    assert isinstance(other, Completed)


def test_a_pipeline_that_is_not_there_is_named_with_those_that_are(counter: Counter) -> None:
    with pytest.raises(PipelineError, match='no pipeline "opera"') as caught:
        counter.give({"title": "Emma"}, "opera")
    assert "idea-video" in caught.value.remedy
