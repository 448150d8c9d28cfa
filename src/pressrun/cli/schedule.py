"""`--schedule 02:00`: the wait until the clock of this place shows a time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pressrun.cli.screen import Screen

_FORM = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
STEP = 0.5
"""Seconds between two looks at the clock: it may be set, and the machine may have slept."""


class TimeOfDay(click.ParamType):
    """A time as 02:00 or 23:30. It stays as it was typed."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _FORM.fullmatch(str(value).strip()):
            self.fail(f"{value!r} is no time of day; write 02:00 or 23:30.", param, ctx)
        return str(value).strip()


def next_moment(text: str, now: float) -> float:
    """Seconds since the epoch when the local clock shows `text` next, after `now`.

    In the night in which the clock goes back, a time it shows twice counts at both; one that it leaves out when it goes
    forward comes as long after the jump as it would have come without it.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time of day")
    today = datetime.fromtimestamp(now).replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    moments = []
    for days in range(3):
        day = (today + timedelta(days=days)).replace(fold=0)
        shown = [day.timestamp(), day.replace(fold=1).timestamp()]
        exact = [each for each in shown if datetime.fromtimestamp(each).replace(fold=0) == day]
        moments += exact or shown[:1]
    return min(each for each in moments if each > now)


def scheduled(text: str) -> datetime:
    """When the local clock shows `text` next."""
    return datetime.fromtimestamp(next_moment(text, time.time())).astimezone()


def wait_for(
    text: str, screen: Screen, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Waits until the local clock shows `text`, with a countdown on a terminal. An interrupt ends it at once."""
    moment = next_moment(text, clock())
    when = datetime.fromtimestamp(moment)
    screen.say(f"Waiting until {when:%Y-%m-%d %H:%M}, in {_left(moment - clock())}. Ctrl+C ends the wait.")
    shown = ""
    while (left := moment - clock()) > 0:
        if screen.animated and (line := f"{_left(left)} left") != shown:
            # Written by hand: a live display hides the cursor, and an interrupt would leave it so.
            screen.console.file.write(f"\r{line}\x1b[K")
            screen.console.file.flush()
            shown = line
        sleep(min(STEP, left))
    if shown:
        screen.console.file.write("\r\x1b[K")
        screen.console.file.flush()


def _left(seconds: float) -> str:
    """`7:03:20`, or `3:20` below an hour."""
    whole = max(0, -int(-seconds // 1))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
