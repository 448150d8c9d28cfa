"""Open a sheet by what the user typed: the URL or the ID of a Google sheet, or the path of a .csv or .xlsx file."""

from __future__ import annotations

import os
from pathlib import Path

from pressrun.errors import UsageError
from pressrun.kinds.ideas.sheets.google_sheet import GoogleSheet
from pressrun.kinds.ideas.sheets.local_files import SUFFIXES, CsvSheet, XlsxSheet
from pressrun.kinds.ideas.sheets.table import Sheet
from pressrun.services.sheets.access import find_access
from pressrun.services.sheets.address import is_sheet_address, parse_address
from pressrun.services.sheets.client import RetryPolicy, SheetsClient

DEFAULT_RETRIES = RetryPolicy()


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
