"""Short pieces of longer texts."""

from __future__ import annotations

from pressrun.media.excerpts import key_line_of, main_title


def test_a_long_title_ends_at_its_first_colon_or_dash() -> None:
    assert main_title("Walden; or, Life in the Woods", 20) == "Walden"
    assert main_title("Walden; or, Life in the Woods", 40) == "Walden; or, Life in the Woods"
    assert main_title("A title without any place to stop at", 10) == "A title without any place to stop at"


def test_a_sentence_of_fitting_length_becomes_the_key_line() -> None:
    text = "Yes. A bigger house is paid with mornings, and a finer coat with walks. " + "Long " * 60 + "end."
    assert key_line_of(text, "The true cost") == "A bigger house is paid with mornings, and a finer coat with walks."


def test_a_sentence_that_repeats_the_heading_is_no_key_line() -> None:
    assert key_line_of("The true cost of everything we own.", "The true cost of everything we own") == ""
