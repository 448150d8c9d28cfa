"""The promises with several books at once: real commands, real processes, ended by force."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from typing import Any

import pytest
from bench.faults.left_behind import SWEEP
from bench.faults.trial import STAGES, wait_for_exit

STUBBORN = [f"Book {number} @tts:leave @tts:stubborn=60" for number in range(1, 5)]


def three_in_tts(trial: Any) -> None:
    trial.wait_for(lambda: trial.log().count("tts") == 3)
    time.sleep(0.3)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_batch_of_three_workers_that_is_asked_to_end_does_so_within_three_seconds(
    trial: Any, number: signal.Signals
) -> None:
    process = trial.run_batch(*STUBBORN, workers="3", output_format="json")
    three_in_tts(trial)
    began = time.monotonic()
    process.send_signal(number)
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - began < 3.0
    assert process.returncode == 130
    assert [row["reason"] for row in json.loads(output)["skipped"]] == ["User interrupted batch"] * 4
    assert trial.survivors(SWEEP) == []


def test_a_second_interrupt_ends_three_stubborn_stages_at_once(trial: Any) -> None:
    process = trial.run_batch(*STUBBORN, workers="3", grace="30")
    three_in_tts(trial)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    code, _ = wait_for_exit(process)
    assert code == 130
    assert time.monotonic() - began < 2.0
    assert trial.survivors(SWEEP) == []


def test_an_interrupt_ends_those_that_wait_for_their_turn(trial: Any) -> None:
    titles = [f"Book {number} @render:sleep=60" for number in range(1, 5)]
    process = trial.run_batch(*titles, workers="3", renders="1")
    trial.wait_for(lambda: trial.log().count("tts") == 3 and "render" in trial.log())
    time.sleep(0.3)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    code, said = wait_for_exit(process)
    assert time.monotonic() - began < 3.0
    assert code == 130
    assert "render waits for a free processor" in said
    assert trial.log().count("render") == 1


def test_a_batch_of_three_workers_that_is_killed_leaves_nothing_and_the_next_makes_each_book_once(trial: Any) -> None:
    process = trial.run_batch(*STUBBORN, workers="3")
    three_in_tts(trial)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert trial.survivors(SWEEP) == []
    before = Counter(trial.log())
    trial.run_batch(*STUBBORN, workers="3")
    trial.wait_for(lambda: trial.log().count("tts") == 6)
    after = Counter(trial.log())
    assert [after[stage] - before[stage] for stage in STAGES[:3]] == [0] * 3, "finished stages did not run again"


def test_a_supervisor_that_is_killed_costs_one_book_and_leaves_nothing_of_it(trial: Any) -> None:
    titles = [f"Book {number} @tts:leave @tts:sleep=2" for number in range(1, 4)]
    process = trial.run_batch(*titles, workers="3", retries="1", output_format="json")
    three_in_tts(trial)
    supervisors = [each for each in trial.processes() if "pressrun.engine.supervisor" in each.cmdline()]
    assert len(supervisors) == 3
    supervisors[0].kill()
    output, _ = process.communicate(timeout=60)
    results = json.loads(output)
    assert (len(results["success"]), len(results["failed"])) == (2, 1)
    assert "ended from outside" in results["failed"][0]["error"]
    assert trial.survivors(SWEEP) == []


def test_two_commands_of_three_workers_on_one_list_make_each_book_exactly_once(trial: Any) -> None:
    titles = [f"Book {number}" for number in range(6)]
    trial.list_books(*titles)
    batches = [trial.start(trial.argv(workers="3")) for _ in range(2)]
    assert [wait_for_exit(batch, 120)[0] for batch in batches] == [0, 0]
    runs = Counter((title, stage) for title in titles for stage in trial.log(title))
    assert runs == Counter({(title, stage): 1 for title in titles for stage in STAGES})
    assert len(trial.published()) == len(set(trial.published())) == 2 * len(titles)
    assert sorted(book["main_title"] for book in trial.books() if book["status"] == "done") == sorted(titles)


def test_a_book_that_takes_too_long_fails_on_its_own_and_leaves_nothing_running(trial: Any) -> None:
    titles = ("Emma @tts:leave @tts:stubborn=60", "Ulysses", "Dune")
    process = trial.run_batch(*titles, workers="3", timeout="8", grace="0.2", output_format="json")
    output, _ = process.communicate(timeout=60)
    results = json.loads(output)
    assert [row["error"] for row in results["failed"]] == ["Timeout (>8 seconds)"]
    assert len(results["success"]) == 2
    assert trial.survivors(SWEEP) == []
