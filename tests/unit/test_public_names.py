"""Public names and signatures stay the same, and importing them loads no heavy package."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pressrun
from pressrun.model.book import Book
from pressrun.model.result import OUTCOMES, BatchResult, BookResult
from pressrun.store import database, run_folder
from pressrun.store.workspace import Workspace
from pressrun.wording import result_lists

HEAVY = (
    "pydantic", "rich", "click", "av", "PIL", "numpy", "sumy", "psutil", "psycopg", "procrastinate",
    "pressrun.services.sources.cleaning",
)  # fmt: skip
BASE_SIGNATURES = {
    "check_book_status": "book_name, author_name=None",
    "print_book_status_table": "books_status",
    "process_books_batch": "books_status, privacy=None, skip_completed=True",
    "print_final_summary": "results",
}
DATABASE_SIGNATURES = {
    "check_book_exists": "title, author=None",
    "add_book": "title, author=None, run_folder=None",
    "update_youtube_url": "title, author, youtube_url, short_url=None",
}


def call_form(function: object) -> str:
    """Return the parameters as a caller sees them."""
    shown = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    return ", ".join(each.name if each.default is each.empty else f"{each.name}={each.default!r}" for each in shown)


def loaded_by(program: str, *arguments: str, **environment: str) -> set[str]:
    """Return the heavy packages that `program` has imported when it ends, whatever its exit status."""
    watch = (
        "import atexit, json, sys\n"
        f"atexit.register(lambda: print('\\n' + json.dumps([n for n in {HEAVY} if n in sys.modules])))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", watch + program, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
    )
    loaded: list[str] = json.loads(run.stdout.splitlines()[-1])
    return set(loaded)


@pytest.mark.parametrize("name", BASE_SIGNATURES)
def test_functions_of_the_package_keep_their_signatures(name: str) -> None:
    assert name in pressrun.__all__
    assert call_form(getattr(pressrun, name)) == BASE_SIGNATURES[name]


@pytest.mark.parametrize("name", DATABASE_SIGNATURES)
def test_functions_of_the_database_keep_their_signatures(name: str) -> None:
    assert call_form(getattr(database, name)) == DATABASE_SIGNATURES[name]


def test_every_public_name_can_be_imported_and_permission_error_is_not_exported() -> None:
    handed_out = {name for names in pressrun._MODULES.values() for name in names}
    assert handed_out - {"PermissionError"} == set(pressrun.__all__) - {"__version__"}
    for name in handed_out:
        assert getattr(pressrun, name).__name__ == name
    assert issubclass(pressrun.PermissionError, PermissionError)


def test_enums_of_the_queue_keep_their_names() -> None:
    assert [each.name for each in pressrun.JobPriority] == ["URGENT", "NORMAL", "LOW"]
    assert {
        "QUEUED", "RATE_LIMITED", "DISPATCHED", "IN_PROGRESS", "RETRIED", "COMPLETED", "FAILED", "CANCELLED",
    } <= {each.name for each in pressrun.JobStatus}  # fmt: skip
    assert {each.name for each in pressrun.SheetFormat} == {"STANDARD", "MINIMAL", "CUSTOM"}
    assert {each.name for each in pressrun.ValidationLevel} == {"STRICT", "MODERATE", "PERMISSIVE"}


def test_a_processor_can_be_imported_without_the_queue() -> None:
    assert loaded_by("from pressrun import BatchProcessor, JobPriority, JobStatus, RateLimiter, SheetFormat") == set()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = pressrun.no_such_name


def test_the_version_is_that_of_the_project() -> None:
    import tomllib

    project = Path(__file__).parents[2] / "pyproject.toml"
    assert tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"] == pressrun.__version__


def test_result_lists_keep_their_fields() -> None:
    book = Book("Emma", "Jane Austen")
    rows = result_lists(BatchResult(tuple(BookResult(book, each) for each in OUTCOMES)))
    made = {"book", "author", "youtube_url", "short_url"}
    assert made <= rows["success"][0].keys()
    assert made <= rows["resumed"][0].keys()
    assert {"book", "author", "error", "stage", "log"} <= rows["failed"][0].keys()
    assert {"book", "author", "reason", "youtube_url", "short_url"} <= rows["skipped"][0].keys()


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import pressrun; import pressrun.store.database") == set()


def test_the_help_of_every_command_only_imports_click() -> None:
    for name in ("run_batch", "run_pipeline", "pressrun"):
        program = f"import sys; from pressrun.cli.main import {name}; {name}(['--help'])"
        assert loaded_by(program) == {"click"}


def test_default_settings_do_not_import_pydantic(tmp_path: Path) -> None:
    program = "from pathlib import Path; from pressrun.settings import load_settings; load_settings(Path('.'), {}, {})"
    assert "pydantic" not in loaded_by(f"import os, sys; os.chdir(sys.argv[1]); {program}", str(tmp_path))


def test_a_stage_process_imports_neither_pydantic_nor_an_interface(tmp_path: Path) -> None:
    """A complete stage process, with a stage that imports nothing itself."""
    folder = run_folder.create(Workspace(tmp_path), Book("Emma"), "tiny", ("search",), {}, {"source": "folder"})
    task = {
        "stage": "search",
        "run": "pressrun.testing.tiny",
        "settings": [],
        "services": ["source"],
        "workers": 1,
        "workspace": str(tmp_path),
        "marker": "m",
    }
    program = (
        "import os, runpy, sys\n"
        "os.dup2(os.open(os.devnull, os.O_WRONLY), 3)\n"
        "runpy.run_module('pressrun.stages', run_name='__main__')\n"
    )
    assert loaded_by(program, "search", str(folder.path), PRESSRUN_TASK=json.dumps(task)) == set()
    assert (folder.path / "search.json").exists()


def test_a_plan_loads_nothing_that_only_stages_need(tmp_path: Path) -> None:
    (tmp_path / "books.txt").write_text("Emma\n")
    program = "import sys; from pressrun.cli.main import run_batch; run_batch(sys.argv[1:])"
    flags = ("--workspace", str(tmp_path), "--dry-run", "--network", "off")
    assert not loaded_by(program, *flags) & {"av", "numpy", "sumy", "psycopg", "pressrun.services.sources.cleaning"}


@pytest.mark.parametrize("stage", ["search", "transcribe", "process", "tts", "render", "upload", "shorts"])
def test_stage_modules_import_neither_pydantic_nor_an_interface(stage: str) -> None:
    assert not loaded_by(f"import pressrun.stages.{stage}") & {"pydantic", "rich", "click"}
