"""Ctrl+C and its like in the middle of a stage."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.acceptance.conftest import WAIT_TIMEOUT
from tests.commands import BIN

SLOW = "Walden @tts:sleep=30 @process:leave | Henry David Thoreau"


def interrupted(workspace: Any, terminal: Any, stage: str, stop: Callable[[], None]) -> float:
    """Stops the run in a stage of Walden; the seconds until its end."""
    deadline = time.monotonic() + WAIT_TIMEOUT
    while stage not in workspace.stages_run("Walden"):
        assert time.monotonic() < deadline
        terminal.wait_for("batch")
        time.sleep(0.05)
    began = time.monotonic()
    stop()
    assert terminal.finish(seconds=10) == 130
    return time.monotonic() - began


def test_an_interrupt_ends_the_stage_and_all_it_started_and_the_next_run_continues(workspace: Any) -> None:
    workspace.list_books("Emma", SLOW, "Iliad")
    terminal = workspace.terminal("run-batch", "--yes", "--delay", "0")
    assert interrupted(workspace, terminal, "tts", lambda: terminal.type("\x03")) < 3
    assert workspace.processes() == []
    assert "Traceback" not in terminal.text
    assert "│ ✓ Success (new)     │     1 │" in terminal.text
    assert terminal.text.count("User interrupted batch") == 2
    assert "Run the same command to resume." in terminal.text
    assert "■ tts" in terminal.text
    assert "time left" not in terminal.text, "the moving part is gone"

    terminal = workspace.terminal("run-batch", "--until", "process")
    terminal.wait_for("Proceed? [y/N]")
    assert "already run up to process" in terminal.text
    terminal.type("y\n")
    assert terminal.finish() == 0
    assert workspace.stages_run("Walden") == ["search", "transcribe", "process", "tts"], "nothing ran a second time"
    assert workspace.stages_run("Emma").count("search") == 1

    terminal = workspace.terminal("run-batch")
    terminal.wait_for("Proceed? [y/N]")
    assert "resumes at tts" in terminal.text
    terminal.type("\x03")
    assert terminal.finish() == 130


def test_a_request_to_terminate_ends_it_the_same_way(workspace: Any) -> None:
    workspace.list_books("Walden @search:sleep=30")
    terminal = workspace.terminal("run-batch", "--yes")
    assert interrupted(workspace, terminal, "search", lambda: terminal.process.kill(signal.SIGTERM)) < 3
    assert workspace.processes() == []


def test_a_window_that_is_closed_ends_the_run_in_good_order(workspace: Any) -> None:
    workspace.list_books("Walden @search:sleep=30")
    terminal = workspace.terminal("run-batch", "--yes")
    terminal.wait_for("seconds")
    terminal.process.ptyproc.delayafterclose = 1.0  # seconds until pexpect itself sends more signals
    terminal.process.close(force=False)
    end = time.monotonic() + 3
    while workspace.processes() and time.monotonic() < end:
        time.sleep(0.05)
    assert workspace.processes() == []
    assert not list((workspace.folder / "runs").glob(".logs/*"))


def test_a_second_interrupt_ends_a_stubborn_stage_at_once(workspace: Any) -> None:
    workspace.list_books("Walden @search:stubborn=30")
    terminal = workspace.terminal("run-batch", "--yes", "--grace", "20")

    def twice() -> None:
        terminal.type("\x03")
        terminal.wait_for("press Ctrl+C again to stop at once")
        terminal.type("\x03")

    assert interrupted(workspace, terminal, "search", twice) < 3
    assert workspace.processes() == []


def test_an_interrupt_in_the_pause_ends_it(workspace: Any) -> None:
    workspace.list_books("Walden", "Emma")
    terminal = workspace.terminal("run-batch", "--yes", "--delay", "60", "--until", "search")
    terminal.wait_for("next book in")
    began = time.monotonic()
    terminal.type("\x03")
    assert terminal.finish(seconds=5) == 130
    assert time.monotonic() - began < 3
    assert "Emma: User interrupted batch" in terminal.text


def begun(workspace: Any, *arguments: str) -> subprocess.Popen[str]:
    """The command, at the moment when Python has started and what is ours has begun to import."""
    environment = workspace.environment | {"PYTHONPROFILEIMPORTTIME": "1"}
    process = subprocess.Popen(
        [str(BIN / "run-batch"), *arguments], cwd=workspace.folder, env=environment, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    assert process.stderr
    while "click" not in process.stderr.readline():
        assert process.poll() is None
    return process


@pytest.mark.parametrize("delay", [0, 5, 15, 30, 50, 80, 120, 180, 250, 350, 500])
def test_an_interrupt_while_the_command_starts_is_130_without_a_traceback(workspace: Any, delay: int) -> None:
    workspace.list_books("Walden @search:sleep=30")
    process = begun(workspace, "--yes", "--output-format", "json")
    time.sleep(delay / 1000)
    process.send_signal(signal.SIGINT)
    output, said = process.communicate(timeout=20)
    assert (process.returncode, "Traceback" in said, "Aborted" in said) == (130, False, False), said
    answer = json.loads(output)
    assert answer["success"] == answer["failed"] == []
    assert answer["skipped"] or answer["error"]["message"] == "Interrupted"


def test_an_interrupt_that_is_ignored_from_the_start_stays_so(workspace: Any) -> None:
    workspace.list_books("Walden")
    line = f"trap '' INT; exec {BIN / 'run-batch'} --yes --until search"
    process = subprocess.Popen(
        ["sh", "-c", line], cwd=workspace.folder, env=workspace.environment, stderr=subprocess.DEVNULL
    )
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0


def test_an_interrupted_question_answers_a_program_too(workspace: Any) -> None:
    workspace.list_books("Walden")
    terminal = workspace.terminal("sh", "-c", f"exec {BIN / 'run-batch'} --output-format json > answer")
    terminal.wait_for("Proceed? [y/N]")
    terminal.type("\x03")
    assert terminal.finish() == 130
    assert "Interrupted." in [line.strip() for line in terminal.lines]
    assert json.loads((workspace.folder / "answer").read_text())["error"]["message"] == "Interrupted"


def in_a_shell(workspace: Any, command: str) -> Any:
    terminal = workspace.terminal("bash", "--norc", "--noprofile", "-i", PS1="shell> ")
    terminal.wait_for("shell>")
    terminal.type(f"{command}\n")
    return terminal


def test_ctrl_z_shows_the_cursor_and_says_what_continues_and_fg_brings_the_view_back(workspace: Any) -> None:
    workspace.list_books("Walden @tts:hold")
    terminal = in_a_shell(workspace, "run-batch --yes --delay 0")
    terminal.wait_for("tts ")
    terminal.type("\x1a")
    terminal.wait_for("Stopped")
    assert "Suspended. Running stages continue, but no other stage starts until you return with fg." in terminal.text
    assert not terminal.screen.cursor.hidden
    assert "time left" not in terminal.text
    workspace.release()
    deadline = time.monotonic() + WAIT_TIMEOUT
    while any("pressrun.stages" in (each.info["cmdline"] or ()) for each in workspace.processes()):
        assert time.monotonic() < deadline
    time.sleep(0.5)
    assert workspace.stages_run("Walden")[-1] == "tts"
    terminal.type("fg\n")
    terminal.wait_for("✓ shorts")
    terminal.type("echo exit code $?\n")
    terminal.wait_for("exit code 0")
    assert not terminal.screen.cursor.hidden
    assert "time left" not in terminal.text
    terminal.type("exit\n")
    terminal.finish()


def test_the_view_comes_back_as_soon_as_the_batch_is_in_the_foreground(workspace: Any) -> None:
    workspace.list_books("Walden @tts:sleep=30")
    terminal = in_a_shell(workspace, "run-batch --yes --delay 0")
    terminal.wait_for("tts ")
    terminal.type("\x1a")
    terminal.wait_for("Stopped")
    terminal.type("bg\n")
    time.sleep(1)
    terminal.type("echo nothing; echo drawn\n")
    terminal.wait_for("nothing\ndrawn")
    assert "time left" not in terminal.text
    terminal.type("fg\n")
    terminal.wait_for("time left")
    assert terminal.screen.cursor.hidden
    terminal.type("\x03")
    terminal.wait_for("Interrupted")
    terminal.type("exit\n")
    terminal.finish()


def test_ctrl_z_without_a_shell_changes_nothing(workspace: Any) -> None:
    workspace.list_books("Walden @tts:sleep=1")
    terminal = workspace.terminal("run-batch", "--yes", "--delay", "0")
    terminal.wait_for("tts ")
    terminal.type("\x1a")
    assert terminal.finish() == 0
    assert "Suspended" not in terminal.text


def test_a_batch_that_was_stopped_for_longer_than_its_limit_finishes_its_stage(workspace: Any) -> None:
    workspace.list_books("Walden @tts:sleep=2")
    terminal = workspace.terminal("run-batch", "--yes", "--delay", "0", "--timeout", "8s", "--until", "tts")
    terminal.wait_for("tts ")
    terminal.process.kill(signal.SIGSTOP)
    time.sleep(9)
    terminal.process.kill(signal.SIGCONT)
    assert terminal.finish() == 0, terminal.text
    assert "Timeout" not in terminal.text


def test_a_stage_that_was_stopped_for_longer_than_its_limit_finishes(workspace: Any) -> None:
    workspace.list_books("Walden @tts:sleep=2")
    terminal = workspace.terminal("run-batch", "--yes", "--delay", "0", "--timeout", "8s", "--until", "tts")
    deadline = time.monotonic() + WAIT_TIMEOUT
    while "tts" not in workspace.stages_run("Walden"):
        assert time.monotonic() < deadline
    stages = [each for each in workspace.processes() if {"pressrun.stages", "tts"} <= set(each.info["cmdline"] or ())]
    assert stages
    for stage in stages:
        stage.suspend()
    time.sleep(9)
    for stage in stages:
        stage.resume()
    assert terminal.finish() == 0, terminal.text
    assert "Timeout" not in terminal.text
    assert "its time limit waits" in terminal.text
