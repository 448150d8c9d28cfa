"""Plan a list of books: the action for each book and its reasons. Planning writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.forecast import estimate_plan
from pressrun.engine.plan_checks import check_options, require_distinct_entries
from pressrun.engine.planner import Planner, make_planner
from pressrun.engine.quota import apply_daily_limit
from pressrun.errors import BrokenFileError
from pressrun.model.book import Book
from pressrun.model.plan import Plan, PlanRow, ServiceChoice, UploadsLeft
from pressrun.model.reason import Reason, ReasonKind
from pressrun.store.run_folder import RunIndex

Preflight = Callable[[Sequence[Book]], Sequence[str | None]]


def make_plan(
    books: Sequence[Book], spec: BatchSpec, services: Sequence[ServiceChoice] = (), preflight: Preflight | None = None
) -> Plan:
    """Plan a list of books.

    `preflight` returns, for each book whose source will be searched, why there is none, or None. Raises `UsageError`
    for stage names that make no sense, `BrokenFileError` for a broken database and `AmbiguousBookError` for a book that
    fits two of its entries. Nothing is written, and the network is not used.
    """
    check_options(spec.pipeline, spec.options)
    planner = make_planner(spec, services)
    index = RunIndex(spec.workspace)
    planner.database.books()
    rows = [_row_or_unreadable(planner, number, book, index) for number, book in enumerate(books, start=1)]
    require_distinct_entries(books, planner.database)
    first = spec.pipeline.stages[0].name
    searching = [i for i, row in enumerate(rows) if first in row.stages]
    if preflight and searching:
        for i, problem in zip(searching, preflight([rows[i].book for i in searching]), strict=True):
            if problem:
                warning = Reason(ReasonKind.NO_SOURCE, {"reason": problem})
                rows[i] = replace(rows[i], warnings=(*rows[i].warnings, warning))
    uploads, problems = _uploads_left(planner, rows)
    if uploads and not spec.options.ignore_quota:
        rows = apply_daily_limit(rows, spec.pipeline, uploads)
    rows, estimate = estimate_plan(planner, rows)
    return Plan(tuple(rows), tuple(services), tuple(problems), uploads, estimate)


def _uploads_left(planner: Planner, rows: Sequence[PlanRow]) -> tuple[UploadsLeft | None, list[str]]:
    """Return what is left of today's uploads, if any are counted, and what is wrong with their ledger."""
    limit = planner.quota.limit
    if not limit or not any(row.uploads for row in rows):
        return None, []
    tally = planner.quota.ledger.today(planner.quota.publisher)
    left = UploadsLeft(max(0, limit - len(tally.markers)), limit)
    return left, [tally.problem] if tally.problem else []


def _row_or_unreadable(planner: Planner, number: int, book: Book, index: RunIndex) -> PlanRow:
    """Return the row of a book, with a warning if its run folder cannot be read: that affects only this book."""
    try:
        return planner.row(number, book, index)
    except BrokenFileError as error:
        warning = Reason(ReasonKind.BROKEN_FILE, {"message": error.message, "remedy": error.remedy})
        details = Reason(ReasonKind.RUN_FOLDER_UNREADABLE)
        return PlanRow(number, book, "processing", "resume", details, warnings=(warning,))
