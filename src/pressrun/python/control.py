"""Pause, resume, cancel, retry, watch, await and inspect the bulk jobs of a processor."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pressrun.clock import awake_time
from pressrun.errors import DatabaseAwayError, MoveError

if TYPE_CHECKING:
    from pressrun.jobs.connection import Queue, Row
    from pressrun.jobs.limits import RateLimiter
    from pressrun.python.session import Session

CALLBACK_TIMEOUT = 60.0
"""Seconds that `wait` without a timeout gives slow callbacks."""
POLL_INTERVAL = 0.1
"""Seconds between two checks whether a bulk job has ended."""

Status = dict[str, Any]

logger = logging.getLogger(__name__)


class BulkJobControl:
    """The part of `BatchProcessor` for bulk jobs that exist. Every method raises `NoSuchBatchError` for another id."""

    _session: Session
    _uses_coroutine: bool
    rate_limiter: RateLimiter

    def pause_bulk_job(self, bulk_job_id: str) -> bool:
        """Let running stages finish and start no new one.

        Return whether the state of the bulk job allowed it, as the other three commands do.
        """
        from pressrun.jobs.batches import pause

        return self._move(pause, bulk_job_id)

    def resume_bulk_job(self, bulk_job_id: str) -> bool:
        """Resume a paused bulk job."""
        from pressrun.jobs.batches import resume

        return self._move(resume, bulk_job_id)

    def cancel_bulk_job(self, bulk_job_id: str) -> bool:
        """Cancel waiting videos and stop running ones within seconds."""
        from pressrun.jobs.batches import cancel

        return self._move(cancel, bulk_job_id)

    def retry_bulk_job(self, bulk_job_id: str) -> bool:
        """Run failed videos again from the step that failed. Finished videos stay."""
        from pressrun.jobs.batches import retry

        return self._move(retry, bulk_job_id)

    def _move(self, move: Callable[[Queue, str], Row], bulk_job_id: str) -> bool:
        try:
            move(self._session.queue_of(bulk_job_id), bulk_job_id)
        except MoveError as error:
            logger.info("%s: %s. %s", bulk_job_id, error.message, error.remedy)
            return False
        return True

    def watch(self, bulk_job_id: str) -> None:
        """Call back, from now on, for a bulk job that was created elsewhere."""
        from pressrun.jobs.queries import latest_event

        self._session.feed.watch(bulk_job_id, latest_event(self._session.queue_of(bulk_job_id), bulk_job_id))

    def wait(self, bulk_job_id: str, timeout: float | None = None) -> Status:
        """Wait until a bulk job has ended and the callbacks got all its events; return the status.

        Waits for a database that does not answer, too. Raises `TimeoutError` after `timeout` seconds.
        """
        from pressrun.jobs.queries import latest_event

        deadline = None if timeout is None else awake_time() + timeout
        status: Status = {"status": "unknown"}
        while True:
            with suppress(DatabaseAwayError):
                status = self.get_bulk_job_status(bulk_job_id)
                if _has_ended(status):
                    latest = latest_event(self._session.queue_of(bulk_job_id), bulk_job_id)
                    break
            if deadline is not None and awake_time() > deadline:
                raise TimeoutError(f"The bulk job {bulk_job_id} is {status['status']} after {timeout:g} s")
            time.sleep(POLL_INTERVAL)
        left = CALLBACK_TIMEOUT if deadline is None else max(0.0, deadline - awake_time())
        self._session.feed.wait_for_event(bulk_job_id, latest, left)
        return status

    def get_bulk_job_status(self, bulk_job_id: str) -> Status:
        """Return `status`, `progress` in whole percent, `statistics`, times in seconds, and more."""
        from pressrun.python.status import bulk_job_status

        return bulk_job_status(self._session.queue_of(bulk_job_id), bulk_job_id)

    def list_bulk_jobs(self, status: str | None = None, limit: int = 20, user_id: str | None = None) -> list[Status]:
        """Return the bulk jobs of a user, newest first; only those with `status` unless it is None.

        By default, the user is that of the processor.
        """
        from pressrun.jobs.connection import Queue
        from pressrun.python.status import list_bulk_jobs

        queue = self._session.queue
        return list_bulk_jobs(Queue(queue.pool, user_id or queue.user), status, limit)

    def get_jobs(self, bulk_job_id: str, after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
        """Return the videos of a bulk job after row number `after`. Their `status` is a `JobStatus`."""
        from pressrun.python.status import list_jobs

        return list_jobs(self._session.queue_of(bulk_job_id), bulk_job_id, after, limit)

    def get_job_events(
        self, job_id: str | int, after: str | int | None = None, limit: int = 500
    ) -> list[dict[str, Any]]:
        """Return the latest events of a video, or of all videos of a bulk job, oldest first.

        With `after`, the id of an event or 0, return the first ones after that event.
        """
        from pressrun.python.status import list_job_events

        number = int(job_id) if isinstance(job_id, int) or str(job_id).isdecimal() else None
        owners, queue = self._session.owners, self._session.queue
        bulk_job_id = str(job_id) if number is None else owners.find_bulk_job(queue, number)
        return list_job_events(owners.queue_of(queue, bulk_job_id), bulk_job_id, number, after, limit)

    def get_system_status(self) -> Status:
        """Return `state` of this processor, `bulk_jobs` by status, `queue_running`, `workers` and `rate_limiter`."""
        from pressrun.jobs.queries import workers
        from pressrun.python.status import limiter_status

        queue = self._session.queue
        worker_count = len(workers(queue))
        return {
            "state": "running" if self._session.started else "stopped",
            "queue_running": self._session.serving or (worker_count > 0 and not self._uses_coroutine),
            "bulk_jobs": self._session.owners.count_bulk_jobs(queue),
            "workers": worker_count,
            "max_workers": self._session.max_workers,
            "rate_limiter": limiter_status(queue, self.rate_limiter.rates),
        }


def _has_ended(status: Status) -> bool:
    from pressrun.python.status import ENDED

    return status["status"] in ENDED and not status["statistics"]["running"]
