"""Rate limits: jobs of each user in any minute, and a token bucket for each project."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pressrun.errors import SettingsError, UsageError
from pressrun.jobs.variables import RATE_LIMIT_PROJECT, RATE_LIMIT_USER, read_variable

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

WINDOW = 60.0
"""Seconds in which the jobs of a user are counted."""
MAX_LIMIT = 1_000_000_000
"""Highest limit passed to the database; a higher one would never apply."""


@dataclass(frozen=True)
class Rates:
    """Jobs per user in a minute, tokens of a project, and tokens refilled per second. A limit of 0: unlimited."""

    per_user: int = 60
    per_project: int = 300
    refill: float = 5.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Rates:
        """Return the limits. Raises `SettingsError` for a variable that is not a whole number from 0."""
        return cls(
            env_int(RATE_LIMIT_USER, cls.per_user, environment),
            env_int(RATE_LIMIT_PROJECT, cls.per_project, environment),
        )


def env_int(
    variable: str, default: int, environment: Mapping[str, str] | None = None, remedy: str = "Use 0 for no limit."
) -> int:
    """Return the value of an environment variable or its alias.

    Raises `SettingsError` unless it is a whole number from 0.
    """
    variable, text = read_variable(variable, environment)
    if not text:
        return default
    if not text.isdecimal():
        raise SettingsError(
            f"Environment variable {variable}: found {text!r}; it must be a whole number from 0", remedy=remedy
        )
    return min(int(text), MAX_LIMIT)


def require_non_negative_int(name: str, value: object, remedy: str = "Use 0 for no limit.") -> int:
    """Return an argument of the Python API. Raises `UsageError` unless it is a whole number from 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UsageError(f"{name}: found {value!r}; it must be a whole number from 0", remedy=remedy)
    return min(value, MAX_LIMIT)


class RateLimiter:
    """Decides whether one more job may start.

    On its own it counts in the memory of this process. Bound to the database of a queue, it counts together with all
    workers, and the counts outlive this process. Thread-safe.
    """

    def __init__(
        self,
        per_user_limit: int = 60,
        per_project_limit: int = 300,
        refill_rate: float = 5.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Limit jobs of a user in a minute and jobs of a project at once, refilled at `refill_rate` per second.

        A limit of 0 means unlimited. Raises `UsageError` for an invalid number.
        """
        if isinstance(refill_rate, bool) or not isinstance(refill_rate, int | float) or not 0 <= refill_rate < math.inf:
            raise UsageError(
                f"refill_rate: found {refill_rate!r}; it must be a number from 0", remedy="The default is 5.0."
            )
        self.rates = Rates(
            require_non_negative_int("per_user_limit", per_user_limit),
            require_non_negative_int("per_project_limit", per_project_limit),
            float(refill_rate),
        )
        self._counts: _Memory | _Shared = _Memory(self.rates, clock)

    def bind(self, pool: ConnectionPool[Any]) -> None:
        """Count in the database of the queue from now on; `pool` comes from `open_pool`."""
        self._counts = _Shared(self.rates, pool)

    def can_proceed(self, user_id: str, project_id: str | None = None) -> bool:
        """Return whether one more job may start now. If so, it is counted."""
        return self._counts.take(user_id, project_id)

    def get_backoff_time(self, user_id: str, project_id: str | None = None) -> float:
        """Return the seconds until `can_proceed` may return true; 0 if it does now."""
        return self._counts.wait(user_id, project_id)


class _Memory:
    def __init__(self, rates: Rates, clock: Callable[[], float]) -> None:
        self._rates, self._clock = rates, clock
        self._lock = threading.Lock()
        self._started: dict[str, deque[float]] = {}
        self._tokens: dict[str, tuple[float, float]] = {}

    def take(self, user: str, project: str | None) -> bool:
        with self._lock:
            now = self._clock()
            if self._seconds_left(now, user, project) > 0:
                return False
            if self._rates.per_user:
                self._started.setdefault(user, deque()).append(now)
            if self._rates.per_project and project is not None:
                self._tokens[project] = (self._level(now, project) - 1, now)
            return True

    def wait(self, user: str, project: str | None) -> float:
        with self._lock:
            return self._seconds_left(self._clock(), user, project)

    def _seconds_left(self, now: float, user: str, project: str | None) -> float:
        waits = [0.0]
        if self._rates.per_user:
            started = self._started.get(user, deque())
            while started and started[0] <= now - WINDOW:
                started.popleft()
            if len(started) >= self._rates.per_user:
                waits.append(started[-self._rates.per_user] + WINDOW - now)
        if self._rates.per_project and project is not None and (missing := 1 - self._level(now, project)) > 0:
            waits.append(missing / self._rates.refill if self._rates.refill > 0 else float("inf"))
        return max(waits)

    def _level(self, now: float, project: str) -> float:
        tokens, counted = self._tokens.get(project, (float(self._rates.per_project), now))
        return min(self._rates.per_project, tokens + self._rates.refill * (now - counted))


class _Shared:
    """Counts in the database, in the role of the workers."""

    def __init__(self, rates: Rates, pool: ConnectionPool[Any]) -> None:
        self._rates, self._pool = rates, pool

    def take(self, user: str, project: str | None) -> bool:
        return bool(self._query("take_rates", user, project)["allowed"])

    def wait(self, user: str, project: str | None) -> float:
        found = self._query("rates_left", user, project)
        return 0.0 if found["allowed"] else max(0.0, float(found["wait"]))

    def _query(self, function: str, user: str, project: str | None) -> dict[str, Any]:
        from pressrun.jobs.connection import translate_errors
        from pressrun.jobs.migrate import WORKER_ROLE

        rates = self._rates
        values = (user, project, rates.per_user, rates.per_project, rates.refill)
        with translate_errors(), self._pool.connection() as connection:
            connection.execute("SELECT set_config('role', %s, true)", (WORKER_ROLE,))
            query = f"SELECT * FROM {function}(%s, %s, 1, %s, %s, %s)"
            row: dict[str, Any] | None = connection.execute(query.encode(), values).fetchone()
        assert row is not None
        return row
