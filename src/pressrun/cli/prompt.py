"""Ask the user, in the terminal or not at all."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from pressrun.cli.screen import is_terminal
from pressrun.errors import UsageError

_TERMINAL = "/dev/tty"


def confirm(question: str, *, stdin_used: bool = False) -> bool:
    """Return whether the user answers yes; the end of the input counts as no.

    If standard input or standard error is not the terminal, e.g. because the list comes from standard input
    (`stdin_used`), the terminal is opened itself. Raises `UsageError` if there is no terminal.
    """
    if is_terminal(sys.stdin) and is_terminal(sys.stderr) and not stdin_used:
        return _ask_yes_no(question, sys.stdin, sys.stderr)
    if stdin_used or is_terminal(sys.stdin):
        terminal = Path(_TERMINAL)
        with suppress(OSError), terminal.open(errors="replace") as answers, terminal.open("w") as questions:
            return _ask_yes_no(question, answers, questions)
    raise UsageError(
        "There is no terminal to ask for confirmation, so nothing was run",
        remedy="Use --yes to run without confirmation, or --dry-run to only see the plan.",
    )


def _ask_yes_no(question: str, answers: TextIO, questions: TextIO) -> bool:
    questions.write(question)
    questions.flush()
    answer = answers.readline()
    if not answer.endswith("\n"):
        questions.write("\n")
        questions.flush()
    return answer.strip().casefold() in ("y", "yes")


def ask_line(question: str) -> str:
    """Return a line from standard input. The question goes to standard error, which keeps standard output clean."""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()
