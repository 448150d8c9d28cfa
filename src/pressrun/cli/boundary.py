"""The one place where an error becomes words and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import click

from pressrun.cli.interrupt import INTERRUPTED
from pressrun.error_reports import from_os_error
from pressrun.errors import EXIT_FAILED, EXIT_INTERRUPTED, PressrunError

Answer = Callable[[str, str], None]
"""Tells a program of an error: its message and its remedy."""


def guarded(work: Callable[[], int], log_folder: Callable[[], Path | None], answer: Answer | None = None) -> int:
    """What `work` returns, or the exit code of its error after one sentence and a remedy on standard error.

    `answer` gets both too. An error nobody foresaw leaves its traceback in a file of `log_folder()`, or of the user's
    log folder where that is None or cannot be written.
    """
    try:
        return work()
    except PressrunError as error:
        return _tell(error.message, error.remedy, error.exit_code, answer)
    except KeyboardInterrupt:
        return _tell(*INTERRUPTED, EXIT_INTERRUPTED, answer)
    except BrokenPipeError:
        silence_stdout()
        return EXIT_FAILED
    except (click.ClickException, click.exceptions.Exit):
        raise
    except Exception as error:
        if isinstance(error, OSError) and (known := from_os_error(error)):
            return _tell(known.message, known.remedy, known.exit_code, answer)
        return _tell(*_unforeseen(error, log_folder), EXIT_FAILED, answer)


class ToldByClick(click.ClickException):
    """An error of ours in click's form, with the same exit code."""

    def __init__(self, error: PressrunError) -> None:
        super().__init__(_paragraph(error.message, error.remedy))
        self.exit_code = error.exit_code
        self.error = error


@contextmanager
def as_click_errors() -> Iterator[None]:
    """For code that click calls while it parses: our errors in click's form, with the same exit code."""
    try:
        yield
    except PressrunError as error:
        raise ToldByClick(error) from error


def told(error: click.ClickException) -> tuple[str, str]:
    """The message and the remedy of an error that click shows."""
    if isinstance(error, ToldByClick):
        return error.error.message, error.error.remedy
    context = getattr(error, "ctx", None)
    return error.format_message(), f"See {context.command_path} --help." if context else ""


def silence_stdout() -> None:
    """After the reader of standard output went away: what Python still flushes at its end goes nowhere."""
    with suppress(OSError), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _tell(message: str, remedy: str, code: int, answer: Answer | None) -> int:
    from pressrun.cli.screen import open_screen

    screen = open_screen()
    sentence = message if message.endswith((".", ":", "?")) else f"{message}."
    interrupted = code == EXIT_INTERRUPTED
    screen.say((sentence, "" if interrupted else "red"))
    if remedy and not interrupted:
        screen.say(remedy)
    if answer:
        answer(message, remedy)
    return code


def _paragraph(message: str, remedy: str) -> str:
    from pressrun.cli.text import clean

    return clean(f"{message}. {remedy}" if remedy else message)


def _unforeseen(error: Exception, log_folder: Callable[[], Path | None]) -> tuple[str, str]:
    import traceback

    text = "".join(traceback.format_exception(error))
    what = f"An unexpected error ended the program: {type(error).__name__}: {error}"
    for folder in (log_folder, _user_log_folder):
        try:
            path = folder()
            if path is None:
                continue
            path.mkdir(parents=True, exist_ok=True)
            log = path / f"crash-{datetime.now():%Y-%m-%d_%H-%M-%S}-{os.getpid()}.log"
            log.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return what, f"The details are in {log}; this is a defect of the program, and that file helps to mend it."
    return what, text


def _user_log_folder() -> Path:
    import platformdirs

    return platformdirs.user_log_path("pressrun", appauthor=False)
