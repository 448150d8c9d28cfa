"""Open a sheet by what the user typed: the URL or the ID of a Google sheet, or the path of a .csv or .xlsx file."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from pressrun.errors import UsageError
from pressrun.kinds.ideas.rows import Reading, Rows
from pressrun.kinds.ideas.rows.reading import read_table
from pressrun.kinds.ideas.sheets.google_sheet import GoogleSheet
from pressrun.kinds.ideas.sheets.local_files import SUFFIXES, CsvSheet, XlsxSheet
from pressrun.kinds.ideas.sheets.table import Sheet
from pressrun.services.sheets.access import find_access
from pressrun.services.sheets.address import is_sheet_address, parse_address
from pressrun.services.sheets.client import RetryPolicy, SheetsClient

DEFAULT_RETRIES = RetryPolicy()


@dataclass(frozen=True)
class SheetAccess:
    """How rows of Google sheets are read."""

    credentials: str | os.PathLike[str] | None = None
    """File with credentials; None for those of the environment."""
    retry: RetryPolicy = DEFAULT_RETRIES


DEFAULT_ACCESS = SheetAccess(retry=RetryPolicy(max_delay=5.0, max_retries=3))
"""For a server, whose client waits for the answer: about 10 seconds of retries."""


def open_sheet(text: str, range_: str = "", folder: Path | None = None) -> Sheet:
    """Return the sheet that `text` means. Files are looked up in the current folder, then in `folder`.

    Raises `UsageError` if it is neither a file nor a Google sheet, and `AuthenticationError` without credentials.
    """
    path = Path(text).expanduser()
    if path.suffix.lower() in SUFFIXES and "://" not in text:
        if folder and not path.exists() and (folder / path).exists():
            path = folder / path
        if not path.exists():
            raise UsageError(f"{text} does not exist", remedy="Use the path of an existing .csv or .xlsx file.")
        kind = CsvSheet if path.suffix.lower() == ".csv" else XlsxSheet
        return kind(path, range_)
    if path.exists():
        raise UsageError(
            f"{text} is neither a .csv nor a .xlsx file", remedy="Save it in your spreadsheet program as .xlsx or .csv."
        )
    if not is_sheet_address(text):
        raise UsageError(
            f"{text} is neither a file nor the address of a Google sheet",
            remedy="Use the path of a .csv or .xlsx file, or the URL of the sheet from your browser.",
        )
    return open_google_sheet(text, range_)


def open_google_sheet(
    text: str,
    range_: str = "",
    credentials: str | os.PathLike[str] | None = None,
    retry: RetryPolicy = DEFAULT_RETRIES,
) -> GoogleSheet:
    """Return the Google sheet with the ID or URL `text`. Raises `UsageError` and `AuthenticationError`."""
    try:
        address = parse_address(text)
    except ValueError as error:
        raise UsageError(f'"{text[:100]}" is no Google sheet', remedy=f"Use {error}.") from None
    return GoogleSheet(SheetsClient(find_access(credentials), retry), address, range_)


def read_sheet_rows(text: str, range_: str, reading: Reading, access: SheetAccess = DEFAULT_ACCESS) -> Rows:
    """Return the rows of the Google sheet with the ID or URL `text`. Raises like `open_google_sheet` and `read`."""
    table = open_google_sheet(text, range_, access.credentials, access.retry).read()
    rows = read_table(table.table, reading)
    return replace(rows, warnings=(*table.warnings, *rows.warnings))
