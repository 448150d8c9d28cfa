"""The wait until a time of day, also in nights in which the clock is moved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
import pytest

from pressrun.cli.schedule import TimeOfDay, next_occurrence, wait_until


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Written out, so that no time zone data is needed: forward on 29 March 2026, back on 25 October, at 2 and 3."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


def at(text: str) -> float:
    """With the offset, as "2026-10-25T02:30+02:00"."""
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("now", "text", "start"),
    [
        ("2026-05-01T22:15+02:00", "02:00", "2026-05-02T02:00+02:00"),
        ("2026-05-01T01:59+02:00", "2:00", "2026-05-01T02:00+02:00"),
        ("2026-05-01T02:00+02:00", "02:00", "2026-05-02T02:00+02:00"),
        ("2026-12-31T23:30+01:00", "00:00", "2027-01-01T00:00+01:00"),
        # The clock skips 2:30: the start is as long after the change as it would have been without it.
        ("2026-03-28T22:00+01:00", "02:30", "2026-03-29T03:30+02:00"),
        ("2026-03-29T03:15+02:00", "02:30", "2026-03-29T03:30+02:00"),
        ("2026-03-28T22:00+01:00", "03:00", "2026-03-29T03:00+02:00"),
        # The clock shows 2:30 twice, an hour apart.
        ("2026-10-24T22:00+02:00", "02:30", "2026-10-25T02:30+02:00"),
        ("2026-10-25T02:40+02:00", "02:30", "2026-10-25T02:30+01:00"),
        ("2026-10-25T02:40+01:00", "02:30", "2026-10-26T02:30+01:00"),
        ("2026-10-25T02:10+01:00", "02:30", "2026-10-25T02:30+01:00"),
    ],
)
def test_it_starts_when_the_clock_next_shows_the_time(berlin: None, now: str, text: str, start: str) -> None:
    assert datetime.fromtimestamp(next_occurrence(text, at(now))) == datetime.fromtimestamp(at(start))
    assert next_occurrence(text, at(now)) == at(start)


@pytest.mark.parametrize("text", ["24:00", "2", "02:60", "02.00", "noon", "-1:00", "", "02:00:00", "٠٢:٠٠"])
def test_an_invalid_time_of_day_is_rejected(text: str) -> None:
    with pytest.raises(click.BadParameter, match="not a time of day; use HH:MM"):
        TimeOfDay().convert(text, None, None)


def test_the_wait_ends_on_time_even_if_the_machine_slept(berlin: None, capture_screen: Any) -> None:
    clock = [at("2026-05-01T22:00+02:00")]
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock[0] += 2 * 3600  # the machine was put to sleep meanwhile

    captured = capture_screen()
    wait_until("02:00", captured.screen, lambda: clock[0], sleep)
    assert clock[0] == at("2026-05-02T02:00+02:00")
    assert max(naps) <= 0.5
    assert "Waiting until 2026-05-02 02:00, in 4:00:00. Press Ctrl+C to cancel." in captured.text


def test_a_terminal_shows_the_countdown_in_one_line(berlin: None, capture_screen: Any) -> None:
    clock = [at("2026-05-01T01:59:58+02:00")]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    captured = capture_screen(terminal=True)
    wait_until("02:00", captured.screen, lambda: clock[0], sleep)
    assert [left for left in ("0:02 left", "0:01 left") if left in captured.text] == ["0:02 left", "0:01 left"]
    assert captured.text.endswith("\r\x1b[K")
    assert captured.text.count("\n") == 1
