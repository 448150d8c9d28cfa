"""The queue from Python, on a real PostgreSQL; most of its videos are made by a coroutine of the test."""

from __future__ import annotations

import asyncio
import builtins
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.manual_worker import DEFECT, ManualWorker
from tests.postgres import throw_out
from tests.unit.jobs.test_worker import until

from pressrun import (
    BatchProcessor,
    JobPriority,
    JobStatus,
    NetworkError,
    PermissionError,
    PressrunError,
    QuotaExceededError,
    RateLimiter,
    ServerError,
    SheetFormat,
    ValidationLevel,
    VideoJob,
    kinds,
)
from pressrun.errors import (
    DatabaseAwayError,
    DeadlineError,
    NoSuchBatchError,
    NoUsableRowsError,
    ScriptError,
    UsageError,
)
from pressrun.jobs import queries
from pressrun.jobs.handler import Completed, Failed, JobContext, Outcome, Stopped
from pressrun.jobs.queries import latest_event

ROWS = [{"idea_title": f"Idea {n}", "script_content": "Bees fly."} for n in range(1, 4)]
UNLIMITED = RateLimiter(0, 0)


class Studio(BatchProcessor):
    """Makes videos as the titles of the ideas say."""

    at_once = most_at_once = 0

    async def _execute_video_generation(self, video_job: VideoJob) -> Mapping[str, Any]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.make(video_job)
        finally:
            self.at_once -= 1
        return {"output_url": f"https://studio.example/{video_job.row}", "cost": 0.5, "duration": 9, "quality": "hd"}

    async def make(self, video_job: VideoJob) -> None:
        await asyncio.sleep(0.05)


class Slow(Studio):
    """Needs longer than any test waits, unless it is stopped."""

    ended: str = ""

    async def make(self, video_job: VideoJob) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Callable[..., Any]:
    """Makes processors of a class, on the database and in the workspace of this test."""

    def make(kind: type[BatchProcessor] = Studio, **options: Any) -> Any:
        chosen = {"database": database_url, "workspace": tmp_path, "user_id": "anna", "rate_limiter": UNLIMITED}
        return kind(**(chosen | options))

    return make


class Told:
    """What the callbacks of a processor were told, in order."""

    def __init__(self, processor: BatchProcessor) -> None:
        self.progress: list[tuple[str, int, str]] = []
        self.results: dict[str, dict[str, Any]] = {}
        self.errors: dict[str, PressrunError] = {}
        self.ends: list[str] = []
        processor.add_progress_callback(lambda *call: self.progress.append(call))
        processor.add_completion_callback(self.complete)
        processor.add_error_callback(self.fail)

    def complete(self, job_id: str, result: dict[str, Any]) -> None:
        self.ends.append(job_id)
        self.results[job_id] = result

    def fail(self, job_id: str, error: PressrunError) -> None:
        self.ends.append(job_id)
        self.errors[job_id] = error

    def of(self, job_id: str) -> list[tuple[int, str]]:
        return [(percent, message) for job, percent, message in self.progress if job == job_id]


@contextmanager
def running(processor: BatchProcessor) -> Iterator[Told]:
    told = Told(processor)
    with processor:
        yield told


def test_a_program_makes_its_videos_itself_and_hears_of_each(house: Any) -> None:
    class Reporting(Studio):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.seen: list[VideoJob] = []

        async def make(self, video_job: VideoJob) -> None:
            self.seen.append(video_job)
            await video_job.report_progress(40, "Half of the scenes")
            await asyncio.sleep(0.05)

    processor = house(Reporting)
    with running(processor) as told:
        bulk = processor.create_bulk_job(title="Spring", rows=ROWS, priority=JobPriority.URGENT, ai_provider="mine")
        status = processor.wait(bulk, 20)
    assert (status["status"], status["progress"], status["cost"]) == ("completed", 100, 1.5)
    assert status["statistics"] == {
        "total": 3, "pending": 0, "running": 0, "completed": 3, "failed": 0, "cancelled": 0, "skipped": 0,
        "rate_limited": 0,
    }  # fmt: skip
    assert len(told.ends) == 3
    job, result = next(iter(told.results.items()))
    assert result["output_url"] == f"https://studio.example/{result['row']}"
    assert (result["cost"], result["duration"], result["quality"], result["bulk_job_id"]) == (0.5, 9, "hd", bulk)
    assert told.of(job) == [(0, "Started"), (40, "Half of the scenes"), (100, "Completed")]
    asked = processor.seen[0]
    assert (asked.priority, asked.ai_provider, asked.attempt) == (JobPriority.URGENT, "mine", 1)
    assert asked.idea_data["idea_title"] == f"Idea {asked.row}"
    assert asked.idea_data["script"] == "Bees fly."


