"""The installed commands: each runs its click command and returns the exit code."""

from __future__ import annotations

import gc
import os
import sys

from pressrun.cli.interrupt import (
    EXIT_INTERRUPTED,
    exit_on_interrupt,
    ignore_interrupts,
    print_interrupted,
    wants_json,
)


def run_batch() -> int:
    return _run("run_batch")


def run_pipeline() -> int:
    return _run("run_pipeline")


def pressrun() -> int:
    return _run("pressrun")


def _run(name: str) -> int:
    """Run the command `name` of `pressrun.cli.main`; report usage errors and return the exit code."""
    _ensure_utf8()
    exit_on_interrupt(sys.argv[1:])
    # Imports create many objects that stay. Python's default threshold of 700 would scan them some forty times.
    gc.set_threshold(50_000, 20, 20)
    import click

    from pressrun.cli import main

    try:
        return getattr(main, name).main(standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        if wants_json(sys.argv[1:]):
            from pressrun.cli.command import message_and_remedy
            from pressrun.cli.results import write_error_json

            write_error_json(*message_and_remedy(error))
        return error.exit_code
    except click.Abort:
        print_interrupted()
        return EXIT_INTERRUPTED
    finally:
        ignore_interrupts()


def _ensure_utf8() -> None:
    """Start again in Python's UTF-8 mode if file names and arguments have another encoding.

    That is the case with `LANG=C` and `PYTHONUTF8=0`. A title with an accent would then match no file. The encoding of
    the terminal stays as it is.
    """
    if sys.getfilesystemencoding().lower() in ("utf-8", "utf8") or os.environ.get("PYTHONUTF8") == "1":
        return
    encoding = getattr(sys.stderr, "encoding", None) or "ascii"
    environment = {"PYTHONIOENCODING": f"{encoding}:backslashreplace", **os.environ, "PYTHONUTF8": "1"}
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)
