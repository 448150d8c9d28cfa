"""Read the text of PDF files."""

from __future__ import annotations

import logging
import re
from collections import Counter
from pathlib import Path

from pressrun.errors import SourceError

MAX_BYTES = 500 * 1024 * 1024
MAX_PAGES = 3_000
MAX_TEXT = 20 * 1024 * 1024
"""Characters of all pages together."""
MIN_REPETITIONS = 3
"""Pages that have a line at their edge, except for its number, before it counts as a running title."""
MAX_START_PAGES = 5
"""Pages that are read before a run."""
MIN_START = 2_000
"""Characters that are enough to tell the language."""
PAGE_BREAK = "\f"
"""Separates the pages, so that page numbers and running titles can be recognised."""


def read_pdf(path: Path, name: str) -> str:
    """Return the text of all pages, separated by `PAGE_BREAK`. Errors call the file `name`.

    Raises `SourceError` if the file is not a PDF, is too large, needs a password, or has no text, as scans do.
    """
    import pypdf

    if (size := path.stat().st_size) > MAX_BYTES:
        raise SourceError(
            f"{name} is {size / 1e6:.0f} MB; the limit is {MAX_BYTES // 1024 // 1024} MB", remedy="Export it as text."
        )
    # It warns about every irregular object, and most files have some.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        with pypdf.PdfReader(path) as reader:
            if reader.is_encrypted and not reader.decrypt(""):
                raise SourceError(f"{name} needs a password", remedy="Save a copy without a password.")
            if (count := len(reader.pages)) > MAX_PAGES:
                raise SourceError(
                    f"{name} has {count:,} pages; the limit is {MAX_PAGES:,}",
                    remedy="Keep the part of the text that the video is about.",
                )
            pages = [_plain(page.extract_text()) for page in reader.pages]
    except (SourceError, OSError, MemoryError):
        raise
    except Exception as error:
        # A damaged file can make it raise almost anything.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(
            f"{name} cannot be read as a PDF: {reason}",
            remedy="Export its text as .txt, or put another copy in its place.",
        ) from error
    text = PAGE_BREAK.join(_set_off_edges(pages))
    if len(text) > MAX_TEXT:
        raise SourceError(
            f"{name} has {len(text):,} characters; the limit is {MAX_TEXT:,}",
            remedy="Keep the part of the text that the video is about.",
        )
    if not any(map(str.isalpha, text)):
        raise SourceError(
            f"{name} has no text, only pictures of pages",
            remedy="Use a PDF with text, e.g. from a text recognition (OCR).",
        )
    return text


def read_pdf_start(path: Path) -> str:
    """Return the text of the first pages, until it is enough to tell the language; an empty string if there is none."""
    import pypdf

    text = ""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        with pypdf.PdfReader(path) as reader:
            if path.stat().st_size > MAX_BYTES or (reader.is_encrypted and not reader.decrypt("")):
                return ""
            for page in reader.pages[:MAX_START_PAGES]:
                text += f"{_plain(page.extract_text())}\n"
                if len(text) >= MIN_START:
                    break
    except Exception:
        return text
    return text


def _set_off_edges(pages: list[str]) -> list[str]:
    """Return the pages with blank lines around page numbers and running titles, so that cleaning recognises them."""
    lined = [[line.strip() for line in page.strip().split("\n")] for page in pages]
    counts = Counter(each for lines in lined for each in {_without_digits(lines[0]), _without_digits(lines[-1])})
    return ["\n".join(_set_off(lines, counts)) for lines in lined]


def _set_off(lines: list[str], counts: Counter[str]) -> list[str]:
    if len(lines) < 2:
        return lines
    first, *inner, last = lines
    above = [first, ""] if counts[_without_digits(first)] >= MIN_REPETITIONS else [first]
    below = ["", last] if counts[_without_digits(last)] >= MIN_REPETITIONS else [last]
    return [*above, *inner, *below]


def _without_digits(line: str) -> str:
    """Return what a line at the edge of a page shares with those of other pages."""
    return re.sub(r"\d+|^[ivxlc]+$", "#", line.casefold())


def _plain(text: str) -> str:
    """Return the text without control characters, which some fonts produce."""
    kept = "".join(each if each >= " " or each in "\n\t" else " " for each in text.replace("\r\n", "\n"))
    return kept.encode("utf-8", "replace").decode()
