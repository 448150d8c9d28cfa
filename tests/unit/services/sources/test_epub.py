"""EPUB books: the chapters are read in order, and damaged or protected books give clear errors."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from tests.unit.services.sources.books import page, write_epub

from pressrun.errors import SourceError
from pressrun.services.sources.epub import MAX_TEXT_BYTES, EpubInfo, read_epub, read_epub_info
from pressrun.services.sources.reading import read_material

SENTENCE = "A lighthouse keeper on a small island counts the ships that pass."
OTHER = "Every evening she writes their number into a green notebook."


def texts(path: Path) -> list[str]:
    return [segment.text for segment in read_material(path, lambda each: each).segments]


def test_chapters_are_read_in_the_order_of_the_spine(tmp_path: Path) -> None:
    chapters = {"b.xhtml": page(f"<p>{OTHER}</p>"), "a.xhtml": page(f"<h1>One</h1><p>{SENTENCE}</p>")}
    path = write_epub(tmp_path / "x.epub", chapters, order=("a.xhtml", "b.xhtml"))
    found = read_material(path, lambda each: each).segments
    assert [(each.text, each.heading) for each in found] == [("One", True), (SENTENCE, False), (OTHER, False)]


def test_contents_cover_notes_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    chapters = {
        "cover.xhtml": page("<p>Cover words</p>", ' epub:type="cover"'),
        "1.xhtml": page(
            f'<p>{SENTENCE}<a epub:type="noteref" href="#n">7</a></p><span epub:type="pagebreak">12</span>'
            f'<aside epub:type="footnote" id="n"><p>The note itself.</p></aside><p>{OTHER}</p>'
        ),
        "aside.xhtml": page("<p>Not linear.</p>"),
    }
    path = write_epub(
        tmp_path / "x.epub", chapters, order=("cover.xhtml", "1.xhtml"),
        manifest='<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
        spine='<itemref idref="nav"/><itemref idref="i2" linear="no"/>',
        more={"OEBPS/nav.xhtml": page("<nav><ol><li>Chapter</li></ol></nav>")},
    )
    assert texts(path) == [SENTENCE, OTHER]


def test_an_element_that_is_never_closed_ends_with_its_chapter(tmp_path: Path) -> None:
    chapters = {"1.xhtml": page(f"<p>{SENTENCE}</p><table><tr><td>x"), "2.xhtml": page(f"<p>{OTHER}</p>")}
    assert texts(write_epub(tmp_path / "x.epub", chapters)) == [SENTENCE, OTHER]


def test_names_with_spaces_and_other_encodings_are_read(tmp_path: Path) -> None:
    path = write_epub(tmp_path / "x.epub", {"my%20page.xhtml": page(f"<p>{SENTENCE}</p>")})
    assert texts(path) == [SENTENCE]
    text = page("<p>Ein Wärter zählt jeden Abend die Schiffe, die vorbeifahren.</p>").replace("utf-8", "iso-8859-1")
    manifest = '<item id="q" href="q" media-type="application/xhtml+xml"/>'
    write_epub(tmp_path / "y.epub", {}, manifest=manifest, spine='<itemref idref="q"/>')
    with zipfile.ZipFile(tmp_path / "y.epub", "a") as archive:
        archive.writestr("OEBPS/q", text.encode("latin-1"))
    assert texts(tmp_path / "y.epub") == ["Ein Wärter zählt jeden Abend die Schiffe, die vorbeifahren."]


def test_title_author_and_language_are_those_of_the_book(tmp_path: Path) -> None:
    path = write_epub(tmp_path / "x.epub", {"1.xhtml": page("<p>x</p>")}, title="Pride &amp; Prejudice", author="Jane")
    assert read_epub_info(path) == EpubInfo("Pride & Prejudice", "Jane", "en")
    (tmp_path / "y.epub").write_text("x")
    assert read_epub_info(tmp_path / "y.epub") == EpubInfo()


def test_a_file_that_is_not_an_epub_or_damaged_is_named(tmp_path: Path) -> None:
    (tmp_path / "Dune.epub").write_text("x")
    with pytest.raises(SourceError, match=r"Dune\.epub is not an EPUB, or it is damaged"):
        texts(tmp_path / "Dune.epub")
    with zipfile.ZipFile(tmp_path / "zip.epub", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(SourceError, match=r"zip\.epub is a damaged EPUB"):
        texts(tmp_path / "zip.epub")
    whole = write_epub(tmp_path / "cut.epub", {"1.xhtml": page(f"<p>{SENTENCE}</p>" * 50)}).read_bytes()
    for position in range(0, len(whole) - 1, 37):
        broken = whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :]
        (tmp_path / "cut.epub").write_bytes(broken)
        with suppress(SourceError):
            texts(tmp_path / "cut.epub")


def test_a_protected_book_is_named(tmp_path: Path) -> None:
    encryption = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
        'xmlns:enc="http://www.w3.org/2001/04/xmlenc#">'
        '<enc:EncryptedData><enc:CipherData><enc:CipherReference URI="OEBPS/{}"/></enc:CipherData></enc:EncryptedData>'
        "</encryption>"
    )
    chapters = {"1.xhtml": page(f"<p>{SENTENCE}</p>")}
    more = {"META-INF/encryption.xml": encryption.format("1.xhtml")}
    with pytest.raises(SourceError, match="protected against copying"):
        read_epub(write_epub(tmp_path / "x.epub", chapters, more=more), "x.epub")
    more = {"META-INF/encryption.xml": encryption.format("font.otf")}
    assert SENTENCE in read_epub(write_epub(tmp_path / "y.epub", chapters, more=more), "y.epub")


def test_pictures_of_pages_and_huge_books_are_errors(tmp_path: Path) -> None:
    path = write_epub(tmp_path / "x.epub", {"1.xhtml": page('<img src="1.jpg" alt=""/>')})
    with pytest.raises(SourceError, match="has no text"):
        texts(path)
    huge = write_epub(tmp_path / "huge.epub", {"1.xhtml": page(f"<p>{'a' * MAX_TEXT_BYTES}</p>")})
    with pytest.raises(SourceError, match="unpacks to more than 40 MB"):
        texts(huge)
