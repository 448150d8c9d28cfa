"""`--schedule 02:00`: wait until the local clock shows a time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pressrun.cli.screen import Screen

_PATTERN = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
POLL_INTERVAL = 0.5
"""Seconds between two looks at the clock. One long sleep would miss that the clock is set or the machine sleeps."""


class TimeOfDay(click.ParamType):
    """A time such as 02:00 or 23:30. Passes the text on as typed."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _PATTERN.fullmatch(str(value).strip()):
            self.fail(f"{value!r} is not a time of day; use HH:MM, e.g. 02:00 or 23:30.", param, ctx)
        return str(value).strip()


def next_occurrence(text: str, now: float) -> float:
    """Return when the local clock shows `text` for the first time after `now`. Times are in seconds since the epoch.

    In the night when clocks go back, a time that occurs twice counts both times. In the night when they go forward, a
    skipped time counts as long after the change as it would have come without it.
    """
    found = _PATTERN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time of day")
    today = datetime.fromtimestamp(now).replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    candidates = []
    # Today may be over, and tomorrow's time may be one that the clock skips: the third day is always enough.
    for days in range(3):
        day = (today + timedelta(days=days)).replace(fold=0)
        both = [day.timestamp(), day.replace(fold=1).timestamp()]
        # A skipped time does not survive the round trip; then fold=0 gives the moment after the change.
        existing = [each for each in both if datetime.fromtimestamp(each).replace(fold=0) == day]
        candidates += existing or both[:1]
    return min(each for each in candidates if each > now)


def start_time(text: str) -> datetime:
    """Return when the local clock shows `text` next."""
    return datetime.fromtimestamp(next_occurrence(text, time.time())).astimezone()


def wait_until(
    text: str, screen: Screen, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Wait until the local clock shows `text`, with a countdown on a terminal. Ctrl+C ends the wait at once."""
    start = next_occurrence(text, clock())
    when = datetime.fromtimestamp(start)
    screen.print(f"Waiting until {when:%Y-%m-%d %H:%M}, in {_format_left(start - clock())}. Press Ctrl+C to cancel.")
    shown = ""
    while (left := start - clock()) > 0:
        if screen.animated and (line := f"{_format_left(left)} left") != shown:
            # Written by hand, because a live display hides the cursor and an interrupt would leave it hidden.
            screen.console.file.write(f"\r{line}\x1b[K")
            screen.console.file.flush()
            shown = line
        sleep(min(POLL_INTERVAL, left))
    if shown:
        screen.console.file.write("\r\x1b[K")
        screen.console.file.flush()


def _format_left(seconds: float) -> str:
    """Return `7:03:20`, or `3:20` below an hour."""
    whole = max(0, -int(-seconds // 1))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
