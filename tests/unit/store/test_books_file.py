"""The list of books: valid lines become books, and invalid ones are errors with their number."""

from __future__ import annotations

import codecs
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.errors import BooksFileError
from pressrun.model.book import MAX_TITLE_LENGTH, Book
from pressrun.store.books_file import BooksFile, parse_book, read_books
from pressrun.wording import sentence


def read(data: bytes | str) -> BooksFile:
    return read_books(None, io.BytesIO(data.encode() if isinstance(data, str) else data))


def names(data: bytes | str) -> list[str]:
    return [str(book) for book in read(data).books]


def error_message(data: bytes | str) -> str:
    with pytest.raises(BooksFileError) as caught:
        read(data)
    assert caught.value.remedy
    return caught.value.message


def test_a_line_is_a_title_and_an_author_with_its_number() -> None:
    assert read("Walden | Henry David Thoreau\n").books == (Book("Walden", "Henry David Thoreau", 1),)


def test_the_author_is_optional_with_or_without_the_separator() -> None:
    assert read("Walden\nEmma |\nPersuasion | \n").books == (
        Book("Walden", None, 1), Book("Emma", None, 2), Book("Persuasion", None, 3),
    )


def test_comments_and_blank_lines_are_ignored_and_still_counted() -> None:
    assert read("# my list\n\n   \t\n  # indented\nWalden").books == (Book("Walden", None, 5),)


def test_a_backslash_allows_a_title_that_starts_with_a_number_sign() -> None:
    assert names("\\#Trending | Ann Author") == ["#Trending | Ann Author"]


def test_the_last_bar_separates_the_author() -> None:
    assert read("This | That | Ann Author").books == (Book("This | That", "Ann Author", 1),)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_endings_are_accepted(end: str) -> None:
    assert read(f"Walden{end}{end}Emma | Jane Austen{end}").books == (
        Book("Walden", None, 1), Book("Emma", "Jane Austen", 3),
    )


def test_byte_order_marks_are_removed_even_in_the_middle() -> None:
    assert names("\ufeffWalden\n\ufeff# comment\n\ufeffEmma") == ["Walden", "Emma"]


def test_white_space_is_collapsed() -> None:
    assert names("The\tArt\u3000of  War\t|\tSun\u00a0Tzu") == ["The Art of War | Sun Tzu"]


def test_titles_may_use_any_script() -> None:
    lines = ["吾輩は猫である | 夏目漱石", "كليلة ودمنة | ابن المقفع", "Война и мир | Лев Толстой"]
    lines += ["می\u200cخواهم", "👩\u200d🚀"]
    assert names("\n".join(lines)) == lines


def test_invisible_characters_are_removed() -> None:
    assert names("Wal\u200bden\u202e | Tho\u00adreau") == ["Walden | Thoreau"]


@pytest.mark.parametrize(
    ("line", "code"),
    [("Wal\x1b[31mden", "U+001B"), ("Wal\x00den", "U+0000"), ("A | B\x07", "U+0007"), ("A\x85B", "U+0085")],
)
def test_control_characters_are_an_error_with_line_and_code(line: str, code: str) -> None:
    message = error_message(f"# one\nEmma\n{line}\n")
    assert "line 3" in message
    assert code in message
    assert "\x1b" not in message


@pytest.mark.parametrize("line", ["| Ann Author", "|", " | ", "\u200b | Ann Author"])
def test_an_empty_title_is_an_error_with_its_line(line: str) -> None:
    assert error_message(f"Emma\n{line}\n").endswith("line 2: the title is empty")


def test_a_title_or_author_that_is_too_long_is_an_error_with_its_line() -> None:
    assert names("x" * MAX_TITLE_LENGTH) == ["x" * MAX_TITLE_LENGTH]
    assert "line 2: the title has 301 characters" in error_message("Emma\n" + "x" * (MAX_TITLE_LENGTH + 1))
    assert "line 1: the author has 301 characters" in error_message("Emma | " + "x" * (MAX_TITLE_LENGTH + 1))


def test_text_that_is_not_utf_8_is_an_error_with_line_and_byte() -> None:
    assert "line 2: byte 4 of the line (0xE9)" in error_message(b"Emma\nCaf\xe9\n")
    assert "line 2: byte 4 of the line (0xE9)" in error_message(b"\xef\xbb\xbfEmma\r\nCaf\xe9\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_list_with_a_byte_order_mark_is_read(encoding: str) -> None:
    found = read_books(None, io.BytesIO("Émile | Jean-Jacques Rousseau\r\n本\r\n".encode(encoding)))
    assert [str(book) for book in found.books] == ["Émile | Jean-Jacques Rousseau", "本"]
    assert found.warnings == ()


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE])
def test_a_list_that_is_cut_in_the_middle_of_a_character_is_an_error(mark: bytes) -> None:
    assert "line 1: byte 0x41 is not UTF-" in error_message(mark + b"A")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_list_in_utf_16_without_a_mark_is_an_error(encoding: str) -> None:
    assert "UTF-16 or UTF-32 without a byte order mark" in error_message("Emma\n".encode(encoding))


