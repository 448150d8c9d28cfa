"""Assign the columns of a sheet to fields: by the names in the header, else by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pressrun.errors import RowsError
from pressrun.kinds.ideas.rows.fields import (
    CONTENT_FIELDS,
    FIELDS,
    MINIMAL_FIELDS,
    REQUIRED,
    SheetFormat,
    ValidationLevel,
    column_letter,
    find_field,
    is_own_name,
    names_the_title,
    normalize_name,
    suggest_field,
)
from pressrun.kinds.ideas.rows.tables import MAX_COLUMNS, Line, Table, is_blank
from pressrun.kinds.problems import quote
from pressrun.services.untrusted_text import to_one_line
from pressrun.settings import parse_duration

_ROWS_EXAMINED = 20
_MAX_HEADER_LENGTH = 40
"""Characters of a cell that may be the name of a column."""
_LONG_TEXT = 120
"""Characters from which a cell is certainly a text."""
_LETTERS = {column_letter(index): index for index in range(MAX_COLUMNS)}


@dataclass(frozen=True)
class Columns:
    """Index of a cell -> its field, and index -> header of the columns that are stored but not used."""

    fields: Mapping[int, str]
    extra: Mapping[int, str]
    width: int
    """Number of columns that have a meaning or a header; cells to the right of them are an error."""
    warnings: tuple[str, ...] = ()


def split_header(
    table: Table, form: SheetFormat, mapping: Mapping[str, str], header: bool | None
) -> tuple[Columns, tuple[Line, ...]]:
    """Return the columns and the rows below the header. `header` says whether row 1 is one; None detects it.

    Raises `RowsError` for a duplicate column, a mapping with unknown columns or fields, and a header with unknown
    names.
    """
    _check_mapping(form, mapping)
    if table.header:
        return _by_header(table.header, form, mapping), table.lines
    if not table.lines:
        raise RowsError("There are no rows", remedy="Send at least one row with a title or a script.")
    first = table.lines[0]
    if header or (header is None and is_header(first, mapping)):
        return _by_header(first, form, mapping), table.lines[1:]
    if header is None and _looks_like_a_header(table.lines):
        names = ", ".join(quote(cell) for cell in first.cells if isinstance(cell, str) and cell.strip())
        raise RowsError(
            f"Row {first.number} looks like a header with unknown names: {names}",
            remedy=f"Use the names {', '.join(FIELDS)}. If row {first.number} is data, set header to false.",
        )
    columns = _by_position(form, mapping)
    if header is None:
        order = ", ".join(f"{column_letter(index)} {field}" for index, field in sorted(columns.fields.items()))
        note = f"Row {first.number} names no columns, so it was read as the first row of data, in the order {order}"
        columns = Columns(columns.fields, columns.extra, columns.width, (note,))
    return columns, table.lines


def check_complete(columns: Columns, level: ValidationLevel) -> None:
    """Raise `RowsError` if a column is missing that every row needs."""
    there = set(columns.fields.values())
    missing = [field for field in REQUIRED[level] if field not in there]
    if missing:
        raise RowsError(
            f"Missing column {', '.join(missing)}, which validation {level.value} requires",
            remedy="Add it, or choose a less strict validation.",
        )
    if not there.intersection(CONTENT_FIELDS):
        raise RowsError(
            f"The sheet has none of the columns {', '.join(CONTENT_FIELDS)}, so there is nothing to make a video from",
            remedy="Name at least one of them in the first row.",
        )


def _check_mapping(form: SheetFormat, mapping: Mapping[str, str]) -> None:
    if (form is SheetFormat.CUSTOM) != bool(mapping):
        problem = "needs columns, a mapping from the sheet's columns to fields" if not mapping else "takes no columns"
        raise RowsError(f"The format {form.value} {problem}", remedy='Send format "custom" together with columns.')
    seen: dict[str, str] = {}
    for column, field in mapping.items():
        if field not in FIELDS:
            near = suggest_field(field)
            raise RowsError(
                f"columns, {quote(column)}: unknown field {quote(field)}",
                remedy=f"Did you mean {near}?" if near else f"The fields are: {', '.join(FIELDS)}.",
            )
        if field in seen:
            raise RowsError(
                f"columns: {quote(seen[field])} and {quote(column)} are both {field}", remedy="Keep one of them."
            )
        seen[field] = column


def is_header(line: Line, mapping: Mapping[str, str]) -> bool:
    """Return whether a row has the names of columns. A single one may also be the title of a video."""
    cells = [cell for cell in line.cells if isinstance(cell, str) and cell.strip()]
    if any(column not in _LETTERS for column in mapping) or {*map(_key, mapping or ("",))} <= {*map(_key, cells)}:
        return True
    known = [cell for cell in cells if find_field(cell)]
    if len(known) == 1:
        return names_the_title(known[0]) or (len(cells) == 1 and is_own_name(known[0]))
    return len(known) > 1


def _looks_like_a_header(lines: Sequence[Line]) -> bool:
    """Return whether a column has a short word in the first row, and only numbers or long texts below it.

    Such a row is no data, even if none of its names is known.
    """
    first, *others = lines[:_ROWS_EXAMINED]
    words = [cell.strip() if isinstance(cell, str) else "" for cell in first.cells]
    if not others or not all(_is_short_word(word) for word in words if word):
        return False
    for index, word in enumerate(words):
        cells = [line.cells[index] for line in others if index < len(line.cells) and not is_blank(line.cells[index])]
        if word and cells and (all(map(_is_quantity, cells)) or all(map(_is_long, cells))):
            return True
    return False


def _is_short_word(text: str) -> bool:
    return len(text) <= _MAX_HEADER_LENGTH and not text.endswith((".", "!", "?")) and not any(map(str.isdigit, text))


def _is_long(cell: object) -> bool:
    return isinstance(cell, str) and len(cell) >= _LONG_TEXT


def _is_quantity(cell: object) -> bool:
    """Return whether a cell is a number or a duration."""
    if isinstance(cell, int | float):
        return True
    try:
        return isinstance(cell, str) and parse_duration(cell) >= 0
    except ValueError:
        return False


def _key(header: str) -> str:
    return normalize_name(header) or header.strip()


def _by_header(header: Line, form: SheetFormat, mapping: Mapping[str, str]) -> Columns:
    names = {index: cell for index, cell in enumerate(header.cells) if isinstance(cell, str) and cell.strip()}
    found = _mapped(names, mapping) if form is SheetFormat.CUSTOM else _named(names, form)
    fields: dict[int, str] = {}
    for index, field in found:
        if field in fields.values():
            other = next(at for at, each in fields.items() if each == field)
            raise RowsError(
                f"Columns {column_letter(other)} ({quote(names[other])}) and {column_letter(index)} "
                f"({quote(names[index])}) are both {field}",
                remedy="Remove or rename one of them.",
            )
        fields[index] = field
    extra: dict[int, str] = {}
    for index in range(len(header.cells)):
        if index not in fields:
            name = to_one_line(names.get(index, "")).encode("utf-8", "backslashreplace").decode()
            name = name or column_letter(index)
            extra[index] = f"{name} ({column_letter(index)})" if name in extra.values() else name
    warnings = tuple(_unused_note(names[index], fields, form) for index in extra if index in names)
    return Columns(fields, extra, len(header.cells), warnings)


def _named(names: Mapping[int, str], form: SheetFormat) -> list[tuple[int, str]]:
    """Return the fields of the columns. Of several names for one field, our own one is used; the others are extra."""
    allowed = MINIMAL_FIELDS if form is SheetFormat.MINIMAL else FIELDS
    found = [(index, field) for index, name in names.items() if (field := find_field(name)) in allowed and field]
    own = [(index, field) for index, field in found if is_own_name(names[index])]
    taken = {field for _, field in own}
    for index, field in found:
        if field not in taken:
            own.append((index, field))
            taken.add(field)
    return sorted(own)


def _mapped(names: Mapping[int, str], mapping: Mapping[str, str]) -> list[tuple[int, str]]:
    keys = {_key(column): field for column, field in mapping.items()}
    by_letter = {column_letter(index): index for index in names}
    found = [(index, keys[_key(name)]) for index, name in names.items() if _key(name) in keys]
    there = {_key(name) for name in names.values()}
    for column, field in mapping.items():
        if _key(column) in there:
            continue
        if column not in by_letter:
            listed = ", ".join(quote(name) for name in list(names.values())[:12])
            raise RowsError(
                f"columns: the sheet has no column {quote(column)}", remedy=f"Its columns are: {listed or 'none'}."
            )
        found.append((by_letter[column], field))
    return found


def _by_position(form: SheetFormat, mapping: Mapping[str, str]) -> Columns:
    if form is not SheetFormat.CUSTOM:
        fields = MINIMAL_FIELDS if form is SheetFormat.MINIMAL else FIELDS
        return Columns(dict(enumerate(fields)), {}, len(fields))
    for column in mapping:
        if column not in _LETTERS:
            raise RowsError(
                f"columns: row 1 is no header, so {quote(column)} cannot be found in it",
                remedy="Name columns by their letters, e.g. A, or add a header row with their names.",
            )
    by_index = {_LETTERS[column]: field for column, field in mapping.items()}
    width = max(by_index) + 1
    return Columns(by_index, {index: column_letter(index) for index in range(width) if index not in by_index}, width)


def _unused_note(name: str, fields: Mapping[int, str], form: SheetFormat) -> str:
    near = suggest_field(name) if form is SheetFormat.STANDARD else None
    hint = f"; did you mean {near}?" if near and near not in fields.values() else ""
    return f"The column {quote(name)} is stored but not used{hint}"
