"""The commands `run-batch`, `run-pipeline` and `pressrun`: their arguments, options and help.

Each command returns its exit code to `pressrun.cli.entry`. Everything except parsing is imported when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pressrun.cli.declare import CONTEXT, Callback, GroupedCommand, StageName, command
from pressrun.cli.options import (
    batch_options,
    book_argument,
    file_option,
    ignore_quota_option,
    record_option,
    setting_options,
    to_request,
    version_option,
    workspace_option,
)
from pressrun.cli.queue_commands import queue_commands
from pressrun.cli.sheet_commands import sheet
from pressrun.cli.speech_commands import models, voices
from pressrun.settings import ItemSettings

EPILOG = """\b
Environment:
  PRESSRUN_WORKSPACE   workspace folder
  PRESSRUN_<SETTING>   any setting, e.g. PRESSRUN_PRIVACY=unlisted;
                       overrides pressrun.toml, is overridden by options
  PRESSRUN_PIPELINE    a pipeline of your own, as module:ATTRIBUTE
  NO_COLOR             turn off colours

\b
Exit codes:
  0    no book failed
  1    a book failed
  2    invalid option, setting or file; nothing has run
  130  interrupted; run the same command to resume"""


def batch_command(name: str, *params: click.Parameter) -> Callable[[Callback], click.Command]:
    """Declare a command that runs a batch: it has parameters of its own, all settings and the options of a batch."""
    return command(name, *params, *batch_options(), kind=GroupedCommand, epilog=EPILOG)


@batch_command("run-batch", file_option())
def run_batch(**given: Any) -> int:
    """Turn a list of books into finished, published videos.

    Finished books are skipped, and interrupted ones resume where they stopped. The plan is shown before anything
    runs. Progress goes to standard error, results to standard output.
    """
    from pressrun.cli.run_batch import run_batch

    return run_batch(to_request(given))


@batch_command("run-pipeline", book_argument())
def run_pipeline(**given: Any) -> int:
    """Turn one book into a finished, published video.

    BOOK has the same form as in the list: "Title | Author", with an optional author. Everything else is as in
    run-batch.
    """
    from pressrun.cli.run_batch import run_batch

    return run_batch(to_request(given))


@command(
    "preview",
    book_argument(),
    *setting_options(ItemSettings, "Look", {"style", "font_dir", "music"}),
    workspace_option(),
)
def preview(book: str, workspace: Path | None, **flags: Any) -> int:
    """Preview a video before the slow render.

    Creates a sheet with an image of each scene, and 480p drafts of the video and the short, and prints their paths.
    BOOK must have its voice already: run-pipeline BOOK --until tts. Nothing else in its run folder changes.
    """
    from pressrun.cli.preview import preview

    return preview(book, workspace, flags)


def _publish_settings() -> list[click.Option]:
    options = setting_options(ItemSettings, "Publishing", {"publisher", "publish_to", "publish_at", "privacy"})
    for option in options:
        if option.name == "privacy":
            option.help = f"{(option.help or '').partition(' Default:')[0]} Default: the one the book was made with."
    return options


@command(
    "publish",
    book_argument(),
    *_publish_settings(),
    click.Option(["--yes", "-y"], is_flag=True, help="Publish without asking for confirmation."),
    click.Option(
        ["--dry-run"], is_flag=True,
        help="Show what would be published and exit. Writes nothing and does not use the network.",
    ),
    ignore_quota_option(),
    workspace_option(),
)
def publish(book: str, workspace: Path | None, yes: bool, dry_run: bool, ignore_quota: bool, **flags: Any) -> int:
    """Publish a finished book to another destination.

    Publishes the video and the short of BOOK with --publisher. Nothing is rebuilt, and earlier publications stay.
    """
    from pressrun.cli.publish import publish

    return publish(book, workspace, flags, yes=yes, dry_run=dry_run, ignore_quota=ignore_quota)


@batch_command("retry-failed", record_option("to retry"))
def retry_failed(batch: str, **given: Any) -> int:
    """Retry the books that failed in the last batch.

    Each book resumes at the stage that failed. The options are those of run-batch.
    """
    from pressrun.cli.retry_failed import retry_failed

    return retry_failed(batch, to_request(given))


@command(
    "report",
    record_option("to show"),
    click.Option(["--open", "show"], is_flag=True, help="Open the report in the browser."),
    click.Option(
        ["--output"], type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
        help="File to write. Default: next to the record of the batch, in runs/.batches.",
    ),
    workspace_option(),
)
def report(workspace: Path | None, batch: str, show: bool, output: Path | None) -> int:
    """Write an HTML report of a batch.

    One self-contained file with thumbnails of finished videos, errors of failed books, and timings. Prints its path.
    """
    from pressrun.cli.report import report

    return report(workspace, batch, output, show=show)


@command(
    "logs",
    book_argument(),
    click.Option(
        ["--stage"], type=StageName(), metavar="STAGE",
        help="Stage whose log to print. Default: the one that failed, or else the last one that ran.",
    ),
    click.Option(
        ["--follow", "-f"], is_flag=True,
        help="Keep printing as the log grows, stage after stage, until the book or the stage has ended.",
    ),
    click.Option(["--list", "list_only"], is_flag=True, help="List the logs with their sizes."),
    workspace_option(),
)
def logs(book: str, workspace: Path | None, stage: str | None, follow: bool, list_only: bool) -> int:
    """Print the log of a stage of a book.

    By default, prints the log of the stage that failed, or else of the last one that ran.
    """
    from pressrun.cli.logs import logs

    return logs(book, workspace, stage, follow=follow, list_only=list_only)


@command(
    "clean",
    click.Option(["--yes", "-y"], is_flag=True, help="Remove without asking for confirmation."),
    click.Option(["--dry-run"], is_flag=True, help="Show what would be removed and exit."),
    workspace_option(),
)
def clean(workspace: Path | None, yes: bool, dry_run: bool) -> int:
    """Free disk space.

    Removes intermediate files of published books and what abandoned runs left behind, after showing them and asking.
    Keeps everything that is not published yet or that a later run needs.
    """
    from pressrun.cli.clean import clean

    return clean(workspace, yes=yes, dry_run=dry_run)


@command(
    "resolve",
    book_argument(),
    click.Option(["--url"], metavar="URL", help="It was published, at this URL. The next run continues after it."),
    click.Option(["--not-published"], is_flag=True, help="It was not published. The next run publishes it."),
    click.Option(
        ["--stage"], type=StageName(), metavar="STAGE", help="Stage that uploaded. Default: the unresolved one."
    ),
    workspace_option(),
)
def resolve(book: str, workspace: Path | None, url: str | None, not_published: bool, stage: str | None) -> int:
    """Tell Pressrun whether an interrupted upload succeeded.

    If an upload breaks off, sometimes neither Pressrun nor the service can tell whether it arrived. Check whether the
    video is there, report it with --url or --not-published, then run BOOK again.
    """
    from pressrun.cli.resolve import resolve

    return resolve(book, workspace, url, stage, not_published=not_published)


@command("youtube", click.Option(["--console"], is_flag=True, help="Use a browser on another machine."))
def auth_youtube(console: bool) -> int:
    """Sign in to YouTube, to publish videos there.

    Opens the browser once and stores a token that only you can read. You need an OAuth client of your own.
    """
    from pressrun.cli.auth import auth_youtube

    return auth_youtube(console=console)


@command("sheets", click.Option(["--console"], is_flag=True, help="Use a browser on another machine."))
def auth_sheets(console: bool) -> int:
    """Sign in to Google Sheets, to read sheets and write results into them.

    Opens the browser once and stores a token that only you can read. You need an OAuth client of your own.
    """
    from pressrun.cli.auth import auth_sheets

    return auth_sheets(console=console)


@command(
    "doctor",
    click.Option(["--offline"], is_flag=True, help="Do not use the network."),
    workspace_option(),
)
def doctor(workspace: Path | None, offline: bool) -> int:
    """Check that everything works.

    Tests this machine, the workspace, the settings and every service, and shows how to fix each problem. Exits with
    code 1 if something does not work that is needed.
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
    click.Group("auth", help="Sign in to a service.", context_settings=CONTEXT, commands=[auth_youtube, auth_sheets]),
    voices,
    models,
    sheet,
    doctor,
    *queue_commands(),
):
    pressrun.add_command(_command)
