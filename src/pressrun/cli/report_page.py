"""The page of a batch: one file that needs nothing else, readable by day and by night, on a phone and on paper."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pressrun.cli.formatting import format_duration, format_estimate, format_size, pluralize
from pressrun.cli.markup import Markup, element, join, link
from pressrun.cli.report_chart import chart, totals
from pressrun.cli.report_look import style_sheet
from pressrun.cli.summary import how_to_go_on
from pressrun.store.batch_record import BatchRecord, BookRecord
from pressrun.store.workspace import Workspace

THUMBNAIL = "thumbnail.jpg"
MOST_PICTURES = 240
FEW = 12
"""Rows of a list that are shown without a click."""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(record: BatchRecord, workspace: Workspace, stages: tuple[str, ...]) -> str:
    """The whole page, with `stages` in the order of the pipeline and pictures from run folders that are still there."""
    made = record.of("success") + record.of("resumed")
    title = headline(record)
    top = element("h1", title), _subtitle(record, workspace), _interrupted(record), _tiles(record, made)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} - Pressrun, {record.began:%Y-%m-%d %H:%M}"),
        element("style", Markup(style_sheet())),
    )
    body = element(
        "body",
        element("header", *top),
        element(
            "main",
            _section("Failed", _failed(record, workspace)),
            _section("Made", _sheet(made, workspace)),
            _section("Skipped", _skipped(record)),
            _section("Time per stage", _times(record, stages)),
            _section("Estimate and fact", _estimate(record)),
            _section("Warnings", _warnings(record)),
            _section("How it was run", _how(record)),
        ),
        element("footer", element("p", f"Made by Pressrun {version('pressrun')}.", class_="muted small")),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def headline(record: BatchRecord) -> str:
    """`5 books: 3 made, 2 failed`."""
    counts = record.counts
    made = counts.get("success", 0) + counts.get("resumed", 0)
    parts = [(made, "made"), (counts.get("failed", 0), "failed"), (counts.get("skipped", 0), "skipped")]
    said = ", ".join(f"{number:,} {word}" for number, word in parts if number)
    return f"{pluralize(sum(counts.values()), 'book')}: {said or 'nothing to do'}"


def _subtitle(record: BatchRecord, workspace: Workspace) -> Markup:
    when = element("time", f"{record.began:%A, %d %B %Y, %H:%M}", datetime=record.started)
    place = element("code", str(workspace.root))
    return element("p", when, f", {format_duration(record.seconds)}, in ", place, class_="muted")


def _interrupted(record: BatchRecord) -> Markup | None:
    if not record.interrupted:
        return None
    return element("p", f"The batch was interrupted. {how_to_go_on(record.asked)}", class_="wait")


def _tiles(record: BatchRecord, made: Sequence[BookRecord]) -> Markup:
    resumed, failed = record.counts.get("resumed", 0), record.counts.get("failed", 0)
    tiles = [
        ("made" + (f", {resumed:,} of them resumed" if resumed else ""), f"{len(made):,}", "good" if made else None),
        ("failed", f"{failed:,}", "bad" if failed else None),
        ("skipped", f"{record.counts.get('skipped', 0):,}", None),
        ("in all", format_duration(record.seconds), None),
    ]
    items = (element("li", element("b", value), name, class_=kind) for name, value, kind in tiles)
    return element("ul", *items, class_="tiles")


def _section(title: str, content: Markup | None) -> Markup | None:
    return element("section", element("h2", title), content) if content else None


def _name(book: BookRecord) -> Markup:
    author = element("p", book.author, class_="muted small", dir="auto") if book.author else None
    return join([element("h3", book.title, dir="auto"), author])


def _sheet(made: Sequence[BookRecord], workspace: Workspace) -> Markup | None:
    if not made:
        return None
    width = 480 if len(made) <= 60 else 320
    cards = [
        _card(book, _picture(book, workspace, width) if number < MOST_PICTURES else None)
        for number, book in enumerate(made)
    ]
    return element("ul", *cards, class_="sheet")


def _card(book: BookRecord, picture: Markup | None) -> Markup:
    took = f"{'resumed and made' if book.outcome == 'resumed' else 'made'} in {format_duration(book.seconds)}"
    words = element(
        "div", _name(book),
        element("p", book.reason, class_="small wait", dir="auto") if book.reason else None,
        element("p", took, class_="muted small"),
        _places(book),
        class_="words",
    )
    return element("li", picture or element("div", "no picture", class_="none small"), words, class_="card")


def _picture(book: BookRecord, workspace: Workspace, width: int) -> Markup | None:
    from pressrun.media.small_picture import small_jpeg

    path = _inside(workspace, book.run_folder, THUMBNAIL)
    small = small_jpeg(path, width) if path else None
    if small is None:
        return None
    data, wide, high = small
    source = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    return element("img", src=source, width=wide, height=high, alt=f"Thumbnail of {book.title}", loading="lazy")


def _places(book: BookRecord) -> Markup | None:
    named = [(book.youtube_url, "Video"), (book.short_url, "Short")]
    links = [link(address, word) for address, word in named if address]
    return element("div", *links, class_="places") if links else None


def _inside(workspace: Workspace, folder: str | None, name: str = "") -> Path | None:
    """A file of the workspace that a record names; None for one that lies elsewhere."""
    if not folder:
        return None
    path = workspace.root / folder / name
    return path if path.resolve().is_relative_to(workspace.root.resolve()) else None


def _failed(record: BatchRecord, workspace: Workspace) -> Markup | None:
    failed = record.of("failed")
    if not failed:
        return None
    command = "pressrun publish BOOK" if record.asked.get("command") == "publish" else "pressrun retry-failed"
    again = element("p", "Run them again: ", element("code", command), class_="muted again")
    return join([element("ul", *(_failure(book, workspace) for book in failed), class_="failed"), again])


def _failure(book: BookRecord, workspace: Workspace) -> Markup:
    log = _inside(workspace, book.log)
    shown_log = link(log.as_uri(), element("code", book.log or "")) if log else None
    rows = [
        ("Stage", book.stage),
        ("Reason", element("span", book.error, class_="bad", dir="auto")),
        ("To do", book.remedy),
        ("Log", shown_log),
        ("Run folder", element("code", book.run_folder) if book.run_folder else None),
        ("Published", _places(book)),
    ]
    pairs = [part for name, value in rows if value for part in (element("dt", name), element("dd", value))]
    return element("li", _name(book), element("dl", *pairs))


def _skipped(record: BatchRecord) -> Markup | None:
    skipped = record.of("skipped")
    if not skipped:
        return None
    rows = [
        element("tr", element("td", str(book.book), dir="auto"), element("td", book.reason or book.details, dir="auto"))
        for book in skipped
    ]
    head = element("tr", element("th", "Book", scope="col"), element("th", "Reason", scope="col"))
    table = element("div", element("table", element("thead", head), element("tbody", *rows)), class_="scroll")
    more = element("p", f"and {record.left_out:,} more", class_="muted") if record.left_out else None
    return _folded(join([table, more]), len(rows) + record.left_out, "book")


def _folded(content: Markup, number: int, noun: str) -> Markup:
    if number <= FEW:
        return content
    return element("details", element("summary", f"Show {pluralize(number, noun)}"), content)


def _times(record: BatchRecord, order: tuple[str, ...]) -> Markup | None:
    stages = totals(record.books, order)
    if not stages:
        return None
    names = [stage.name for stage in stages]
    guessed = any(book.expected for book in record.books)
    columns = ["Expected"] * guessed + ["In all", *names]
    head = element(
        "tr", element("th", "Book", scope="col"),
        *(element("th", name, scope="col", class_="number") for name in columns),
    )
    rows = [_time_row(book, names, guessed) for book in record.books if book.stages]
    table = element("div", element("table", element("thead", head), element("tbody", *rows)), class_="scroll small")
    details = element("details", element("summary", "Show the time of each book"), table)
    return element("div", chart(stages), details, class_="card pad")


def _time_row(book: BookRecord, names: Sequence[str], guessed: bool) -> Markup:
    took = {stage.name: format_duration(stage.seconds) for stage in book.stages}
    expected = [format_estimate(book.expected) if book.expected else ""] * guessed
    times = [*expected, format_duration(book.seconds), *(took.get(name, "") for name in names)]
    cells = (element("td", time, class_="number") for time in times)
    return element("tr", element("td", str(book.book), dir="auto"), *cells)


def _estimate(record: BatchRecord) -> Markup | None:
    estimate = record.estimate
    if estimate is None:
        return None
    rows = [("Time", format_estimate(estimate.seconds), format_duration(record.seconds))]
    if record.disk:
        rows.append(("Room on the disk", format_size(estimate.disk), format_size(record.disk)))
    head = element("tr", *(element("th", word, scope="col") for word in ("What", "Expected", "Came")))
    body = [element("tr", *(element("td", cell) for cell in row)) for row in rows]
    table = element("div", element("table", element("thead", head), element("tbody", *body)), class_="scroll")
    if not estimate.unknown:
        return table
    note = f"Without {', '.join(estimate.unknown)}, of which no run was known."
    return join([table, element("p", note, class_="muted small")])


def _warnings(record: BatchRecord) -> Markup | None:
    per_book = [f"{book.book}: {warning}" for book in record.books for warning in book.warnings]
    warnings = [*record.warnings, *per_book]
    if not warnings:
        return None
    listed = element("ul", *(element("li", warning, dir="auto") for warning in warnings))
    return _folded(listed, len(warnings), "warning")


def _how(record: BatchRecord) -> Markup:
    asked = {name: value for name, value in record.asked.items() if name != "command"}
    rows = [("Command", element("code", str(record.asked.get("command", "run-batch"))))]
    given = {**asked, **record.settings}
    rows += [(name.replace("_", " "), element("code", _shown(value))) for name, value in given.items()]
    for each in record.services:
        rows.append((each.kind, join([each.name, element("span", f" ({each.reason})", class_="muted")])))
    return element("dl", *(part for name, value in rows for part in (element("dt", name), element("dd", value))))


def _shown(value: Any) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
