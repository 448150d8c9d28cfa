"""The chart of a report: how long each stage took in all, as SVG that keeps its letters at every width."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pressrun.cli.formatting import format_duration, pluralize
from pressrun.cli.markup import Markup, element
from pressrun.store.batch_record import BookRecord

ROW = 46
"""Pixels from one stage to the next: a line of text and a bar."""
_TEXT, _BAR, _THICK = 16, 24, 12


@dataclass(frozen=True)
class StageTotal:
    name: str
    seconds: float
    books: int


def totals(books: Iterable[BookRecord], order: tuple[str, ...]) -> list[StageTotal]:
    """Seconds of each stage over all books, in the order of the pipeline."""
    seconds: dict[str, list[float]] = {}
    for book in books:
        for stage in book.stages:
            seconds.setdefault(stage.name, []).append(stage.seconds)
    names = [name for name in order if name in seconds] + [name for name in seconds if name not in order]
    return [StageTotal(name, sum(seconds[name]), len(seconds[name])) for name in names]


def chart(stages: list[StageTotal]) -> Markup:
    """A bar for each stage. Widths are percentages and the rest is in pixels, so that nothing is scaled."""
    longest = max((stage.seconds for stage in stages), default=0.0) or 1.0
    whole = sum(stage.seconds for stage in stages) or 1.0
    spoken = ", ".join(f"{stage.name} {format_duration(stage.seconds)}" for stage in stages)
    rows: list[Markup] = []
    for number, stage in enumerate(stages):
        top = number * ROW
        share = f"{100 * stage.seconds / whole:.0f} %"
        value = f"{format_duration(stage.seconds)}, {share}, {pluralize(stage.books, 'book')}"
        rows += [
            element("text", stage.name, x="0", y=top + _TEXT),
            element("text", value, x="100%", y=top + _TEXT, text_anchor="end", class_="value"),
            element("rect", x="0", y=top + _BAR, width="100%", height=_THICK, rx="3", class_="track"),
            element(
                "rect", x="0", y=top + _BAR, width=f"{max(0.4, 100 * stage.seconds / longest):.1f}%", height=_THICK,
                rx="3", class_="bar",
            ),
        ]
    return element(
        "svg", element("title", f"Time of each stage: {spoken}"), *rows, class_="chart", role="img",
        height=len(stages) * ROW, xmlns="http://www.w3.org/2000/svg",
    )
