"""`--explain`: show for every book and stage whether it would run, and why."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich import box
from rich.table import Table
from rich.text import Text

from pressrun.cli.plan_table import MAX_ROWS
from pressrun.cli.screen import Screen
from pressrun.model.plan import Plan, PlanRow
from pressrun.wording import details, sentence

FIRST_BOOKS = 5
"""Books explained of a long list; each table is several lines high."""
_STYLES = {"runs": "bold cyan", "later": "yellow", "stays": "dim"}

Explanation = tuple[str, str, str]
"""Stage, verdict and reason."""


def show_reasons(screen: Screen, plan: Plan, *, full: bool = False) -> None:
    """Print a table with a row per stage for each book; neighbours with equal reasons share one.

    Of more than `MAX_ROWS` books only the first ones are shown, unless `full`.
    """
    shown = plan.rows if full or len(plan.rows) <= MAX_ROWS else plan.rows[:FIRST_BOOKS]
    for explanations, group in groupby(shown, key=_explain):
        rows = list(group)
        screen.console.print()
        for row in rows:
            screen.print((f"{row.number:,} ", "dim"), (str(row.book), "bold"))
        if explanations:
            screen.console.print(_table(screen, explanations))
        else:
            for reason in dict.fromkeys("the book is done" if row.status == "done" else details(row) for row in rows):
                screen.print((f"nothing runs: {reason}", "dim"), indent=2)
    if len(shown) < len(plan.rows):
        screen.print((f"and {len(plan.rows) - len(shown):,} more: --full explains all", "dim"))


def verdict(row: PlanRow, stage: str) -> str:
    """Return `runs`, `later` (it would without --until or the daily upload limit) or `stays`."""
    return "runs" if stage in row.stages else "later" if stage in row.decision.later else "stays"


def _explain(row: PlanRow) -> tuple[Explanation, ...]:
    """Return nothing for a book whose stages were not looked at."""
    return tuple((stage, verdict(row, stage), sentence(reason)) for stage, reason in row.decision.reasons.items())


def _table(screen: Screen, explanations: Sequence[Explanation]) -> Table:
    """On a narrow screen the verdict moves into the column of the reason."""
    table = Table(box=box.ROUNDED, border_style="dim", expand=True, show_header=not screen.narrow)
    table.add_column("Stage", no_wrap=True)
    if not screen.narrow:
        table.add_column("Would run", no_wrap=True)
    table.add_column("Reason", overflow="fold", ratio=1)
    for stage, stage_verdict, reason in explanations:
        style = _STYLES[stage_verdict]
        if screen.narrow:
            table.add_row(Text(stage, style=style), Text.assemble((f"{stage_verdict}: ", style), screen.text(reason)))
        else:
            table.add_row(Text(stage, style=style), Text(stage_verdict, style=style), screen.text(reason))
    return table
