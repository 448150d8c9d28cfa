"""Texts: prose without marks, and clear words about files that hold none."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.errors import SourceError
from pressrun.services.sources import texts


def plain(text: str) -> list[str]:
    return [("# " if each.heading else "") + each.text for each in texts.to_prose(text, markdown=False)]


def markdown(text: str) -> list[str]:
    return [("# " if each.heading else "") + each.text for each in texts.to_prose(text, markdown=True)]


def test_markdown_becomes_headings_and_prose() -> None:
    assert markdown("---\ntitle: X\n---\n# Title *here*\n\nOne **bold** and _soft_\nline.\n\n## Part ##\n\nTwo.") == [
        "# Title here", "One bold and soft line.", "# Part", "Two.",
    ]


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("A [link](http://x.y/z_(a)) and ![picture](a.png) here.", "A link and here."),
        ("See <https://example.org/a> or https://example.org/b.", ""),
        ("He wrote at https://example.org/b.", "He wrote."),
        ("A `code` word and <b>bold</b> &amp; more.", "A code word and bold & more."),
        ("A note[^1] stays.\n\n[^1]: Not this.", "A note stays."),
        ("snake_case_word stays.", "snake_case_word stays."),
        (r"An escaped \*star\*.", "An escaped *star*."),
        ("> A quotation\n> goes on.", "A quotation goes on."),
        ("<!-- a\nremark -->Text.", "Text."),
    ],
)
def test_marks_of_markdown_are_taken_away(text: str, prose: str) -> None:
    assert " ".join(markdown(text)) == prose


def test_items_of_a_list_stand_apart_and_code_and_tables_are_left_out() -> None:
    text = "- one\n- two\n  goes on\n\n1. three\n\nThen.\n\n"
    text += "```python\ncode\n```\n\n    indented = code\n\n| a | b |\n|---|---|\n"
    assert markdown(text) == ["one", "two goes on", "three", "Then."]


def test_underlined_headings_and_rules_are_understood() -> None:
    assert markdown("Part\n----\n\nOne.\n\n***\n\nTwo.") == ["# Part", "One.", "Two."]


def test_paragraphs_of_a_plain_text_are_joined_from_their_lines() -> None:
    assert plain("He went to\nthe woods.\n\nHe stayed\nthere.") == ["He went to the woods.", "He stayed there."]


def test_lines_of_a_script_without_blanks_are_joined_without_one() -> None:
    assert plain("森の中に\n住んだ。") == ["森の中に住んだ。"]


def test_a_short_line_before_a_paragraph_is_a_heading() -> None:
    assert plain("Chapter One\n\nHe went to the woods.") == ["# Chapter One", "He went to the woods."]
    assert plain("no marks here\n\nnone there") == ["no marks here", "none there"]


def test_the_licence_around_an_electronic_text_is_left_out() -> None:
    text = "Licence words.\n\n*** START OF THE PROJECT ***\n\nThe text.\n\n*** END OF THE PROJECT ***\n\nMore licence."
    assert plain(text) == ["The text."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_is_read_in_utf_8_and_utf_16(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Grüße\r\nund\rmehr".encode(encoding))
    assert texts.read_text(path).lstrip("\ufeff") == "Grüße\nund\nmehr"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n\n\t ", "is empty"),
        (b"One\nCaf\xe9\n", "line 2: byte 0xE9 is not UTF-8"),
        (b"One\n\x00\x01", "line 2: control character U+0000"),
        (b"\x89PNG\r\n\x1a\n", "is a picture, not a text"),
        (b"\xff\xfea", "is not UTF-16"),
    ],
)
def test_a_file_that_is_not_a_text_is_named_with_its_line(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"a\.txt") as caught:
        texts.read_text(path)
    assert message in caught.value.message
    assert caught.value.remedy


def test_a_huge_file_is_rejected_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(texts.MAX_BYTES + 1)
    with pytest.raises(SourceError, match="20 MB are allowed"):
        texts.read_text(path)


@given(st.text(alphabet="#*_-=>`[]()|!<>&\\ \nab1.", max_size=60), st.booleans())
def test_any_text_becomes_tidy_pieces(text: str, marked: bool) -> None:
    for piece in texts.to_prose(text, markdown=marked):
        assert piece.text == " ".join(piece.text.split())
        assert piece.text


@pytest.mark.parametrize("piece", ["word ", "a", "*a ", "[a ", "_a "])
def test_a_line_without_end_is_read_in_a_moment(piece: str) -> None:
    """What once took half an hour for a megabyte may take a second here."""
    clock = time.process_time()
    (segment,) = texts.to_prose(piece * (20_000 // len(piece)), markdown=True)
    assert time.process_time() - clock < 1.5
    assert len(segment.text) >= 19_000
