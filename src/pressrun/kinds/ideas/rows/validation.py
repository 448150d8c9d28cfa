"""One row judged: accepted with what was mended, or rejected with every reason."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from pressrun.kinds.ideas.rows.columns import Columns
from pressrun.kinds.ideas.rows.fields import ENOUGH, FIELDS, REQUIRED, ValidationLevel, letter_of
from pressrun.kinds.ideas.rows.model import Fixed, Rejected, Row, RowIdea
from pressrun.kinds.ideas.rows.tables import Line, is_blank
from pressrun.kinds.ideas.rows.values import TEXT_FIELDS, Unreadable, expected_of, read_field, text_of
from pressrun.kinds.problems import Problem, quote
from pressrun.model.book import fold

_TITLE_LENGTH = 80
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s|\n")


@dataclass
class Verdict:
    """What is found out about one row while it is read."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    fixes: list[Fixed] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, column: str, found: str, expected: str) -> None:
        self.problems.append(Problem(column, found, expected))


def judge(line: Line, columns: Columns, level: ValidationLevel, styles: Collection[str]) -> tuple[Verdict, Row | None]:
    """The row, or None where the verdict holds problems."""
    verdict = Verdict(line.number)
    for index, name in columns.fields.items():
        cell = line.cells[index] if index < len(line.cells) else None
        _read_cell(verdict, name, cell, level, styles)
    extra = _kept_aside(verdict, line, columns)
    _check_filled(verdict, level, styles)
    if verdict.problems:
        return verdict, None
    given = frozenset(verdict.values)
    if "idea_title" not in verdict.values:
        _entitle(verdict)
    return verdict, Row(line.number, RowIdea(**verdict.values), given, extra)


def _read_cell(verdict: Verdict, name: str, cell: Any, level: ValidationLevel, styles: Collection[str]) -> None:
    if is_blank(cell):
        return
    lenient = level is ValidationLevel.PERMISSIVE and name not in TEXT_FIELDS
    try:
        tidy = text_of(cell) if isinstance(cell, str) else None
    except Unreadable as reason:
        verdict.refuse(name, _size_of(cell), str(reason))
        return
    if tidy and not tidy.read:
        return
    try:
        value = read_field(name, tidy.read if tidy else cell, styles)
    except Unreadable as reason:
        if not lenient:
            verdict.refuse(name, quote(cell), str(reason))
            return
        verdict.warnings.append(
            f"Row {verdict.number}, {name}: {quote(cell)} was left out; expected {reason}"
        )
        return
    verdict.values[name] = value.read
    if value.odd:
        verdict.warnings.append(f"Row {verdict.number}, {name}: {value.odd}")
    if value.mended:
        verdict.fixes.append(Fixed(verdict.number, name, quote(cell), shown_value(value.read)))
    elif tidy and tidy.mended:
        verdict.fixes.append(Fixed(verdict.number, name, "a text with characters that are not seen", "one without"))


def _size_of(cell: str) -> str:
    return quote(cell) if len(cell) < 1000 else f"{quote(cell)} and so on, {len(cell)} characters"


def shown_value(value: Any) -> str:
    return quote(",".join(value)) if isinstance(value, tuple) else quote(value)


def _kept_aside(verdict: Verdict, line: Line, columns: Columns) -> dict[str, str]:
    extra: dict[str, str] = {}
    for index, cell in enumerate(line.cells):
        if is_blank(cell) or index in columns.fields:
            continue
        if index >= columns.width:
            verdict.refuse(
                f"column {letter_of(index)}", quote(cell),
                f"{columns.width} cells at most, and quotation marks around text that holds a separator",
            )
            break
        try:
            extra[columns.aside[index]] = text_of(cell).read if isinstance(cell, str) else quote(cell)
        except Unreadable as reason:
            verdict.refuse(quote(columns.aside[index]), _size_of(cell), str(reason))
    return extra


def _check_filled(verdict: Verdict, level: ValidationLevel, styles: Collection[str]) -> None:
    refused = {problem.column for problem in verdict.problems}
    for name in REQUIRED[level]:
        if name not in verdict.values and name not in refused:
            verdict.refuse(name, "nothing", expected_of(name, styles))
    if not verdict.problems and not any(name in verdict.values for name in ENOUGH):
        verdict.refuse("idea_title", "nothing", "a title, a description or a script")


def _entitle(verdict: Verdict) -> None:
    """A title of the first words there are."""
    source = "description" if "description" in verdict.values else "script_content"
    first = " ".join(_SENTENCE_END.split(verdict.values[source], maxsplit=1)[0].split())
    if len(first) > _TITLE_LENGTH:
        cut = first[:_TITLE_LENGTH - 1]
        first = f"{cut.rsplit(' ', 1)[0] if ' ' in cut else cut}…"
    title = first.rstrip(".。") or verdict.values[source].split()[0][:_TITLE_LENGTH]
    verdict.values["idea_title"] = title
    verdict.fixes.append(Fixed(verdict.number, "idea_title", "nothing", f"{quote(title)}, the beginning of {source}"))


def likeness(row: Row) -> tuple[str, ...]:
    """Equal for two rows that tell the same: title and script, and the description where there is no script."""
    idea = row.idea
    return fold(idea.idea_title), fold(idea.script_content), "" if idea.script_content else fold(idea.description)


def differences(row: Row, other: Row) -> list[str]:
    """The columns in which two rows differ that shape the video, in their order."""
    return [
        name for name in FIELDS
        if name not in ("idea_title", "script_content", "priority")
        and getattr(row.idea, name) != getattr(other.idea, name)
    ]


def sort_out_doubles(rows: list[Row], level: ValidationLevel) -> tuple[list[Row], list[Rejected], list[str]]:
    """The rows that are made; of those that tell the same, the first.

    A permissive sheet may tell the same in another way (another voice, another style): that is made, with a warning.
    """
    kept: list[Row] = []
    rejected: list[Rejected] = []
    warnings: list[str] = []
    seen: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        alike = seen.setdefault(likeness(row), [])
        same = next((each for each in alike if not differences(row, each)), None)
        if alike and (same or level is not ValidationLevel.PERMISSIVE):
            first = same or alike[0]
            found = f"{quote(row.idea.idea_title)} with the same script as row {first.number}"
            rejected.append(
                Rejected(row.number, (Problem("idea_title", found, "each video once, so that none is made twice"),))
            )
            continue
        if alike:
            other = ", ".join(differences(row, alike[0]))
            warnings.append(f"Row {row.number} tells the same as row {alike[0].number} and differs only in {other}")
        alike.append(row)
        kept.append(row)
    return kept, rejected, warnings
