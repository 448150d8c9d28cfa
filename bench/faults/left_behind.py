"""Promises 3 and 4: however a batch ends, nothing of it goes on running.

The batch has a stage that ignores TERM and a grandchild that ignores it too, in a session of its own; every second
pair of batches has three such books at once. It is ended at random moments from its first millisecond on: by ^C on a
terminal, by signals, by KILL, and together with its supervisors. What lives is counted by a stamp in the environment,
so nothing is missed.
"""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass

import pexpect  # type: ignore[import-untyped]
import psutil

from bench.faults.trial import WAIT_TIMEOUT, Trial, new_trial, repeat, wait_for_exit, wait_until
from bench.report import Figure

STAGE = "transcribe"
TITLES = tuple(f"{title} @{STAGE}:leave @{STAGE}:stubborn=60" for title in ("Emma", "Dune", "Ulysses"))
WAYS = ("^C", "INT", "TERM", "HUP", "KILL")
LONGEST = 1.0
"""Seconds after the start in which the moment lies, for those that do not wait for the stubborn stage."""
SWEEP = 6.0
"""Seconds after the end of the command in which the supervisor may still be at work."""


@dataclass(frozen=True)
class End:
    """How one batch ended."""

    survivors: int
    seconds: float
    """From the signal to the end of the command."""
    stage: bool
    """Whether the stubborn stage was running."""
    exit: int | None


def figures(each: int) -> list[Figure]:
    """Promise 3, `each` times for every way of ending a batch."""
    return [figure for way in WAYS for figure in figures_of(way, each)]


def figures_of(way: str, times: int) -> list[Figure]:
    end = _end_on_a_terminal if way == "^C" else _end_by_signal
    ends = repeat(times, lambda number, chance: end(way, _books(number), _moment(number, times, chance)), seed=3)
    in_stage = [each for each in ends if each.stage]
    return [
        Figure(f"3 processes left after {way}, {times} batches", sum(each.survivors for each in ends), "", required=0),
        Figure(f"3 of them ended in the stubborn stage, {way}", len(in_stage), "", required=times // 2, at_most=False),
        Figure(f"3 longest end after {way}", max(each.seconds for each in ends), "s", required=5.0, target=3.0),
        Figure(f"3 exit codes but 130 during that stage, {way}",
               0 if way == "KILL" else sum(each.exit != 130 for each in in_stage), "", required=0),
    ]


def supervisor_figures(times: int) -> list[Figure]:
    """Promise 4: command and supervisor killed together; the next start ends what they left."""
    ends = repeat(times, lambda number, chance: _kill_both(_books(number), chance), seed=4)
    return [
        Figure(f"4 processes after both were killed, {times} batches", sum(before for before, _ in ends), "",
               required=times, at_most=False),
        Figure("4 of them alive after the next start", sum(after for _, after in ends), "", required=0),
    ]


def _books(number: int) -> int:
    """How many books at once the batch with this number has."""
    return 1 if number // 2 % 2 == 0 else len(TITLES)


def _moment(number: int, times: int, chance: random.Random) -> tuple[bool, float]:
    """Whether to wait for the stubborn stage first, and seconds: a half of the batches ends on the way there."""
    if number % 2:
        return True, chance.uniform(0.0, 0.4)
    return False, LONGEST * (number + chance.random()) / times


def _end_by_signal(way: str, books: int, moment: tuple[bool, float]) -> End:
    with new_trial(PRESSRUN_WORKERS=str(books)) as trial:
        process = trial.run_batch(*TITLES[:books])
        in_stage_first, seconds = moment
        if in_stage_first:
            trial.wait_for(lambda: STAGE in trial.log())
        time.sleep(seconds)
        in_stage = STAGE in trial.log()
        clock = time.monotonic()
        process.send_signal(getattr(signal, f"SIG{way}"))
        code, _ = wait_for_exit(process)
        seconds = time.monotonic() - clock
        return End(len(trial.survivors(SWEEP)), seconds, in_stage, code)


def _end_on_a_terminal(_: str, books: int, moment: tuple[bool, float]) -> End:
    with new_trial(PRESSRUN_WORKERS=str(books)) as trial:
        trial.list_books(*TITLES[:books])
        first, *rest = trial.argv()
        terminal = pexpect.spawn(first, rest, env=trial.variables(), dimensions=(40, 100))
        in_stage_first, seconds = moment
        deadline = time.monotonic() + WAIT_TIMEOUT
        while in_stage_first and STAGE not in trial.log() and time.monotonic() < deadline:
            _read_for(terminal, 0.05)
        _read_for(terminal, seconds)
        in_stage = STAGE in trial.log()
        clock = time.monotonic()
        terminal.sendintr()
        while terminal.isalive() and time.monotonic() < clock + WAIT_TIMEOUT:
            _read_for(terminal, 0.05)
        seconds = time.monotonic() - clock
        survivors = len(trial.survivors(SWEEP))
        terminal.close(force=True)
        return End(survivors, seconds, in_stage, terminal.exitstatus)


def _read_for(terminal: pexpect.spawn, seconds: float) -> None:
    """Shows what comes, as a terminal does."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            terminal.read_nonblocking(4096, timeout=left)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            time.sleep(left)
            return


def _kill_both(books: int, chance: random.Random) -> tuple[int, int]:
    """How many processes lived after the two kills, and after the next start."""
    with new_trial(PRESSRUN_WORKERS=str(books)) as trial:
        process = trial.run_batch(*TITLES[:books])
        trial.wait_for(lambda: trial.log().count(STAGE) == books)
        time.sleep(chance.uniform(0.0, 0.3))
        supervisors = [each for each in trial.processes() if "pressrun.engine.supervisor" in _command(each)]
        # Stopped first, so that none can clean up in the moment between the kills.
        for supervisor in supervisors:
            supervisor.suspend()
        os.kill(process.pid, signal.SIGKILL)
        for supervisor in supervisors:
            supervisor.kill()
        process.communicate()
        before = len(trial.processes())
        trial.finish("Dune", until="search")
        return before, len(_alive(trial))


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def _alive(trial: Trial) -> list[psutil.Process]:
    wait_until(lambda: not trial.processes(), 0.5)
    return trial.processes()
