from __future__ import annotations

import pytest

from pressrun.cli.amounts import count, show_duration, show_estimate, show_progress


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.04, "0.0 s"), (3.21, "3.2 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s"),
        (3600, "1 h 00 min"), (7265, "2 h 01 min"),
    ],
)
def test_a_duration_is_shown_as_exactly_as_it_is_worth(seconds: float, shown: str) -> None:
    assert show_duration(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "5 s"), (21, "25 s"), (56, "1 min"), (61, "2 min"), (3599, "1 h 00 min"), (7300, "2 h 05 min")],
)
def test_an_estimate_is_rounded_up(seconds: float, shown: str) -> None:
    assert show_estimate(seconds) == shown


def test_progress_is_counted_in_the_units_of_the_stage() -> None:
    assert show_progress(1204, 3600, "frames") == "1,204/3,600 frames"
    assert show_progress(12_300_000, 48_000_000, "bytes") == "12/48 MB"
    assert show_progress(700, 9000, "bytes") == "0.7/9 kB"
    assert show_progress(3, 0, "parts") == "3 parts"


def test_one_is_singular() -> None:
    assert (count(1, "book"), count(0, "book"), count(1200, "book")) == ("1 book", "0 books", "1,200 books")
