"""The commands of the queue and their options."""

from __future__ import annotations

from pathlib import Path

import click

from pressrun.cli.declare import CONTEXT, GroupedOption, command
from pressrun.cli.options import workspace_options
from pressrun.kinds import KINDS

WORKERS_VARIABLE = "PRESSRUN_MAX_WORKERS"
OVERALL_VARIABLE = "PRESSRUN_OVERALL"
DEFAULT_PORT = 8750

EPILOG = """\b
Environment:
  PRESSRUN_DATABASE_URL    the database, as postgresql://user:password@host:5432/name;
                           without it one of its own, on this machine
  PRESSRUN_DATABASE_DIR    where the files of that one are
  PRESSRUN_RATE_LIMIT_USER, PRESSRUN_RATE_LIMIT_PROJECT
                           jobs that may begin in a minute per user (60), and the
                           tokens of a project (300); 0 for no limit

\b
Exit codes:
  0    ended as it was asked to, by TERM
  1    something went wrong while it ran
  2    a wrong option or setting, a port in use, a database that cannot be used
  130  ended by Ctrl+C"""

_ACTIONS = {
    "pause": "Let the running stages finish and start no new one.",
    "resume": "Go on with what was paused.",
    "cancel": "Stop what runs and forget what waits.",
    "retry": "Take up again what failed, from the stage that failed.",
}


def _user_option() -> click.Parameter:
    return GroupedOption(
        ["--user"], metavar="NAME", heading="Whose", help="Whose batches. Default: yours, by your name on this machine."
    )


def serve_options() -> list[click.Parameter]:
    heading = "What to do"
    return [
        GroupedOption(
            ["--host"], default="127.0.0.1", metavar="ADDRESS", heading=heading,
            help="Address to listen on. Default: 127.0.0.1, which this machine alone reaches.",
        ),
        GroupedOption(
            ["--port"], type=click.IntRange(0, 65535), default=DEFAULT_PORT, metavar="NUMBER",
            heading=heading, help=f"Port to listen on; 0 for any that is free. Default: {DEFAULT_PORT}.",
        ),
        _workers_option(),
        GroupedOption(["--no-worker"], is_flag=True, heading=heading, help="Serve the API alone."),
        _overall_option(),
        *workspace_options(),
    ]


def worker_options() -> list[click.Parameter]:
    heading = "What to do"
    return [
        _workers_option(),
        GroupedOption(
            ["--queue", "queues"], multiple=True, metavar="NAME", heading=heading,
            type=click.Choice([each.queue.name for each in KINDS.values()]),
            help="Take jobs of this queue alone: items, what the API was sent, or books, what run-batch --queue sent "
            "from this workspace. May be given again. Default: both.",
        ),
        _overall_option(),
        GroupedOption(
            ["--with-parent"], is_flag=True, hidden=True, heading=heading,
            help="End when standard input does.",
        ),
        *workspace_options(),
    ]


def token_options() -> list[click.Parameter]:
    heading = "What is in it"
    return [
        GroupedOption(["--user"], required=True, metavar="NAME", heading=heading, help="Who it is for."),
        GroupedOption(["--project"], metavar="NAME", heading=heading, help="Whose limit of jobs counts too."),
        GroupedOption(
            ["--hours"], type=click.FloatRange(0, 8760, min_open=True), default=24.0, metavar="NUMBER",
            heading=heading, help="Hours until it runs out. Default: 24.",
        ),
    ]


def _workers_option() -> click.Parameter:
    return GroupedOption(
        ["--workers"], type=click.IntRange(1, 64), default=1, metavar="NUMBER",
        envvar=WORKERS_VARIABLE, heading="What to do", help=f"Jobs at once. Default: {WORKERS_VARIABLE}, else 1.",
    )


def _overall_option() -> click.Parameter:
    return GroupedOption(
        ["--overall"], type=click.IntRange(0, 10_000), default=0, metavar="NUMBER", envvar=OVERALL_VARIABLE,
        heading="What to do", help="Jobs at once of all workers together; 0 for no limit. Default: 0.",
    )


@command("serve", *serve_options(), epilog=EPILOG)
def serve_command(workspace: Path | None, host: str, port: int, workers: int, no_worker: bool, overall: int) -> int:
    """Serve the queue: the REST API and one worker.

    Starts the database, or joins it, and does the jobs that are sent. Ctrl+C ends everything; jobs that run then go
    back to the queue and go on from their checkpoint later.
    """
    from pressrun.cli.serve import Service, serve

    return serve(Service(host, port, 0 if no_worker else workers, overall), workspace)


@command("worker", *worker_options(), epilog=EPILOG)
def worker_command(
    workspace: Path | None, workers: int, overall: int, queues: tuple[str, ...], with_parent: bool
) -> int:
    """Do jobs of the queue, without the REST API.

    Takes jobs from the database that PRESSRUN_DATABASE_URL names until it is ended, on as many machines as you like.
    Says what it takes and how that ends, a line each. Ctrl+C ends it; jobs that run then go back to the queue.
    """
    from pressrun.cli.worker import Hands, work

    return work(Hands(workers, overall, queues, with_parent), workspace)


@command("create", *token_options())
def create_token_command(user: str, project: str | None, hours: float) -> int:
    """Make a token for the REST API.

    Prints the token alone. Whoever has it acts as this user until it runs out.
    """
    from pressrun.cli.token import create

    return create(user, project, hours)


@command("list", _user_option())
def list_batches_command(user: str | None) -> int:
    """List what was sent.

    A line per batch, the latest first: id, state, percent, how many jobs are completed, and title, separated by tabs.
    """
    from pressrun.cli.queue import show_batches

    return show_batches(user)


def _action_command(name: str, summary: str) -> click.Command:
    """Declare the command for one action on a batch."""

    def run_action(batch: str, user: str | None) -> int:
        from pressrun.cli.queue import act

        return act(name, batch, user)

    run_action.__doc__ = summary
    return command(name, click.Argument(["batch"], metavar="BATCH"), _user_option())(run_action)


def queue_commands() -> list[click.Command]:
    return [
        serve_command,
        worker_command,
        click.Group(
            "token", help="Make tokens for the REST API.", context_settings=CONTEXT, commands=[create_token_command]
        ),
        click.Group(
            "queue", help="See what was sent to the queue, and pause, resume, cancel or retry it.",
            context_settings=CONTEXT,
            commands=[list_batches_command, *(_action_command(name, words) for name, words in _ACTIONS.items())],
        ),
    ]
