"""The one place where an error becomes words and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import click

from pressrun.errors import EXIT_FAILED, EXIT_INTERRUPTED, PressrunError, no_space

_PATH_ERRORS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG)


def guarded(work: Callable[[], int], log_folder: Callable[[], Path | None]) -> int:
    """What `work` returns, or the exit code of its error after one sentence and a remedy on standard error.

    An error nobody foresaw leaves its traceback in a file of `log_folder()`, or of the user's log folder where that
    is None or cannot be written.
    """
    try:
        return work()
    except PressrunError as error:
        return _tell(error.message, error.remedy, error.exit_code)
    except KeyboardInterrupt:
        return _tell("Interrupted", "", EXIT_INTERRUPTED)
    except BrokenPipeError:
        silence_stdout()
        return EXIT_FAILED
    except (click.ClickException, click.exceptions.Exit):
        raise
    except Exception as error:
        if isinstance(error, OSError) and (known := _known_os_error(error)):
            return _tell(known.message, known.remedy, known.exit_code)
        return _tell(*_unforeseen(error, log_folder), EXIT_FAILED)


@contextmanager
def as_click_errors() -> Iterator[None]:
    """For code that click calls while it parses: our errors in click's form, with the same exit code."""
    try:
        yield
    except PressrunError as error:
        wrapped = click.ClickException(_paragraph(error.message, error.remedy))
        wrapped.exit_code = error.exit_code
        raise wrapped from error


def silence_stdout() -> None:
    """After the reader of standard output went away: what Python still flushes at its end goes nowhere."""
    with suppress(OSError), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _tell(message: str, remedy: str, code: int) -> int:
    from pressrun.cli.screen import open_screen

    screen = open_screen()
    sentence = message if message.endswith((".", ":", "?")) else f"{message}."
    screen.say((sentence, "" if code == EXIT_INTERRUPTED else "red"))
    if remedy:
        screen.say(remedy)
    return code


def _paragraph(message: str, remedy: str) -> str:
    from pressrun.cli.text import clean

    return clean(f"{message}. {remedy}" if remedy else message)


def _known_os_error(error: OSError) -> PressrunError | None:
    """Trouble of the disk or its permissions that the path alone explains."""
    if full := no_space(error, error.filename or "the workspace"):
        return full
    if error.filename is None or error.errno not in _PATH_ERRORS:
        return None
    return PressrunError(
        f"{error.filename}: {(error.strerror or str(error)).lower()}",
        remedy="Mend its permissions, or choose another folder with --workspace.",
    )


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
