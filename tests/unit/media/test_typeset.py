"""Lines broken by measure, balanced, and fitted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pressrun.media.typeset import atoms, balanced, break_lines, ellipsized, fit


def by_letters(text: str) -> float:
    return float(len(text))


def test_a_line_takes_what_fits() -> None:
    assert break_lines("one two three four", by_letters, 9) == ["one two", "three", "four"]


def test_balanced_lines_are_as_many_and_more_even() -> None:
    assert balanced("The true cost of all things", by_letters, 22) == ["The true cost", "of all things"]


def test_a_word_wider_than_a_line_is_cut_and_nothing_is_lost() -> None:
    lines = break_lines("abcdefghijklmnop", by_letters, 5)
    assert "".join(lines) == "abcdefghijklmnop"
    assert max(map(len, lines)) <= 5


def test_japanese_breaks_between_characters_but_not_before_a_mark() -> None:
    lines = break_lines("習慣は小さな行動の積み重ねです。次へ進む。", by_letters, 5)
    assert all(line[0] not in "。、" for line in lines)
    assert max(map(len, lines)) <= 6


def test_an_opening_bracket_does_not_end_a_line() -> None:
    assert not any(line.endswith("『") for line in break_lines("彼は昨日の夜『坊』を読む", by_letters, 7))


def test_korean_breaks_at_blanks() -> None:
    assert [piece for _, piece in atoms("작은 집")] == ["작은", "집"]


def test_the_largest_size_that_fits_is_taken() -> None:
    setting = fit("one two", lambda size: lambda text: len(text) * size, (20, 5), 75, 40, 1.0, 1)
    assert setting.lines == ("one two",)
    assert setting.size * 7 <= 75


def test_text_that_never_fits_ends_with_an_ellipsis_inside_its_box() -> None:
    setting = fit("word " * 200, lambda size: lambda text: len(text) * size, (20, 5), 100, 40, 1.0)
    assert setting.lines[-1].endswith("…")
    assert setting.height <= 40
    assert all(len(line) * setting.size <= 100 for line in setting.lines)


def test_what_fits_is_not_ellipsized() -> None:
    assert ellipsized("short", by_letters, 5) == "short"
    assert ellipsized("longer", by_letters, 5) == "long…"


@given(st.text(st.sampled_from("ab cd-é习。（ "), max_size=60), st.integers(3, 30))
def test_lines_never_pass_their_width_and_keep_every_letter(text: str, width: int) -> None:
    for lines in (break_lines(text, by_letters, width), balanced(text, by_letters, width)):
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert all(len(line) <= width for line in lines)
