"""The names, signatures and types that programs written for the documented Python API rely on."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.manual_worker import FAILURE, ManualWorker
from tests.unit.jobs.test_worker import until
from tests.unit.python.test_processor import ROWS, Studio, house, running  # noqa: F401  (a fixture)
from tests.unit.test_public_names import call_form

from pressrun import (
    BatchProcessor,
    BulkJob,
    JobEvent,
    JobPriority,
    QueueManager,
    QuotaExceededError,
    RetryTemplate,
    SheetsErrorHandler,
    VideoJob,
)
from pressrun.errors import AuthenticationError, DatabaseError, NoSuchBatchError, UsageError


def test_the_positional_arguments_are_those_of_the_document() -> None:
    assert call_form(BatchProcessor.create_bulk_job).startswith(
        "self, sheet_id=None, user_id=None, priority=<JobPriority.NORMAL: 'normal'>, column_range=None, "
        "sheet_format=<SheetFormat.STANDARD: 'standard'>, title=None, rows=None"
    )
    assert call_form(BatchProcessor.process_sheet_ideas) == (
        "self, bulk_job_id, sheet_format=<SheetFormat.STANDARD: 'standard'>, "
        "validation_level=<ValidationLevel.MODERATE: 'moderate'>, ai_provider='openai', column_range=None"
    )


def test_a_sheet_without_credentials_says_what_is_missing(
    house: Any, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    for name in ("PRESSRUN_GOOGLE_CREDENTIALS", "GOOGLE_SHEETS_CREDENTIALS_PATH", "PRESSRUN_SHEETS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PRESSRUN_SHEETS_TOKEN_FILE", "no-token.json")
    processor = house(max_workers=0)
    with pytest.raises(AuthenticationError, match="There are no credentials for Google Sheets") as caught:
        processor.create_bulk_job("sheet_id", "user_id")
    assert "PRESSRUN_GOOGLE_CREDENTIALS" in caught.value.remedy
    with pytest.raises(UsageError, match="user_id: found list; it must be text") as usage:
        processor.create_bulk_job("Spring", ROWS)
    assert "title and rows by keyword" in usage.value.remedy
    with pytest.raises(UsageError, match="column_range and range are the same parameter"):
        processor.create_bulk_job("sheet_id", column_range="A:C", range="A:D")
    processor.close()


def test_process_starts_the_videos_and_reports_the_rows(house: Any) -> None:  # noqa: F811
    async def main() -> None:
        processor = house()
        bulk = processor.create_bulk_job(rows=[*ROWS, {"idea_title": "No script"}], user_id="user123")
        assert processor.get_system_status()["state"] == "stopped"
        report = await processor.process_sheet_ideas(bulk)
        assert (report["bulk_job_id"], report["total"], report["accepted"]) == (bulk, 4, 3)
        assert [row["row"] for row in report["rejected"]] == [4]
        assert (await asyncio.to_thread(processor.wait, bulk, 20))["status"] == "completed"
        await processor.cleanup()
        assert processor.get_system_status()["state"] == "stopped"
        await processor.cleanup()

    asyncio.run(main())


def test_a_bulk_job_belongs_to_its_user_and_its_sender_sees_it(house: Any) -> None:  # noqa: F811
    sender, other, owner = house(max_workers=0), house(user_id="bert", max_workers=0), house(user_id="user123")
    bulk = sender.create_bulk_job(rows=ROWS[:1], user_id="user123")
    again = house(max_workers=0)
    assert again.get_bulk_job_status(bulk)["user_id"] == "user123"
    assert again.get_system_status()["bulk_jobs"]["pending"] == 1
    assert [job["id"] for job in again.list_bulk_jobs(user_id="user123")] == [bulk]
    assert again.list_bulk_jobs() == []
    (job,) = again.get_jobs(bulk)
    assert again.get_job_events(bulk, limit=50)
    assert again.get_job_events(job["job_id"]) == []
    for ask in (other.get_bulk_job_status, other.get_job_events, other.cancel_bulk_job):
        with pytest.raises(NoSuchBatchError):
            ask(bulk)
    with pytest.raises(NoSuchBatchError, match="There is no job"):
        other.get_job_events(job["job_id"])
    with running(owner), running(again) as told:
        assert again.wait(bulk, 20)["status"] == "completed"
    assert told.ends == [job["job_id"]]
    for processor in (sender, other, owner, again):
        processor.close()


def test_progress_is_an_int_and_ids_are_text(house: Any, worker: ManualWorker) -> None:  # noqa: F811
    processor = house(BatchProcessor, max_workers=0)
    lines: list[str] = []
    processor.add_progress_callback(lambda job_id, percent, text: lines.append(f"{job_id:>9} {percent:3d}% {text}"))
    with running(processor) as told:
        bulk = processor.create_bulk_job(rows=ROWS[:2], priority=JobPriority.URGENT)
        done, failed = worker.claim(), worker.claim()
        assert done
        assert failed
        worker.execute("SELECT report(%s, %s, '{\"percent\": 49.9}', '[{\"kind\": \"progress\", \"level\": \"info\", "
                       "\"percent\": 49.9}]', '[]')", done.id, done.attempt)  # fmt: skip
        worker.finish(failed, "failed", FAILURE)
        until(lambda: processor.get_bulk_job_status(bulk)["progress"] > 0)
        status = processor.get_bulk_job_status(bulk)
        worker.finish(done)
        until(lambda: told.ends)
    assert type(status["progress"]) is int
    assert {type(job["progress"]) for job in processor.get_jobs(bulk)} == {int}
    assert {type(percent) for _, percent, _ in told.progress} == {int}
    assert f"{done.id:>9}  49% 50 % done" in lines
    events = processor.get_job_events(bulk, limit=50)
    assert all(event["message"] and event["created_at"] for event in events)
    assert events[0]["message"] == "Created with 2 rows"
    assert {type(event["id"]) for event in events} == {str}
    assert processor.get_job_events(bulk, after=events[-2]["id"]) == events[-1:]
    assert processor.get_job_events(bulk, limit=2) == events[-2:]
    assert processor.get_job_events(bulk, after=0, limit=2) == events[:2]
    assert processor.get_job_events(str(done.id), limit=1)[0]["message"] == "Completed"
    assert [JobEvent(**event).message for event in events] == [event["message"] for event in events]
    assert BulkJob(**status).progress == status["progress"]
    processor.close()


def test_moves_return_whether_they_were_possible(house: Any) -> None:  # noqa: F811
    class Slow(Studio):
        async def make(self, video_job: VideoJob) -> None:
            await asyncio.sleep(60)

    processor = house(Slow)
    with running(processor):
        bulk = processor.create_bulk_job(rows=ROWS, max_concurrent=1)
        assert processor.resume_bulk_job(bulk) is False
        until(lambda: processor.at_once == 1)
        assert processor.pause_bulk_job(bulk) is True
        assert processor.pause_bulk_job(bulk) is False
        assert processor.retry_bulk_job(bulk) is False
    assert processor.get_bulk_job_status(bulk)["status"] == "paused"
    assert processor.resume_bulk_job(bulk) is True
    assert processor.cancel_bulk_job(bulk) is True
    assert processor.cancel_bulk_job(bulk) is False
    processor.close()


def test_records_can_be_constructed(caplog: pytest.LogCaptureFixture) -> None:
    job = VideoJob(idea_data={"script": "Bees fly."}, priority=JobPriority.URGENT)
    assert (job.idea_data["script"], job.priority, job.ai_provider) == ("Bees fly.", "urgent", "auto")
    assert VideoJob(..., priority=JobPriority.LOW).priority is JobPriority.LOW  # type: ignore[arg-type]
    asyncio.run(job.report_progress(10, "Nothing happens outside the queue"))
    assert (BulkJob(id="bj_1", title="Spring").progress, JobEvent(message="Started").level) == (0, "info")
    with pytest.raises(UsageError, match="This VideoJob is not a job of the queue"):
        asyncio.run(BatchProcessor()._execute_video_generation(job))
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_the_queue_manager_changes_the_number_of_videos(house: Any) -> None:  # noqa: F811
    class Slow(Studio):
        async def make(self, video_job: VideoJob) -> None:
            await asyncio.sleep(2)

    processor = house(Slow, max_workers=0)
    assert not processor.queue_manager.running
    manager = QueueManager(max_workers=1)
    processor.queue_manager = manager
    with running(processor):
        bulks = [processor.create_bulk_job(rows=ROWS) for _ in range(2)]
        until(lambda: processor.at_once == 1)
        assert processor.queue_manager.running
        processor.queue_manager.max_workers = 4
        until(lambda: processor.at_once == 4)
        assert (processor.max_workers, processor.get_system_status()["max_workers"]) == (4, 4)
        for bulk in bulks:
            processor.cancel_bulk_job(bulk)
    assert processor.most_at_once == 4
    assert not manager.running
    with pytest.raises(UsageError, match="max_workers: found -1"):
        manager.max_workers = -1
    with pytest.raises(UsageError, match="queue_manager: found int"):
        processor.queue_manager = 8
    processor.close()


def test_a_quota_backs_off_as_the_retry_template_says(house: Any) -> None:  # noqa: F811
    class Limited(Studio):
        attempts: list[float]

        async def make(self, video_job: VideoJob) -> None:
            self.attempts.append(time.monotonic())
            if video_job.attempt < 4:
                raise QuotaExceededError("Too many requests")

    processor = house(Limited)
    processor.attempts = []
    processor.error_handler = SheetsErrorHandler(
        name="batch_processor",
        retry_template=RetryTemplate(initial_delay=0.3, max_delay=0.7, max_retries=3, multiplier=2.0),
    )
    with running(processor) as told:
        bulk = processor.create_bulk_job(rows=ROWS[:1])
        assert processor.wait(bulk, 30)["status"] == "completed"
    waits = [after - before for before, after in zip(processor.attempts, processor.attempts[1:], strict=False)]
    assert all(wait >= least for wait, least in zip(waits, (0.3, 0.6, 0.7), strict=True))
    assert sum(waits) < 1 + 3 + 9
    assert not told.errors
    assert (0, "Too many requests; retrying") in told.of(told.ends[0])


def test_the_retries_of_the_template_end(house: Any) -> None:  # noqa: F811
    class Empty(Studio):
        async def make(self, video_job: VideoJob) -> None:
            raise QuotaExceededError("Too many requests")

    processor = house(Empty)
    processor.error_handler = SheetsErrorHandler(retry_template=RetryTemplate(initial_delay=0, max_retries=1))
    with running(processor) as told:
        bulk = processor.create_bulk_job(rows=ROWS[:1])
        assert processor.wait(bulk, 30)["status"] == "failed"
    assert [type(error) for error in told.errors.values()] == [QuotaExceededError]
    assert processor.get_jobs(bulk)[0]["attempts"] == 2
    processor.close()


@pytest.mark.parametrize("wrong", [{"initial_delay": -1}, {"multiplier": 0.5}, {"max_retries": 11}, {"max_delay": "1"}])
def test_a_retry_template_rejects_numbers_out_of_range(wrong: Mapping[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"RetryTemplate, {next(iter(wrong))}: found"):
        RetryTemplate(**wrong)


def test_db_path_exists_if_the_database_works(house: Any, tmp_path: Path) -> None:  # noqa: F811
    processor = house(max_workers=0)
    with sqlite3.connect(processor.db_path) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    processor.close()
    away = BatchProcessor(database="postgresql://nobody@127.0.0.1:1/none?connect_timeout=2", workspace=tmp_path)
    with pytest.raises(DatabaseError, match="does not answer"):
        _ = away.db_path
