"""Cells: what is certain is corrected, what is not is refused."""

from __future__ import annotations

from typing import Any

import pytest

from pressrun.kinds.ideas.rows.tables import MAX_CELL_BYTES
from pressrun.kinds.ideas.rows.values import InvalidCell, parse_field, parse_text
from pressrun.media.style import STYLES
from pressrun.model.book import MAX_TITLE_LENGTH


def read(field: str, cell: Any) -> Any:
    return parse_field(field, cell, (*STYLES, "House"))


def refusal(field: str, cell: Any) -> str:
    with pytest.raises(InvalidCell) as caught:
        read(field, cell)
    return str(caught.value)


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("300", 300), (300, 300), ("300.0", 300), (300.0, 300), ("300s", 300), ("300 sec.", 300), ("5 min", 300),
        ("5m", 300), ("5 Minutes", 300), ("1,5 min", 90), ("1.5 min", 90), ("1 min 30 s", 90), ("1m30s", 90),
        ("1:30", 90), ("01:30", 90), ("0:05:00", 300), ("0.25h", 900), ("1/4 h", None), ("٣٠٠", 300), ("1800", 1800),
        ("90.5", 91), ("20", 20),
    ],
)
def test_a_duration_is_read_in_every_form_that_can_mean_but_one_thing(cell: Any, seconds: int | None) -> None:
    if seconds is None:
        assert "e.g. 300" in refusal("duration_seconds", cell)
    else:
        assert read("duration_seconds", cell).value == seconds


@pytest.mark.parametrize(
    "cell",
    [
        "about five", "5", "19", "1801", "1,500", "1:75", "5 - 10", "-300", "3e2", "1:30:00", "min", "s", "", True,
        None, [], {}, float("nan"), float("inf"), 10**30, "9" * 50, "300 apples", "30 s 1 min", "=300",
    ],
    ids=repr,
)
def test_a_duration_that_may_mean_something_else_is_rejected(cell: Any) -> None:
    assert refusal("duration_seconds", cell) == 'seconds from 20 to 1800, e.g. 300, "5 min" or "1:30"'


def test_only_a_changed_form_counts_as_corrected() -> None:
    assert [read("duration_seconds", cell).corrected for cell in ("300", 300, "5 min", "300.0")] == [
        False, False, True, True,
    ]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("youtube,tiktok", ("youtube", "tiktok")),
        ("Youtube; TikTok", ("youtube", "tiktok")),
        ("YouTube Shorts and Instagram Reels", ("shorts", "reels")),
        ("youtube, youtube,, ", ("youtube",)),
        (["YouTube", "x"], ("youtube", "x")),
        ("a|b/c", ("a", "b", "c")),
    ],
)
def test_platforms_are_a_list_in_lower_case(cell: Any, names: tuple[str, ...]) -> None:
    assert read("platform_preferences", cell).value == names


def test_a_platform_that_is_unknown_is_kept_and_reported() -> None:
    assert read("platform_preferences", "youtube, tiktock").warning == (
        "unknown platform tiktock; it has no effect"
    )


@pytest.mark.parametrize("cell", [",;", "x" * 41, ",".join(map(str, range(21))), [[]], True, {}, [None]])
def test_unknown_platforms_are_rejected(cell: Any) -> None:
    assert "separated by commas" in refusal("platform_preferences", cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("HIGH", "high"), ("urgent", "high"), (" low ", "low"), ("3", 3), (3, 3), (3.0, 3), ("3.0", 3), (10, 10)],
)
def test_a_priority_is_a_word_or_a_number(cell: Any, value: str | int) -> None:
    assert read("priority", cell).value == value


@pytest.mark.parametrize("cell", ["asap", "0", 11, 2.5, "2.5", True, "medium", [], "1e1", "²"])
def test_an_invalid_priority_is_rejected(cell: Any) -> None:
    assert refusal("priority", cell) == "low, normal, high or a whole number from 1 (first) to 10"


def test_a_voice_and_a_style_are_one_of_those_there_are() -> None:
    assert read("voice_preference", "Female").value == "female"
    assert read("style_override", "house").value == "House"
    assert refusal("voice_preference", "robot") == "female, male or neutral"
    assert refusal("style_override", "../modern") == "House, classic, corporate, minimal or modern"


def test_control_characters_and_marks_of_direction_are_taken_out_of_text() -> None:
    value = read("description", "a\x00b\x1b[31mc\u202ed\r\ne\tf")
    assert (value.value, value.corrected) == ("ab[31mcd\ne\tf", True)


def test_what_cannot_be_seen_is_nothing() -> None:
    assert parse_text("\u200b \u2060\x07").value == ""


@pytest.mark.parametrize("cell", ["=SUM(A1:A9)", "+1", "-1", "@cmd", '=HYPERLINK("https://a.example")', "'x"])
def test_formulas_are_just_text(cell: str) -> None:
    assert read("description", cell).value == cell


def test_text_of_numbers_is_as_it_is_written() -> None:
    assert [read("idea_title", cell).value for cell in (1984, 1984.0, 0.5)] == ["1984", "1984", "0.5"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("half \ud83d of a pair", "valid Unicode text"), ("x" * (MAX_CELL_BYTES + 1), "bytes"),
        ("é" * (MAX_CELL_BYTES // 2 + 1), "bytes"), (True, "text"), ({}, "text"),
        (10**400, "a smaller number"), (float("nan"), "a smaller number"),
    ],
    ids=range(7),
)
def test_a_value_that_is_not_text_is_rejected(cell: Any, expected: str) -> None:
    assert expected in refusal("script_content", cell)


def test_a_title_is_on_one_line_and_has_an_end() -> None:
    assert read("idea_title", " Why\n bees ").value == "Why bees"
    assert refusal("idea_title", "x" * (MAX_TITLE_LENGTH + 1)) == f"a title of at most {MAX_TITLE_LENGTH} characters"
