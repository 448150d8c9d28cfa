"""Parse the address of a Google sheet, and ranges in A1 notation."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

from pressrun.errors import RowsError

MAX_COLUMN_LETTERS = 3
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_SHEET_PATH = re.compile(r"/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9][A-Za-z0-9_-]*)")
_CELL = re.compile(r"\$?([A-Za-z]{0,3})\$?(\d{0,7})")
_REMEDY = "Use A1 notation, e.g. A1:J100, A:J, 2:500, Ideas!A1:J or the name of a tab."


@dataclass(frozen=True)
class SheetAddress:
    """A spreadsheet, and the tab that its address names."""

    id: str
    gid: int | None = None
    """Number of the tab; None for the first tab."""


@dataclass(frozen=True)
class CellRange:
    """A rectangle of cells. All bounds are zero-based, ends are excluded, and None means open."""

    tab: str | None = None
    """Name of the tab; None for the tab of the address."""
    first_row: int = 0
    end_row: int | None = None
    first_column: int = 0
    end_column: int | None = None

    def clipped(self, rows: int, columns: int) -> CellRange:
        """Return the part inside a tab of this size; it may be empty."""
        end_row = rows if self.end_row is None else min(self.end_row, rows)
        end_column = columns if self.end_column is None else min(self.end_column, columns)
        return replace(self, end_row=end_row, end_column=end_column)

    @property
    def is_empty(self) -> bool:
        no_rows = self.end_row is not None and self.end_row <= self.first_row
        return no_rows or (self.end_column is not None and self.end_column <= self.first_column)


def is_sheet_address(text: str) -> bool:
    """Return whether `text` is the URL of a Google sheet, or has the form of the ID of one."""
    text = text.strip()
    return bool(_SHEET_PATH.search(text)) if "/" in text else len(text) >= 20 and bool(_ID.fullmatch(text))


def parse_address(text: str) -> SheetAddress:
    """Return the sheet that an ID or a pasted URL means. Raises `ValueError` with the accepted forms."""
    text = text.strip()
    if _ID.fullmatch(text):
        return SheetAddress(text)
    parts = urlsplit(text)
    found = _SHEET_PATH.match(parts.path)
    if parts.scheme not in ("https", "http") or not found or not _ID.fullmatch(found[1]):
        raise ValueError("the ID of a Google sheet, or its URL: https://docs.google.com/spreadsheets/d/…")
    # Browsers show the tab in the fragment, and since 2024 also in the query. The fragment is what the user sees last.
    for place in (parts.fragment, parts.query):
        gid = parse_qs(place).get("gid", [""])[0]
        if gid.isascii() and gid.isdecimal():
            return SheetAddress(found[1], int(gid))
    return SheetAddress(found[1])


def parse_range(text: str) -> CellRange:
    """Return a range in A1 notation. A text that is no range of cells is the name of a tab, or of a named range.

    Raises `RowsError` for a range that cannot exist, e.g. J1:A1.
    """
    text = text.strip()
    tab, mark, cells = text.rpartition("!")
    if not mark:
        return _parse_cells(text, text) or CellRange(_unquote(text) or None)
    if not tab:
        raise _bad_range(text, "the name of the tab is missing")
    found = CellRange() if not cells.strip() else _parse_cells(cells, text)
    if found is None:
        raise _bad_range(text, "it is not in A1 notation")
    return replace(found, tab=_unquote(tab))


def column_index(letters: str) -> int:
    """Return the zero-based index of a column: A is 0, AA is 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def column_letters(index: int) -> str:
    """Return the letters of a column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def a1(tab: str, first_row: int, end_row: int, first_column: int = 0, end_column: int | None = None) -> str:
    """Return a range in A1 notation. Without `end_column`, it has whole rows."""
    quoted = "'" + tab.replace("'", "''") + "'"
    if end_column is None:
        return f"{quoted}!{first_row + 1}:{end_row}"
    return f"{quoted}!{column_letters(first_column)}{first_row + 1}:{column_letters(end_column - 1)}{end_row}"


def _parse_cells(cells: str, whole: str) -> CellRange | None:
    """Return the range of `cells`, or None if it is not in A1 notation."""
    first, colon, last = (part.strip() for part in cells.partition(":"))
    start, end = _CELL.fullmatch(first), _CELL.fullmatch(last) if colon else None
    if not start or (colon and not end):
        return None
    letters, digits = start.groups()
    if not colon:
        # A single word such as "A" or "2024" is the name of a tab; only "B7" is a cell.
        if not (letters and digits):
            return None
        end = start
    assert end is not None
    last_letters, last_digits = end.groups()
    # "A1:J", "A:J" and "2:500" are ranges. "A:5" mixes a column with a row and is none.
    if not (letters or digits) or not (last_letters or last_digits) or bool(letters) != bool(last_letters):
        raise _bad_range(whole, "it is not in A1 notation")
    if last_digits and not digits:
        raise _bad_range(whole, "its first cell has no row")
    if (digits and int(digits) < 1) or (last_digits and int(last_digits) < 1):
        raise _bad_range(whole, "rows start at 1")
    found = CellRange(
        None,
        int(digits) - 1 if digits else 0,
        int(last_digits) if last_digits else None,
        column_index(letters) if letters else 0,
        column_index(last_letters) + 1 if last_letters else None,
    )
    if found.is_empty:
        raise _bad_range(whole, "it ends before it begins")
    return found


def _unquote(tab: str) -> str:
    tab = tab.strip()
    if len(tab) >= 2 and tab[0] == tab[-1] == "'":
        return tab[1:-1].replace("''", "'")
    return tab


def _bad_range(text: str, why: str) -> RowsError:
    return RowsError(f'The range "{text[:100]}" cannot be used: {why}', remedy=_REMEDY)
