"""Run a command in its workspace, and turn its errors into a message and an exit code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from pressrun.cli.interrupt import INTERRUPTED
from pressrun.error_reports import to_pressrun_error
from pressrun.errors import EXIT_FAILED, EXIT_INTERRUPTED, PressrunError, UnexpectedError
from pressrun.store.workspace import Workspace, current_workspace, use_workspace

OnError = Callable[[str, str], None]
"""Gets the message and the remedy of an error."""


def run_command(
    workspace: Path | None, work: Callable[[Workspace], int], *, json: bool = False, writes: bool = True
) -> int:
    """Run `work` in the workspace at `workspace`, by default the current one, and return its exit code.

    Errors are shown on standard error; with `json`, they are also written to standard output as an object. The
    traceback of an unexpected error goes to the workspace's log folder if it has run folders, else, or if the command
    `writes` nothing there, to the user's.
    """
    place = Workspace(workspace.resolve()) if workspace else current_workspace()

    def work_there() -> int:
        with use_workspace(place):
            return work(place)

    def log_folder() -> Path | None:
        return place.logs if writes and place.runs.is_dir() else None

    return handle_errors(work_there, log_folder, _write_error_json if json else None)


def handle_errors(
    work: Callable[[], int], log_folder: Callable[[], Path | None] = lambda: None, on_error: OnError | None = None
) -> int:
    """Return what `work` returns, or the exit code of its error after a sentence and a remedy on standard error.

    `on_error` gets both too. The traceback of an unexpected error goes to a file in `log_folder()`, or in the user's
    log folder if that is None or cannot be written.
    """
    try:
        return work()
    except KeyboardInterrupt:
        return _show_error(*INTERRUPTED, EXIT_INTERRUPTED, on_error)
    except BrokenPipeError:
        from pressrun.cli.results import silence_stdout

        silence_stdout()
        return EXIT_FAILED
    except (click.ClickException, click.exceptions.Exit):
        raise
    except Exception as error:
        known = to_pressrun_error(error)
        if isinstance(known, UnexpectedError):
            known = to_pressrun_error(error, remedy=_save_traceback(error, log_folder))
        return _show_error(known.message, known.remedy, known.exit_code, on_error)


def _write_error_json(message: str, remedy: str) -> None:
    from pressrun.cli.results import write_error_json

    write_error_json(message, remedy)


class PressrunClickError(click.ClickException):
    """A `PressrunError` as a click error, with the same exit code."""

    def __init__(self, error: PressrunError) -> None:
        from pressrun.cli.formatting import clean_text

        super().__init__(clean_text(f"{error.message}. {error.remedy}" if error.remedy else error.message))
        self.exit_code = error.exit_code
        self.error = error


@contextmanager
def as_click_errors() -> Iterator[None]:
    """Turn `PressrunError` into a click error inside the block, for code that click calls while it parses."""
    try:
        yield
    except PressrunError as error:
        raise PressrunClickError(error) from error


def message_and_remedy(error: click.ClickException) -> tuple[str, str]:
    """Return the message and the remedy of an error that click shows."""
    if isinstance(error, PressrunClickError):
        return error.error.message, error.error.remedy
    context = getattr(error, "ctx", None)
    return error.format_message(), f"See {context.command_path} --help." if context else ""


def _show_error(message: str, remedy: str, code: int, on_error: OnError | None) -> int:
    from pressrun.cli.screen import open_screen

    screen = open_screen()
    sentence = message if message.endswith((".", ":", "?")) else f"{message}."
    interrupted = code == EXIT_INTERRUPTED
    screen.print((sentence, "" if interrupted else "red"))
    if remedy and not interrupted:
        screen.print(remedy)
    if on_error:
        on_error(message, remedy)
    return code


def _save_traceback(error: Exception, log_folder: Callable[[], Path | None]) -> str:
    """Write the traceback to the first folder that accepts it, and return what the user can do about the error."""
    import traceback

    text = "".join(traceback.format_exception(error))
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
        return f"This is a bug in Pressrun. Please report it with {log}."
    return f"This is a bug in Pressrun. Please report it with this traceback: {text}"


def _user_log_folder() -> Path:
    import platformdirs

    return platformdirs.user_log_path("pressrun", appauthor=False)
