"""A workspace of the previous version: its books are skipped, resumed and retried, and none is published twice.

That version wrote `tests/data/previous_version` with the pipeline `TINY`, in three batches. Emma is done; Iliad is done
and has no run folder; Walden ran until `tts` and Ulysses until `upload`; Persuasion failed at `render`; nobody knows
whether the video of Dune was published.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

WORKSPACE = Path(__file__).parents[1] / "data" / "previous_version"
STAGES = ("search", "transcribe", "process", "tts", "render", "upload", "shorts")
DUNE = "Dune @upload:unknown"


@pytest.fixture
def workspace(workspace: Any) -> Any:
    shutil.copytree(WORKSPACE, workspace.folder, dirs_exist_ok=True)
    return workspace


def plan(workspace: Any, *command: str) -> dict[str, tuple[str, ...]]:
    """Return the stages that would run of each book that is not skipped."""
    done = workspace.run(*command, "--dry-run", "--output-format", "json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["plan"]
    return {row["book"].partition(" ")[0]: tuple(row["stages"]) for row in rows if row["action"] != "skip"}


def books(workspace: Any) -> dict[str, dict[str, Any]]:
    found = json.loads((workspace.folder / "database.json").read_text())["books"]
    return {book["main_title"].partition(" ")[0]: book for book in found}


def published(workspace: Any) -> list[str]:
    return list((workspace.folder / "published.log").read_text().split())


def started(workspace: Any, before: int, title: str) -> tuple[str, ...]:
    """Return the stages of a book that started after the first `before` of the log."""
    rows = (workspace.folder / "tiny.log").read_text().splitlines()[before:]
    return tuple(row.split("\t")[0] for row in rows if row.split("\t")[1].startswith(title))


def test_the_plan_skips_what_is_done_and_resumes_the_rest_where_it_stopped(workspace: Any) -> None:
    assert plan(workspace, "run-batch") == {
        "Walden": STAGES[4:], "Persuasion": STAGES[4:], "Ulysses": STAGES[6:]
    }


def test_a_batch_runs_exactly_what_is_left_and_publishes_nothing_twice(workspace: Any) -> None:
    before, published_before = len(workspace.stages_run()), published(workspace)
    done = workspace.run("run-batch", "--yes", "--output-format", "json")
    assert done.returncode == 0, done.stderr
    lists = json.loads(done.stdout)
    assert {row["book"].partition(" ")[0] for row in lists["skipped"]} == {"Emma", "Iliad", "Dune"}
    ran = {title: started(workspace, before, title) for title in books(workspace)}
    assert ran == {
        "Walden": STAGES[4:], "Persuasion": STAGES[4:], "Ulysses": STAGES[6:], "Emma": (), "Iliad": (), "Dune": ()
    }
    new = published(workspace)[len(published_before):]
    assert published(workspace)[: len(published_before)] == published_before
    assert len(set(new)) == len(new) == 5
    assert {title: book["status"] for title, book in books(workspace).items()} == dict.fromkeys(
        ("Walden", "Persuasion", "Ulysses", "Emma", "Iliad"), "done"
    ) | {"Dune": "processing"}
    assert books(workspace)["Iliad"]["shelf"] == "mine"


def test_retry_failed_runs_the_failed_book_from_its_failed_stage(workspace: Any) -> None:
    assert plan(workspace, "pressrun", "retry-failed") == {"Persuasion": STAGES[4:]}
    before = len(workspace.stages_run())
    done = workspace.run("pressrun", "retry-failed", "--yes")
    assert done.returncode == 0, done.stderr
    assert tuple(workspace.stages_run()[before:]) == STAGES[4:]
    assert books(workspace)["Persuasion"]["status"] == "done"


def test_an_unknown_upload_is_resolved_and_published_no_second_time(workspace: Any) -> None:
    url = "https://videos.example/found"
    assert workspace.run("pressrun", "resolve", DUNE, "--url", url).returncode == 0
    before = len(workspace.stages_run())
    assert workspace.run("run-pipeline", DUNE, "--yes").returncode == 0
    assert tuple(workspace.stages_run()[before:]) == ("shorts",)
    assert (books(workspace)["Dune"]["status"], books(workspace)["Dune"]["youtube_url"]) == ("done", url)


def test_a_changed_setting_reruns_what_depends_on_it(workspace: Any) -> None:
    assert plan(workspace, "run-batch", "--target-seconds", "60") == {
        "Walden": STAGES[2:], "Persuasion": STAGES[2:], "Ulysses": STAGES[6:]
    }


def test_its_batches_can_be_reported_and_its_logs_read(workspace: Any) -> None:
    for batch in ("1", "2", "3"):
        assert workspace.run("pressrun", "report", "--batch", batch, "--output", "page.html").returncode == 0
    page = (workspace.folder / "page.html").read_text(encoding="utf-8")
    assert "Walden" in page
    log = workspace.run("pressrun", "logs", "Persuasion @render:flaky=1")
    assert (log.returncode, "NetworkError" in log.stdout) == (0, True)
