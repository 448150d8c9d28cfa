"""Show the plan: what happens to each book, and what to know before confirming.

A list that fits a few screens is shown in full, with the totals below it. For a longer one the totals come first, then
what needs attention, then the first books; `--full` shows all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich import box
from rich.table import Table
from rich.text import Text

from pressrun.cli.formatting import format_estimate, format_size, pluralize
from pressrun.cli.screen import Screen
from pressrun.engine.batch_spec import BatchSpec
from pressrun.model.plan import Action, Plan, PlanRow, Status
from pressrun.model.reason import Reason, ReasonKind
from pressrun.wording import details, sentence, warning_parts

_ACTION_STYLES: dict[Action, str] = {"process": "bold cyan", "resume": "bold yellow", "skip": "dim"}
_STATUS_STYLES: dict[Status, str] = {"done": "green", "processing": "yellow", "new": ""}
_PUBLISHED_BEFORE = "published before"
"""Status of a book that the database no longer lists but that its run folder records as published."""
_BOOK_COLUMN_SHARE = 0.33
_TOTALS: tuple[tuple[Action, str], ...] = (("process", "to process"), ("resume", "to resume"), ("skip", "to skip"))
MAX_ROWS = 50
"""Books up to which a list is shown in full, whatever the height of the screen."""
FIRST_ROWS, FIRST_ROWS_NARROW = 10, 4
"""Books shown of a longer list. With everything else they fill about a screen of 50 lines."""
MAX_EXAMPLES = 3
"""Books named for each kind of warning."""
MAX_WARNINGS = 10

Fact = tuple[str, str, str]
"""Name, value and reason of a line below the table."""


def show_plan(
    screen: Screen, plan: Plan, title: str, facts: Iterable[Fact] = (), *, full: bool = False, noun: str = "book"
) -> None:
    """Print the table, the totals per action, the services with their reasons, `facts`, and the warnings.

    Of more than `MAX_ROWS` books only the first ones are shown, unless `full`. `noun` is what a row is called.
    """
    complete = full or len(plan.rows) <= MAX_ROWS
    if plan.rows and complete:
        screen.console.print(_books(screen, plan.rows, title, noun))
        screen.console.print(_totals(screen, plan, noun))
    elif plan.rows:
        _show_overview(screen, plan, title, noun)
    lines = [(each.kind, each.name, each.reason) for each in plan.services if each.name != "none" and plan.to_run]
    lines += facts if plan.to_run else ()
    if lines:
        screen.console.print(_facts_grid(screen, lines))
    _show_warnings(screen, plan.warnings if complete else plan.warnings[:MAX_WARNINGS], len(plan.warnings))


def plan_facts(
    batch: BatchSpec, plan: Plan, *, original_privacy: str = "", start: datetime | None = None
) -> list[Fact]:
    """Return what the user should know before confirming, in addition to the services.

    `original_privacy` is that of a book that is published again, `start` the time of a scheduled run.
    """
    settings = batch.settings
    facts = []
    if original_privacy:
        facts.append(("privacy", original_privacy, "from the book's own settings"))
    elif any("privacy" in stage.settings for stage in batch.pipeline.stages):
        reason = "set by you" if "privacy" in settings.explicit else "default"
        facts.append(("privacy", settings.item.privacy, reason))
    if plan.uploads:
        reason = "ignored (--ignore-quota)" if batch.options.ignore_quota else "resets at midnight Pacific time"
        facts.append(("uploads left today", f"{plan.uploads.left:,} of {plan.uploads.of:,}", reason))
    return facts + estimate_facts(plan, datetime.now().astimezone(), start)


def estimate_facts(plan: Plan, now: datetime, start: datetime | None = None) -> list[Fact]:
    """Return when the batch will end, and the disk space and uploads it will take."""
    if not any(row.stages for row in plan.rows):
        return []
    estimate = plan.estimate
    if estimate is None:
        return [("ends", "no estimate yet", "estimates are based on past runs")]
    reason = "based on past runs"
    if estimate.unknown:
        reason += f", without {', '.join(estimate.unknown)} (no past run)"
    end = (start or now) + timedelta(seconds=estimate.seconds)
    duration = format_estimate(estimate.seconds)
    facts = [
        ("ends", f"about {_format_time(end, now)}, {duration} {'after the start' if start else 'from now'}", reason),
        ("disk", f"about {format_size(estimate.disk)}", f"{format_size(estimate.free)} free"),
    ]
    if plan.uploads:
        left = max(0, plan.uploads.left - estimate.uploads)
        facts.append(("uploads", f"{estimate.uploads:,}", f"{left:,} of today's left afterwards"))
    return facts


def disk_space_warnings(plan: Plan) -> tuple[Reason, ...]:
    """Return a warning if the batch would fill the disk."""
    estimate = plan.estimate
    if estimate is None or estimate.disk <= estimate.free:
        return ()
    values = {"needed": format_size(estimate.disk), "free": format_size(estimate.free)}
    return (Reason(ReasonKind.DISK_TOO_SMALL, values),)


def _format_time(moment: datetime, now: datetime) -> str:
    """Return the time of day, with the day if it is not today."""
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return f"{moment:%a %H:%M}" if moment - now < timedelta(days=6) else f"{moment:%Y-%m-%d %H:%M}"


def _show_overview(screen: Screen, plan: Plan, title: str, noun: str) -> None:
    screen.console.print(screen.text(title, "bold"))
    screen.console.print(_totals(screen, plan, noun))
    for group in _warning_groups(plan):
        screen.warn(f"{pluralize(len(group.rows), noun)}: {group.heading}")
        for row in group.rows[:MAX_EXAMPLES]:
            own = next((own for heading, own in map(warning_parts, row.warnings) if heading == group.heading), "")
            screen.print((f"{row.number:,} ", "dim"), str(row.book), (f": {own}" if own else "", "dim"), indent=4)
        if len(group.rows) > MAX_EXAMPLES:
            screen.print((f"and {len(group.rows) - MAX_EXAMPLES:,} more", "dim"), indent=4)
    first = FIRST_ROWS_NARROW if screen.narrow else FIRST_ROWS
    screen.console.print(_books(screen, plan.rows[:first], f"The first {first}", noun))
    screen.print((f"and {len(plan.rows) - first:,} more: --full shows all", "dim"))


@dataclass(frozen=True)
class _WarningGroup:
    """Books with the same kind of warning."""

    heading: str
    rows: tuple[PlanRow, ...]


def _warning_groups(plan: Plan) -> list[_WarningGroup]:
    """Return the rarest first, which is the one that the user is least likely to expect."""
    by_heading: dict[str, list[PlanRow]] = {}
    for row in plan.rows:
        for heading in dict.fromkeys(heading for heading, _ in map(warning_parts, row.warnings)):
            by_heading.setdefault(heading, []).append(row)
        if row.waits:
            by_heading.setdefault("uploads wait for another day", []).append(row)
    groups = [_WarningGroup(heading, tuple(rows)) for heading, rows in by_heading.items()]
    return sorted(groups, key=lambda group: len(group.rows))


def _show_warnings(screen: Screen, shown: Sequence[Reason], total: int) -> None:
    for warning in shown:
        screen.warn(sentence(warning))
    if total > len(shown):
        screen.warn(f"and {pluralize(total - len(shown), 'more warning')}: --full shows all")


def _books(screen: Screen, rows: Sequence[PlanRow], title: str, noun: str) -> Table:
    form = _narrow_table if screen.narrow else _wide_table
    return form(screen, rows, title, noun.capitalize())


def _wide_table(screen: Screen, rows: Sequence[PlanRow], title: str, heading: str) -> Table:
    table = _table(screen, title)
    table.add_column("#", justify="right", no_wrap=True)
    longest = max(len(heading), *(screen.text(str(row.book)).cell_len for row in rows))
    table.add_column(heading, overflow="fold", width=min(longest, int(screen.width * _BOOK_COLUMN_SHARE)))
    table.add_column("Status", no_wrap=True)
    table.add_column("Action", no_wrap=True)
    table.add_column("Details", overflow="fold", ratio=1)
    for row in rows:
        table.add_row(str(row.number), _book(screen, row), _status(screen, row), _action(row), _details(screen, row))
    return table


def _narrow_table(screen: Screen, rows: Sequence[PlanRow], title: str, heading: str) -> Table:
    """Put the details below the book, so that a URL has the whole width."""
    table = _table(screen, title)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column(f"{heading}, status and action, details", overflow="fold", ratio=1)
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
    text = details(row)
    lines = [screen.text(text)]
    if row.action == "resume" and row.run_folder and row.run_folder not in text:
        lines.append(screen.text(row.run_folder, "dim"))
    lines += [screen.text(url, "dim") for url in (row.video_url, row.short_url) if url and url not in text]
    lines += [screen.text(f"{screen.marks.warning} {sentence(each)}", "yellow") for each in row.warnings]
    joined = Text("\n").join(line for line in lines if line.plain)
    joined.overflow = "fold"
    return joined


def _totals(screen: Screen, plan: Plan, noun: str) -> Text:
    parts = [Text(pluralize(len(plan.rows), noun))]
    for action, words in _TOTALS:
        if rows := plan.of(action):
            parts.append(Text(f"{len(rows):,} {words}", style=_ACTION_STYLES[action]))
    return Text(f" {screen.marks.dot} ").join(parts)


def _facts_grid(screen: Screen, lines: Iterable[tuple[str, str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_column(style="dim", overflow="fold")
    for name, value, reason in lines:
        grid.add_row(screen.text(name), screen.text(value), screen.text(reason))
    return grid
