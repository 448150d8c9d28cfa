"""Titles of books are compared in a folded form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.model.book import Book, fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Emma", "EMMA"),
        ("  The  Art\tof War\n", "the art of war"),
        ("Caf\u00e9", "Cafe\u0301"),
        ("\uff37\uff41\uff4c\uff44\uff45\uff4e", "Walden"),
        ("Straße", "STRASSE"),
        ("ﬁnal", "FINAL"),
        ("a\u00a0b", "A B"),
        ("Ὀδύσσεια", "ὈΔΎΣΣΕΙΑ"),
    ],
)
def test_equivalent_spellings_are_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Emma", "Emmas"), ("résumé", "resume"), ("a-b", "a b"), ("", "x")])
def test_different_titles_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_a_folded_title_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_text_is_folded_like_any_other(text: str) -> None:
    assert fold(text) == fold(f"é {text}").removeprefix("é").strip()


def test_a_book_is_shown_like_a_line_of_the_list() -> None:
    assert str(Book("Emma", "Jane Austen", 3)) == "Emma | Jane Austen"
    assert str(Book("Emma")) == "Emma"


def test_the_key_ignores_line_and_spelling() -> None:
    assert Book("EMMA", "jane  austen", 3).key == Book("Emma", "Jane Austen", 9).key
    assert Book("Emma").key == ("emma", "")
