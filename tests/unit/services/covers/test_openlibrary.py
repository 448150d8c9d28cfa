"""Covers of Open Library: that of the book or none, kept for the next time."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from tests.loopback.covers import Library, Shelved

from pressrun.errors import NetworkError
from pressrun.model.book import Book
from pressrun.services.covers import openlibrary
from pressrun.services.protocols import Context, CoverPicture

WALDEN = Shelved("Walden", "Henry David Thoreau", 7)


def cover(book: Book, context: Context) -> CoverPicture | None:
    return openlibrary.find_cover(book, context.workspace / "run", context)


def test_the_cover_of_a_book_is_put_into_the_run_folder(library: Library, context: Context) -> None:
    library.books = [Shelved("Walden Two", "B. F. Skinner", 3), WALDEN]
    found = cover(Book("Walden", "Henry David Thoreau"), context)
    assert found is not None
    assert found.file == context.workspace / "run" / "cover.jpg"
    assert Image.open(found.file).size == (300, 450)
    assert (found.title, found.author) == ("Walden", "Henry David Thoreau")
    assert found.url.startswith("https://openlibrary.org/works/")


@pytest.mark.parametrize(
    ("title", "author"),
    [
        ("walden", "Thoreau"), ("Walden", "H. D. Thoreau"), ("Walden", "Thoreau, Henry David"),
        (" The  Walden ", "Thoreau"),
    ],
)
def test_the_way_a_book_is_written_does_not_matter(
    library: Library, context: Context, title: str, author: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "search", lambda query: Library([WALDEN]).search({}))
    library.books = [WALDEN]
    assert cover(Book(title, author), context) is not None


@pytest.mark.parametrize(
    ("shelved", "asked"),
    [
        (Shelved("Walden", "Ralph Emerson", 7), Book("Walden", "Henry David Thoreau")),
        (Shelved("Walden", "", 7), Book("Walden", "Henry David Thoreau")),
        (Shelved("Walden Two", "Henry David Thoreau", 7), Book("Walden", "Henry David Thoreau")),
        (Shelved("A Summary of Walden", "Henry David Thoreau", 7), Book("Walden", "Henry David Thoreau")),
        (Shelved("Emma", "Jane Austen", 7), Book("Emmy", "Jane Austen")),
        (Shelved("The Rings", "A. Writer", 7), Book("The Rings: Part Two", "A. Writer")),
        (Shelved("Notes 1", "A. Writer", 7), Book("Notes 2", "A. Writer")),
        (Shelved("Walden", "", 7), Book("Walden")),
    ],
)
def test_another_book_s_cover_is_never_taken(
    library: Library, context: Context, shelved: Shelved, asked: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever the search gives back, ours is the judgement.
    monkeypatch.setattr(library, "search", lambda query: Library([shelved]).search({}))
    library.books = [shelved]
    assert cover(asked, context) is None
    assert not list((context.workspace / "run").iterdir())


def test_a_title_without_author_needs_all_of_that_title_to_be_of_one_author(library: Library, context: Context) -> None:
    library.books = [WALDEN, Shelved("Walden", "Ralph Emerson")]
    assert cover(Book("Walden"), context) is None
    library.books = [WALDEN, Shelved("Walden, annotated", "Ralph Emerson", 4)]
    assert cover(Book("Walden"), context) is not None


def test_a_title_without_author_with_unseen_books_has_none(library: Library, context: Context) -> None:
    library.books = [WALDEN] * (openlibrary.MAX_RESULTS + 1)
    assert cover(Book("Walden"), context) is None


def test_of_a_series_under_one_main_title_none_is_guessed(library: Library, context: Context) -> None:
    first, second = (Shelved("The Rings", "A. Writer", number, f"Book {number}") for number in (1, 2))
    library.books = [first, second]
    assert cover(Book("The Rings", "A. Writer"), context) is None
    library.books = [first]
    assert cover(Book("The Rings", "A. Writer"), context) is not None
    library.books = [first, second]
    found = cover(Book("The Rings: Book 2", "A. Writer"), context)
    assert found is not None
    assert found.title == "The Rings: Book 2"


def test_the_cover_of_most_editions_comes_first_and_one_that_is_gone_is_skipped(
    library: Library, context: Context
) -> None:
    library.books = [
        Shelved("Walden", "Thoreau", 1, editions=1, colour=(0, 0, 200)),
        Shelved("Walden", "Thoreau", 2, editions=90, picture=b""),
        Shelved("Walden", "Thoreau", 3, editions=50, colour=(0, 200, 0)),
    ]
    found = cover(Book("Walden", "Thoreau"), context)
    assert found is not None
    assert Image.open(found.file).convert("RGB").getpixel((9, 9)) == pytest.approx((0, 200, 0), abs=4)


@pytest.mark.parametrize(
    "shelved",
    [
        Shelved("Walden", "Thoreau", 7, picture=b"<html>no picture</html>"),
        Shelved("Walden", "Thoreau", 7, picture=b"#EXTM3U\nfile:///etc/passwd\n"),
        Shelved("Walden", "Thoreau", 7, picture=b"\xff\xd8\xff\xe0 cut off"),
        Shelved("Walden", "Thoreau", 7, size=(1, 1)),
        Shelved("Walden", "Thoreau"),
    ],
    ids=["html", "playlist", "broken", "placeholder", "none"],
)
def test_input_that_is_not_a_picture_worth_showing_is_not_taken(
    library: Library, context: Context, shelved: Shelved
) -> None:
    library.books = [shelved]
    assert cover(Book("Walden", "Thoreau"), context) is None
    store = context.workspace / "runs" / ".covers"
    assert not store.exists() or not list(store.iterdir())


def test_a_cover_is_requested_once(library: Library, context: Context) -> None:
    library.books = [WALDEN]
    first = cover(Book("Walden", "Thoreau"), context)
    assert first is not None
    asked = len(library.asked)
    first.file.unlink()
    assert cover(Book("WALDEN", "Thoreau"), context) == first
    assert len(library.asked) == asked
    library.books = []
    assert cover(Book("Walden", "Somebody Else"), context) is None


def test_a_kept_cover_that_was_changed_is_requested_again(library: Library, context: Context) -> None:
    library.books = [WALDEN]
    assert cover(Book("Walden", "Thoreau"), context)
    (kept,) = (context.workspace / "runs" / ".covers").glob("*.jpg")
    kept.write_bytes(b"cut")
    assert cover(Book("Walden", "Thoreau"), context)
    assert Image.open(kept).size == (300, 450)


@pytest.mark.parametrize("trouble", [500, 429, 403, "hang up", "nonsense"])
def test_a_search_that_fails_can_be_tried_again(library: Library, context: Context, trouble: int | str) -> None:
    library.trouble = trouble
    with pytest.raises(NetworkError) as caught:
        cover(Book("Walden", "Thoreau"), context)
    assert caught.value.remedy


@pytest.mark.parametrize("answer", [b"{}", b"[]", b'{"numFound": 1, "docs": ["x"]}', b'{"numFound": null, "docs": []}'])
def test_an_answer_in_another_form_can_be_tried_again(library: Library, context: Context, answer: bytes) -> None:
    library.trouble, library.nonsense = "nonsense", answer
    with pytest.raises(NetworkError, match="returned an invalid response"):
        cover(Book("Walden", "Thoreau"), context)


def test_silence_ends_after_the_time_that_is_allowed(
    library: Library, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert openlibrary.READ_TIMEOUT <= 15
    monkeypatch.setattr(openlibrary, "READ_TIMEOUT", 0.3)
    library.trouble = "silence"
    with pytest.raises(NetworkError, match="does not answer in time"):
        cover(Book("Walden", "Thoreau"), context)


def test_a_picture_elsewhere_is_not_followed(library: Library, context: Context) -> None:
    library.books, library.trouble, library.trouble_at = [WALDEN], "elsewhere", "/b/"
    with pytest.raises(NetworkError, match=r"elsewhere\.invalid is not an allowed host"):
        cover(Book("Walden", "Thoreau"), context)


def test_a_picture_that_never_ends_is_not_read_to_the_end(
    library: Library, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openlibrary, "MAX_COVER_BYTES", 2000)
    library.books = [Shelved("Walden", "Thoreau", 7, picture=bytes(5000))]
    with pytest.raises(NetworkError, match="more than 2,000 bytes"):
        cover(Book("Walden", "Thoreau"), context)


def test_the_check_says_that_it_answers(library: Library, context: Context) -> None:
    assert openlibrary.check(context) == "127.0.0.1 answers"
    library.trouble = 503
    with pytest.raises(NetworkError):
        openlibrary.check(context)


def test_only_the_library_and_the_archive_it_stores_in_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(openlibrary.ADDRESS_VARIABLE, raising=False)
    allowed = [
        "https://covers.openlibrary.org/b/id/1-L.jpg", "https://archive.org/download/x", "https://ia8.us.archive.org/x",
    ]
    refused = [
        "http://archive.org/x", "https://archive.org.evil.example/x", "https://notarchive.org/x", "file:///etc/passwd",
        "https://127.0.0.1/x",
    ]
    assert all(map(openlibrary._is_allowed, allowed))
    assert not any(map(openlibrary._is_allowed, refused))


def test_nothing_of_a_book_leads_out_of_the_folder(library: Library, context: Context) -> None:
    library.books = [Shelved("../../x", "A", 5)]
    found = cover(Book("../../x", "A"), context)
    assert found is not None
    assert found.file.parent == context.workspace / "run"
    assert {path.parent for path in Path(context.workspace).rglob("*.jpg")} == {
        context.workspace / "run", context.workspace / "runs" / ".covers",
    }
