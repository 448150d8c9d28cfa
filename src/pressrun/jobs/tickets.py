"""Run procrastinate's worker on our own tables: our admission before it claims a job, our fence when it ends one.

Procrastinate has a ticket for each job that may run now. One statement in one transaction claims a ticket and puts its
job in progress, and one ends both. So ticket and job never disagree, and a job costs no more round trips than with
plain procrastinate.
"""

from __future__ import annotations

import asyncio
import logging
import os
import platform
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from procrastinate import PsycopgConnector, jobs
from procrastinate.connector import LISTEN_TIMEOUT, BaseConnector, Notify
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager, NotificationCallback
from psycopg import AsyncConnection
from psycopg.errors import ForeignKeyViolation

from pressrun.error_reports import error_text
from pressrun.errors import UnexpectedError
from pressrun.jobs.connection import as_json, clean, is_transient
from pressrun.jobs.handler import Completed, Failed, Outcome
from pressrun.jobs.limits import Rates

TASK = "pressrun.run"
ORDERS_CHANNEL = "pressrun_orders"
JOBS_CHANNEL = "procrastinate_any_queue_v1"
RECONNECT_DELAY = 1.0
"""Seconds between attempts to reach a database that does not answer."""

logger = logging.getLogger(__name__)

_CLAIM = """SELECT * FROM claim_job(%(queues)s::varchar[], %(worker)s, %(first)s, %(want)s, %(per_user)s,
    %(per_project)s, %(refill)s, %(overall)s)"""
_FINISH = """SELECT * FROM finish(%(job)s, %(attempt)s, %(outcome)s, %(url)s, %(cost)s, %(result)s, %(error)s,
    %(stage)s, %(straight)s)"""


def is_transient_error(error: ConnectorException) -> bool:
    """Return whether the database did not answer, so the statement may succeed later."""
    return is_transient(error.__cause__)


def is_fence_error(error: ConnectorException) -> bool:
    """Return whether the database rejected a write because another worker has the job."""
    return getattr(error.__cause__, "sqlstate", None) == "PR001"


@dataclass
class AttemptOutcome:
    """The outcome of an attempt, kept until procrastinate finishes the job."""

    outcome: Outcome | None
    """None for a fenced attempt, about which nothing may be written."""


@dataclass(frozen=True)
class ClaimLimits:
    """Limits of a worker. `wanted` is the number of jobs to admit at once, `overall` those of all workers together
    (0: unlimited)."""

    wanted: int
    rates: Rates = field(default_factory=Rates)
    overall: int = 0
    concurrency: int = 1
    queues: tuple[str, ...] | None = None


class Connector(PsycopgConnector):
    """A connector that looks for jobs once whenever it starts to listen.

    Its listening connection is a separate one, and notifications that were sent before it listened are lost.
    """

    async def _loop_notify(
        self, on_notification: Notify, connection: AsyncConnection, timeout: float = LISTEN_TIMEOUT
    ) -> None:
        for channel in (JOBS_CHANNEL, ORDERS_CHANNEL):
            await on_notification(channel=channel, payload="")
        await super()._loop_notify(on_notification, connection, timeout)


