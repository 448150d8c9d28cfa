"""Positions of words in their text, and short excerpts."""

from __future__ import annotations

from pressrun.media.text import blanks_before, key_line, main_title, word_spans


def test_repeated_words_are_found_in_order() -> None:
    assert word_spans("a b a", ["a", "b", "a"]) == [(0, 1), (2, 3), (4, 5)]


def test_words_have_a_space_before_them_if_the_text_does() -> None:
    assert blanks_before("東京は AI の", ["東京は", "AI", "の"]) == [False, True, True]
    assert blanks_before("東京は日本", ["東京は", "日本"]) == [False, False]


def test_a_word_that_is_not_in_the_text_gets_a_space() -> None:
    assert blanks_before("10 ways", ["ten", "ways"]) == [False, True]


def test_a_long_title_ends_at_its_first_colon_or_dash() -> None:
    assert main_title("Walden; or, Life in the Woods", 20) == "Walden"
    assert main_title("Walden; or, Life in the Woods", 40) == "Walden; or, Life in the Woods"
    assert main_title("A title without any place to stop at", 10) == "A title without any place to stop at"


def test_the_key_line_is_a_sentence_of_suitable_length() -> None:
    text = "Yes. A bigger house is paid with mornings, and a finer coat with walks. " + "Long " * 60 + "end."
    assert key_line(text, "The true cost") == "A bigger house is paid with mornings, and a finer coat with walks."


def test_the_key_line_ends_with_its_paragraph() -> None:
    assert key_line("A list of the things he took to the pond\n\nan axe, a saw and nails", "Walden") in (
        "A list of the things he took to the pond", "an axe, a saw and nails",
    )


def test_a_sentence_that_repeats_the_heading_is_not_a_key_line() -> None:
    assert key_line("The true cost of everything we own.", "The true cost of everything we own") == ""
