"""How fast jobs are dispatched: so many per user in any minute, and a bucket of tokens per project."""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pressrun.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

WINDOW = 60.0
"""Seconds in which the dispatches of a user are counted."""
MOST = 1_000_000_000
"""The highest number the database is given; a limit above it is as good as none."""


@dataclass(frozen=True)
class Rates:
    """Jobs per user in a minute, tokens of a project and how many come back per second; 0 for no limit."""

    per_user: int = 60
    per_project: int = 300
    refill: float = 5.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Rates:
        """Raises `SettingsError` for what is no whole number from 0 on."""
        env = os.environ if environment is None else environment
        return cls(
            whole_number("PRESSRUN_RATE_LIMIT_USER", cls.per_user, env),
            whole_number("PRESSRUN_RATE_LIMIT_PROJECT", cls.per_project, env),
        )


def whole_number(
    variable: str, default: int, environment: Mapping[str, str] | None = None, remedy: str = "0 lifts the limit."
) -> int:
    """What a variable of the environment holds. Raises `SettingsError` for what is no whole number from 0 on."""
    text = (os.environ if environment is None else environment).get(variable, "").strip()
    if not text:
        return default
    if not text.isdecimal():
        raise SettingsError(
            f"Environment variable {variable}: found {text!r}; it must be a whole number from 0 on", remedy=remedy
        )
    return min(int(text), MOST)


def whole_argument(name: str, value: object, remedy: str = "0 lifts the limit.") -> int:
    """The same of an argument of the Python door. Raises `UsageError`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UsageError(f"{name}: found {value!r}; it must be a whole number from 0 on", remedy=remedy)
    return min(value, MOST)


class RateLimiter:
    """Asks before a job goes. On its own it counts in the memory of this process; bound to the database of a queue it
    counts together with all workers, and what it counted survives its end. Safe in threads.
    """

    def __init__(
        self,
        per_user_limit: int = 60,
        per_project_limit: int = 300,
        refill_rate: float = 5.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Jobs of a user in a minute, jobs of a project at once, and how many of these come back in a second; a limit
        of 0 is none. Raises `UsageError` for numbers that cannot be meant.
        """
        if isinstance(refill_rate, bool) or not isinstance(refill_rate, int | float) or not 0 <= refill_rate < math.inf:
            raise UsageError(
                f"refill_rate: found {refill_rate!r}; it must be a number from 0 on", remedy="The usual one is 5.0."
            )
        self.rates = Rates(
            whole_argument("per_user_limit", per_user_limit),
            whole_argument("per_project_limit", per_project_limit),
            float(refill_rate),
        )
        self._counts: _Memory | _Shared = _Memory(self.rates, clock)

    def bind(self, pool: ConnectionPool[Any]) -> None:
        """Counts in the database of the queue from now on; `pool` comes from `open_pool`."""
        self._counts = _Shared(self.rates, pool)

    def can_proceed(self, user_id: str, project_id: str | None = None) -> bool:
        """Whether one more job may go now; if so, it is counted."""
        return self._counts.take(user_id, project_id)

    def get_backoff_time(self, user_id: str, project_id: str | None = None) -> float:
        """Seconds until `can_proceed` may say yes; 0 when it does now."""
        return self._counts.wait(user_id, project_id)


class _Memory:
    def __init__(self, rates: Rates, clock: Callable[[], float]) -> None:
        self._rates, self._clock = rates, clock
        self._lock = threading.Lock()
        self._sent: dict[str, deque[float]] = {}
        self._tokens: dict[str, tuple[float, float]] = {}

    def take(self, user: str, project: str | None) -> bool:
        with self._lock:
            now = self._clock()
            if self._left(now, user, project) > 0:
                return False
            if self._rates.per_user:
                self._sent.setdefault(user, deque()).append(now)
            if self._rates.per_project and project is not None:
                self._tokens[project] = (self._level(now, project) - 1, now)
            return True

    def wait(self, user: str, project: str | None) -> float:
        with self._lock:
            return self._left(self._clock(), user, project)

    def _left(self, now: float, user: str, project: str | None) -> float:
        waits = [0.0]
        if self._rates.per_user:
            sent = self._sent.get(user, deque())
            while sent and sent[0] <= now - WINDOW:
                sent.popleft()
            if len(sent) >= self._rates.per_user:
                waits.append(sent[-self._rates.per_user] + WINDOW - now)
        if self._rates.per_project and project is not None and (missing := 1 - self._level(now, project)) > 0:
            waits.append(missing / self._rates.refill if self._rates.refill > 0 else float("inf"))
        return max(waits)

    def _level(self, now: float, project: str) -> float:
        tokens, counted = self._tokens.get(project, (float(self._rates.per_project), now))
        return min(self._rates.per_project, tokens + self._rates.refill * (now - counted))


class _Shared:
    """The same counts in the database, in the role of the workers."""

    def __init__(self, rates: Rates, pool: ConnectionPool[Any]) -> None:
        self._rates, self._pool = rates, pool

    def take(self, user: str, project: str | None) -> bool:
        return bool(self._ask("take_rates", user, project)["allowed"])

    def wait(self, user: str, project: str | None) -> float:
        found = self._ask("rates_left", user, project)
        return 0.0 if found["allowed"] else max(0.0, float(found["wait"]))

    def _ask(self, function: str, user: str, project: str | None) -> dict[str, Any]:
        from pressrun.jobs.connection import clear_errors
        from pressrun.jobs.migrate import WORKER_ROLE

        rates = self._rates
        values = (user, project, rates.per_user, rates.per_project, rates.refill)
        with clear_errors(), self._pool.connection() as connection:
            connection.execute("SELECT set_config('role', %s, true)", (WORKER_ROLE,))
            query = f"SELECT * FROM {function}(%s, %s, 1, %s, %s, %s)"
            row: dict[str, Any] | None = connection.execute(query.encode(), values).fetchone()
        assert row is not None
        return row
