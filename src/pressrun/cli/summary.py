"""The last word of a batch: how many of each kind, and what became of every book."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pressrun.cli.expectation import comparison
from pressrun.cli.formatting import format_duration, pluralize
from pressrun.cli.plan_table import FIRST_ROWS, WHOLE_UP_TO
from pressrun.cli.screen import Screen
from pressrun.model.result import BatchResult, BookResult, Outcome
from pressrun.wording import sentence

_CATEGORIES: tuple[tuple[Outcome, str, str], ...] = (
    ("success", "Success (new)", "green"),
    ("resumed", "Success (resumed)", "green"),
    ("failed", "Failed", "red"),
    ("skipped", "Skipped", ""),
)
_NAME_COLUMN = len("reason")


def show_summary(
    screen: Screen, result: BatchResult, *, full: bool = False, asked: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """The table of categories, then the books of each: their URLs, or what failed, why, what to do and the log.

    Of more than `WHOLE_UP_TO` books only the first of each category, unless `full`. `asked` are the options given.
    """
    most = None if full or len(result.books) <= WHOLE_UP_TO else FIRST_ROWS
    screen.console.print()
    screen.console.print(_table(screen, result))
    for line in comparison(result):
        screen.say((line, "dim"))
    for outcome, name, style in _CATEGORIES:
        books = result.of(outcome)
        if books:
            screen.console.print()
            screen.console.print(Text(f"{_mark(screen, outcome)} {name}", style=f"bold {style}"))
            for each in books[:most]:
                _show_book(screen, each)
            if most and len(books) > most:
                screen.say((f"and {len(books) - most:,} more: --full shows all", "dim"), indent=2)
    if result.warnings:
        screen.console.print()
        for warning in result.warnings:
            screen.warn(warning)
    if result.interrupted:
        screen.console.print()
        screen.say((f"Interrupted. {resume_hint(asked)}", "yellow"))


def resume_hint(asked: Mapping[str, Any]) -> str:
    """Return how to resume a batch that was interrupted; `asked` are the options that it was given."""
    again = "--no-skip" if asked.get("no_skip") else f"--from {asked['start_at']}" if asked.get("start_at") else ""
    if again:
        return f"Run the same command without {again} to resume. With it, the stages run again from the start."
    return "Run the same command to resume."


def _table(screen: Screen, result: BatchResult) -> Table:
    took = f" {screen.marks.dot} {format_duration(result.seconds)}" if result.seconds else ""
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
    screen.say(str(each.book), (f": {sentence(each.reason)}" if each.reason else "", "dim"), indent=2)
    if each.outcome == "failed":
        width = len("published") if each.video_url else _NAME_COLUMN
        _show_words(screen, "stage", each.stage or "", width)
        _show_words(screen, "reason", each.error.message if each.error else "", width, "red")
        _show_words(screen, "to do", each.error.remedy if each.error else "", width)
        _show_place(screen, "published", each.video_url or "", width)
        _show_place(screen, "short", each.short_url or "", width)
        _show_place(screen, "log", each.log or "", width)
    else:
        _show_place(screen, "video", each.video_url or "", _NAME_COLUMN)
        _show_place(screen, "short", each.short_url or "", _NAME_COLUMN)


def _show_words(screen: Screen, name: str, words: str, width: int, style: str = "") -> None:
    if words:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="dim", width=width)
        grid.add_column(overflow="fold")
        grid.add_row(name, screen.text(words, style))
        screen.console.print(Padding(grid, (0, 0, 0, 4), expand=False))


def _show_place(screen: Screen, name: str, place: str, width: int) -> None:
    """An address or a path in one piece: the terminal wraps it itself, so that it can be copied whole."""
    if place:
        line = screen.join("    ", (f"{name:<{width}}", "dim"), "  ", place)
        screen.console.print(line, soft_wrap=True)


def headline(result: BatchResult) -> str:
    """One line, for a log."""
    parts = [f"{len(result.of(outcome)):,} {name.lower()}" for outcome, name, _ in _CATEGORIES if result.of(outcome)]
    return f"{pluralize(len(result.books), 'book')}: {', '.join(parts) or 'none'}"
