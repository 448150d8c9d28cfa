"""Texts are broken into lines, balanced and fitted into a box."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pressrun.media.typeset import balance_lines, break_lines, fit_text, split_atoms, truncate


def count_letters(text: str) -> float:
    return float(len(text))


def test_lines_are_filled_one_after_the_other() -> None:
    assert break_lines("one two three four", count_letters, 9) == ["one two", "three", "four"]


def test_balanced_lines_have_the_same_number_and_more_even_lengths() -> None:
    assert balance_lines("The true cost of all things", count_letters, 22) == ["The true cost", "of all things"]


def test_a_word_wider_than_a_line_is_cut_and_nothing_is_lost() -> None:
    lines = break_lines("abcdefghijklmnop", count_letters, 5)
    assert "".join(lines) == "abcdefghijklmnop"
    assert max(map(len, lines)) <= 5


def test_japanese_breaks_between_characters_but_not_before_punctuation() -> None:
    lines = break_lines("習慣は小さな行動の積み重ねです。次へ進む。", count_letters, 5)
    assert all(line[0] not in "。、" for line in lines)
    assert max(map(len, lines)) <= 6


def test_an_opening_bracket_does_not_end_a_line() -> None:
    assert not any(line.endswith("『") for line in break_lines("彼は昨日の夜『坊』を読む", count_letters, 7))


def test_korean_breaks_at_spaces() -> None:
    assert [piece for _, piece in split_atoms("작은 집")] == ["작은", "집"]


def test_the_largest_size_that_fits_is_used() -> None:
    setting = fit_text("one two", lambda size: lambda text: len(text) * size, (20, 5), 75, 40, 1.0, 1)
    assert setting.lines == ("one two",)
    assert setting.size * 7 <= 75


def test_text_that_never_fits_ends_with_an_ellipsis_inside_its_box() -> None:
    setting = fit_text("word " * 200, lambda size: lambda text: len(text) * size, (20, 5), 100, 40, 1.0)
    assert setting.lines[-1].endswith("…")
    assert setting.height <= 40
    assert all(len(line) * setting.size <= 100 for line in setting.lines)


def test_only_text_that_is_too_wide_is_truncated() -> None:
    assert truncate("short", count_letters, 5) == "short"
    assert truncate("longer", count_letters, 5) == "long…"


@given(st.text(st.sampled_from("ab cd-é习。（ "), max_size=60), st.integers(3, 30))
def test_lines_are_never_too_wide_and_lose_no_letters(text: str, width: int) -> None:
    for lines in (break_lines(text, count_letters, width), balance_lines(text, count_letters, width)):
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert all(len(line) <= width for line in lines)
