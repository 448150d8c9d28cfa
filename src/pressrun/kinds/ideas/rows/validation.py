"""Validate rows: accept each with its corrections, or reject it with every reason."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from pressrun.kinds.ideas.rows.columns import Columns
from pressrun.kinds.ideas.rows.fields import CONTENT_FIELDS, FIELDS, REQUIRED, ValidationLevel, column_letter
from pressrun.kinds.ideas.rows.model import Correction, RejectedRow, Row, RowIdea
from pressrun.kinds.ideas.rows.tables import Line, is_blank
from pressrun.kinds.ideas.rows.values import TEXT_FIELDS, InvalidCell, expected_value, parse_field, parse_text
from pressrun.kinds.problems import Problem, quote
from pressrun.model.book import fold

FORMULA_ERRORS = frozenset(
    ("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#ERROR!", "#SPILL!", "Loading...")
)
"""What spreadsheets show for a formula that fails or is not computed yet."""
_TITLE_LENGTH = 80
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s|\n")


@dataclass
class RowCheck:
    """Values, problems, corrections and warnings of one row, collected while it is read."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    fixes: list[Correction] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add_problem(self, column: str, found: str, expected: str) -> None:
        self.problems.append(Problem(column, found, expected))


def validate_row(
    line: Line, columns: Columns, level: ValidationLevel, styles: Collection[str]
) -> tuple[RowCheck, Row | None]:
    """Return the check of a row, and the row, or None if the check has problems."""
    check = RowCheck(line.number)
    for index, name in columns.fields.items():
        cell = line.cells[index] if index < len(line.cells) else None
        _read_cell(check, name, cell, level, styles)
    extra = _extra_cells(check, line, columns)
    _check_required(check, level, styles)
    if check.problems:
        return check, None
    given = frozenset(check.values)
    if "idea_title" not in check.values:
        _derive_title(check)
    return check, Row(line.number, RowIdea(**check.values), given, extra)


def _read_cell(check: RowCheck, name: str, cell: Any, level: ValidationLevel, styles: Collection[str]) -> None:
    if is_blank(cell):
        return
    if isinstance(cell, str) and cell.strip() in FORMULA_ERRORS:
        check.add_problem(name, quote(cell), "a value; the formula in this cell fails")
        return
    lenient = level is ValidationLevel.PERMISSIVE and name not in TEXT_FIELDS
    try:
        tidy = parse_text(cell) if isinstance(cell, str) else None
    except InvalidCell as reason:
        check.add_problem(name, _quote_large(cell), str(reason))
        return
    if tidy and not tidy.value:
        return
    try:
        value = parse_field(name, tidy.value if tidy else cell, styles)
    except InvalidCell as reason:
        if not lenient:
            check.add_problem(name, quote(cell), str(reason))
            return
        check.warnings.append(
            f"Row {check.number}, {name}: {quote(cell)} is ignored; expected {reason}"
        )
        return
    check.values[name] = value.value
    if value.warning:
        check.warnings.append(f"Row {check.number}, {name}: {value.warning}")
    if value.corrected:
        check.fixes.append(Correction(check.number, name, quote(cell), quote_value(value.value)))
    elif tidy and tidy.corrected:
        check.fixes.append(Correction(check.number, name, "a text with invisible characters", "the text without them"))


def _quote_large(cell: str) -> str:
    return quote(cell) if len(cell) < 1000 else f"{quote(cell)} and so on, {len(cell)} characters"


def quote_value(value: Any) -> str:
    return quote(",".join(value)) if isinstance(value, tuple) else quote(value)


def _extra_cells(check: RowCheck, line: Line, columns: Columns) -> dict[str, str]:
    extra: dict[str, str] = {}
    for index, cell in enumerate(line.cells):
        if is_blank(cell) or index in columns.fields:
            continue
        if index >= columns.width:
            check.add_problem(
                f"column {column_letter(index)}", quote(cell),
                f"{columns.width} cells at most, and quotation marks around text that contains a separator",
            )
            break
        try:
            extra[columns.extra[index]] = parse_text(cell).value if isinstance(cell, str) else quote(cell)
        except InvalidCell as reason:
            check.add_problem(quote(columns.extra[index]), _quote_large(cell), str(reason))
    return extra


def _check_required(check: RowCheck, level: ValidationLevel, styles: Collection[str]) -> None:
    refused = {problem.column for problem in check.problems}
    for name in REQUIRED[level]:
        if name not in check.values and name not in refused:
            check.add_problem(name, "nothing", expected_value(name, styles))
    if not check.problems and not any(name in check.values for name in CONTENT_FIELDS):
        check.add_problem("idea_title", "nothing", "a title, a description or a script")


def _derive_title(check: RowCheck) -> None:
    """Set the title to the first words of the description or the script."""
    source = "description" if "description" in check.values else "script_content"
    first = " ".join(_SENTENCE_END.split(check.values[source], maxsplit=1)[0].split())
    if len(first) > _TITLE_LENGTH:
        cut = first[:_TITLE_LENGTH - 1]
        first = f"{cut.rsplit(' ', 1)[0] if ' ' in cut else cut}…"
    title = first.rstrip(".。") or check.values[source].split()[0][:_TITLE_LENGTH]
    check.values["idea_title"] = title
    check.fixes.append(Correction(check.number, "idea_title", "nothing", f"{quote(title)}, the beginning of {source}"))


def duplicate_key(row: Row) -> tuple[str, ...]:
    """Return title and script, or title and description without a script. Equal keys mean the same content."""
    idea = row.idea
    return fold(idea.idea_title), fold(idea.script_content), "" if idea.script_content else fold(idea.description)


def differing_columns(row: Row, other: Row) -> list[str]:
    """Return the columns, in order, that shape the video and in which the rows differ."""
    return [
        name for name in FIELDS
        if name not in ("idea_title", "script_content", "priority")
        and getattr(row.idea, name) != getattr(other.idea, name)
    ]


def drop_duplicates(rows: list[Row], level: ValidationLevel) -> tuple[list[Row], list[RejectedRow], list[str]]:
    """Return the rows without duplicates, the rejected duplicates, and warnings.

    A permissive sheet may have the same content in another voice or style; such a row is accepted with a warning.
    """
    kept: list[Row] = []
    rejected: list[RejectedRow] = []
    warnings: list[str] = []
    seen: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        alike = seen.setdefault(duplicate_key(row), [])
        same = next((each for each in alike if not differing_columns(row, each)), None)
        if alike and (same or level is not ValidationLevel.PERMISSIVE):
            first = same or alike[0]
            found = f"{quote(row.idea.idea_title)} with the same script as row {first.number}"
            rejected.append(
                RejectedRow(row.number, (Problem("idea_title", found, "each video only once"),))
            )
            continue
        if alike:
            other = ", ".join(differing_columns(row, alike[0]))
            same_as = f"Row {row.number} has the same content as row {alike[0].number}"
            warnings.append(f"{same_as} and differs only in {other}")
        alike.append(row)
        kept.append(row)
    return kept, rejected, warnings
