"""procrastinate on our own terms: its worker and its tickets, with our admission before and our fences behind.

Taking a ticket and putting its job in progress is one statement in one transaction, and so is ending both. That is why
the two can never tell different things, and why a job costs no more round trips than procrastinate alone.
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
AWAY_PAUSE = 1.0
"""Seconds between two tries to reach a database that does not answer."""

logger = logging.getLogger(__name__)

_CLAIM = """SELECT * FROM claim_job(%(queues)s::varchar[], %(worker)s, %(first)s, %(want)s, %(per_user)s,
    %(per_project)s, %(refill)s, %(overall)s)"""
_FINISH = """SELECT * FROM finish(%(job)s, %(attempt)s, %(outcome)s, %(url)s, %(cost)s, %(result)s, %(error)s,
    %(stage)s, %(straight)s)"""


def is_away(error: ConnectorException) -> bool:
    """Whether the database did not answer, or asks to try again, rather than refuse."""
    return is_transient(error.__cause__)


def is_fence(error: ConnectorException) -> bool:
    """Whether the database refused a write because the job is another worker's meanwhile."""
    return getattr(error.__cause__, "sqlstate", None) == "PR001"


@dataclass
class Ended:
    """How an attempt ended, kept until procrastinate asks for it."""

    outcome: Outcome | None
    """None for a job that was fenced: nothing may be written about it."""


@dataclass(frozen=True)
class Terms:
    """How many jobs a worker asks for at once, and its limits. `overall` counts all workers; 0 for no limit."""

    want: int
    rates: Rates = field(default_factory=Rates)
    overall: int = 0
    concurrency: int = 1
    queues: tuple[str, ...] | None = None


class Connector(PsycopgConnector):
    """Looks once whenever it has begun to listen: what was told before that, to a connection of its own, is lost."""

    async def _loop_notify(
        self, on_notification: Notify, connection: AsyncConnection, timeout: float = LISTEN_TIMEOUT
    ) -> None:
        for channel in (JOBS_CHANNEL, ORDERS_CHANNEL):
            await on_notification(channel=channel, payload="")
        await super()._loop_notify(on_notification, connection, timeout)


