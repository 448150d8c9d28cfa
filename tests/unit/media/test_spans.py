"""Where words stand in their text."""

from __future__ import annotations

from pressrun.media.spans import blank_before, word_spans


def test_repeated_words_are_found_in_their_order() -> None:
    assert word_spans("a b a", ["a", "b", "a"]) == [(0, 1), (2, 3), (4, 5)]


def test_blanks_are_where_the_text_has_them() -> None:
    assert blank_before("東京は AI の", ["東京は", "AI", "の"]) == [False, True, True]
    assert blank_before("東京は日本", ["東京は", "日本"]) == [False, False]


def test_a_word_that_the_text_does_not_have_gets_a_blank() -> None:
    assert blank_before("10 ways", ["ten", "ways"]) == [False, True]
