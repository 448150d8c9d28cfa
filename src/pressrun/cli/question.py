"""The question after the plan. It is asked where a person can see it and answer, or not at all."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from pressrun.cli.screen import is_terminal
from pressrun.errors import UsageError

_TERMINAL = "/dev/tty"


def confirmed(question: str, *, list_on_stdin: bool) -> bool:
    """Whether the user says yes; the end of the input is a no.

    Standard input and error are used where both are the terminal, else the terminal itself: with the list on
    standard input, or with standard error in a file. Raises `UsageError` where there is no terminal.
    """
    if is_terminal(sys.stdin) and is_terminal(sys.stderr) and not list_on_stdin:
        return _ask(question, sys.stdin, sys.stderr)
    if list_on_stdin or is_terminal(sys.stdin):
        terminal = Path(_TERMINAL)
        with suppress(OSError), terminal.open(errors="replace") as answers, terminal.open("w") as questions:
            return _ask(question, answers, questions)
    raise UsageError(
        "There is no terminal to ask whether to proceed, and nothing has run",
        remedy="Add --yes to run without the question, or --dry-run to see the plan alone.",
    )


def _ask(question: str, answers: TextIO, questions: TextIO) -> bool:
    questions.write(question)
    questions.flush()
    answer = answers.readline()
    if not answer.endswith("\n"):
        questions.write("\n")
        questions.flush()
    return answer.strip().casefold() in ("y", "yes")
