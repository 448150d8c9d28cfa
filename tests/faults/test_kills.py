"""Runs that are killed: nothing is lost, nothing is made twice, nothing goes on running."""

from __future__ import annotations

import json
import signal
import time
from typing import Any

import pytest

ALL = ["search", "transcribe", "process", "tts", "render", "upload", "shorts"]


@pytest.mark.parametrize("stage", ALL)
def test_a_run_killed_in_the_middle_of_a_stage_runs_that_stage_again_and_no_other(night: Any, stage: str) -> None:
    title = f"Emma @{stage}:sleep=1"
    process = night.run_batch(title)
    night.wait_for(lambda: stage in night.log())
    process.send_signal(signal.SIGKILL)
    process.wait()
    night.wait_for(lambda: not night.processes())
    assert night.finish(title).returncode == 0
    assert night.log() == [*ALL[: ALL.index(stage) + 1], *ALL[ALL.index(stage) :]]
    assert len(night.published()) == 2
    assert json.loads((night.folder / "database.json").read_text())["books"][0]["status"] == "done"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_whatever_ends_a_run_nothing_stays_behind(night: Any, number: signal.Signals) -> None:
    process = night.run_batch("Emma @tts:leave @render:stubborn=60")
    night.wait_for(lambda: "render" in night.log())
    started = time.monotonic()
    process.send_signal(number)
    process.communicate()
    if number != signal.SIGKILL:
        assert time.monotonic() - started < 3.0
        assert process.returncode == 130
    night.wait_for(lambda: not night.processes())
    assert time.monotonic() - started < 4.0


def test_when_the_supervisor_dies_with_the_run_the_next_start_ends_what_is_left(night: Any) -> None:
    process = night.run_batch("Emma @render:stubborn=60")
    night.wait_for(lambda: "render" in night.log())
    supervisor = next(each for each in night.processes() if "pressrun.engine.supervisor" in each.cmdline())
    supervisor.suspend()
    process.kill()
    supervisor.kill()
    process.wait()
    assert night.processes()
    assert night.finish("Dune").returncode == 0
    assert not night.processes()


def test_two_runs_on_one_list_make_each_book_once(night: Any) -> None:
    titles = [f"Book {number}" for number in range(4)]
    runs = [night.run_batch(*titles) for _ in range(3)]
    for process in runs:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert len(night.published()) == 2 * len(titles)
    assert sorted(night.log()) == sorted(ALL * len(titles))


def test_a_run_that_was_interrupted_says_so_and_the_same_command_goes_on(night: Any) -> None:
    process = night.run_batch("Emma", "Dune @render:sleep=30", "Ulysses", output_format="json")
    night.wait_for(lambda: night.log().count("render") == 2)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    result = json.loads(output)
    assert process.returncode == 130
    assert [row["book"] for row in result["success"]] == ["Emma"]
    assert {row["reason"] for row in result["skipped"]} == {"User interrupted batch"}
    before = len(night.log())
    night.run_batch("Emma", "Dune @render:sleep=30", "Ulysses")
    night.wait_for(lambda: len(night.log()) > before)
    assert night.log()[before] == "render"
