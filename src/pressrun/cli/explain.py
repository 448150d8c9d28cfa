"""Why: for every book and stage whether it would run, and the reason. The plan's own reasons, in full."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich import box
from rich.table import Table
from rich.text import Text

from pressrun.cli.plan_table import WHOLE_UP_TO
from pressrun.cli.screen import Screen
from pressrun.model.plan import Plan, PlanRow
from pressrun.wording import details, sentence

FIRST_BOOKS = 5
"""Of a long list; a table of each stage is several lines long."""
_VERDICTS = {"runs": "bold cyan", "later": "yellow", "stays": "dim"}


def show_reasons(screen: Screen, plan: Plan, *, full: bool = False) -> None:
    """A table for each book with a row for each stage; books that are skipped whole and alike share one.

    Of more than `WHOLE_UP_TO` books only the first, unless `full`.
    """
    shown = plan.rows if full or len(plan.rows) <= WHOLE_UP_TO else plan.rows[:FIRST_BOOKS]
    for reasons, same in groupby(shown, key=_verdicts):
        rows = list(same)
        screen.console.print()
        for row in rows:
            screen.say((f"{row.number:,} ", "dim"), (str(row.book), "bold"))
        if not reasons:
            for what in dict.fromkeys("it is done" if row.status == "done" else details(row) for row in rows):
                screen.say((f"nothing runs: {what}", "dim"), indent=2)
            continue
        screen.console.print(_table(screen, reasons))
    if len(shown) < len(plan.rows):
        screen.say((f"and {len(plan.rows) - len(shown):,} more: --full explains all", "dim"))


def verdict(row: PlanRow, stage: str) -> str:
    """`runs`, `later` (it would, but for --until or the uploads of the day) or `stays`."""
    return "runs" if stage in row.stages else "later" if stage in row.decision.later else "stays"


def _verdicts(row: PlanRow) -> tuple[tuple[str, str, str], ...]:
    """(stage, verdict, reason) of each stage; nothing for a book that is not looked into."""
    return tuple((stage, verdict(row, stage), sentence(reason)) for stage, reason in row.decision.reasons.items())


def _table(screen: Screen, reasons: Sequence[tuple[str, str, str]]) -> Table:
    """Three columns, or two where the reason needs the width: it then stands below the stage."""
    table = Table(box=box.ROUNDED, border_style="dim", expand=True, show_header=not screen.narrow)
    table.add_column("Stage", no_wrap=True)
    if not screen.narrow:
        table.add_column("Would run", no_wrap=True)
    table.add_column("Why", overflow="fold", ratio=1)
    for stage, what, reason in reasons:
        style = _VERDICTS[what]
        if screen.narrow:
            table.add_row(Text(stage, style=style), Text.assemble((f"{what}: ", style), screen.text(reason)))
        else:
            table.add_row(Text(stage, style=style), Text(what, style=style), screen.text(reason))
    return table
