"""What holds for every kind of job, and a kind of a test's own that goes through REST, a worker, a kill and a retry."""

from __future__ import annotations

import inspect
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from bench.queueing.world import workers
from tests.job_harness import STAGES, JobHarness
from tests.loopback.queue_api import KEY, served

from pressrun.api.app import ROUTES
from pressrun.api.settings import ApiSettings
from pressrun.api.tokens import create_token
from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.stop import StopToken
from pressrun.errors import FencedError
from pressrun.jobs.handler import Completed, Failed, JobReport, Stopped
from pressrun.jobs.kind import Kind, kind, shared
from pressrun.kinds import KINDS, job_handler
from pressrun.kinds.books import BOOKS
from pressrun.kinds.books.local import plan_books
from pressrun.kinds.books.send import ORDER_KEY, BookOrder
from pressrun.kinds.ideas import IDEAS
from pressrun.kinds.ideas.rows.model import RowIdea
from pressrun.model.book import Book
from pressrun.model.plan import RunOptions
from pressrun.settings import load_settings
from pressrun.store import json_files
from pressrun.store.workspace import Workspace
from pressrun.testing import kind_routes, tiny
from pressrun.testing.in_process import InProcessRunner
from pressrun.testing.kind import SETTINGS, TOY
from pressrun.testing.pipeline import TINY

ALL = {**KINDS, TOY.name: TOY}
IN_RUN_FOLDER = (IDEAS, TOY)
"""Kinds whose item belongs to its job. A book belongs to its workspace, and its folder is found by the book's name."""


def idea_data(title: str) -> dict[str, Any]:
    return RowIdea(title, script_content="It begins here.", platform_preferences=("youtube",)).idea_data()


def book_data(title: str) -> dict[str, Any]:
    return {"title": title, "author": None, "waits": ""}


def toy_data(title: str) -> dict[str, Any]:
    return {"title": title}


DATA: dict[str, Callable[[str], Mapping[str, Any]]] = {
    IDEAS.name: idea_data, BOOKS.name: book_data, TOY.name: toy_data,
}  # fmt: skip
"""What a job with this title is stored with. A new kind belongs here, too."""


class Harness(JobHarness):
    """A job of any kind with the stages of `TINY`."""

    def attempt_at(self, title: str, **more: Any) -> Any:
        return self.run(DATA[self.kind.name](title), **more)



def ran(workspace: Path) -> list[str]:
    """The stages that started, in order."""
    return [line.split("\t")[0] for line in (workspace / tiny.LOG).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(autouse=True)
def _stages_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pressrun.kinds.in_run_folder", "pressrun.kinds.books.job"):
        monkeypatch.setattr(f"{module}.ProcessRunner", lambda *_: InProcessRunner())


@pytest.fixture(params=ALL.values(), ids=lambda each: each.name)
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Harness:
    chosen: Kind = request.param
    (tmp_path / "pressrun.toml").write_text("retries = 1\n")
    harness = Harness(tmp_path, TINY.name, chosen)
    if chosen is BOOKS:
        settings = load_settings(tmp_path, SETTINGS, {})
        batch = BatchSpec(Workspace(tmp_path), TINY, settings, RunOptions())
        services = plan_books((Book("Emma"),), batch).services
        order = BookOrder(settings, batch.options, services, 1)
        harness.request = {ORDER_KEY: msgspec.to_builtins(order)}
    return harness


def test_every_kind_is_tried_here() -> None:
    assert set(DATA) == set(ALL)


@pytest.mark.parametrize("each", ALL.values(), ids=lambda each: each.name)
def test_a_kind_names_a_module_that_runs_its_jobs(each: Kind) -> None:
    assert list(inspect.signature(import_module(each.run).run).parameters) == ["job", "host"]
    assert ALL[each.name] is each


def test_no_two_kinds_share_a_queue() -> None:
    assert len({each.queue.name for each in ALL.values()}) == len(ALL)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "Ideas"}, "invalid name of a kind 'Ideas'"),
        ({"run": "my module"}, "'my module' is not the name of a module"),
        ({"pipelines": ()}, "name at least one pipeline"),
        ({"queue": shared("a queue")}, "invalid name of a queue 'a queue'"),
        ({"max_retries": 21}, "max_retries is 21, must be 0 to 20"),
    ],
)
def test_a_wrong_declaration_is_an_error_when_it_is_imported(changes: dict[str, Any], problem: str) -> None:
    values = {"name": "mine", "run": "mine.job", "queue": shared("mine"), "max_retries": 1, "pipelines": (TINY,)}
    name, run, queue, max_retries, pipelines = (values | changes).values()
    with pytest.raises(ValueError, match=problem):
        kind(name, run, *pipelines, queue=queue, max_retries=max_retries)


def test_a_job_of_an_unknown_kind_fails_with_what_to_do(tmp_path: Path) -> None:
    from pressrun.errors import PipelineError

    job = JobHarness(tmp_path).next_attempt({"title": "Emma"})
    with pytest.raises(PipelineError, match='Unknown kind of job "toy"') as caught:
        job_handler(tmp_path)(job)
    assert "version" in caught.value.remedy


def test_a_failed_attempt_is_resumed_at_the_stage_that_failed(harness: Harness) -> None:
    first = harness.attempt_at("Emma @tts:flaky=1")
    assert isinstance(first, Failed)
    assert (first.stage, first.error.retryable) == ("tts", True)
    assert isinstance(harness.attempt_at("Emma @tts:flaky=1"), Completed)
    assert harness.started_stages() == STAGES[STAGES.index("tts") :]


