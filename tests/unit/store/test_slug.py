"""Titles become safe folder names."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.store.slug import MAX_BYTES, slug


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Atomic Habits", "Atomic_Habits"),
        ("  The   Art of War ", "The_Art_of_War"),
        ("Les Misérables", "Les_Miserables"),
        ("L'Étranger", "LEtranger"),
        ("Don’t Panic!", "Dont_Panic"),
        ("a/b\\c", "a_b_c"),
        ("..", "Untitled"),
        ("???", "Untitled"),
        ("", "Untitled"),
        ("1984", "1984"),
    ],
)
def test_a_title_becomes_words_joined_by_underscores(title: str, name: str) -> None:
    assert slug(title) == name


@pytest.mark.parametrize("title", ["Войной", "かがみ", "道德经", "अर्थशास्त्र", "كليلة"])
def test_letters_of_other_scripts_keep_their_marks(title: str) -> None:
    assert slug(title) == unicodedata.normalize("NFC", title)


@pytest.mark.parametrize("title", ["word " * 100, "x" * 500, "書" * 300])
def test_a_long_title_is_cut_between_words_if_possible(title: str) -> None:
    made = slug(title)
    assert MAX_BYTES // 2 < len(made.encode()) <= MAX_BYTES
    assert made.split("_")[-1] in title


@given(st.text())
def test_the_name_is_safe_for_any_title(title: str) -> None:
    made = slug(title)
    assert made
    assert len(made.encode("utf-8")) <= MAX_BYTES
    assert made not in (".", "..")
    assert not made.startswith(("_", "-"))
    assert not set(made) & {"/", "\\", ".", ":", " ", "\0", os.sep}
    assert all(char == "_" or unicodedata.category(char)[0] in "LMN" for char in made)


@given(st.text())
def test_the_slug_of_a_slug_is_the_same(title: str) -> None:
    assert slug(slug(title)) == slug(title)


@given(st.text(max_size=60))
def test_a_folder_can_be_created_for_any_slug(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    folder = Path(tmp_path_factory.getbasetemp()) / slug(title)
    folder.mkdir(exist_ok=True)
    assert folder.is_dir()
