"""Ctrl+C and its like in the middle of a stage."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import Any

SLOW = "Walden @tts:sleep=30 @process:leave | Henry David Thoreau"


def interrupted(desk: Any, terminal: Any, stage: str, stop: Callable[[], None]) -> float:
    """Stops the run in a stage of Walden; the seconds until its end."""
    deadline = time.monotonic() + 20
    while stage not in desk.stages_run("Walden"):
        assert time.monotonic() < deadline
        terminal.wait_for("batch")
        time.sleep(0.05)
    began = time.monotonic()
    stop()
    assert terminal.finish(seconds=10) == 130
    return time.monotonic() - began


def test_an_interrupt_ends_the_stage_and_all_it_started_and_the_next_run_goes_on(desk: Any) -> None:
    desk.list_books("Emma", SLOW, "Iliad")
    terminal = desk.terminal("run-batch", "--yes", "--delay", "0")
    assert interrupted(desk, terminal, "tts", lambda: terminal.type("\x03")) < 3
    assert desk.processes() == []
    assert "Traceback" not in terminal.text
    assert "│ ✓ Success (new)     │     1 │" in terminal.text
    assert terminal.text.count("User interrupted batch") == 2
    assert "The same command goes on" in terminal.text
    assert "■ tts" in terminal.text
    assert "time left" not in terminal.text, "the moving part is gone"

    terminal = desk.terminal("run-batch", "--until", "process")
    terminal.wait_for("Proceed? [y/N]")
    assert "already run up to process" in terminal.text
    terminal.type("y\n")
    assert terminal.finish() == 0
    assert desk.stages_run("Walden") == ["search", "transcribe", "process", "tts"], "nothing ran a second time"
    assert desk.stages_run("Emma").count("search") == 1

    terminal = desk.terminal("run-batch")
    terminal.wait_for("Proceed? [y/N]")
    assert "resumes at tts" in terminal.text
    terminal.type("\x03")
    assert terminal.finish() == 130


def test_a_request_to_terminate_ends_it_the_same_way(desk: Any) -> None:
    desk.list_books("Walden @search:sleep=30")
    terminal = desk.terminal("run-batch", "--yes")
    assert interrupted(desk, terminal, "search", lambda: terminal.process.kill(signal.SIGTERM)) < 3
    assert desk.processes() == []


def test_a_window_that_is_closed_ends_the_run_in_good_order(desk: Any) -> None:
    desk.list_books("Walden @search:sleep=30")
    terminal = desk.terminal("run-batch", "--yes")
    terminal.wait_for("seconds")
    terminal.process.close(force=False)
    end = time.monotonic() + 3
    while desk.processes() and time.monotonic() < end:
        time.sleep(0.05)
    assert desk.processes() == []
    assert not list((desk.folder / "runs").glob(".logs/*"))


def test_a_second_interrupt_ends_a_stubborn_stage_at_once(desk: Any) -> None:
    desk.list_books("Walden @search:stubborn=30")
    terminal = desk.terminal("run-batch", "--yes", "--grace", "20")

    def twice() -> None:
        terminal.type("\x03")
        terminal.wait_for("Ctrl+C again ends all at once")
        terminal.type("\x03")

    assert interrupted(desk, terminal, "search", twice) < 3
    assert desk.processes() == []


def test_an_interrupt_in_the_pause_ends_it(desk: Any) -> None:
    desk.list_books("Walden", "Emma")
    terminal = desk.terminal("run-batch", "--yes", "--delay", "60", "--until", "search")
    terminal.wait_for("next book in")
    began = time.monotonic()
    terminal.type("\x03")
    assert terminal.finish(seconds=5) == 130
    assert time.monotonic() - began < 3
    assert "Emma: User interrupted batch" in terminal.text