def test_no_more_videos_are_made_at_once_than_there_are_workers(house: Any) -> None:
    processor = house(max_workers=2)
    with running(processor):
        processor.wait(processor.create_bulk_job(title="Spring", rows=ROWS * 2, validation_level="permissive"), 20)
    assert processor.most_at_once == 2


ERRORS: dict[str, tuple[BaseException, type[PressrunError], str]] = {
    "of the program": (ValueError("no such scene"), ServerError, "ValueError: no such scene"),
    "of ours": (QuotaExceededError("That was all for today", remedy="Wait."), QuotaExceededError, "That was all"),
    "about a file": (builtins.PermissionError(13, "Permission denied", "a.mp4"), PermissionError, "a.mp4"),
    "about the script": (ScriptError("There is nothing to say"), ScriptError, "There is nothing to say"),
    "of a program that ends": (SystemExit(3), ServerError, "SystemExit: 3"),
    "of one that gives up": (asyncio.CancelledError(), ServerError, "CancelledError"),
}


def test_errors_come_as_exceptions_of_the_kind_they_are(house: Any) -> None:
    class Failing(Studio):
        async def make(self, video_job: VideoJob) -> None:
            raise ERRORS[video_job.idea_data["idea_title"]][0]

    processor = house(Failing)
    rows = [{"idea_title": title, "script_content": "Bees fly."} for title in ERRORS]
    with running(processor) as told:
        bulk = processor.create_bulk_job(title="Spring", rows=rows, max_retries=0)
        assert processor.wait(bulk, 20)["status"] == "failed"
        jobs = processor.get_jobs(bulk)
    assert len(told.ends) == len(ERRORS)
    for job in jobs:
        _, kind, text = ERRORS[job["title"]]
        assert type(told.errors[job["job_id"]]) is kind
        assert text in str(told.errors[job["job_id"]])
        assert job["status"] is JobStatus.FAILED
        assert str(job["error"]) == str(told.errors[job["job_id"]])
    assert isinstance(told.errors[jobs[2]["job_id"]], builtins.PermissionError)
    assert told.errors[jobs[1]["job_id"]].remedy == "Wait."


@pytest.mark.parametrize("result", [None, {}, {"output_url": 5}, {"output_url": "x", "cost": "much"}])
def test_a_video_without_a_result_has_failed_and_the_error_says_what_is_expected(house: Any, result: Any) -> None:
    class Careless(BatchProcessor):
        async def _execute_video_generation(self, video_job: VideoJob) -> Any:
            return result

    processor = house(Careless)
    with running(processor) as told:
        processor.wait(processor.create_bulk_job(title="Spring", rows=ROWS[:1]), 20)
    (error,) = told.errors.values()
    assert "_execute_video_generation returned" in str(error)
    assert "Return" in error.remedy


