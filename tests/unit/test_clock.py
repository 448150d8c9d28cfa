from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from pressrun.clock import MAX_GAP, TICK, AwakeClock, elapsed_time

READ_TWICE = """
import sys, time
from pressrun.clock import awake_time
before = awake_time()
print("on", flush=True)
sys.stdin.readline()
print(awake_time() - before)
"""


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_small_steps_count_as_they_are() -> None:
    clock = AwakeClock(source := Time())
    before = clock.read()
    for _ in range(40):
        source.now += MAX_GAP
        clock.read()
    assert clock.read() - before == pytest.approx(40 * MAX_GAP)


@pytest.mark.parametrize("asleep", [MAX_GAP + 0.1, 60.0, 8 * 3600.0])
def test_a_gap_counts_as_one_tick_and_only_once(asleep: float) -> None:
    clock = AwakeClock(source := Time())
    before = clock.read()
    source.now += asleep
    assert clock.read() - before == pytest.approx(TICK)
    source.now += 1.0
    assert clock.read() - before == pytest.approx(1.0 + TICK)


def test_the_time_that_a_process_is_stopped_does_not_count() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", READ_TWICE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        time.sleep(MAX_GAP + 1.0)
        process.send_signal(signal.SIGCONT)
        output, _ = process.communicate("\n")
    assert float(output) < MAX_GAP


def test_a_process_that_only_waits_is_awake() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", READ_TWICE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    process.stdout.readline()
    time.sleep(MAX_GAP + 0.5)
    output, _ = process.communicate("\n")
    assert float(output) >= MAX_GAP + 0.4


def test_a_forked_process_has_a_clock_of_its_own() -> None:
    program = """
import os, time
from pressrun.clock import MAX_GAP, awake_time
awake_time()
if os.fork():
    raise SystemExit(os.waitstatus_to_exitcode(os.wait()[1]))
before = awake_time()
time.sleep(MAX_GAP + 0.5)
os._exit(awake_time() - before < MAX_GAP)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_elapsed_time_includes_suspensions_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "CLOCK_BOOTTIME", 7, raising=False)
    monkeypatch.setattr(time, "clock_gettime", {7: 4711.0}.__getitem__)
    assert elapsed_time() == 4711.0
