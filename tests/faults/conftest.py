from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from bench.faults import trial as trials
from bench.faults.trial import Trial, new_trial, start_program
from tests.forked import COMMANDS, ForkedCommand
from tests.size import FULL


@pytest.fixture(scope="session", autouse=True)
def _fork_commands() -> Iterator[None]:
    """In the short form, commands are forks of one process. The long form starts each as a program of its own."""
    if not FULL:
        trials.start_command = _start
    yield
    trials.start_command = start_program


def _start(
    argv: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> ForkedCommand | subprocess.Popen[str]:
    if Path(argv[0]).name in COMMANDS:
        return ForkedCommand(argv, folder, environment)
    return start_program(argv, folder, environment)


@pytest.fixture
def trial() -> Iterator[Trial]:
    with new_trial() as trial:
        yield trial