def test_a_duplicate_runs_once_with_a_warning_that_names_both_lines() -> None:
    found = read("Walden | Thoreau\nEmma\n  walden |  THOREAU\nＷalden | Thoreau\n")
    assert [str(book) for book in found.books] == ["Walden | Thoreau", "Emma"]
    first, second = map(sentence, found.warnings)
    assert "lines 1 and 3" in first
    assert "lines 1 and 4" in second


@pytest.mark.parametrize("text", ["Walden\nEmma\nWalden | Thoreau", "Walden | Thoreau\nEmma\nWalden"])
def test_a_title_without_author_means_the_listed_book_with_an_author(text: str) -> None:
    found = read(text)
    assert found.books == (Book("Walden", "Thoreau", 1), Book("Emma", None, 2))
    assert "lines 1 and 3" in sentence(found.warnings[0])


def test_an_ambiguous_title_without_author_is_an_error_that_names_both_books() -> None:
    message = error_message("Poems | Keats\nPoems | Blake\nPoems\n")
    assert "line 3" in message
    assert "Keats (line 1)" in message
    assert "Blake (line 2)" in message


def test_the_same_title_by_two_authors_is_two_books() -> None:
    assert names("Poems | Keats\nPoems | Blake") == ["Poems | Keats", "Poems | Blake"]


def test_a_list_of_comments_is_empty_and_not_an_error() -> None:
    assert read("# nothing\n\n") == BooksFile(())
    assert read("") == BooksFile(())


def test_the_error_of_a_missing_list_explains_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(BooksFileError) as caught:
        read_books(tmp_path / "books.txt")
    assert "cp books.txt.example books.txt" in caught.value.remedy
    assert caught.value.exit_code == 2


def test_a_folder_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(BooksFileError, match="is a folder"):
        read_books(tmp_path)


def test_a_path_below_a_file_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BooksFileError, match="cannot be read"):
        read_books(tmp_path / "file" / "books.txt")


def test_an_endless_stream_is_not_read_to_its_end() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert size > 0
            return b"a\n" * (size // 2 + 1)

    with pytest.raises(BooksFileError, match="larger than"):
        read_books(None, Endless())  # type: ignore[arg-type]


def test_a_list_file_is_read_from_disk(tmp_path: Path) -> None:
    (tmp_path / "books.txt").write_bytes(b"\xef\xbb\xbfEmma | Jane Austen\r\n")
    assert read_books(tmp_path / "books.txt").books == (Book("Emma", "Jane Austen", 1),)


def test_a_book_on_the_command_line_needs_no_list() -> None:
    assert parse_book(" Atomic Habits |  James Clear") == Book("Atomic Habits", "James Clear")
    assert parse_book("#Trending") == Book("#Trending")


@pytest.mark.parametrize("text", ["", " ", "|", "a\nb", "a\udcffb", "x" * 301])
def test_an_invalid_book_on_the_command_line_is_an_error(text: str) -> None:
    with pytest.raises(BooksFileError) as caught:
        parse_book(text)
    assert caught.value.message.startswith("The book on the command line")


def check(found: BooksFile) -> None:
    assert len({book.key for book in found.books}) == len(found.books)
    for book in found.books:
        assert 0 < len(book.title) <= MAX_TITLE_LENGTH
        assert book.title.isprintable() or "\u200d" in book.title or not book.title.isascii()
        assert book.line is not None
        assert not {"\n", "\r", "\t", "\x1b", "\x00"} & set(str(book))


def read_or_reject(data: bytes) -> None:
    """Read a list. Any exception other than `BooksFileError` fails the test."""
    try:
        found = read(data)
    except BooksFileError as error:
        found = BooksFile((), (error.message,))
        if not error.message.startswith("Standard input"):
            raise AssertionError(error.message) from error
    check(found)


@given(st.text() | st.text(alphabet="aA|# \t\r\n\\\ufeff\u200bé"))
def test_any_text_is_either_books_or_a_clear_error(text: str) -> None:
    read_or_reject(text.encode("utf-8", "surrogatepass"))


@given(st.binary())
def test_any_bytes_are_either_books_or_a_clear_error(data: bytes) -> None:
    read_or_reject(data)


@given(st.text(max_size=40))
def test_any_argument_is_either_a_book_or_a_clear_error(text: str) -> None:
    try:
        book = parse_book(text)
    except BooksFileError:
        return
    assert book.title
