"""Plan the rows of a sheet: rows that are done stay, new and edited ones are made, invalid ones are explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pressrun.engine.batch_spec import BatchSpec
from pressrun.engine.forecast import estimate_plan
from pressrun.engine.freshness import decide
from pressrun.engine.planner import Planner, make_planner
from pressrun.errors import BrokenFileError
from pressrun.kinds.ideas.job import delivery_settings, make_item
from pressrun.kinds.ideas.rows import Reading, RejectedRow, Row, Rows
from pressrun.kinds.ideas.rows.reading import read_table
from pressrun.kinds.ideas.sheet_run.ledger import Ledger, RowResult
from pressrun.kinds.ideas.sheet_run.matching import Match, match_rows
from pressrun.kinds.ideas.sheets.table import ResultCells, Sheet, SheetTable
from pressrun.kinds.in_run_folder import NewItem
from pressrun.model.book import Book
from pressrun.model.plan import Decision, Plan, PlanRow, ServiceChoice
from pressrun.model.reason import Reason, ReasonKind
from pressrun.settings import SERVICE_KINDS, with_values
from pressrun.store import run_folder

_SETTINGS_OF_COLUMNS = {"duration_seconds": "target_seconds", "platform_preferences": "shorts"}
"""Columns whose default is not that of the setting."""


@dataclass(frozen=True)
class SheetState:
    """A sheet at one moment: its rows, and which known rows they are."""

    table: SheetTable
    rows: Rows
    matches: Mapping[int, Match]
    """Number of a row -> its identity."""


@dataclass(frozen=True)
class SheetPlan:
    """The plan of a sheet, and the rows behind it."""

    plan: Plan
    state: SheetState
    accepted: Mapping[int, tuple[Row, str]]
    """Number in the plan -> row, and the digest of its content."""
    spec: BatchSpec


def read_state(sheet: Sheet, reading: Reading, ledger: Ledger, *, fresh: bool = True) -> SheetState:
    """Return the sheet now. Raises `RowsError` for a sheet that has no rows, and the errors of its service."""
    return identify_rows(sheet.read(fresh=fresh), reading, ledger)


def identify_rows(table: SheetTable, reading: Reading, ledger: Ledger) -> SheetState:
    rows = read_table(table.table, reading)
    return SheetState(table, rows, match_rows(rows.digests, table.results, ledger.rows))


def adopted_results(state: SheetState, ledger: Ledger) -> dict[str, RowResult]:
    """Return the results of rows that another workspace made: the sheet proves that they belong to their content."""
    adopted = {}
    for row in state.rows.accepted:
        match = state.matches[row.number]
        cells = state.table.results.get(row.number, ResultCells())
        is_made = match.known_digest == match.digest and cells.status == "done"
        if is_made and ledger.result(match.digest) is None:
            adopted[match.digest] = RowResult(
                "done", str(cells.url), cost=_number(cells.cost), seconds=_number(cells.time),
                title=row.idea.idea_title,
            )
    return adopted


def plan_sheet(
    state: SheetState, ledger: Ledger, spec: BatchSpec, *, remake: bool = False, ask_network: bool = True
) -> SheetPlan:
    """Return the plan, in the order of the sheet. Nothing is written.

    With `remake`, finished rows are made again. Raises `SettingsError` for settings that cannot be used.
    """
    spec = replace(spec, settings=delivery_settings(spec.settings))
    services = _choose_services(spec, ask_network=ask_network)
    adopted = adopted_results(state, ledger)
    planners = _Planners(spec, services)
    accepted: dict[int, tuple[Row, str]] = {}
    plan_rows: list[PlanRow] = []
    rejected = {row.number: row for row in state.rows.rejected}
    by_number: dict[int, Row | RejectedRow] = {row.number: row for row in state.rows.accepted} | rejected
    for number in sorted(by_number):
        row, position = by_number[number], len(plan_rows) + 1
        if isinstance(row, RejectedRow):
            plan_rows.append(_rejected_row(position, row, state))
            continue
        match = state.matches[number]
        accepted[position] = row, match.digest
        result = ledger.result(match.digest) or adopted.get(match.digest)
        plan_rows.append(_plan_row(position, row, match, result, planners, remake=remake))
    planner = make_planner(spec, services)
    plan_rows, estimate = estimate_plan(planner, plan_rows)
    notes = (*state.table.warnings, *state.rows.warnings)
    warnings = tuple(Reason(ReasonKind.OTHER, text=note) for note in notes)
    return SheetPlan(Plan(tuple(plan_rows), services, warnings, None, estimate), state, accepted, spec)


def row_item(row: Row, spec: BatchSpec) -> NewItem:
    """Return the item of a row. Raises `SettingsError` for a style that cannot be used.

    A setting that is set explicitly takes the place of the default of a blank cell.
    """
    settings, origin = spec.settings, f"Row {row.number}"
    item = make_item(row.idea.idea_data(), settings, {}, spec.workspace.root, origin)
    kept = {
        name: getattr(settings.item, name)
        for column, name in _SETTINGS_OF_COLUMNS.items()
        if column not in row.given and name in settings.explicit
    }
    return replace(item, settings=with_values(item.settings, kept, origin)) if kept else item


def _rejected_row(position: int, row: RejectedRow, state: SheetState) -> PlanRow:
    details = Reason(ReasonKind.ROW_REJECTED, {"message": str(row)})
    return PlanRow(position, Book(_title_of(row, state), line=row.number), "new", "skip", details)


def _title_of(row: RejectedRow, state: SheetState) -> str:
    line = next((line for line in state.table.table.lines if line.number == row.number), None)
    first = next((cell for cell in line.cells if isinstance(cell, str) and cell.strip()), "") if line else ""
    title = " ".join(first.split())
    return title[:60] or f"Row {row.number}"


def _plan_row(
    position: int,
    row: Row,
    match: Match,
    result: RowResult | None,
    planners: _Planners,
    *,
    remake: bool,
) -> PlanRow:
    book = Book(row.idea.idea_title, line=row.number)
    if result and result.status == "done" and not remake:
        return PlanRow(position, book, "done", "skip", Reason(ReasonKind.ALREADY_DONE), video_url=result.url or None)
    planner, fresh = planners.of(row)
    spec = planner.spec
    details = Reason(ReasonKind.FRESH_START)
    if match.is_edited:
        details = Reason(ReasonKind.ROW_EDITED)
    planned = PlanRow(position, book, "new", "process", details)
    path = spec.workspace.root / result.run_folder if result and result.run_folder else None
    if path and result and result.status != "done" and run_folder.is_resumable(path):
        try:
            folder = run_folder.read(path, spec.pipeline.names)
            if folder.item.pipeline == spec.pipeline.name:
                return planner.resume(replace(planned, status="processing"), folder)
        except BrokenFileError:
            pass  # its results cannot be trusted, so the row starts again
    return replace(planned, decision=fresh)


class _Planners:
    """The planners of rows. Rows with the same settings share one."""

    def __init__(self, spec: BatchSpec, services: tuple[ServiceChoice, ...]) -> None:
        self._spec, self._services = spec, services
        self._known: dict[tuple[object, ...], tuple[Planner, Decision]] = {}

    def of(self, row: Row) -> tuple[Planner, Decision]:
        """Return the planner of a row, and the decision for its fresh start."""
        idea = row.idea
        key = (
            idea.duration_seconds, idea.platform_preferences, idea.voice_preference, idea.style_override,
            frozenset(row.given.intersection(_SETTINGS_OF_COLUMNS)),
        )
        if key not in self._known:
            spec = replace(self._spec, settings=row_item(row, self._spec).settings)
            planner = make_planner(spec, self._services)
            self._known[key] = planner, decide(spec.pipeline, None, planner.config(None), spec.options)
        return self._known[key]


def _choose_services(spec: BatchSpec, *, ask_network: bool) -> tuple[ServiceChoice, ...]:
    from pressrun.services.choice import choose_services

    used = {kind for stage in spec.pipeline.stages for kind in stage.services if kind in SERVICE_KINDS}
    if not used:
        return ()
    return tuple(choose_services(spec.settings, spec.workspace.root, ask_network=ask_network, kinds=used))


def _number(cell: object) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None
