"""The commands `run-batch`, `run-pipeline` and `pressrun`. What is not parsing is imported when it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pressrun.cli.night_options import (
    batch_option,
    clean_options,
    logs_options,
    night_options,
    report_options,
)
from pressrun.cli.options import (
    EPILOG,
    DoorCommand,
    doctor_options,
    file_option,
    preview_options,
    publish_options,
    resolve_options,
    shared_options,
    to_request,
    version_option,
)
from pressrun.cli.queue_commands import CONTEXT, queue_commands


def _perform(given: dict[str, Any]) -> None:
    from pressrun.cli.session import perform

    click.get_current_context().exit(perform(to_request(given)))


def _batch(**given: Any) -> None:
    """Turn a list of books into finished, published videos.

    Books that are done are skipped, books that were begun resume where they stopped, and the plan is shown before
    anything runs. Progress and tables go to standard error, results to standard output.
    """
    _perform(given)


def _pipeline(**given: Any) -> None:
    """Turn one book into a finished, published video.

    BOOK is written as in the list: "Title | Author", the author being optional. Everything else is as in run-batch.
    """
    _perform(given)


def _preview(book: str, workspace: Path | None, **flags: Any) -> None:
    """Look at a video before the long part.

    Makes a sheet with a picture of each scene, and a draft of video and short with 480 lines, of a BOOK whose text is
    spoken (run-pipeline BOOK --until tts). Prints their paths. Nothing else in the run folder changes.
    """
    from pressrun.cli.preview import preview

    click.get_current_context().exit(preview(book, workspace, flags))


def _publish(
    book: str, workspace: Path | None, yes: bool, dry_run: bool, ignore_quota: bool, **flags: Any
) -> None:
    """Publish a finished book in another place.

    BOOK was made and published before, to the folder say. Its video and short are published once more where
    --publisher says; nothing is made again, and what was published stays where it is.
    """
    from pressrun.cli.publish import publish

    code = publish(book, workspace, flags, yes=yes, dry_run=dry_run, ignore_quota=ignore_quota)
    click.get_current_context().exit(code)


def _resolve(book: str, workspace: Path | None, url: str | None, not_published: bool, stage: str | None) -> None:
    """Say whether a video was published, where nobody else knows.

    For a BOOK whose upload broke off so that neither the program nor the service can tell. Look whether the video is
    there, and say it with --url or --not-published; then run the book again.
    """
    from pressrun.cli.resolve import resolve

    click.get_current_context().exit(resolve(book, workspace, url, stage, not_published=not_published))


def _auth_youtube(console: bool) -> None:
    """Sign in to YouTube, so that videos can be published there.

    Opens the browser once and keeps a token that you alone can read. It needs an OAuth client of your own project.
    """
    from pressrun.cli.auth import auth_youtube

    click.get_current_context().exit(auth_youtube(console=console))


def _doctor(workspace: Path | None, offline: bool) -> None:
    """Look whether everything works here.

    Tries what Pressrun needs of this machine, the workspace, the settings and each service, and says what to do about
    what does not work. The exit code is 1 where something is wrong that is needed, else 0.
    """
    from pressrun.cli.doctor import doctor

    click.get_current_context().exit(doctor(workspace, offline=offline))


def _retry_failed(batch: str, **given: Any) -> None:
    """Run again what failed in the last batch.

    The books that failed are run as by run-batch, with the same options: each resumes at the stage that failed.
    """
    from pressrun.cli.retry_failed import retry_failed

    click.get_current_context().exit(retry_failed(batch, to_request(given)))


def _report(workspace: Path | None, batch: str, show: bool, output: Path | None) -> None:
    """Make a page of a batch, to look at in the browser.

    One file with everything in it: what was made, with pictures, what failed and why, and how long it took. Its path
    is printed.
    """
    from pressrun.cli.report import report

    click.get_current_context().exit(report(workspace, batch, output, show=show))


def _logs(book: str, workspace: Path | None, stage: str | None, follow: bool, listed: bool) -> None:
    """Print what a stage of a book said.

    Of BOOK the log of the stage that failed, else of the last that ran; with --follow of the one that runs, and then
    of those after it.
    """
    from pressrun.cli.logs import logs

    click.get_current_context().exit(logs(book, workspace, stage, follows=follow, listed=listed))


def _clean(workspace: Path | None, yes: bool, dry_run: bool) -> None:
    """Remove what is not needed any more.

    Shows what would be freed and asks. Of a book that is published the large files on the way to it go; what no run
    will finish goes too. Nothing is touched that is not published, or that a later run needs.
    """
    from pressrun.cli.clean import clean

    click.get_current_context().exit(clean(workspace, yes=yes, dry_run=dry_run))


def _command(name: str, callback: Any, *own: click.Parameter) -> DoorCommand:
    return DoorCommand(
        name, callback=callback, help=callback.__doc__, epilog=EPILOG, context_settings=CONTEXT,
        params=[*own, *shared_options(), *night_options(), version_option()],
    )


run_batch = _command("run-batch", _batch, file_option())
run_pipeline = _command("run-pipeline", _pipeline, click.Argument(["book"], metavar="BOOK"))


@click.group(context_settings=CONTEXT, params=[version_option()])
def pressrun() -> None:
    """Turn a list into finished media, unattended, resumable, and never twice."""


def _own(name: str, callback: Any, *params: click.Parameter) -> click.Command:
    """A command with options of its own alone."""
    return click.Command(name, callback=callback, help=callback.__doc__, context_settings=CONTEXT, params=list(params))


def _of_book(name: str, callback: Any, *params: click.Parameter) -> click.Command:
    """The same for one book."""
    return _own(name, callback, click.Argument(["book"], metavar="BOOK"), *params)


pressrun.add_command(run_batch, "batch")
pressrun.add_command(run_pipeline, "pipeline")
for _each in (
    _of_book("preview", _preview, *preview_options()),
    _of_book("publish", _publish, *publish_options()),
    _command("retry-failed", _retry_failed, batch_option("The batch whose failed books run")),
    _own("report", _report, *report_options()),
    _of_book("logs", _logs, *logs_options()),
    _own("clean", _clean, *clean_options()),
    _of_book("resolve", _resolve, *resolve_options()),
    click.Group(
        "auth", help="Sign in to a service.", context_settings=CONTEXT,
        commands=[
            _own(
                "youtube", _auth_youtube,
                click.Option(["--console"], is_flag=True, help="Use a browser on another machine."),
            )
        ],
    ),
    _own("doctor", _doctor, *doctor_options()),
    *queue_commands(),
):
    pressrun.add_command(_each)
