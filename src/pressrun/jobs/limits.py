"""How fast jobs are dispatched: so many per user in any minute, and a bucket of tokens per project."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pressrun.errors import SettingsError

WINDOW = 60.0
"""Seconds in which the dispatches of a user are counted."""


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
            _number(env, "PRESSRUN_RATE_LIMIT_USER", cls.per_user),
            _number(env, "PRESSRUN_RATE_LIMIT_PROJECT", cls.per_project),
        )


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal():
        raise SettingsError(
            f"Environment variable {name}: found {text!r}; it must be a whole number from 0 on",
            remedy="0 lifts the limit.",
        )
    return int(text)


class RateLimiter:
    """The same limits in the memory of one process, for who does the work without the queue. Safe in threads."""

    def __init__(
        self,
        per_user_limit: int = 60,
        per_project_limit: int = 300,
        refill_rate: float = 5.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rates = Rates(per_user_limit, per_project_limit, refill_rate)
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: dict[str, deque[float]] = {}
        self._tokens: dict[str, tuple[float, float]] = {}

    def can_proceed(self, user_id: str, project_id: str | None = None) -> bool:
        """Whether one more job may go now; if so, it is counted."""
        with self._lock:
            now = self._clock()
            if self._wait(now, user_id, project_id) > 0:
                return False
            if self.rates.per_user:
                self._sent.setdefault(user_id, deque()).append(now)
            if self.rates.per_project and project_id is not None:
                self._tokens[project_id] = (self._level(now, project_id) - 1, now)
            return True

    def get_backoff_time(self, user_id: str, project_id: str | None = None) -> float:
        """Seconds until `can_proceed` may say yes; 0 when it does now."""
        with self._lock:
            return self._wait(self._clock(), user_id, project_id)

    def _wait(self, now: float, user: str, project: str | None) -> float:
        waits = [0.0]
        if self.rates.per_user:
            sent = self._sent.get(user, deque())
            while sent and sent[0] <= now - WINDOW:
                sent.popleft()
            if len(sent) >= self.rates.per_user:
                waits.append(sent[-self.rates.per_user] + WINDOW - now)
        if self.rates.per_project and project is not None and (missing := 1 - self._level(now, project)) > 0:
            waits.append(missing / self.rates.refill if self.rates.refill > 0 else float("inf"))
        return max(waits)

    def _level(self, now: float, project: str) -> float:
        tokens, counted = self._tokens.get(project, (float(self.rates.per_project), now))
        return min(self.rates.per_project, tokens + self.rates.refill * (now - counted))
