"""Plan a list of books: the action for each book and its reasons. Planning writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.forecast import estimate_plan
from pressrun.engine.plan_checks import check_options, check_publications, require_distinct_entries
from pressrun.engine.planner import Planner, make_planner
from pressrun.engine.quota import apply_daily_limit
from pressrun.errors import AmbiguousBookError, BrokenFileError
from pressrun.model.book import Book
from pressrun.model.plan import Plan, PlanRow, ServiceChoice, UploadsLeft
from pressrun.model.reason import Reason, ReasonKind
from pressrun.store.run_folder import RunIndex

Preflight = Callable[[Sequence[PlanRow]], Sequence[tuple[Reason, ...]]]
"""Returns the warnings of each row. It checks only rows that run a stage, and reads only a bounded number of files."""


def make_plan(
    books: Sequence[Book], spec: BatchSpec, services: Sequence[ServiceChoice] = (), preflight: Preflight | None = None
) -> Plan:
    """Plan a list of books.

    `preflight` returns the warnings of the books that run: no source, a text in another language. Raises `UsageError`
    for stage names that make no sense, `BrokenFileError` for a broken database, and `AmbiguousBookError` for two books
    that match one of its entries. Nothing is written, and the network is not used.
    """
    check_options(spec.pipeline, spec.options)
    planner = make_planner(spec, services)
    index = RunIndex(spec.workspace)
    planner.database.books()
    rows = [_row_or_unreadable(planner, number, book, index) for number, book in enumerate(books, start=1)]
    require_distinct_entries(books, planner.database)
    running = [i for i, row in enumerate(rows) if row.stages]
    if preflight and running:
        for i, warnings in zip(running, preflight([rows[i] for i in running]), strict=True):
            if warnings:
                rows[i] = replace(rows[i], warnings=(*rows[i].warnings, *warnings))
    rows = check_publications(rows, spec.workspace, spec.settings.item.publish_to)
    uploads, problems = _uploads_left(planner, rows)
    if uploads and not spec.options.ignore_quota:
        rows = apply_daily_limit(rows, spec.pipeline, uploads)
    rows, estimate = estimate_plan(planner, rows)
    return Plan(tuple(rows), tuple(services), tuple(problems), uploads, estimate)


def _uploads_left(planner: Planner, rows: Sequence[PlanRow]) -> tuple[UploadsLeft | None, list[Reason]]:
    """Return what is left of today's uploads, if any are counted, and what is wrong with their ledger."""
    limit = planner.quota.limit
    if not limit or not any(row.uploads for row in rows):
        return None, []
    tally = planner.quota.ledger.today(planner.quota.publisher)
    left = UploadsLeft(max(0, limit - len(tally.markers)), limit)
    problems = [Reason(ReasonKind.UPLOADS_UNCOUNTED, {"message": tally.problem})] if tally.problem else []
    return left, problems


def _row_or_unreadable(planner: Planner, number: int, book: Book, index: RunIndex) -> PlanRow:
    """Return the row of a book. A run folder that cannot be read, and two database entries that match the book, affect
    only this book."""
    try:
        return planner.row(number, book, index)
    except AmbiguousBookError as error:
        warning = Reason(ReasonKind.DATABASE_AMBIGUOUS, {"message": error.message, "remedy": error.remedy})
        return PlanRow(number, book, "new", "process", Reason(ReasonKind.DATABASE_UNCLEAR), warnings=(warning,))
    except BrokenFileError as error:
        warning = Reason(ReasonKind.BROKEN_FILE, {"message": error.message, "remedy": error.remedy})
        details = Reason(ReasonKind.RUN_FOLDER_UNREADABLE)
        return PlanRow(number, book, "processing", "resume", details, warnings=(warning,))
