"""What a person sees of a run that is ended: how fast, with which exit code, and that the same command goes on."""

from __future__ import annotations

import json
import signal
import time
from typing import Any

import pytest
from bench.faults.trial import wait_for_exit


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_asked_to_end_does_so_within_three_seconds(trial: Any, number: signal.Signals) -> None:
    process = trial.run_batch("Emma @tts:leave @render:stubborn=60")
    trial.wait_for(lambda: "render" in trial.log())
    started = time.monotonic()
    process.send_signal(number)
    code, _ = wait_for_exit(process)
    assert time.monotonic() - started < 3.0
    assert code == 130


def test_a_run_that_was_interrupted_reports_it_and_the_same_command_resumes(trial: Any) -> None:
    process = trial.run_batch("Emma", "Dune @render:sleep=30", "Ulysses", output_format="json")
    trial.wait_for(lambda: trial.log().count("render") == 2)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    result = json.loads(output)
    assert process.returncode == 130
    assert [row["book"] for row in result["success"]] == ["Emma"]
    assert {row["reason"] for row in result["skipped"]} == {"User interrupted batch"}
    before = len(trial.log())
    trial.run_batch("Emma", "Dune @render:sleep=30", "Ulysses")
    trial.wait_for(lambda: len(trial.log()) > before)
    assert trial.log()[before] == "render"
