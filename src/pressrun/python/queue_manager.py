"""The number of videos that a processor makes at once, which may change while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressrun.jobs.limits import require_non_negative_int

if TYPE_CHECKING:
    from pressrun.python.session import Session

NO_WORKER = "Use 0 to leave the jobs to other workers."


class QueueManager:
    """The worker of a processor, as `processor.queue_manager`. A new one can be assigned at any time."""

    def __init__(self, max_workers: int = 4) -> None:
        """Store the number of concurrent videos; 0 leaves them to other workers. Raises `UsageError`."""
        self._max_workers = require_non_negative_int("max_workers", max_workers, NO_WORKER)
        self._session: Session | None = None

    @property
    def max_workers(self) -> int:
        """Return the number of concurrent videos.

        A higher number takes effect at once. A lower one takes effect at the next start, so no running video is
        stopped.
        """
        return self._max_workers

    @max_workers.setter
    def max_workers(self, value: int) -> None:
        self._max_workers = require_non_negative_int("max_workers", value, NO_WORKER)
        if self._session is not None:
            self._session.set_max_workers(self._max_workers)

    @property
    def running(self) -> bool:
        """Return whether the worker takes jobs now."""
        return self._session is not None and self._session.serving

    def attach(self, session: Session) -> None:
        """Set the number of workers of a session from now on."""
        self._session = session
        session.set_max_workers(self._max_workers)

    def detach(self) -> None:
        """Leave the session to another manager."""
        self._session = None