def test_input_that_is_not_a_data_in_a_result_is_kept_as_text(house: Any) -> None:
    class Rich(BatchProcessor):
        async def _execute_video_generation(self, video_job: VideoJob) -> Mapping[str, Any]:
            return {"output_url": "x\0", "file": Path("a.mp4"), "loudness": float("nan"), "scenes": ({1}, {"a": 1})}

    processor = house(Rich)
    with running(processor) as told:
        processor.wait(processor.create_bulk_job(title="Spring", rows=ROWS[:1]), 20)
    (result,) = told.results.values()
    assert {name: result[name] for name in ("output_url", "file", "loudness", "scenes", "cost")} == {
        "output_url": "x", "file": "a.mp4", "loudness": None, "scenes": [[1], {"a": 1}], "cost": 0,
    }  # fmt: skip


def test_an_error_that_may_pass_is_tried_again_before_it_is_reported(house: Any) -> None:
    class Flaky(Studio):
        async def make(self, video_job: VideoJob) -> None:
            if video_job.attempt == 1:
                raise TimeoutError("no answer")

    processor = house(Flaky)
    with running(processor) as told:
        processor.wait(processor.create_bulk_job(title="Spring", rows=ROWS[:1]), 20)
    assert not told.errors
    assert (0, "TimeoutError: no answer; retrying") in told.of(told.ends[0])


def test_cancelling_ends_a_coroutine_within_three_seconds(house: Any) -> None:
    processor = house(Slow)
    with running(processor) as told:
        bulk = processor.create_bulk_job(title="Spring", rows=ROWS, max_concurrent=1)
        until(lambda: processor.at_once == 1)
        clock = time.monotonic()
        assert processor.cancel_bulk_job(bulk) is True
        assert processor.get_bulk_job_status(bulk)["status"] in ("cancelling", "cancelled")
        status = processor.wait(bulk, 5)
        assert time.monotonic() - clock < 3
    assert (status["status"], status["statistics"]["cancelled"]) == ("cancelled", 3)
    assert processor.ended == "cancelled"
    assert not told.ends
    assert {message for _, _, message in told.progress} == {"Started", "Cancelled"}
    assert processor.retry_bulk_job(bulk) is False


def test_a_pause_lets_running_videos_finish_and_begins_no_other(house: Any) -> None:
    processor = house()
    with running(processor) as told:
        bulk = processor.create_bulk_job(title="Spring", rows=ROWS, max_concurrent=1)
        until(lambda: processor.at_once == 1)
        processor.pause_bulk_job(bulk)
        until(lambda: processor.get_bulk_job_status(bulk)["status"] == "paused")
        assert processor.get_bulk_job_status(bulk)["allowed"] == ["resume", "cancel"]
        assert processor.get_bulk_job_status(bulk)["statistics"]["completed"] == 1
        processor.resume_bulk_job(bulk)
        assert processor.wait(bulk, 20)["status"] == "completed"
    assert len(told.ends) == 3


def test_what_failed_is_retried_and_reported_again(house: Any) -> None:
    class Once(Studio):
        broken = True

        async def make(self, video_job: VideoJob) -> None:
            if self.broken and video_job.row == 2:
                raise ScriptError("There is nothing to say")

    processor = house(Once)
    with running(processor) as told:
        bulk = processor.create_bulk_job(title="Spring", rows=ROWS)
        assert processor.wait(bulk, 20)["status"] == "failed"
        processor.broken = False
        processor.retry_bulk_job(bulk)
        assert processor.wait(bulk, 20)["status"] == "completed"
    assert (len(told.errors), len(told.results), len(told.ends)) == (1, 3, 4)


def test_a_program_that_is_started_again_takes_its_jobs_up_again(house: Any) -> None:
    first, other = house(Slow, name="one"), house(Slow, name="two")
    with running(first):
        bulk = first.create_bulk_job(title="Spring", rows=ROWS[:1])
        until(lambda: first.at_once == 1)
    assert first.ended == "cancelled"
    assert first.get_jobs(bulk)[0]["status"] is JobStatus.QUEUED
    first.close()
    with running(other):
        time.sleep(0.5)
        assert other.at_once == 0

    class Quick(Studio):
        pass

    Quick.__qualname__ = Slow.__qualname__
    again = house(Quick, name="one")
    with running(again) as told:
        assert again.wait(bulk, 20)["status"] == "completed"
    assert len(told.ends) == 1


