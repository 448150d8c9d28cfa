"""The commands `pressrun sheet plan` and `pressrun sheet run`: their arguments, options and help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pressrun.cli.declare import CONTEXT, GroupedOption, command
from pressrun.cli.options import setting_options, workspace_option
from pressrun.settings import ItemSettings, RunSettings


def _sheet_options() -> list[click.Parameter]:
    return [
        click.Argument(["sheet"], metavar="SHEET"),
        click.Option(
            ["--range", "range_"], metavar="RANGE", default="",
            help="Part of the sheet in A1 notation, e.g. A1:J100, A:J or Ideas!A1:J, or the name of a tab. "
            "Default: the tab of the URL, or the first one.",
        ),
        click.Option(
            ["--validation"], type=click.Choice(("strict", "moderate", "permissive")), default="moderate",
            help="How complete a row must be. strict: all ten columns; moderate: title and script; permissive: one of "
            "title, description and script. Default: moderate.",
        ),
        click.Option(["--no-skip"], is_flag=True, help="Make finished rows again."),
        click.Option(["--full"], is_flag=True, help="Show every row of a long sheet, not only the first ones."),
        click.Option(
            ["--output-format"], type=click.Choice(("text", "json")), default="text",
            help="Format of the results on standard output, as in run-batch. Default: text.",
        ),
        workspace_option(),
        *setting_options(ItemSettings, "Output (settings)"),
        *setting_options(RunSettings, "Run (settings; durations as 90, 90s, 2min, 1:30 or 1h)"),
    ]


@command("plan", *_sheet_options())
def plan(**given: Any) -> int:
    """Show what run would do with the rows of SHEET. Writes nothing.

    SHEET is the URL or the ID of a Google sheet, or the path of a .csv or .xlsx file.
    """
    return _run(given, plan_only=True, yes=False)


@command(
    "run",
    *_sheet_options(),
    GroupedOption(["--yes", "-y"], is_flag=True, heading="Run", help="Run without asking for confirmation."),
)
def run(yes: bool, **given: Any) -> int:
    """Turn the rows of SHEET into videos, and write the results back.

    SHEET is the URL or the ID of a Google sheet, or the path of a .csv or .xlsx file. Finished rows are skipped, and
    edited ones are made again, wherever they were moved. Status, URL, error, cost and time appear in columns of their
    own; for a file, in a copy next to it.
    """
    return _run(given, plan_only=False, yes=yes)


def _run(given: dict[str, Any], *, plan_only: bool, yes: bool) -> int:
    from pressrun.cli.sheet import SheetRequest, run_sheet

    names = ("sheet", "range_", "validation", "no_skip", "full", "output_format")
    own = {name: given.pop(name) for name in names}
    workspace: Path | None = given.pop("workspace")
    return run_sheet(SheetRequest(**own, flags=given, plan_only=plan_only, yes=yes), workspace)


sheet = click.Group(
    "sheet", help="Make the rows of a sheet into videos.", context_settings=CONTEXT, commands=[plan, run]
)
