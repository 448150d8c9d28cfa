"""The programs in "Use the queue from Python" run unchanged, and the reference has every name."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

from tests.commands import user_environment

from pressrun import BatchProcessor, JobStatus, RateLimiter, VideoJob
from pressrun.jobs.states import BatchState
from pressrun.python.status import status_word

ROOT = Path(__file__).parents[2]
PROGRAMS = re.findall(
    r"^```python\n(.*?)^```$", (ROOT / "docs/how-to/queue-from-python.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)
REFERENCE = (ROOT / "docs/reference/python-queue.md").read_text("utf-8")
SETTINGS = 'resolution = "320x180"\nfps = 10\nquality = "draft"\nvoice = "espeak"\nwriter = "extractive"\n'


def run(number: int, database_url: str, folder: Path) -> str:
    (folder / "program.py").write_text(PROGRAMS[number], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=folder, capture_output=True, text=True, timeout=90,
        env={**user_environment(), "PRESSRUN_DATABASE_URL": database_url},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_csv_becomes_a_video(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "pressrun.toml").write_text(SETTINGS)
    (tmp_path / "ideas.csv").write_text("idea_title,script_content\nBees,Bees fly. They look for flowers.\nRockets,\n")
    lines = run(0, database_url, tmp_path).splitlines()
    (made,) = (line.removeprefix("Made ") for line in lines if line.startswith("Made"))
    assert Path(made.removeprefix("file://")).stat().st_size > 1000
    assert any(re.fullmatch(r"Video \d+: [ \d]{3} % render\b.*", line) for line in lines)
    assert lines[-1].startswith("completed {'total': 2, ")


def test_other_machines_may_do_the_work(database_url: str, tmp_path: Path) -> None:
    assert run(1, database_url, tmp_path) == "1 videos wait\n"


def test_a_program_makes_videos_with_its_own_code(database_url: str, tmp_path: Path) -> None:
    lines = run(2, database_url, tmp_path).splitlines()
    assert lines == [
        "QuotaExceededError Too many rockets",
        "1 completed https://studio.example/bees.mp4",
        "2 failed None",
    ]


def test_the_queue_is_used_from_asyncio(database_url: str, tmp_path: Path) -> None:
    assert run(3, database_url, tmp_path) == "pending\n"


def test_a_bulk_job_for_a_user_reports_its_rows(database_url: str, tmp_path: Path) -> None:
    assert run(4, database_url, tmp_path).startswith("1 Row 2, script_content: found nothing")
    assert len(PROGRAMS) == 5


def test_the_reference_has_every_parameter_and_method() -> None:
    methods = [name for name in dir(BatchProcessor) if not name.startswith("_")]
    functions = (BatchProcessor, BatchProcessor.create_bulk_job, RateLimiter, BatchProcessor._execute_video_generation)
    parameters = {name for function in functions for name in inspect.signature(function).parameters}
    fields = [name for name in vars(VideoJob)["__dataclass_fields__"] if name != "context"]
    words = [*JobStatus.__members__, *map(status_word, BatchState)]
    for name in [*methods, *fields, *words, *(parameters - {"self", "fields", "clock"})]:
        assert re.search(rf"\b{name}\b", REFERENCE), name