def test_a_coroutine_that_holds_up_its_loop_is_left_behind(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressrun.python.coroutine_jobs.CANCEL_TIMEOUT", 0.3)

    class Blocking(Studio):
        async def make(self, video_job: VideoJob) -> None:
            time.sleep(2)

    processor = house(Blocking)
    with running(processor):
        bulk = processor.create_bulk_job(title="Spring", rows=ROWS[:1])
        until(lambda: processor.at_once == 1)
        processor.cancel_bulk_job(bulk)
        clock = time.monotonic()
        assert processor.wait(bulk, 10)["status"] == "cancelled"
        assert time.monotonic() - clock < 1.5


def test_jobs_of_another_worker_are_reported_once_and_in_order(house: Any, worker: ManualWorker) -> None:
    processor = house(BatchProcessor, max_workers=0)
    with running(processor) as told:
        bulk = processor.create_bulk_job(title="Spring", rows=ROWS, max_retries=0)
        done, failed = worker.claim(), worker.claim()
        assert done
        assert failed
        for percent, scene in ((10, 1), (80, 2)):
            worker.execute(
                "SELECT report(%s, %s, jsonb_build_object('percent', %s::float), jsonb_build_array(jsonb_build_object("
                "'kind', 'progress', 'level', 'info', 'message', 'render', 'percent', %s::float, 'scene', %s::int, "
                "'scenes_total', 2)), '[]')",
                *(done.id, done.attempt, percent, percent, scene),
            )
        worker.finish(done)
        worker.finish(failed, "failed", DEFECT)
        until(lambda: len(told.ends) == 2)
        rows = processor.get_job_events(done.id)
        whole = processor.get_job_events(bulk)
    assert told.of(str(done.id)) == [(10, "render"), (80, "render"), (100, "Completed")]
    assert told.results[str(done.id)]["output_url"] == "file:///a"
    assert str(told.errors[str(failed.id)]) == "No script can be made"
    assert [row["scene"] for row in rows if row["scene"]] == [1, 2]
    assert {row["scenes_total"] for row in rows if row["scene"]} == {2}
    assert all(isinstance(row["created_at"], datetime) and row["level"] for row in rows)
    assert {row["job_id"] for row in rows} == {str(done.id)}
    assert all(row["message"] for row in whole)
    assert len(whole) > len(rows)


def test_what_happens_between_a_stop_and_a_start_is_reported_after_it(house: Any, worker: ManualWorker) -> None:
    processor = house(BatchProcessor, max_workers=0)
    told = Told(processor)
    processor.start()
    processor.create_bulk_job(title="Spring", rows=ROWS)
    worker.complete_all()
    until(lambda: len(told.ends) == 3)
    processor.stop()
    processor.create_bulk_job(title="Summer", rows=ROWS)
    worker.complete_all()
    assert len(told.ends) == 3
    processor.start()
    until(lambda: len(told.ends) == 6)
    processor.close()
    assert len(set(told.ends)) == 6


def test_a_job_that_misses_its_deadline_is_reported_as_such(house: Any, worker: ManualWorker) -> None:
    processor = house(BatchProcessor, max_workers=0)
    with running(processor) as told:
        bulk = processor.create_bulk_job(title="Spring", rows=ROWS[:1], processing_deadline_ms=60_000)
        worker.execute("UPDATE batches SET deadline = now() WHERE id = %s", bulk)
        worker.look_after()
        assert processor.wait(bulk, 5)["status"] == "failed"
    assert [type(error) for error in told.errors.values()] == [DeadlineError]


def test_a_slow_or_raising_callback_keeps_the_others_and_the_order(house: Any, worker: ManualWorker) -> None:
    processor = house(BatchProcessor, max_workers=0)

    def angry(_: str, *what: object) -> None:
        raise RuntimeError("not today") if len(what) == 1 else SystemExit(3)

    slow: list[str] = []

    def sleepy(job_id: str, _: object) -> None:
        time.sleep(0.1)
        slow.append(job_id)

    processor.add_progress_callback(angry)
    processor.add_completion_callback(angry)
    processor.add_completion_callback(sleepy)
    with running(processor) as told:
        bulk = processor.create_bulk_job(title="Spring", rows=ROWS)
        worker.complete_all()
        processor.wait(bulk, 10)
    assert told.ends == slow == sorted(slow, key=int)
    assert len(slow) == 3


def test_each_video_is_reported_once_though_all_connections_are_lost(house: Any, database_url: str) -> None:
    sender, partner = house(max_workers=3), house(max_workers=3)
    rows = [{"idea_title": f"Idea {n}", "script_content": "Bees fly."} for n in range(30)]
    others = Told(partner)
    with running(sender) as told, partner:
        bulks = [sender.create_bulk_job(title="Spring", rows=rows, validation_level="permissive") for _ in range(2)]
        until(lambda: len(told.ends) > 5)
        throw_out(database_url)
        assert [sender.wait(bulk, 30)["status"] for bulk in bulks] == ["completed"] * 2
    assert sorted(told.ends) == sorted(set(told.ends))
    assert (len(told.ends), others.ends) == (60, [])


def test_a_callback_may_end_the_processor(house: Any, worker: ManualWorker) -> None:
    processor = house(BatchProcessor, max_workers=0)
    processor.add_completion_callback(lambda *_: processor.stop())
    processor.start()
    processor.create_bulk_job(title="Spring", rows=ROWS[:1])
    worker.complete_all()
    until(lambda: processor.get_system_status()["state"] == "stopped")
    processor.close()


def test_coroutine_functions_are_called_in_the_loop_they_come_from(house: Any, worker: ManualWorker) -> None:
    async def main() -> list[object]:
        loops: list[object] = []
        done = asyncio.Event()

        async def complete(job_id: str, result: dict[str, Any]) -> None:
            loops.append(asyncio.get_running_loop())
            done.set()

        async with house(BatchProcessor, max_workers=0) as processor:
            processor.add_completion_callback(complete)
            bulk = await asyncio.to_thread(processor.create_bulk_job, title="Spring", rows=ROWS[:1])
            await asyncio.to_thread(worker.complete_all)
            await asyncio.wait_for(done.wait(), 5)
            status = await asyncio.to_thread(processor.wait, bulk, 5)
            assert status["status"] == "completed"
        return [loop is asyncio.get_running_loop() for loop in loops]

    assert asyncio.run(main()) == [True]


def fake_engine(monkeypatch: pytest.MonkeyPatch, work: Callable[[JobContext], Outcome]) -> None:
    monkeypatch.setattr(kinds, "job_handler", lambda workspace: work)


def by_engine(run: JobContext) -> Outcome:
    if run.position == 2:
        return Failed(NetworkError("The voice did not answer").report(), "tts")
    return Completed(f"file:///{run.settings.get('writer', 'auto')}", 0.25, {"duration": 5.0, "quality": "1080p"})


def test_without_a_coroutine_of_its_own_the_engine_makes_the_videos(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_engine(monkeypatch, by_engine)
    processor = house(BatchProcessor)
    with running(processor) as told:
        bulk = processor.create_bulk_job(title="Spring", rows=ROWS, max_retries=0, ai_provider="none")
        assert processor.wait(bulk, 20)["status"] == "failed"
    assert {each["output_url"] for each in told.results.values()} == {"file:///extractive"}
    assert {type(error) for error in told.errors.values()} == {NetworkError}


def test_a_coroutine_may_have_the_engine_make_its_video(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrapping(BatchProcessor):
        async def _execute_video_generation(self, video_job: VideoJob) -> Mapping[str, Any]:
            made = await super()._execute_video_generation(video_job)
            return {**made, "output_url": made["output_url"].replace("file:", "https:")}

    fake_engine(monkeypatch, by_engine)
    processor = house(Wrapping)
    with running(processor) as told:
        processor.wait(processor.create_bulk_job(title="Spring", rows=ROWS, max_retries=0), 20)
    assert {each["output_url"] for each in told.results.values()} == {"https:///auto"}
    assert {each["duration"] for each in told.results.values()} == {5.0}
    assert [str(error) for error in told.errors.values()] == ["The voice did not answer"]


def test_a_pause_reaches_the_engine_behind_a_coroutine(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def until_paused(run: JobContext) -> Outcome:
        while run.attempt == 1 and run.should_continue():
            time.sleep(0.01)
        return Stopped() if run.attempt == 1 else Completed("file:///a")

    class Wrapping(BatchProcessor):
        async def _execute_video_generation(self, video_job: VideoJob) -> Mapping[str, Any]:
            return await super()._execute_video_generation(video_job)

    fake_engine(monkeypatch, until_paused)
    processor = house(Wrapping)
    with running(processor) as told:
        bulk = processor.create_bulk_job(title="Spring", rows=ROWS[:1])
        until(lambda: processor.get_bulk_job_status(bulk)["statistics"]["running"] == 1)
        until(lambda: processor.get_bulk_job_status(bulk)["status"] == "running")
        processor.pause_bulk_job(bulk)
        until(lambda: processor.get_bulk_job_status(bulk)["status"] == "paused")
        processor.resume_bulk_job(bulk)
        assert processor.wait(bulk, 20)["status"] == "completed"
    assert len(told.results) == 1


def test_rows_that_cannot_be_used_are_named_by_the_status(house: Any) -> None:
    processor = house(BatchProcessor, max_workers=0)
    bulk = processor.create_bulk_job(title="Spring", rows=[*ROWS, {"idea_title": "No script"}])
    status = processor.get_bulk_job_status(bulk)
    assert status["statistics"]["skipped"] == 1
    assert [each["row"] for each in status["rejected"]] == [4]
    assert "script_content" in status["rejected"][0]["message"]
    assert [job["status"] for job in processor.get_jobs(bulk)] == [JobStatus.QUEUED] * 3 + [JobStatus.SKIPPED]
    with pytest.raises(NoUsableRowsError, match=r"The first: Row 1, script_content: found nothing"):
        processor.create_bulk_job(title="Spring", rows=[{"idea_title": "No script", "script_content": ""}])
    processor.close()


def test_rows_may_come_from_a_csv(house: Any, tmp_path: Path) -> None:
    processor = house(BatchProcessor, max_workers=0)
    text = "Headline;Words\nÄpfel;Bees fly.\n"
    (tmp_path / "ideas.csv").write_text(text, encoding="utf-16")
    options = {"sheet_format": SheetFormat.CUSTOM, "columns": {"Headline": "idea_title", "Words": "script_content"}}
    level = ValidationLevel.PERMISSIVE
    for given in ({"csv_file": tmp_path / "ideas.csv"}, {"csv_text": text}):
        bulk = processor.create_bulk_job(title="Spring", **given, **options, validation_level=level)
        assert processor.get_jobs(bulk)[0]["title"] == "Äpfel"
    processor.close()


def test_the_same_key_gives_the_same_bulk_job(house: Any) -> None:
    processor = house(BatchProcessor, max_workers=0)
    first = processor.create_bulk_job(title="Spring", rows=ROWS, idempotency_key="k")
    assert processor.create_bulk_job(title="Spring", rows=ROWS, idempotency_key="k") == first
    assert [each["id"] for each in processor.list_bulk_jobs("pending")] == [first]
    assert processor.list_bulk_jobs("cancelled") == []
    processor.close()


def test_the_system_status_counts_the_bulk_jobs_of_its_user(house: Any) -> None:
    limited = RateLimiter(1, 0)
    processor = house(rate_limiter=limited, project_id="films")
    assert processor.get_system_status()["state"] == "stopped"
    with running(processor) as told:
        processor.create_bulk_job(title="Spring", rows=ROWS)
        until(lambda: processor.get_system_status()["rate_limiter"]["waiting_jobs"] == 2)
        status = processor.get_system_status()
        assert not limited.can_proceed("anna")
    assert (status["state"], status["queue_running"]) == ("running", True)
    assert (status["workers"], status["max_workers"]) == (1, 4)
    assert (status["bulk_jobs"]["running"], status["bulk_jobs"]["total"]) == (1, 1)
    assert status["rate_limiter"]["per_user_limit"] == 1
    assert any("Waits" in message for _, _, message in told.progress)
    other = house(user_id="bert")
    assert other.get_system_status()["bulk_jobs"]["total"] == 0
    other.close()


def test_bulk_jobs_of_another_user_are_not_there(house: Any) -> None:
    mine, other = house(BatchProcessor), house(BatchProcessor, user_id="bert")
    bulk = mine.create_bulk_job(title="Spring", rows=ROWS)
    (job, *_) = mine.get_jobs(bulk)
    for ask in (other.get_bulk_job_status, other.get_jobs, other.get_job_events, other.cancel_bulk_job, other.watch):
        with pytest.raises(NoSuchBatchError):
            ask(bulk)
    with pytest.raises(NoSuchBatchError, match="There is no job"):
        other.get_job_events(job["job_id"])
    mine.close()
    other.close()


def test_a_bulk_job_of_another_user_can_be_watched(house: Any, worker: ManualWorker) -> None:
    sender, watcher = house(BatchProcessor, name="a"), house(BatchProcessor, name="b", max_workers=0)
    bulk = sender.create_bulk_job(title="Spring", rows=ROWS)
    with running(watcher) as told:
        watcher.watch(bulk)
        worker.complete_all()
        watcher.wait(bulk, 5)
    sender.close()
    assert len(told.ends) == 3


@pytest.mark.parametrize("wrong", [7, None, "", "a\0b", "bj_no"])
def test_input_that_is_not_an_id_of_a_bulk_job_is_reported_as_such_by_every_question_and_move(
    house: Any, wrong: Any
) -> None:
    mine = house(BatchProcessor, max_workers=0)
    for name in ("get_bulk_job_status", "get_jobs", "get_job_events", "pause_bulk_job", "wait", "watch"):
        with pytest.raises(NoSuchBatchError, match="There is no"):
            getattr(mine, name)(wrong)
    mine.close()


def test_a_limit_below_zero_is_rejected_with_a_message(house: Any) -> None:
    processor = house(BatchProcessor, max_workers=0)
    bulk = processor.create_bulk_job(title="Spring", rows=ROWS)
    for ask in (processor.list_bulk_jobs, partial(processor.get_jobs, bulk), partial(processor.get_job_events, bulk)):
        with pytest.raises(UsageError, match="limit: found -1"):
            ask(limit=-1)
        assert ask(limit=0) == []
        assert ask(limit=10**30)
    processor.close()


def test_waiting_outlasts_a_database_that_is_away_at_the_very_end(
    house: Any, worker: ManualWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor, asked = house(BatchProcessor, max_workers=0), list[str]()
    bulk = processor.create_bulk_job(title="Spring", rows=ROWS)
    worker.complete_all()

    def away_at_first(queue: Any, bulk_job_id: str) -> int:
        asked.append(bulk_job_id)
        if len(asked) == 1:
            raise DatabaseAwayError("The database does not answer")
        return latest_event(queue, bulk_job_id)

    monkeypatch.setattr(queries, "latest_event", away_at_first)
    assert processor.wait(bulk, 5)["status"] == "completed"
    assert asked == [bulk, bulk]
    processor.close()


def test_waiting_ends_by_its_timeout(house: Any) -> None:
    processor = house(BatchProcessor, max_workers=0)
    bulk = processor.create_bulk_job(title="Spring", rows=ROWS)
    with pytest.raises(TimeoutError, match=r"is pending after 0\.2 s"):
        processor.wait(bulk, 0.2)
    processor.close()
