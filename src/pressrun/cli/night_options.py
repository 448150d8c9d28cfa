"""The options of a batch that runs by itself, and of the commands that look after it in the morning."""

from __future__ import annotations

from pathlib import Path

import click

from pressrun.cli.declare import GroupedOption, StageName
from pressrun.cli.options import workspace_options
from pressrun.cli.schedule import TimeOfDay


def night_options() -> list[click.Parameter]:
    """Of run-batch, run-pipeline and retry-failed."""
    heading = "By itself"
    return [
        GroupedOption(
            ["--schedule"], type=TimeOfDay(), metavar="TIME", heading=heading,
            help="Wait until the clock shows this time, as 02:00, then make the plan anew and run it. The question is "
            "asked before the wait.",
        ),
        GroupedOption(
            ["--queue"], is_flag=True, heading=heading,
            help="Send the books to the queue and show what its workers (pressrun worker) do with them. Ctrl+C ends "
            "the watching alone; --workers says how many books run at once, else 5.",
        ),
        GroupedOption(
            ["--notify"], metavar="URL", heading=heading,
            help="Tell this address how the batch ended, as mailto: or any that apprise knows. Better kept in "
            "PRESSRUN_NOTIFY or a file that PRESSRUN_NOTIFY_FILE names, as others on the machine see arguments.",
        ),
    ]


def batch_option(what: str) -> click.Parameter:
    return GroupedOption(
        ["--batch"], default="last", metavar="BATCH", heading="Which batch",
        help=f"{what}: last, 2 for the one before it and so on, or the time in the name of its record. Default: last.",
    )


def report_options() -> list[click.Parameter]:
    heading = "What to do"
    return [
        batch_option("The batch that is shown"),
        GroupedOption(["--open", "show"], is_flag=True, heading=heading, help="Open the page in the browser."),
        GroupedOption(
            ["--output"], type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", heading=heading,
            help="Where to write it. Default: beside the record of the batch, in runs/.batches.",
        ),
        *workspace_options(),
    ]


def logs_options() -> list[click.Parameter]:
    heading = "What to do"
    return [
        GroupedOption(
            ["--stage"], type=StageName(), metavar="STAGE", heading=heading,
            help="The stage whose log is printed. Default: the one that failed, else the last that ran.",
        ),
        GroupedOption(
            ["--follow", "-f"], is_flag=True, heading=heading,
            help="Go on with what a running book says, stage after stage, until it or the stage has ended.",
        ),
        GroupedOption(["--list", "listed"], is_flag=True, heading=heading, help="List the logs with their sizes."),
        *workspace_options(),
    ]


def clean_options() -> list[click.Parameter]:
    heading = "What to do"
    return [
        GroupedOption(["--yes", "-y"], is_flag=True, heading=heading, help="Remove without the question."),
        GroupedOption(["--dry-run"], is_flag=True, heading=heading, help="Show what would be freed and end."),
        *workspace_options(),
    ]
