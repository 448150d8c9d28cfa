"""`run-batch --queue`: what a list becomes when workers make it, and when they or the watching come to an end."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from tests.acceptance.conftest import CommandWorkspace
from tests.commands import BIN
from tests.forked import ForkedCommand
from tests.size import FULL


@pytest.fixture
def workspace(workspace: CommandWorkspace, database_url: str) -> CommandWorkspace:
    keys = str(workspace.folder / "keys" / "data")
    workspace.environment |= {"PRESSRUN_DATABASE_URL": database_url, "PRESSRUN_DATABASE_DIR": keys}
    return workspace


@contextmanager
def worker(
    workspace: CommandWorkspace, *options: str
) -> Iterator[ForkedCommand | subprocess.Popen[bytes]]:
    log = workspace.folder / "worker.log"
    argv = [str(BIN / "pressrun"), "worker", *options]
    process: ForkedCommand | subprocess.Popen[bytes]
    with log.open("a") as said:
        if FULL:
            process = subprocess.Popen(
                argv, cwd=workspace.folder, env=workspace.environment, stderr=said, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        else:
            process = ForkedCommand(argv, workspace.folder, workspace.environment, errors=log)
    try:
        until(lambda: "Worker ready" in log.read_text())
        yield process
    finally:
        process.terminate()
        process.wait(10)


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def database(workspace: CommandWorkspace) -> dict[str, dict[str, Any]]:
    """Title -> its entry in database.json."""
    books = json.loads((workspace.folder / "database.json").read_text())["books"]
    return {book["main_title"]: book for book in books}


def count_as_dead(workspace: CommandWorkspace) -> None:
    """As if ten seconds had passed without a sign of life of any worker."""
    with psycopg.connect(workspace.environment["PRESSRUN_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("UPDATE pressrun.procrastinate_workers SET last_heartbeat = now() - interval '11 seconds'")


def published(workspace: CommandWorkspace) -> list[str]:
    log = workspace.folder / "published.log"
    return log.read_text().splitlines() if log.exists() else []


def test_a_list_in_the_queue_is_shown_and_ends_as_if_it_ran_here(workspace: CommandWorkspace) -> None:
    workspace.list_books("Emma | Jane Austen", "Walden @tts:sleep=1", "Iliad @render:fail")
    with worker(workspace, "--workers", "2") as running:
        terminal = workspace.terminal("run-batch", "--queue")
        terminal.wait_for("Proceed? [y/N]")
        terminal.type("y\n")
        assert terminal.finish() == 1
        text = terminal.text
        assert "✓ shorts" in text
        assert "✗ render" in text
        assert "render was instructed to fail" in text
        assert "│ ✓ Success (new)     │     2 │" in text
        assert "│ ✗ Failed            │     1 │" in text
        assert {title: book["status"] for title, book in database(workspace).items()} == {
            "Emma": "done", "Walden @tts:sleep=1": "done", "Iliad @render:fail": "processing"
        }
        assert len(published(workspace)) == 4
        assert workspace.run("pressrun", "report").returncode == 0
        again = workspace.run("run-batch", "--queue", "--yes", "--output-format", "json")
        found = json.loads(again.stdout)
        assert (again.returncode, len(found["skipped"]), len(found["failed"])) == (1, 2, 1)
        assert found["failed"][0]["stage"] == "render"
        assert found["failed"][0]["log"].endswith("render.log")
        assert workspace.stages_run("Iliad").count("tts") == 1, "it went on at the stage that had failed"
        running.send_signal(signal.SIGINT)
        assert running.wait(5) == 130
    said = (workspace.folder / "worker.log").read_text()
    assert re.search(r"row 1 \(Emma\): started\n.*row 1 \(Emma\): completed in ", said, re.DOTALL)
    assert "failed at render: render was instructed to fail" in said


def test_ctrl_c_ends_only_the_watching_and_the_same_command_sees_the_end(workspace: CommandWorkspace) -> None:
    workspace.list_books("Walden @tts:hold", "Emma")
    terminal = workspace.terminal("run-batch", "--queue", "--yes")
    terminal.wait_for("No worker takes these books.")
    with worker(workspace, "--queue", "books"):
        until(lambda: "tts" in workspace.stages_run("Walden"))
        terminal.wait_for("tts")
        terminal.type("\x03")
        assert terminal.finish(5) == 130
        assert "The jobs keep running." in terminal.text
        assert terminal.text.count("Its job continues in the queue") == 2
        assert re.search(r"pressrun queue cancel bj_\w{26}", terminal.text)
        again = workspace.terminal("sh", "-c", f"exec {BIN / 'run-batch'} --queue --yes --output-format json > answer")
        again.wait_for("tts")
        workspace.release()
        assert again.finish(40) == 0
    found = json.loads((workspace.folder / "answer").read_text())
    assert [row["book"] for row in found["success"]] == ["Walden @tts:hold", "Emma"]
    assert found["success"][0]["youtube_url"] == database(workspace)["Walden @tts:hold"]["youtube_url"]
    assert workspace.stages_run("Walden").count("tts") == 1
    assert len(published(workspace)) == 4


def test_the_id_of_what_was_sent_lists_and_cancels_it_within_seconds(workspace: CommandWorkspace) -> None:
    workspace.list_books("Walden @tts:sleep=30")
    with worker(workspace):
        terminal = workspace.terminal("run-batch", "--queue", "--yes")
        until(lambda: "tts" in workspace.stages_run("Walden"))
        batch, state = workspace.run("pressrun", "queue", "list").stdout.split("\t")[:2]
        assert state == "running"
        refused = workspace.run("pressrun", "queue", "resume", batch)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "Allowed now: pause, cancel." in refused.stderr
        assert workspace.run("pressrun", "queue", "cancel", batch).stdout.split("\t")[1] in ("canceling", "canceled")
        assert terminal.finish(6) == 0
        assert "Its job was cancelled" in terminal.text
        assert not [each for each in workspace.processes() if "pressrun.stages" in each.cmdline()]
    assert published(workspace) == []


def test_a_pause_is_said_to_who_watches_and_to_who_comes_later(workspace: CommandWorkspace) -> None:
    workspace.list_books("Walden @tts:hold")
    with worker(workspace):
        terminal = workspace.terminal("run-batch", "--queue", "--yes", columns=160)
        until(lambda: "tts" in workspace.stages_run("Walden"))
        batch = workspace.run("pressrun", "queue", "list").stdout.split("\t")[0]
        assert workspace.run("pressrun", "queue", "pause", batch).returncode == 0
        workspace.release()
        terminal.wait_for(f"{batch} is paused. To resume: pressrun queue resume {batch}")
        assert workspace.stages_run("Walden")[-1] == "tts"
        later = workspace.terminal("run-batch", "--queue", "--yes", columns=160)
        later.wait_for(f"{batch} is paused.")
        assert "Already in the queue, with their earlier settings: 1 book." in later.text
        assert workspace.run("pressrun", "queue", "resume", batch).returncode == 0
        assert (terminal.finish(), later.finish()) == (0, 0)
    assert workspace.stages_run("Walden").count("tts") == 1
    assert len(published(workspace)) == 2


def test_a_book_that_is_made_here_is_not_made_by_the_queue_too(workspace: CommandWorkspace) -> None:
    workspace.list_books("Walden @render:sleep=2")
    here = workspace.terminal("run-batch", "--yes")
    until(lambda: "render" in workspace.stages_run("Walden"))
    with worker(workspace):
        queued = workspace.run("run-batch", "--queue", "--yes", "--output-format", "json")
    assert here.finish() == 0
    (skipped,) = json.loads(queued.stdout)["skipped"]
    assert skipped["reason"] == "Already done"
    assert workspace.stages_run("Walden").count("render") == 1
    assert len(published(workspace)) == 2


def test_a_book_whose_worker_is_killed_continues_with_another_and_is_published_once(
    workspace: CommandWorkspace
) -> None:
    workspace.list_books("Walden @shorts:sleep=1")
    with worker(workspace) as first:
        terminal = workspace.terminal("run-batch", "--queue", "--yes")
        until(lambda: "shorts" in workspace.stages_run("Walden"))
        first.kill()
        count_as_dead(workspace)
        with worker(workspace):
            assert terminal.finish(40) == 0
    assert "stopped responding; the job waits for another worker" in terminal.text
    stages = workspace.stages_run("Walden")
    assert (stages.count("upload"), stages.count("shorts")) == (1, 2)
    assert len(published(workspace)) == 2
    assert database(workspace)["Walden @shorts:sleep=1"]["status"] == "done"


def test_a_worker_that_was_frozen_hands_its_book_over_and_it_is_published_once(workspace: CommandWorkspace) -> None:
    workspace.list_books("Walden @render:sleep=1")
    with worker(workspace) as first:
        terminal = workspace.terminal("run-batch", "--queue", "--yes")
        until(lambda: "render" in workspace.stages_run("Walden"))
        first.send_signal(signal.SIGSTOP)
        count_as_dead(workspace)
        try:
            with worker(workspace):
                until(lambda: "attempt 2" in (workspace.folder / "worker.log").read_text())
                time.sleep(1)
                assert published(workspace) == [], "the frozen one still has the book's lock"
                first.send_signal(signal.SIGCONT)
                assert terminal.finish(30) == 0
        finally:
            first.send_signal(signal.SIGCONT)
    assert len(published(workspace)) == 2
    assert workspace.stages_run("Walden").count("upload") == 1
    assert "another worker has taken over" in (workspace.folder / "worker.log").read_text()
