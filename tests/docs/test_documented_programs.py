"""Programs written for the documented Python API run with only their import line changed.

The texts are ours; the calls, their arguments and the use of their results are those of the document. The sheets are on
a server on this machine, and a coroutine takes the place of the engine.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.google_sheets import google_sheets, write_service_account

import pressrun

ROWS = [["Idea/Title", "Script Content"], *([f"Idea {n}", "Bees fly."] for n in (1, 2))]
SHEETS = ("spring_sheet", "sheet_id")
CREDENTIALS = ("path/to/service.json", "service.json")

WHOLE_RUN = """
from pressrun import BatchProcessor, JobPriority, SheetFormat, ValidationLevel

processor = BatchProcessor(credentials_path="path/to/service.json", max_workers=4)
try:
    def show(job_id: str, progress: int, message: str):
        said.append(f"{job_id}: {progress}% - {message}")

    processor.add_progress_callback(show)
    bulk_job_id = processor.create_bulk_job(
        sheet_id="spring_sheet", user_id="user123", priority=JobPriority.NORMAL
    )
    result = await processor.process_sheet_ideas(
        bulk_job_id=bulk_job_id,
        sheet_format=SheetFormat.STANDARD,
        validation_level=ValidationLevel.MODERATE,
        ai_provider="openai",
    )
    while True:
        status = processor.get_bulk_job_status(bulk_job_id)
        if status["status"] in ["completed", "failed", "cancelled"]:
            break
        await asyncio.sleep(0.1)
finally:
    await processor.cleanup()
said.append(f"{status['status']} {result['accepted']}")
"""

BLOCKS = {
    "callbacks": """
from pressrun import BatchProcessor

processor = BatchProcessor("service.json")
processor.add_progress_callback(lambda job_id, progress, message: said.append(f"{job_id}: {progress}% - {message}"))
processor.add_completion_callback(lambda job_id, result: said.append(f"{job_id} made {result['output_url']}"))
processor.add_error_callback(lambda job_id, error: said.append(f"{job_id} failed: {error}"))
bulk_job_id = processor.create_bulk_job("sheet_id", "user_id")
await processor.process_sheet_ideas(bulk_job_id)
await asyncio.to_thread(processor.wait, bulk_job_id, 30)
""",
    "limits": """
from pressrun import BatchProcessor, QueueManager, RateLimiter

limiter = RateLimiter(per_user_limit=60, per_project_limit=300, refill_rate=5.0)
limited = BatchProcessor(credentials_path="service.json", rate_limiter=limiter)
said.append("may start" if limited.rate_limiter.can_proceed(user_id="user123") else "must wait")
said.append(f"Wait {limited.rate_limiter.get_backoff_time('user123')} s")
processor.queue_manager = QueueManager(max_workers=8)
""",
    "priorities": """
from pressrun import JobPriority, VideoJob

urgent_job = VideoJob(..., priority=JobPriority.URGENT)
normal_job = VideoJob(..., priority=JobPriority.NORMAL)
low_job = VideoJob(..., priority=JobPriority.LOW)
""",
    "moves": """
status = processor.get_bulk_job_status(bulk_job_id)
said.append(f"{status['progress']}% of {status['statistics']}")
said.append([
    processor.pause_bulk_job(bulk_job_id),
    processor.resume_bulk_job(bulk_job_id),
    processor.cancel_bulk_job(bulk_job_id),
])
events = processor.get_job_events(bulk_job_id, limit=50)
for event in events:
    said.append(f"{event['created_at']}: {event['message']}")
""",
    "errors": """
from pressrun import QuotaExceededError, RetryTemplate, SheetsErrorHandler

processor.error_handler = SheetsErrorHandler(
    name="batch_processor",
    retry_template=RetryTemplate(initial_delay=1.0, max_delay=60.0, max_retries=5, multiplier=3.0),
)

def explain(job_id: str, error: Exception):
    if isinstance(error, QuotaExceededError) or "timeout" in str(error).lower():
        said.append(f"{job_id} is retried: {error}")

processor.add_error_callback(explain)
try:
    result = await processor.process_sheet_ideas(bulk_job_id)
except QuotaExceededError:
    said.append("The rate limit is used up")
""",
    "monitoring": """
def detailed(job_id: str, progress: int, message: str):
    said.append(f"[{datetime.now().strftime('%H:%M:%S')}] {job_id}: {progress:3d}% - {message}")

processor.add_progress_callback(detailed)
status = processor.get_system_status()
said.append(f"{status['state']} {status['bulk_jobs']['running']} {status['queue_running']} {status['rate_limiter']}")
said.append(f"Queue running: {processor.queue_manager.running}")
processor.queue_manager.max_workers = 8
with sqlite3.connect(processor.db_path) as connection:
    connection.execute("SELECT 1").fetchone()
""",
    "cleanup": """
try:
    last = BatchProcessor("service.json")
finally:
    await processor.cleanup()
""",
}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def names(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stack: ExitStack
) -> Iterator[dict[str, Any]]:
    """Return the names that the programs use."""
    monkeypatch.setenv("PRESSRUN_DATABASE_URL", database_url)
    monkeypatch.setenv("PRESSRUN_WORKSPACE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    server = stack.enter_context(google_sheets())
    monkeypatch.setenv("PRESSRUN_SHEETS_API", server.address)
    for sheet in SHEETS:
        server.add(ROWS, spreadsheet=sheet)
    for name in CREDENTIALS:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        write_service_account(Path(name), server)
    made: list[pressrun.BatchProcessor] = []

    class Processor(pressrun.BatchProcessor):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            made.append(self)

        async def _execute_video_generation(self, video_job: pressrun.VideoJob) -> Mapping[str, Any]:
            return {"output_url": f"https://studio.example/{video_job.idea_data['script']}"}

    monkeypatch.setattr("pressrun.python.processor.BatchProcessor", Processor)
    yield {"__name__": "program", "said": [], "asyncio": asyncio, "datetime": datetime, "sqlite3": sqlite3}
    for processor in made:
        processor.close()


def run_programs(programs: Mapping[str, str], names: dict[str, Any]) -> list[Any]:
    """Run programs one after the other with the same names, in one event loop; return what they said."""

    async def main() -> None:
        for name, text in programs.items():
            running = eval(compile(text, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
            if inspect.isawaitable(running):
                await running

    asyncio.run(main())
    said: list[Any] = names["said"]
    return said


def test_the_first_program_makes_the_videos_of_its_sheet(names: dict[str, Any]) -> None:
    said = run_programs({"whole run": WHOLE_RUN}, names)
    assert said[-1] == "completed 2"
    assert {f"{number}: 100% - Completed" for number in (1, 2)} <= set(said)


def test_all_other_programs_run_one_after_the_other(names: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    said = run_programs(BLOCKS, names)
    assert "1 made https://studio.example/Bees fly." in said
    assert [False, False, False] in said
    assert "may start" in said
    assert "Wait 0.0 s" in said
    assert "Queue running: True" in said
    assert any(str(line).endswith(": Created with 2 rows") for line in said)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