class Tickets(JobManager):
    """The part of procrastinate that speaks with the database, in our words."""

    def __init__(self, connector: BaseConnector, terms: Terms, ordered: Callable[[], None]) -> None:
        super().__init__(connector)
        self._terms = terms
        self._ordered = ordered
        self._admit_first = True
        self._told = False
        self._wake: Callable[[], Awaitable[None]] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self.ended: dict[tuple[int, int], Ended] = {}
        """By job and attempt: a job may come back while an earlier attempt at it has not ended yet."""
        self.ending = False
        """Whoever wants to end does not wait for a database that is away."""

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:
        """The best job for this worker. Where there is none, wakes it when the next one is due."""
        self._told = True
        while self._told:
            # procrastinate forgets what it is told of while it asks, and the answer may be older than that.
            self._told = False
            first, self._admit_first = self._admit_first, False
            try:
                row = await self._claim(list(queues) if queues else None, worker_id, first)
            except ConnectorException as error:
                if not is_away(error):
                    raise
                logger.warning("The database does not answer")
                self._admit_first = True
                self._wake_in(AWAY_PAUSE)
                return None
            if row["id"] is not None:
                return jobs.Job.from_row(row)
        if row["due"] is not None:
            self._wake_in(max(0.0, row["due"]) + 0.001)
        return None

    async def _claim(self, queues: list[str] | None, worker: int, first: bool) -> dict[str, Any]:
        rates = self._terms.rates
        arguments: dict[str, Any] = {"queues": queues, "worker": worker, "first": first, "want": self._terms.want}
        arguments |= {"per_user": rates.per_user, "per_project": rates.per_project, "refill": rates.refill}
        arguments["overall"] = self._terms.overall
        try:
            return await self.connector.execute_query_one_async(query=_CLAIM, **arguments)
        except ConnectorException as error:
            if not isinstance(error.__cause__, ForeignKeyViolation):
                raise
        # Taken for dead after a long sleep; whatever it held then is refused by the fence.
        await self.update_heartbeat(worker)
        return await self.connector.execute_query_one_async(query=_CLAIM, **arguments)

    def _wake_in(self, seconds: float) -> None:
        if self._alarm:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._admit_first = True
        self._ringing = asyncio.ensure_future(self._look_again())

    async def _look_again(self) -> None:
        if self._wake:
            await self._wake()

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:
        """Ends the job as its work ended, or leaves it alone when it is another worker's meanwhile."""
        assert job.id is not None
        attempt = job.attempts
        ended = self.ended.pop((job.id, attempt), None)
        if ended is None or ended.outcome is None:
            return
        try:
            row = await self._end(job.id, attempt, ended.outcome)
        except Exception as error:
            # Left as it is, the job would be in progress for as long as this worker lives.
            logger.exception("The end of job %s cannot be kept", job.id)
            what = error_text(error.__cause__ or error)
            report = UnexpectedError(f"The result cannot be kept: {what}", remedy="Please report it.").report()
            row = await self._end(job.id, attempt, Failed(report))
        if row and (row["next"] or row["room"] or self._terms.overall):
            self._admit_first |= row["room"] or self._terms.overall > 0
            await self._look_again()

    async def _end(self, job: int, attempt: int, outcome: Outcome) -> dict[str, Any] | None:
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
            "straight": not (self._terms.rates.per_user or self._terms.rates.per_project or self._terms.overall),
        }
        return await self._until_it_answers(_FINISH, arguments)

    async def _until_it_answers(self, query: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """The row of `query`; None when the fence refused it. A database that is away is asked again and again, until
        the worker ends: should it take too long, others take the job back, and the fence refuses it then."""
        while True:
            try:
                return await self.connector.execute_query_one_async(query=query, **arguments)
            except ConnectorException as error:
                if is_fence(error):
                    logger.warning("Job %s was given to another worker meanwhile", arguments["job"])
                    return None
                if not is_away(error):
                    raise
                if self.ending:
                    return None
            await asyncio.sleep(AWAY_PAUSE)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Hears of new jobs, and of batches that were paused or cancelled."""

        async def wake() -> None:
            self._told = True
            await on_notification(channel=JOBS_CHANNEL, notification={"type": "job_inserted", "job_id": 0})

        async def heard(*, channel: str, payload: str) -> None:
            if channel == ORDERS_CHANNEL:
                self._ordered()
            else:
                self._admit_first = True
                await wake()

        self._wake = wake
        while True:
            try:
                await self.connector.listen_notify(on_notification=heard, channels=[JOBS_CHANNEL, ORDERS_CHANNEL])
            except ConnectorException as error:
                if not is_away(error):
                    raise
                logger.warning("The database does not answer")
            await asyncio.sleep(AWAY_PAUSE)

    async def register_worker(self) -> int:
        worker = await super().register_worker()
        await self._live(worker)
        return worker

    async def _live(self, worker: int) -> None:
        await self.connector.execute_query_async(
            query="SELECT sign_of_life(%(id)s, %(host)s, %(pid)s, %(threads)s, %(queues)s::text[])",
            id=worker,
            host=platform.node(),
            pid=os.getpid(),
            threads=self._terms.concurrency,
            queues=list(self._terms.queues) if self._terms.queues else None,
        )

    async def unregister_worker(self, worker_id: int) -> None:
        try:
            await self.connector.execute_query_async(query="DELETE FROM workers WHERE id = %(id)s", id=worker_id)
            await super().unregister_worker(worker_id)
        except ConnectorException as error:
            # Whoever gives no sign of life any more is taken out by the others.
            if not is_away(error):
                raise

    async def update_heartbeat(self, worker_id: int) -> None:
        try:
            await self._live(worker_id)
        except ConnectorException as error:
            logger.warning("No sign of life could be given: %s", error)

    async def prune_stalled_workers(self, seconds_since_heartbeat: float) -> list[int]:
        """Nothing: `take_back` looks after those that died, together with their jobs."""
        return []

    async def list_jobs_to_abort_async(self, queue: str | None = None) -> Iterable[int]:
        """None: jobs are stopped through their stop token."""
        return []
