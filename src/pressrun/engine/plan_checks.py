"""Checks of a plan: options that make sense, one database entry per book, no second copy without consent."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from pressrun.errors import AmbiguousBookError, UsageError
from pressrun.model.book import Book
from pressrun.model.plan import Decision, Plan, PlanRow, RunOptions
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.stage import Pipeline
from pressrun.store.database import Database
from pressrun.store.workspace import Workspace


def check_options(pipeline: Pipeline, options: RunOptions) -> None:
    """Raise `UsageError` for a stage that the pipeline does not have, or for an empty range of stages."""
    for flag, name in (("--from", options.start_at), ("--until", options.until)):
        if name is not None and name not in pipeline.names:
            raise UsageError(
                f'{flag}: unknown stage "{name}"', remedy=f"The stages are: {', '.join(pipeline.names)}."
            )
    if options.start_at and options.until and pipeline.index(options.start_at) > pipeline.index(options.until):
        raise UsageError(
            f"--from {options.start_at} comes after --until {options.until}, so nothing would run",
            remedy=f"The order is: {', '.join(pipeline.names)}.",
        )


def require_distinct_entries(books: Sequence[Book], database: Database) -> None:
    """Raise `AmbiguousBookError` if two books of the list match one entry of the database that has no author."""
    claimed: dict[str, Book] = {}
    for book in books:
        title = book.key[0]
        other = claimed.setdefault(title, book)
        if other.key == book.key:
            continue
        try:
            entry = database.find_cached(book)
        except AmbiguousBookError:
            continue  # affects only this book, and its row says so
        if entry and not entry.get("author_name"):
            raise AmbiguousBookError(
                f'"{other}"{_line(other)} and "{book}"{_line(book)} both match "{entry["main_title"]}", '
                f"which has no author in {database.path}",
                remedy="Add the author to the database, as author_name.",
            )


def check_publications(rows: Sequence[PlanRow], workspace: Workspace, publish_to: str = "") -> list[PlanRow]:
    """Return the rows with a warning if a local file of a published book is missing or outside of the workspace.

    Only looks at files that the database names, and reads none of them. Web addresses are not checked. `publish_to` is
    the setting: a folder that it names belongs to the workspace.
    """
    root = workspace.root
    folders = (root.absolute(), root.resolve(), workspace.published.resolve(), _local_path(publish_to))
    places = tuple(f"{folder}/" for folder in folders if folder)
    return [_check_publication(row, places) if row.status == "done" else row for row in rows]


def _check_publication(row: PlanRow, places: tuple[str, ...]) -> PlanRow:
    for url in (row.video_url, row.short_url):
        path = _local_path(url)
        if path is None:
            continue
        kind = None
        if not os.access(path, os.F_OK):
            kind = ReasonKind.PUBLISHED_FILE_MISSING
        elif not path.startswith(places):
            kind = ReasonKind.PUBLISHED_OUTSIDE
        if kind:
            return replace(row, warnings=(*row.warnings, Reason(kind, {"path": path})))
    return row


def _local_path(url: str | None) -> str | None:
    """Return the path of a `file://` address, or None for any other, and for one that someone mistyped."""
    if not url or not url.startswith("file://"):
        return None
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return None
    return None if "\0" in path else path


def without_unagreed_copies(plan: Plan, agreed: Plan) -> Plan:
    """Return a newer plan of the same books, without second copies that the `agreed` plan did not announce."""
    return replace(plan, rows=tuple(map(without_unagreed_copy, plan.rows, agreed.rows)))


def without_unagreed_copy(row: PlanRow, agreed: PlanRow) -> PlanRow:
    """Return a newer row of the same book; skipped if another process has published the book since."""
    if not row.is_second_copy or agreed.is_second_copy:
        return row
    decision = Decision(reasons=row.decision.reasons)
    details = Reason(ReasonKind.PUBLISHED_MEANWHILE)
    return replace(row, action="skip", details=details, decision=decision, uploads=0, warnings=())


def _line(book: Book) -> str:
    return f" (line {book.line})" if book.line else ""
