from __future__ import annotations

import pytest

from pressrun.cli.formatting import (
    clean_text,
    encodable_text,
    format_duration,
    format_estimate,
    format_progress,
    pluralize,
    safe_text,
)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.04, "0.0 s"), (3.21, "3.2 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s"),
        (3600, "1 h 00 min"), (7265, "2 h 01 min"),
    ],
)
def test_a_duration_is_shown_as_exactly_as_it_is_worth(seconds: float, shown: str) -> None:
    assert format_duration(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "5 s"), (21, "25 s"), (56, "1 min"), (61, "2 min"), (3599, "1 h 00 min"), (7300, "2 h 05 min")],
)
def test_an_estimate_is_rounded_up(seconds: float, shown: str) -> None:
    assert format_estimate(seconds) == shown


def test_progress_is_counted_in_the_units_of_the_stage() -> None:
    assert format_progress(1204, 3600, "frames") == "1,204/3,600 frames"
    assert format_progress(12_300_000, 48_000_000, "bytes") == "12/48 MB"
    assert format_progress(700, 9000, "bytes") == "0.7/9 kB"
    assert format_progress(3, 0, "parts") == "3 parts"


def test_one_is_singular() -> None:
    assert (pluralize(1, "book"), pluralize(0, "book"), pluralize(1200, "book")) == ("1 book", "0 books", "1,200 books")

def test_escape_sequences_lose_their_power() -> None:
    assert clean_text("Walden\x1b[2J\x07\x9b31m") == "Walden[2J31m"


def test_characters_that_reorder_text_are_left_out() -> None:
    assert clean_text("abc\u202egpj.exe\u2069\u200b") == "abcgpj.exe"


def test_line_ends_of_every_kind_become_blanks() -> None:
    assert clean_text("one\ntwo\r\u2028three") == "one two  three"


def test_letters_and_their_marks_stay() -> None:
    assert clean_text("Москва 東京 العربية e\u0301") == "Москва 東京 العربية e\u0301"


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    assert clean_text("a\ud800b") == "a\N{REPLACEMENT CHARACTER}b"


def test_letters_that_an_encoding_lacks_become_question_marks() -> None:
    assert encodable_text("Ünder 東", "cp1252") == "Ünder ?"


def test_markup_in_a_title_is_shown_as_it_is() -> None:
    assert safe_text("[bold red]Walden[/] :warning:").plain == "[bold red]Walden[/] :warning:"


def test_addresses_become_links_without_the_full_stop_behind_them() -> None:
    text = safe_text("see https://videos.example/a?b=1. Then file:///books/x.mp4")
    links = [span.style.link for span in text.spans if not isinstance(span.style, str)]
    assert links == ["https://videos.example/a?b=1", "file:///books/x.mp4"]


def test_an_address_that_runs_a_script_is_not_a_link() -> None:
    assert safe_text("javascript:alert(1)").spans == []
