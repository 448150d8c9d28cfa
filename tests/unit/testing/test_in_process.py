"""The runner without processes gives the same files, events and errors as the one with processes."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from pressrun.engine.batch import run_batch
from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.plan import make_plan
from pressrun.engine.process_runner import Runner
from pressrun.engine.stop import StopToken
from pressrun.model.book import Book
from pressrun.model.event import Event, StageProgress
from pressrun.model.plan import ServiceChoice
from pressrun.model.reason import ReasonKind
from pressrun.model.result import BatchResult
from pressrun.settings import load_settings
from pressrun.store.workspace import Workspace
from pressrun.testing.in_process import InProcessRunner
from pressrun.testing.pipeline import TINY

BY_CHANCE = ("started", "seconds", "mtime_ns", "peak_memory")
CHOICES = tuple(ServiceChoice(kind, "folder", "as set") for kind in ("source", "writer", "voice", "publisher"))
TITLES = ("Emma @tts:flaky=1 @tts:fact=7", "Dune @render:crash", "Ulysses @upload:unknown", "Walden @process:nothing")


def run(
    root: Path, runner: Runner | None, *titles: str, stop: StopToken | None = None, **flags: object
) -> tuple[BatchResult, list[Event]]:
    events: list[Event] = []
    stop = stop or StopToken()

    def observe(event: Event) -> None:
        events.append(event)
        if isinstance(event, StageProgress) and "@render:sleep=60" in event.book.title:
            stop.request("interrupt")

    workspace, settings = Workspace(root), load_settings(root, {"delay": 0, **flags}, environment={})
    spec = BatchSpec(workspace, TINY, settings)
    plan = make_plan([Book(title) for title in titles], spec, CHOICES)
    return run_batch(plan, spec, observe, stop, runner), events


def without_chance(value: Any) -> Any:
    """A JSON value without times, ids and the paths of this test."""
    if isinstance(value, dict):
        return {key: without_chance(each) for key, each in value.items() if key not in BY_CHANCE}
    return re.sub(r"[0-9a-f]{32}", "ID", value) if isinstance(value, str) else value


def left_by(root: Path) -> dict[str, Any]:
    """The checkpoints and records of the run folders by book and name, and of each log whether it has a traceback."""
    folders = {folder.name[20:]: folder for folder in root.glob("runs/*_*")}
    files = {
        f"{book}/{name}": without_chance(json.loads((folder / name).read_bytes()))
        for book, folder in folders.items() for name in ("summary.json", "stages.json")
    }
    logs = {
        f"{book}/{log.name}": "Traceback" in log.read_text()
        for book, folder in folders.items() for log in folder.glob("logs/*")
    }
    return files | logs


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressrun.engine.stage_run.retry_delay", lambda attempt: 0.01)


def test_files_events_and_results_are_those_of_processes(tmp_path: Path) -> None:
    roots = tmp_path / "in process", tmp_path / "processes"
    for root in roots:
        root.mkdir()
    result, events = run(roots[0], InProcessRunner(), *TITLES)
    expected, expected_events = run(roots[1], None, *TITLES)
    assert left_by(roots[0]) == left_by(roots[1])
    assert [type(event) for event in events] == [type(event) for event in expected_events]
    assert [(book.outcome, book.stage, book.error) for book in result.books] == [
        (book.outcome, book.stage, book.error) for book in expected.books
    ]


def test_a_stop_ends_a_stage_that_reports_progress(tmp_path: Path) -> None:
    started = time.monotonic()
    result, _ = run(tmp_path, InProcessRunner(), "Emma @render:sleep=60", "Dune")
    assert time.monotonic() - started < 10
    assert [book.outcome for book in result.books] == ["skipped"] * 2
    assert all(book.ended_by(ReasonKind.INTERRUPTED) for book in result.books)
    (summary,) = tmp_path.glob("runs/*_Emma*/summary.json")
    assert [json.loads(summary.read_text())[name] for name in ("tts", "render")] == ["success", None]


def test_a_deadline_ends_a_stage_that_reports_progress(tmp_path: Path) -> None:
    result, _ = run(tmp_path, InProcessRunner(), "Emma @tts:sleep=60", timeout=1.0)
    assert result.books[0].error
    assert (result.books[0].stage, result.books[0].error.kind) == ("tts", "BookTimeoutError")
