from __future__ import annotations

import json

import pytest

from pressrun.cli.interrupt import EXIT_INTERRUPTED as EARLY_EXIT_INTERRUPTED
from pressrun.cli.interrupt import INTERRUPTED, NO_RESULTS, wants_json
from pressrun.cli.results import write_error_json
from pressrun.errors import EXIT_INTERRUPTED


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", False), ("--yes", False), ("--output-format json", True), ("--yes --output-format=json --bogus", True),
        ("--output-format text", False), ("--output-format json --output-format text", False),
        ("--output-format", False),
        ("-- --output-format json", False), ("batch --output-format json", True),
    ],
)
def test_json_is_seen_in_the_arguments_before_they_are_parsed(line: str, wanted: bool) -> None:
    assert wants_json(line.split()) is wanted


def test_an_early_interrupt_answers_as_any_other_error_does(capsys: pytest.CaptureFixture[str]) -> None:
    write_error_json(*INTERRUPTED)
    assert json.loads(NO_RESULTS.format(*INTERRUPTED)) == json.loads(capsys.readouterr().out)


def test_the_exit_code_is_that_of_all_interrupts() -> None:
    assert EARLY_EXIT_INTERRUPTED == EXIT_INTERRUPTED
