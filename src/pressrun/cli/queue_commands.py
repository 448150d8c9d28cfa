"""The commands `serve`, `worker`, `token` and `queue`: their arguments, options and help."""

from __future__ import annotations

from pathlib import Path

import click

from pressrun.cli.declare import CONTEXT, command
from pressrun.cli.options import workspace_option
from pressrun.jobs.variables import ALIASES, MAX_RETENTION_DAYS, MAX_WORKERS, RETENTION
from pressrun.kinds import KINDS

OVERALL_VARIABLE = "PRESSRUN_OVERALL"
DEFAULT_PORT = 8750

EPILOG = """\b
Environment:
  PRESSRUN_DATABASE_URL    postgresql://user:password@host:5432/name;
                           default: the bundled database
  PRESSRUN_DATABASE_DIR    folder of that database
  PRESSRUN_RATE_LIMIT_USER, PRESSRUN_RATE_LIMIT_PROJECT
                           jobs that a user may start per minute (60), and
                           tokens of a project (300); 0 for no limit
  PRESSRUN_WEBHOOK_NETWORKS
                           networks that webhooks may reach although they are
                           not public, e.g. 10.0.0.0/8

\b
Exit codes:
  0    stopped by TERM
  1    failed while running
  2    invalid option or setting, port in use, or unusable database
  130  stopped by Ctrl+C"""


def _workers_option() -> click.Option:
    return click.Option(
        ["--workers"], type=click.IntRange(1, 64), default=1, metavar="NUMBER", 
        envvar=[MAX_WORKERS, ALIASES[MAX_WORKERS]],
        help=f"Concurrent jobs. Default: {MAX_WORKERS}, else 1.",
    )


def _overall_option() -> click.Option:
    return click.Option(
        ["--overall"], type=click.IntRange(0, 10_000), default=0, metavar="NUMBER", envvar=OVERALL_VARIABLE,
        help="Maximum concurrent jobs across all workers (0: unlimited). Default: 0.",
    )


def _user_option() -> click.Option:
    return click.Option(
        ["--user"], metavar="NAME", help="Owner of the batches. Default: your user name on this machine."
    )


@command(
    "serve",
    click.Option(
        ["--host"], default="127.0.0.1", metavar="ADDRESS",
        help="Address to bind to. Default: 127.0.0.1 (this machine only).",
    ),
    click.Option(
        ["--port"], type=click.IntRange(0, 65535), default=DEFAULT_PORT, metavar="NUMBER",
        help=f"Port to bind to; 0 chooses a free one. Default: {DEFAULT_PORT}.",
    ),
    _workers_option(),
    click.Option(["--no-worker"], is_flag=True, help="Serve only the API."),
    _overall_option(),
    workspace_option(),
    epilog=EPILOG,
)
def serve_command(workspace: Path | None, host: str, port: int, workers: int, no_worker: bool, overall: int) -> int:
    """Run the REST API and a worker.

    Starts the database or connects to it, and runs the jobs that are sent. Ctrl+C stops everything; running jobs
    return to the queue and resume from their checkpoint later.
    """
    from pressrun.cli.serve import ServeOptions, serve

    return serve(ServeOptions(host, port, 0 if no_worker else workers, overall), workspace)


@command(
    "worker",
    _workers_option(),
    click.Option(
        ["--queue", "queues"], multiple=True, type=click.Choice([each.queue.name for each in KINDS.values()]),
        metavar="NAME",
        help="Only take jobs from this queue: items (sent through the API) or books (sent with run-batch --queue from "
        "this workspace). Can be repeated. Default: both.",
    ),
    _overall_option(),
    click.Option(["--with-parent"], is_flag=True, hidden=True, help="Stop when standard input is closed."),
    workspace_option(),
    epilog=EPILOG,
)
def worker_command(
    workspace: Path | None, workers: int, overall: int, queues: tuple[str, ...], with_parent: bool
) -> int:
    """Run jobs from the queue, without the REST API.

    Takes jobs from the database at PRESSRUN_DATABASE_URL until you stop it, on as many machines as you like. Prints a
    line when a job starts and when it ends. Ctrl+C stops the worker; running jobs return to the queue.
    """
    from pressrun.cli.worker import WorkerArgs, work

    return work(WorkerArgs(workers, overall, queues, with_parent), workspace)


@command(
    "create",
    click.Option(["--user"], required=True, metavar="NAME", help="User that the token belongs to."),
    click.Option(["--project"], metavar="NAME", help="Project whose rate limit applies too."),
    click.Option(
        ["--hours"], type=click.FloatRange(0, 8760, min_open=True), default=24.0, metavar="NUMBER",
        help="Hours until the token expires. Default: 24.",
    ),
)
def create_token_command(user: str, project: str | None, hours: float) -> int:
    """Create a token for the REST API.

    Prints only the token. Anyone who has it acts as this user until it expires.
    """
    from pressrun.cli.token import create

    return create(user, project, hours)


@command("list", _user_option())
def list_batches_command(user: str | None) -> int:
    """List the batches in the queue.

    One line per batch, newest first: id, state, progress in percent, completed jobs and title, separated by tabs.
    """
    from pressrun.cli.queue import list_batches

    return list_batches(user)


