"""A book, and how its title is compared."""

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
def test_titles_that_people_take_for_the_same_are_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Emma", "Emmas"), ("résumé", "resume"), ("a-b", "a b"), ("", "x")])
def test_titles_that_differ_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_a_folded_title_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_quick_way_for_ascii_gives_what_the_long_way_gives(text: str) -> None:
    assert fold(text) == fold(f"é {text}").removeprefix("é").strip()


def test_a_book_shows_as_a_line_of_the_list() -> None:
    assert str(Book("Emma", "Jane Austen", 3)) == "Emma | Jane Austen"
    assert str(Book("Emma")) == "Emma"


def test_the_key_forgets_the_line_and_how_the_title_is_written() -> None:
    assert Book("EMMA", "jane  austen", 3).key == Book("Emma", "Jane Austen", 9).key
    assert Book("Emma").key == ("emma", "")