def test_a_pause_lets_the_running_stage_finish_and_the_next_attempt_does_the_rest(harness: Harness) -> None:
    def pause(report: JobReport, _: StopToken) -> None:
        harness.pauses = report.stage == "process"

    harness.on_report = pause
    assert isinstance(harness.attempt_at("Emma @process:sleep=0.2"), Stopped)
    assert harness.started_stages() == STAGES[:3]
    assert [each.stage_state for each in harness.reports if each.stage_state][-1] == "success"
    harness.on_report, harness.pauses = None, False
    assert isinstance(harness.attempt_at("Emma @process:sleep=0.2"), Completed)
    assert harness.started_stages() == STAGES[3:]


def test_a_cancelled_job_stops_in_the_middle_of_a_stage(harness: Harness) -> None:
    harness.on_report = lambda report, stop: stop.request("cancel") if report.stage == "tts" else None
    assert isinstance(harness.attempt_at("Emma @tts:sleep=20"), Stopped)
    assert harness.reports[-1].stage_state == "stopped"
    assert json_files.load_plain(harness.folder / "summary.json")["tts"] is None


def test_a_fenced_attempt_stops_and_writes_nothing_more(harness: Harness) -> None:
    def lose(report: JobReport, _: StopToken) -> None:
        harness.fenced = report.stage == "tts"

    harness.on_report = lose
    with pytest.raises(FencedError):
        harness.attempt_at("Emma @tts:sleep=20")
    assert json_files.load_plain(harness.folder / "summary.json")["tts"] is None
    assert not (harness.folder / "voice.wav").exists()
    assert harness.reports[-1].stage == "tts"


def test_an_upload_of_unknown_result_is_not_sent_again(harness: Harness) -> None:
    harness.attempt_at("Emma @upload:unknown")
    harness.attempt_at("Emma @upload:unknown")
    assert ran(harness.workspace).count("upload") == 1
    assert len((harness.workspace / "published.log").read_text().split()) == 1


@pytest.mark.parametrize("each", IN_RUN_FOLDER, ids=lambda each: each.name)
def test_a_job_whose_folder_is_lost_starts_again_and_publishes_no_second_copy(each: Kind, tmp_path: Path) -> None:
    harness = Harness(tmp_path, TINY.name, each)
    first = harness.attempt_at("Emma")
    left = harness.folder
    harness.run_folder = "runs/gone"
    second = harness.attempt_at("Emma")
    assert harness.started_stages() == STAGES
    assert first.output_url == second.output_url
    assert left != harness.folder
    assert harness.attempt_at("Emma", job=8).output_url != first.output_url


class ToyApi:
    """The REST API with the routes of the toy kind."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {create_token('anna', key=KEY)}"}

    def send(self, *titles: str, **more: Any) -> str:
        answer = self._client.post("/api/toys", json={"title": "Toys", "rows": titles, **more}, headers=self._headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def get(self, path: str) -> Any:
        answer = self._client.get(f"/api/bulk-jobs/{path}", headers=self._headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def move(self, batch: str, action: str) -> None:
        answer = self._client.post(f"/api/bulk-jobs/{batch}/{action}", headers=self._headers)
        assert answer.status_code == 200, answer.text

    def stages(self, batch: str) -> dict[str, str]:
        """State of each stage of the first item."""
        return {each["stage"]: each["state"] for each in self.get(f"{batch}/items")["items"][0]["stages"]}

    def wait_for(self, batch: str, *states: str) -> None:
        wait(lambda: self.get(batch)["state"] in states)


def wait(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.05)


@pytest.fixture
def toys(database_url: str, tmp_path: Path) -> Iterator[ToyApi]:
    routes = (*ROUTES, kind_routes.ROUTES)
    with served(database_url, ApiSettings(tmp_path), routes) as url, httpx.Client(base_url=url, timeout=10) as client:
        yield ToyApi(client)


def test_a_kind_of_ones_own_is_paused_resumed_and_taken_over_from_a_worker_that_is_killed(
    toys: ToyApi, database_url: str, tmp_path: Path
) -> None:
    title = "Emma @transcribe:sleep=1 @render:sleep=4"
    with workers(1, "tiny", database_url, "1", home=tmp_path) as (first,):
        batch = toys.send(title)
        wait(lambda: toys.stages(batch).get("transcribe") == "running")
        toys.move(batch, "pause")
        toys.wait_for(batch, "paused")
        assert toys.stages(batch) == {"search": "success", "transcribe": "success"}
        toys.move(batch, "resume")
        wait(lambda: "render" in ran(tmp_path))
        os.kill(first.pid, signal.SIGKILL)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE pressrun.procrastinate_workers SET last_heartbeat = now() - interval '11 seconds'")
    with workers(1, "tiny", database_url, "1", home=tmp_path):
        toys.wait_for(batch, "completed")
    (item,) = toys.get(f"{batch}/items")["items"]
    assert (item["title"], item["state"]) == (title, "completed")
    assert item["output_url"].startswith("https://videos.example/")
    assert {event["book"] for event in toys.get(f"{batch}/events")["events"]} == {None, title}
    assert ran(tmp_path) == ["search", "transcribe", "process", "tts", "render", "render", "upload"]


def test_a_kind_of_ones_own_is_retried_from_the_stage_that_failed(
    toys: ToyApi, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "pressrun.toml").write_text("retries = 1\n")
    with workers(1, "tiny", database_url, "1", home=tmp_path):
        batch = toys.send("Emma @tts:flaky=1", max_retries=0)
        toys.wait_for(batch, "failed")
        assert toys.get(f"{batch}/items")["items"][0]["error"]["kind"] == "NetworkError"
        toys.move(batch, "retry")
        toys.wait_for(batch, "completed")
    assert ran(tmp_path) == ["search", "transcribe", "process", "tts", "tts", "render", "upload"]
