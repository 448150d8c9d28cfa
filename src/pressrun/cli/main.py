"""The commands `run-batch`, `run-pipeline` and `pressrun`. Everything except parsing is imported when it is needed.

Each command returns its exit code to `pressrun.cli.entry`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pressrun.cli.declare import CONTEXT, Callback, GroupedCommand, book_argument, command
from pressrun.cli.night_options import (
    batch_option,
    clean_options,
    logs_options,
    night_options,
    report_options,
)
from pressrun.cli.options import (
    doctor_options,
    file_option,
    preview_options,
    publish_options,
    resolve_options,
    shared_options,
    to_request,
    version_option,
)
from pressrun.cli.queue_commands import queue_commands

EPILOG = """\b
Environment:
  PRESSRUN_WORKSPACE   the workspace
  PRESSRUN_<SETTING>   any setting, as PRESSRUN_PRIVACY=unlisted;
                       flags go before it, and pressrun.toml after it
  PRESSRUN_PIPELINE    a pipeline of your own, as module:ATTRIBUTE
  NO_COLOR             no colour

\b
Exit codes:
  0    nothing failed
  1    a book failed
  2    a wrong option or setting, or a broken file: nothing has run
  130  interrupted; the same command goes on where it stopped"""


def books_command(name: str, *own: click.Parameter) -> Callable[[Callback], click.Command]:
    """Declare a command that runs books: with parameters of its own, all settings and the options of a batch."""
    params = [*own, *shared_options(), *night_options(), version_option()]
    return command(name, *params, kind=GroupedCommand, epilog=EPILOG)


@books_command("run-batch", file_option())
def run_batch(**given: Any) -> int:
    """Turn a list of books into finished, published videos.

    Books that are done are skipped, books that were begun resume where they stopped, and the plan is shown before
    anything runs. Progress and tables go to standard error, results to standard output.
    """
    from pressrun.cli.session import run_books

    return run_books(to_request(given))


@books_command("run-pipeline", book_argument())
def run_pipeline(**given: Any) -> int:
    """Turn one book into a finished, published video.

    BOOK is written as in the list: "Title | Author", the author being optional. Everything else is as in run-batch.
    """
    from pressrun.cli.session import run_books

    return run_books(to_request(given))


@command("preview", book_argument(), *preview_options())
def preview(book: str, workspace: Path | None, **flags: Any) -> int:
    """Look at a video before the long part.

    Makes a sheet with a picture of each scene, and a draft of video and short with 480 lines, of a BOOK whose text is
    spoken (run-pipeline BOOK --until tts). Prints their paths. Nothing else in the run folder changes.
    """
    from pressrun.cli.preview import preview

    return preview(book, workspace, flags)


@command("publish", book_argument(), *publish_options())
def publish(book: str, workspace: Path | None, yes: bool, dry_run: bool, ignore_quota: bool, **flags: Any) -> int:
    """Publish a finished book in another place.

    BOOK was made and published before, to the folder say. Its video and short are published once more where
    --publisher says; nothing is made again, and what was published stays where it is.
    """
    from pressrun.cli.publish import publish

    return publish(book, workspace, flags, yes=yes, dry_run=dry_run, ignore_quota=ignore_quota)


@books_command("retry-failed", batch_option("The batch whose failed books run"))
def retry_failed(batch: str, **given: Any) -> int:
    """Run again what failed in the last batch.

    The books that failed are run as by run-batch, with the same options: each resumes at the stage that failed.
    """
    from pressrun.cli.retry_failed import retry_failed

    return retry_failed(batch, to_request(given))


@command("report", *report_options())
def report(workspace: Path | None, batch: str, show: bool, output: Path | None) -> int:
    """Make a page of a batch, to look at in the browser.

    One file with everything in it: what was made, with pictures, what failed and why, and how long it took. Its path
    is printed.
    """
    from pressrun.cli.report import report

    return report(workspace, batch, output, show=show)


@command("logs", book_argument(), *logs_options())
def logs(book: str, workspace: Path | None, stage: str | None, follow: bool, listed: bool) -> int:
    """Print what a stage of a book said.

    Of BOOK the log of the stage that failed, else of the last that ran; with --follow of the one that runs, and then
    of those after it.
    """
    from pressrun.cli.logs import logs

    return logs(book, workspace, stage, follows=follow, listed=listed)


@command("clean", *clean_options())
def clean(workspace: Path | None, yes: bool, dry_run: bool) -> int:
    """Remove what is not needed any more.

    Shows what would be freed and asks. Of a book that is published the large files on the way to it go; what no run
    will finish goes too. Nothing is touched that is not published, or that a later run needs.
    """
    from pressrun.cli.clean import clean

    return clean(workspace, yes=yes, dry_run=dry_run)


@command("resolve", book_argument(), *resolve_options())
def resolve(book: str, workspace: Path | None, url: str | None, not_published: bool, stage: str | None) -> int:
    """Say whether a video was published, where nobody else knows.

    For a BOOK whose upload broke off so that neither the program nor the service can tell. Look whether the video is
    there, and say it with --url or --not-published; then run the book again.
    """
    from pressrun.cli.resolve import resolve

    return resolve(book, workspace, url, stage, not_published=not_published)


@command("youtube", click.Option(["--console"], is_flag=True, help="Use a browser on another machine."))
def auth_youtube(console: bool) -> int:
    """Sign in to YouTube, so that videos can be published there.

    Opens the browser once and keeps a token that you alone can read. It needs an OAuth client of your own project.
    """
    from pressrun.cli.auth import auth_youtube

    return auth_youtube(console=console)


@command("doctor", *doctor_options())
def doctor(workspace: Path | None, offline: bool) -> int:
    """Look whether everything works here.

    Tries what Pressrun needs of this machine, the workspace, the settings and each service, and says what to do about
    what does not work. The exit code is 1 where something is wrong that is needed, else 0.
    """
    from pressrun.cli.doctor import doctor

    return doctor(workspace, offline=offline)


@click.group(context_settings=CONTEXT, params=[version_option()])
def pressrun() -> None:
    """Turn a list into finished media, unattended, resumable, and never twice."""


pressrun.add_command(run_batch, "batch")
pressrun.add_command(run_pipeline, "pipeline")
for _command in (
    preview,
    publish,
    retry_failed,
    report,
    logs,
    clean,
    resolve,
    click.Group("auth", help="Sign in to a service.", context_settings=CONTEXT, commands=[auth_youtube]),
    doctor,
    *queue_commands(),
):
    pressrun.add_command(_command)