class TicketManager(JobManager):
    """Procrastinate's access to the database, with our statements in place of its own."""

    def __init__(self, connector: BaseConnector, limits: ClaimLimits, on_order: Callable[[], None]) -> None:
        super().__init__(connector)
        self._limits = limits
        self._on_order = on_order
        self._admit_first = True
        """Whether the next claim admits jobs before it looks for a ticket."""
        self._notified = False
        self._wake: Callable[[], Awaitable[None]] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self.outcomes: dict[tuple[int, int], AttemptOutcome] = {}
        """By job and attempt: a job may come back before an earlier attempt at it has ended."""
        self.ending = False
        """A worker that ends does not wait for a database that does not answer."""

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:
        """Return the best job for this worker. If there is none, wake the worker when the next one is due."""
        self._notified = True
        while self._notified:
            # Procrastinate discards a notification that comes during this call, and the answer may be older than it.
            # So ask again until no notification came meanwhile.
            self._notified = False
            first, self._admit_first = self._admit_first, False
            try:
                row = await self._claim(list(queues) if queues else None, worker_id, first)
            except ConnectorException as error:
                if not is_transient_error(error):
                    raise
                logger.warning("The database does not answer")
                self._admit_first = True
                self._wake_in(RECONNECT_DELAY)
                return None
            if row["id"] is not None:
                return jobs.Job.from_row(row)
        if row["due"] is not None:
            # A millisecond later, so that rounding does not wake the worker just before the job is due.
            self._wake_in(max(0.0, row["due"]) + 0.001)
        return None

    async def _claim(self, queues: list[str] | None, worker: int, first: bool) -> dict[str, Any]:
        rates = self._limits.rates
        arguments: dict[str, Any] = {"queues": queues, "worker": worker, "first": first, "want": self._limits.wanted}
        arguments |= {"per_user": rates.per_user, "per_project": rates.per_project, "refill": rates.refill}
        arguments["overall"] = self._limits.overall
        try:
            return await self.connector.execute_query_one_async(query=_CLAIM, **arguments)
        except ConnectorException as error:
            if not isinstance(error.__cause__, ForeignKeyViolation):
                raise
        # Another worker removed this one as dead, e.g. after the machine slept. Register again; the fence protects the
        # jobs that this worker had.
        await self.update_heartbeat(worker)
        return await self.connector.execute_query_one_async(query=_CLAIM, **arguments)

    def _wake_in(self, seconds: float) -> None:
        if self._alarm:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(seconds, self._on_alarm)

    def _on_alarm(self) -> None:
        self._admit_first = True
        # Kept in an attribute: the event loop holds only a weak reference to a task.
        self._waking = asyncio.ensure_future(self._wake_up())

    async def _wake_up(self) -> None:
        if self._wake:
            await self._wake()

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:
        """Store the outcome of a job, unless another worker has it."""
        assert job.id is not None
        attempt = job.attempts
        ended = self.outcomes.pop((job.id, attempt), None)
        if ended is None or ended.outcome is None:
            return
        try:
            row = await self._finish(job.id, attempt, ended.outcome)
        except Exception as error:
            # Without an outcome, the job would stay in progress as long as this worker lives.
            logger.exception("The outcome of job %s cannot be stored", job.id)
            message = f"The result cannot be stored: {error_text(error.__cause__ or error)}"
            report = UnexpectedError(message, remedy="See the logs of the worker and of the database.").report()
            row = await self._finish(job.id, attempt, Failed(report))
        if row and (row["next"] or row["room"] or self._limits.overall):
            self._admit_first |= row["room"] or self._limits.overall > 0
            await self._wake_up()

    async def _finish(self, job: int, attempt: int, outcome: Outcome) -> dict[str, Any] | None:
        completed = outcome if isinstance(outcome, Completed) else Completed()
        failed = outcome if isinstance(outcome, Failed) else None
        arguments = {
            "job": job,
            "attempt": attempt,
            "outcome": type(outcome).__name__.lower(),
            "url": clean(completed.output_url),
            "cost": completed.cost,
            "result": as_json(completed.result) if completed.result else None,
            "error": as_json(vars(failed.error)) if failed else None,
            "stage": clean(failed.stage) if failed else None,
            "straight": not (self._limits.rates.per_user or self._limits.rates.per_project or self._limits.overall),
        }
        return await self._execute_until_answered(_FINISH, arguments)

    async def _execute_until_answered(self, query: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """Return the row of `query`; None if the fence rejected it, or if the worker ends first.

        Retries while the database does not answer. If that takes too long, other workers take the job back, and the
        fence rejects the late outcome.
        """
        while True:
            try:
                return await self.connector.execute_query_one_async(query=query, **arguments)
            except ConnectorException as error:
                if is_fence_error(error):
                    logger.warning("Job %s was given to another worker", arguments["job"])
                    return None
                if not is_transient_error(error):
                    raise
                if self.ending:
                    return None
            await asyncio.sleep(RECONNECT_DELAY)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Listen for new jobs, and for batches that are paused or cancelled."""

        async def wake() -> None:
            self._notified = True
            await on_notification(channel=JOBS_CHANNEL, notification={"type": "job_inserted", "job_id": 0})

        async def on_message(*, channel: str, payload: str) -> None:
            if channel == ORDERS_CHANNEL:
                self._on_order()
            else:
                self._admit_first = True
                await wake()

        self._wake = wake
        while True:
            try:
                await self.connector.listen_notify(on_notification=on_message, channels=[JOBS_CHANNEL, ORDERS_CHANNEL])
            except ConnectorException as error:
                if not is_transient_error(error):
                    raise
                logger.warning("The database does not answer")
            await asyncio.sleep(RECONNECT_DELAY)

    async def register_worker(self) -> int:
        """Register this worker in procrastinate's table and in ours; return its id."""
        worker = await super().register_worker()
        await self._send_heartbeat(worker)
        return worker

    async def _send_heartbeat(self, worker: int) -> None:
        await self.connector.execute_query_async(
            query="SELECT sign_of_life(%(id)s, %(host)s, %(pid)s, %(threads)s, %(queues)s::text[])",
            id=worker,
            host=platform.node(),
            pid=os.getpid(),
            threads=self._limits.concurrency,
            queues=list(self._limits.queues) if self._limits.queues else None,
        )

    async def unregister_worker(self, worker_id: int) -> None:
        """Remove this worker from both tables. If the database does not answer, other workers do it later."""
        try:
            await self.connector.execute_query_async(query="DELETE FROM workers WHERE id = %(id)s", id=worker_id)
            await super().unregister_worker(worker_id)
        except ConnectorException as error:
            if not is_transient_error(error):
                raise

    async def update_heartbeat(self, worker_id: int) -> None:
        """Send a heartbeat. A failure is only logged: the next one may succeed."""
        try:
            await self._send_heartbeat(worker_id)
        except ConnectorException as error:
            logger.warning("The heartbeat failed: %s", error)

    async def prune_stalled_workers(self, seconds_since_heartbeat: float) -> list[int]:
        """Do nothing: `take_back` removes dead workers together with their jobs."""
        return []

    async def list_jobs_to_abort_async(self, queue: str | None = None) -> Iterable[int]:
        """Return nothing: jobs are stopped through their stop token."""
        return []
