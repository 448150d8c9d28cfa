"""PDF files: the text of all pages, without page numbers; everything else is a clear error."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from tests.unit.services.sources.books import write_pdf

from pressrun.errors import SourceError
from pressrun.services.sources.reading import read_material

PAGES = (
    ("A lighthouse keeper on a small island counts the ships that pass.", "Every evening she writes their", "1"),
    ("number into a green notebook.", "One winter no ship comes for nineteen days.", "2"),
    ("The villagers on the mainland begin to send her letters.", "3"),
    ("A letter asks whether the sea has forgotten the harbour.", "4"),
)


def texts(path: Path) -> str:
    return " ".join(segment.text for segment in read_material(path, lambda each: each).segments)


def test_the_text_of_all_pages_is_read_without_page_numbers(tmp_path: Path) -> None:
    found = texts(write_pdf(tmp_path / "x.pdf", PAGES))
    assert "writes their number into a green notebook. One winter" in found
    assert found.endswith("forgotten the harbour.")
    assert not any(map(str.isdigit, found))


def test_a_scan_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"scan\.pdf has no text, only pictures of pages"):
        texts(write_pdf(tmp_path / "scan.pdf", [()]))


def test_a_file_that_is_not_a_pdf_or_damaged_is_named(tmp_path: Path) -> None:
    (tmp_path / "Emma.pdf").write_text("x")
    with pytest.raises(SourceError, match=r"Emma\.pdf cannot be read as a PDF"):
        texts(tmp_path / "Emma.pdf")
    whole = write_pdf(tmp_path / "x.pdf", PAGES).read_bytes()
    for position in range(0, len(whole), 29):
        (tmp_path / "x.pdf").write_bytes(whole[:position] + b"\xff\x00" + whole[position + 1 :])
        with suppress(SourceError):
            texts(tmp_path / "x.pdf")


def test_a_password_is_an_error(tmp_path: Path) -> None:
    import pypdf

    writer = pypdf.PdfWriter(clone_from=write_pdf(tmp_path / "x.pdf", PAGES))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(SourceError, match=r"locked\.pdf needs a password"):
        texts(tmp_path / "locked.pdf")
