"""Show how a batch ended: the number of books per outcome, and the result of every book."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pressrun.cli.formatting import format_duration, format_estimate, format_size, pluralize
from pressrun.cli.plan_table import FIRST_ROWS, MAX_ROWS
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
    screen: Screen, result: BatchResult, *, full: bool = False, invocation: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Print the table of outcomes, then the books of each: their URLs, or the error with its remedy and the log.

    Of more than `MAX_ROWS` books only the first of each outcome are shown, unless `full`. `invocation` holds the
    options of the command.
    """
    limit = None if full or len(result.books) <= MAX_ROWS else FIRST_ROWS
    screen.console.print()
    screen.console.print(_table(screen, result))
    if comparison := estimate_vs_actual(result):
        screen.print((comparison, "dim"))
    for outcome, name, style in _CATEGORIES:
        books = result.of(outcome)
        if books:
            screen.console.print()
            screen.console.print(Text(f"{_mark(screen, outcome)} {name}", style=f"bold {style}"))
            for each in books[:limit]:
                _show_book(screen, each)
            if limit and len(books) > limit:
                screen.print((f"and {len(books) - limit:,} more: --full shows all", "dim"), indent=2)
    if result.warnings:
        screen.console.print()
        for warning in result.warnings:
            screen.warn(warning)
    if result.interrupted:
        screen.console.print()
        screen.print((f"Interrupted. {resume_hint(invocation)}", "yellow"))


def estimate_vs_actual(result: BatchResult) -> str:
    """Return how the result compares with the estimate; nothing without one or for an interrupted batch."""
    estimate = result.estimate
    if estimate is None or result.interrupted:
        return ""
    estimated, actual = format_estimate(estimate.seconds), format_duration(result.seconds)
    if result.disk:
        estimated, actual = f"{estimated} and {format_size(estimate.disk)}", f"{actual} and {format_size(result.disk)}"
    return f"Estimated: {estimated}. Actual: {actual}."


def resume_hint(invocation: Mapping[str, Any]) -> str:
    """Return how to resume a batch that was interrupted. `invocation` holds the options that it was given."""
    redo = "--no-skip" if invocation.get("no_skip") else ""
    if start_at := invocation.get("start_at"):
        redo = redo or f"--from {start_at}"
    if redo:
        return f"Run the same command without {redo} to resume. With it, the stages run again from the start."
    return "Run the same command to resume."


def _table(screen: Screen, result: BatchResult) -> Table:
    duration = f" {screen.marks.dot} {format_duration(result.seconds)}" if result.seconds else ""
    title = screen.text(f"Summary{duration}", "bold")
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
    screen.print(str(each.book), (f": {sentence(each.reason)}" if each.reason else "", "dim"), indent=2)
    if each.outcome == "failed":
        width = len("published") if each.video_url else _NAME_COLUMN
        _show_text(screen, "stage", each.stage or "", width)
        _show_text(screen, "reason", each.error.message if each.error else "", width, "red")
        _show_text(screen, "to do", each.error.remedy if each.error else "", width)
        _show_unbroken(screen, "published", each.video_url or "", width)
        _show_unbroken(screen, "short", each.short_url or "", width)
        _show_unbroken(screen, "log", each.log or "", width)
    else:
        _show_unbroken(screen, "video", each.video_url or "", _NAME_COLUMN)
        _show_unbroken(screen, "short", each.short_url or "", _NAME_COLUMN)
    for warning in each.warnings:
        _show_text(screen, "warning", warning, len("warning"), "yellow")


def _show_text(screen: Screen, name: str, text: str, width: int, style: str = "") -> None:
    if text:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="dim", width=width)
        grid.add_column(overflow="fold")
        grid.add_row(name, screen.text(text, style))
        screen.console.print(Padding(grid, (0, 0, 0, 4), expand=False))


def _show_unbroken(screen: Screen, name: str, text: str, width: int) -> None:
    """Print a URL or a path without line breaks: the terminal wraps it, so that it can be copied as a whole."""
    if text:
        line = screen.join("    ", (f"{name:<{width}}", "dim"), "  ", text)
        screen.console.print(line, soft_wrap=True)


def headline(result: BatchResult) -> str:
    """Return one line for a log or a message, e.g. `3 books: 2 success (new), 1 failed`."""
    parts = [f"{len(result.of(outcome)):,} {name.lower()}" for outcome, name, _ in _CATEGORIES if result.of(outcome)]
    return f"{pluralize(len(result.books), 'book')}: {', '.join(parts) or 'none'}"
