"""The installed commands: each runs its click command and returns the exit code."""

from __future__ import annotations

import gc
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
