"""What the installed commands call: an interrupt ends them with exit code 130 from the first moment on.

Before a run starts nothing has been begun that needs an end in good order, so an interrupt then ends the process
inside the signal handler. As an exception it could rise in the middle of an import, where Python swallows it or makes
another error of it.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Sequence

    from click import ClickException
else:
    import _signal  # the built-in part of `signal`, whose own import takes longer and could itself be interrupted

EXIT_INTERRUPTED = 130
INTERRUPTED = ("Interrupted", "The same command goes on where this one stopped.")
NO_RESULTS = """\
{{"success": [], "resumed": [], "failed": [], "skipped": [], "error": {{"message": "{}", "remedy": "{}"}}}}
"""

_answer = b""
"""What standard output gets when an interrupt ends the process."""


def run_batch() -> int:
    return _call("run_batch")


def run_pipeline() -> int:
    return _call("run_pipeline")


def pressrun() -> int:
    return _call("pressrun")


def answer_begun() -> None:
    """Results are being written to standard output: an interrupt adds nothing to them any more."""
    _answer_with("")


def _answer_with(text: str) -> None:
    global _answer
    _answer = text.encode()


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether the command line asks for JSON; known before it is parsed, and also where it cannot be."""
    wanted = ""
    for word, following in zip(arguments, (*arguments, "")[1:], strict=True):
        if word == "--":
            break
        name, _, value = word.partition("=")
        if name == "--output-format":
            wanted = value or following
    return wanted == "json"


def _call(name: str) -> int:
    """The exit code of the command `name` of `pressrun.cli.main`, after its errors have become words."""
    _end_on_interrupt()
    # A start makes much that stays: with Python's 700, it would be looked through for garbage some forty times.
    gc.set_threshold(50_000, 20, 20)
    as_json = wants_json(sys.argv[1:])
    if as_json:
        _answer_with(NO_RESULTS.format(*INTERRUPTED))
    import click

    from pressrun.cli import main

    try:
        return getattr(main, name).main(standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        if as_json:
            _answer_error(error)
        return error.exit_code
    except click.Abort:
        _say_interrupted()
        return EXIT_INTERRUPTED
    finally:
        # All is said and done: an interrupt while Python cleans up would only spoil the exit code.
        if _signal.getsignal(_signal.SIGINT) is _end:
            _signal.signal(_signal.SIGINT, _signal.SIG_IGN)


def _end_on_interrupt() -> None:
    """Where interrupts are ignored, as under `nohup`, they stay so."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _end)


def _end(_number: int, _frame: object) -> None:
    _say_interrupted()
    os._exit(EXIT_INTERRUPTED)


def _say_interrupted() -> None:
    try:
        new_line = "\n" if os.isatty(2) else ""
        os.write(2, f"{new_line}{INTERRUPTED[0]}.\n".encode())
        os.write(1, _answer)
    except OSError:
        pass  # nobody reads it


def _answer_error(error: ClickException) -> None:
    from pressrun.cli.boundary import told
    from pressrun.cli.results import write_error_json

    write_error_json(*told(error))
