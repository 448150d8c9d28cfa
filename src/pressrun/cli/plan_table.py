"""The plan as a user reads it before saying yes.

A list that fits a few screens is shown whole, with the totals below it. Of a long one the totals come first, then what
needs attention, then the first books; `--full` shows all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.table import Table
from rich.text import Text

from pressrun.cli.formatting import pluralize
from pressrun.cli.screen import Screen
from pressrun.model.plan import Action, Plan, PlanRow, Status
from pressrun.wording import details, sentence, warning_parts

_ACTION_STYLES: dict[Action, str] = {"process": "bold cyan", "resume": "bold yellow", "skip": "dim"}
_STATUS_STYLES: dict[Status, str] = {"done": "green", "processing": "yellow", "new": ""}
_PUBLISHED_BEFORE = "published before"
"""The status of a book that the database does not list any more, and whose run folder says that it is published."""
_BOOK_SHARE = 0.33
_TOTALS: tuple[tuple[Action, str], ...] = (("process", "to process"), ("resume", "to resume"), ("skip", "to skip"))
WHOLE_UP_TO = 50
"""Books that are shown whole, whatever the height of the screen."""
FIRST_ROWS, FIRST_ROWS_NARROW = 10, 4
"""With what stands around them they fill about a screen of 50 lines."""
OF_A_KIND = 3
"""Books that are named of one kind of trouble; the others are counted."""
MOST_WARNINGS = 10


@dataclass(frozen=True)
class _Trouble:
    """Books of which the user must know the same thing."""

    what: str
    rows: tuple[PlanRow, ...]


def show_plan(
    screen: Screen, plan: Plan, title: str, facts: Iterable[tuple[str, str, str]] = (), *, full: bool = False
) -> None:
    """The table, the totals per action, the services with reasons, `facts` (name, value, reason), and all warnings.

    Of a list of more than `WHOLE_UP_TO` books only the first, unless `full`.
    """
    whole = full or len(plan.rows) <= WHOLE_UP_TO
    if plan.rows and whole:
        screen.console.print(_books(screen, plan.rows, title))
        screen.console.print(_totals(screen, plan))
    elif plan.rows:
        _show_in_short(screen, plan, title)
    lines = [(each.kind, each.name, each.reason) for each in plan.services if each.name != "none" and plan.to_run]
    lines += facts if plan.to_run else ()
    if lines:
        screen.console.print(_choices(screen, lines))
    _show_warnings(screen, plan.warnings if whole else plan.warnings[:MOST_WARNINGS], len(plan.warnings))


def _show_in_short(screen: Screen, plan: Plan, title: str) -> None:
    screen.console.print(screen.text(title, "bold"))
    screen.console.print(_totals(screen, plan))
    for trouble in _troubles(plan):
        screen.warn(f"{pluralize(len(trouble.rows), 'book')}: {trouble.what}")
        for row in trouble.rows[:OF_A_KIND]:
            said = next((own for heading, own in map(warning_parts, row.warnings) if heading == trouble.what), "")
            number = (f"{row.number:,} ", "dim")
            screen.say(number, str(row.book), (f": {said}" if said else "", "dim"), indent=4)
        if len(trouble.rows) > OF_A_KIND:
            screen.say((f"and {len(trouble.rows) - OF_A_KIND:,} more", "dim"), indent=4)
    first = FIRST_ROWS_NARROW if screen.narrow else FIRST_ROWS
    screen.console.print(_books(screen, plan.rows[:first], f"The first {first}"))
    screen.say((f"and {len(plan.rows) - first:,} more: --full shows all", "dim"))


def _troubles(plan: Plan) -> list[_Trouble]:
    """What needs attention, the rarest first: of it the user may not know yet."""
    by_kind: dict[str, list[PlanRow]] = {}
    for row in plan.rows:
        for kind in dict.fromkeys(heading for heading, _ in map(warning_parts, row.warnings)):
            by_kind.setdefault(kind, []).append(row)
        if row.waits:
            by_kind.setdefault("uploads wait for another day", []).append(row)
    return [_Trouble(kind, tuple(rows)) for kind, rows in sorted(by_kind.items(), key=lambda each: len(each[1]))]


def _show_warnings(screen: Screen, shown: Sequence[str], number: int) -> None:
    for warning in shown:
        screen.warn(warning)
    if number > len(shown):
        screen.warn(f"and {pluralize(number - len(shown), 'warning')} more: --full shows all")


def _books(screen: Screen, rows: Sequence[PlanRow], title: str) -> Table:
    return _stacked(screen, rows, title) if screen.narrow else _wide(screen, rows, title)


def _wide(screen: Screen, rows: Sequence[PlanRow], title: str) -> Table:
    table = _table(screen, title)
    table.add_column("#", justify="right", no_wrap=True)
    longest = max(len("Book"), *(screen.text(str(row.book)).cell_len for row in rows))
    table.add_column("Book", overflow="fold", width=min(longest, int(screen.width * _BOOK_SHARE)))
    table.add_column("Status", no_wrap=True)
    table.add_column("Action", no_wrap=True)
    table.add_column("Details", overflow="fold", ratio=1)
    for row in rows:
        table.add_row(str(row.number), _book(screen, row), _status(screen, row), _action(row), _details(screen, row))
    return table


def _stacked(screen: Screen, rows: Sequence[PlanRow], title: str) -> Table:
    """Details stand below the book, so that a URL has the whole width."""
    table = _table(screen, title)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Book, status and action, details", overflow="fold", ratio=1)
    for row in rows:
        state = Text(f" {screen.marks.arrow} ").join([_status(screen, row), _action(row)])
        cell = Text("\n", overflow="fold").join([_book(screen, row), state, _details(screen, row)])
        table.add_row(str(row.number), cell)
    return table


def _table(screen: Screen, title: str) -> Table:
    return Table(
        title=screen.text(title, "bold"), title_justify="left", box=box.ROUNDED, border_style="dim",
        expand=True, show_lines=screen.narrow,
    )


def _book(screen: Screen, row: PlanRow) -> Text:
    return screen.text(str(row.book), "" if row.action == "skip" else "bold")


def _status(screen: Screen, row: PlanRow) -> Text:
    if row.status == "new" and row.action == "resume":
        return Text(f"{screen.marks.resumed} {_PUBLISHED_BEFORE}", style=_STATUS_STYLES["processing"])
    mark = {"done": screen.marks.success, "processing": screen.marks.resumed, "new": screen.marks.new}[row.status]
    return Text(f"{mark} {row.status}", style=_STATUS_STYLES[row.status])


def _action(row: PlanRow) -> Text:
    return Text(row.action, style=_ACTION_STYLES[row.action])


def _details(screen: Screen, row: PlanRow) -> Text:
    said = details(row)
    lines = [screen.text(said)]
    if row.action == "resume" and row.run_folder and row.run_folder not in said:
        lines.append(screen.text(row.run_folder, "dim"))
    lines += [screen.text(url, "dim") for url in (row.video_url, row.short_url) if url and url not in said]
    lines += [screen.text(f"{screen.marks.warning} {sentence(each)}", "yellow") for each in row.warnings]
    joined = Text("\n").join(line for line in lines if line.plain)
    joined.overflow = "fold"
    return joined


def _totals(screen: Screen, plan: Plan) -> Text:
    parts = [Text(pluralize(len(plan.rows), "book"))]
    for action, words in _TOTALS:
        if rows := plan.of(action):
            parts.append(Text(f"{len(rows):,} {words}", style=_ACTION_STYLES[action]))
    return Text(f" {screen.marks.dot} ").join(parts)


def _choices(screen: Screen, lines: Iterable[tuple[str, str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_column(style="dim", overflow="fold")
    for name, value, reason in lines:
        grid.add_row(screen.text(name), screen.text(value), screen.text(reason))
    return grid