@command(
    "send",
    click.Argument(["file"], type=click.Path(path_type=Path), metavar="FILE"),
    click.Option(["--title"], metavar="TEXT", help="Title of the batch. Default: the name of the file."),
    click.Option(
        ["--validation"], type=click.Choice(["strict", "moderate", "permissive"]), default="permissive",
        metavar="LEVEL",
        help="strict: all ten columns; moderate: title and script; permissive: one of title, description and script. "
        "Default: permissive.",
    ),
    _user_option(),
    workspace_option(),
)
def send_ideas_command(
    workspace: Path | None, file: Path, title: str | None, validation: str, user: str | None
) -> int:
    """Send a CSV file of ideas to the queue.

    One video per row; the file may have any common encoding and separator. Shows warnings, corrected values and
    rejected rows, and prints the id of the batch. Exits with code 1 if a row was rejected; the others are made.
    """
    from pressrun.cli.send_ideas import send_ideas

    return send_ideas(file, title, validation, user, workspace)


def _days_option(name: str, variable: str, what: str) -> click.Option:
    return click.Option(
        [f"--{name}"], type=click.FloatRange(0, MAX_RETENTION_DAYS), metavar="DAYS", envvar=variable,
        help=f"{what} that ended so many days ago. Default: {variable}, else none.",
    )


@command(
    "clean",
    _days_option("batches", RETENTION["batches"], "Delete batches, with their files and events,"),
    _days_option("files", RETENTION["files"], "Delete the files of batches"),
    _days_option("events", RETENTION["events"], "Delete the events of batches"),
    click.Option(["--orphans"], is_flag=True, help="Delete run folders of ideas whose job is not in the queue."),
    click.Option(["--dry-run"], is_flag=True, help="Only show what would be removed."),
    click.Option(["--yes"], is_flag=True, help="Do not ask."),
    workspace_option(),
)
def clean_queue_command(
    workspace: Path | None, batches: float | None, files: float | None, events: float | None, orphans: bool,
    dry_run: bool, yes: bool,
) -> int:
    """Delete old batches of all users, their files or their events.

    Shows what would be removed, and asks. Published videos stay where they are.
    """
    from pressrun.cli.queue_clean import CleanArgs, clean_queue

    return clean_queue(CleanArgs(batches, files, events, orphans, yes, dry_run), workspace)


_ACTIONS = {
    "pause": "Let running stages finish and start no new ones.",
    "resume": "Resume a paused batch.",
    "cancel": "Stop running jobs and drop waiting ones.",
    "retry": "Retry failed jobs from the stage that failed.",
}


def _action_command(name: str, summary: str) -> click.Command:
    """Declare the command for one action on a batch."""

    def run_action(batch: str, user: str | None) -> int:
        from pressrun.cli.queue import change_batch

        return change_batch(name, batch, user)

    run_action.__doc__ = summary
    return command(name, click.Argument(["batch"], metavar="BATCH"), _user_option())(run_action)


@command(
    "list",
    click.Option(["--batch"], metavar="BATCH", help="Only webhooks of this batch."),
    click.Option(
        ["--state"], type=click.Choice(["pending", "delivered", "failed", "disabled"]), metavar="STATE",
        help="Only webhooks in this state: pending, delivered, failed or disabled.",
    ),
    _user_option(),
)
def list_webhooks_command(batch: str | None, state: str | None, user: str | None) -> int:
    """List the webhooks of your batches.

    One line per webhook, newest first: id, event, state, attempts with the latest error, batch and URL, separated by
    tabs.
    """
    from pressrun.cli.webhooks import list_webhooks

    return list_webhooks(user, batch, state)


@command("replay", click.Argument(["name"], metavar="ID"), _user_option())
def replay_webhook_command(name: str, user: str | None) -> int:
    """Send a webhook again, under the same id.

    ID is the id of a webhook, or of a batch for all its webhooks that were not delivered. A worker sends them.
    """
    from pressrun.cli.webhooks import replay

    return replay(name, user)


@command("test", click.Argument(["url"], metavar="URL"), _user_option())
def test_webhook_command(url: str, user: str | None) -> int:
    """Send a signed test to a URL now.

    If it is accepted, a URL that answered 410 earlier receives webhooks again. Exits with code 1 if it is not.
    """
    from pressrun.cli.webhooks import send_test

    return send_test(url, user)


@command("secret", click.Option(["--rotate"], is_flag=True, help="Replace the secret first."), _user_option())
def webhook_secret_command(rotate: bool, user: str | None) -> int:
    """Print the secret that signs your webhooks.

    After --rotate, webhooks are signed with both secrets for a day.
    """
    from pressrun.cli.webhooks import show_secret

    return show_secret(user, rotate=rotate)


def queue_commands() -> list[click.Command]:
    """Return the commands for the group `pressrun`."""
    return [
        serve_command,
        worker_command,
        click.Group(
            "token", help="Create tokens for the REST API.", context_settings=CONTEXT, commands=[create_token_command]
        ),
        click.Group(
            "webhooks", help="List, replay and test webhooks.", context_settings=CONTEXT,
            commands=[
                list_webhooks_command, replay_webhook_command, test_webhook_command, webhook_secret_command,
            ],
        ),
        click.Group(
            "queue", help="Send ideas to the queue; list, pause, resume, cancel, retry or clean batches.",
            context_settings=CONTEXT,
            commands=[
                send_ideas_command, list_batches_command,
                *(_action_command(name, words) for name, words in _ACTIONS.items()), clean_queue_command,
            ],
        ),
    ]
