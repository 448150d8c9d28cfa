"""Handle Ctrl+C from the first moment of a command until its work takes over.

Nothing that has started yet needs an orderly end, so the signal handler ends the process. An exception could be raised
in the middle of an import instead, where Python swallows it or turns it into a different error.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Sequence
else:
    import _signal  # the built-in part of `signal`, whose own import takes longer and could itself be interrupted

EXIT_INTERRUPTED = 130
INTERRUPTED = ("Interrupted", "Run the same command to resume.")
NO_RESULTS = """\
{{"success": [], "resumed": [], "failed": [], "skipped": [], "error": {{"message": "{}", "remedy": "{}"}}}}
"""

_pending_output = b""
"""Written to standard output if an interrupt ends the process."""


def exit_on_interrupt(arguments: Sequence[str]) -> None:
    """End the process with exit code 130 on Ctrl+C; with JSON requested, print an object with the error first.

    If interrupts are ignored, e.g. under `nohup`, they stay ignored.
    """
    global _pending_output
    if wants_json(arguments):
        _pending_output = NO_RESULTS.format(*INTERRUPTED).encode()
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _exit)


def mark_output_started() -> None:
    """Keep an interrupt from adding to results that are being written to standard output."""
    global _pending_output
    _pending_output = b""


def ignore_interrupts() -> None:
    """Ignore Ctrl+C while Python shuts down, where it would only spoil the exit code."""
    if _signal.getsignal(_signal.SIGINT) is _exit:
        _signal.signal(_signal.SIGINT, _signal.SIG_IGN)


def print_interrupted() -> None:
    """Report the interrupt on standard error, and on standard output if JSON was requested."""
    try:
        new_line = "\n" if os.isatty(2) else ""
        os.write(2, f"{new_line}{INTERRUPTED[0]}.\n".encode())
        os.write(1, _pending_output)
    except OSError:
        pass  # nothing reads the stream any more


def wants_json(arguments: Sequence[str]) -> bool:
    """Return whether the command line requests JSON, without parsing it, so that it also works if it is invalid."""
    wanted = ""
    for word, following in zip(arguments, (*arguments, "")[1:], strict=True):
        if word == "--":
            break
        name, _, value = word.partition("=")
        if name == "--output-format":
            wanted = value or following
    return wanted == "json"


def _exit(_number: int, _frame: object) -> None:
    print_interrupted()
    os._exit(EXIT_INTERRUPTED)
