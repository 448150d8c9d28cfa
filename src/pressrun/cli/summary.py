"""The last word of a batch: how many of each kind, and what became of every book."""

from __future__ import annotations

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pressrun.cli.amounts import count, show_duration
from pressrun.cli.screen import Screen
from pressrun.model.result import BatchResult, BookResult, Outcome

_CATEGORIES: tuple[tuple[Outcome, str, str], ...] = (
    ("success", "Success (new)", "green"),
    ("resumed", "Success (resumed)", "green"),
    ("failed", "Failed", "red"),
    ("skipped", "Skipped", ""),
)


def show_summary(screen: Screen, result: BatchResult) -> None:
    """The table of categories, then the books of each: their URLs, or what failed, why, what to do and the log."""
    screen.console.print()
    screen.console.print(_table(screen, result))
    for outcome, name, style in _CATEGORIES:
        books = result.of(outcome)
        if books:
            screen.console.print()
            screen.console.print(Text(f"{_mark(screen, outcome)} {name}", style=f"bold {style}"))
            for each in books:
                _show_book(screen, each)
    if result.interrupted:
        screen.console.print()
        screen.say(("Interrupted. The same command goes on where this one stopped.", "yellow"))


def _table(screen: Screen, result: BatchResult) -> Table:
    took = f" {screen.marks.dot} {show_duration(result.seconds)}" if result.seconds else ""
    title = screen.text(f"Summary{took}", "bold")
    table = Table(title=title, title_justify="left", box=box.ROUNDED, border_style="dim")
    table.add_column("Category", no_wrap=True)
    table.add_column("Count", justify="right", no_wrap=True)
    table.add_column("Percentage", justify="right", no_wrap=True)
    total = len(result.books)
    table.add_row("  Total", f"{total:,}", _percentage(total, total), style="bold", end_section=True)
    for outcome, name, style in _CATEGORIES:
        number = len(result.of(outcome))
        cells = f"{_mark(screen, outcome)} {name}", f"{number:,}", _percentage(number, total)
        table.add_row(*cells, style=style if number else "dim")
    return table


def _percentage(number: int, total: int) -> str:
    return f"{100 * number / total:.1f} %" if total else "0.0 %"


def _mark(screen: Screen, outcome: Outcome) -> str:
    return str(getattr(screen.marks, outcome))


def _show_book(screen: Screen, each: BookResult) -> None:
    heading = screen.text(str(each.book))
    if each.reason:
        heading.append_text(screen.text(f": {each.reason}", "dim"))
    screen.console.print(Padding(heading, (0, 0, 0, 2)))
    rows = [("video", each.youtube_url, ""), ("short", each.short_url, "")]
    if each.outcome == "failed":
        rows = [
            ("stage", each.stage, ""),
            ("reason", each.error.message if each.error else "", "red"),
            ("to do", each.error.remedy if each.error else "", ""),
            ("log", each.log, ""),
        ]
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True, min_width=6 if each.outcome == "failed" else 5)
    grid.add_column(overflow="fold")
    for name, value, style in rows:
        if value:
            grid.add_row(name, screen.text(value, style))
    if grid.row_count:
        screen.console.print(Padding(grid, (0, 0, 0, 4)))


def headline(result: BatchResult) -> str:
    """One line, for a log."""
    parts = [f"{len(result.of(outcome)):,} {name.lower()}" for outcome, name, _ in _CATEGORIES if result.of(outcome)]
    return f"{count(len(result.books), 'book')}: {', '.join(parts) or 'none'}"
