"""A worker: claims jobs, runs them in threads, and takes back jobs of workers that died."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pressrun.clock import elapsed_time
from pressrun.error_reports import error_text, to_pressrun_error
from pressrun.errors import DatabaseAwayError, FencedError, PressrunError, UnexpectedError
from pressrun.jobs.handler import Failed, JobContext, JobHandler, Outcome, Stopped
from pressrun.jobs.limits import Rates
from pressrun.jobs.reporting import AttemptReporter
from pressrun.jobs.tickets import TASK, AttemptOutcome, ClaimLimits, Connector, TicketManager
from pressrun.jobs.webhooks.sender import SenderOptions, WebhookSender

HEARTBEAT_INTERVAL = 3.0
STALLED_TIMEOUT = 10.0
"""Seconds without a heartbeat after which a worker counts as dead."""
MONITOR_INTERVAL = 2.0
"""Seconds between two checks of the whole queue."""
PREFETCH = 4
"""Jobs admitted beyond the threads of a worker, so that admission does not run for every single job."""
FALLBACK_POLL_INTERVAL = 5.0
"""Seconds after which a worker looks for jobs without a notification, which is lost when a connection breaks."""

REPORT_REMEDY = "The log of the worker has the details; please report them."

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerOptions:
    """Options of a worker. `concurrency` is its jobs at once, `overall` those of all workers (0: unlimited)."""

    workspace: Path
    concurrency: int = 1
    queues: tuple[str, ...] | None = None
    """The queues to serve; None for all."""
    rates: Rates = field(default_factory=Rates)
    overall: int = 0
    until_empty: bool = False
    """End when no job is left that could run now, instead of waiting for more."""
    webhooks: SenderOptions = field(default_factory=SenderOptions.from_environment)
    on_signal: Callable[[int], None] = lambda _: None
    """Called for each signal that requests the end."""


def run_worker(url: str, options: WorkerOptions, handler: JobHandler) -> None:
    """Serve the queue at `url` until SIGTERM or SIGINT, in the main thread.

    Running jobs are stopped then and wait for another worker. A second signal ends them without their grace period.
    Raises `DatabaseError` if the role of the workers is not restricted. Waits for a database that does not answer.
    """
    asyncio.run(serve(url, options, handler))


async def serve(url: str, options: WorkerOptions, handler: JobHandler, *, signals: bool = True) -> None:
    """Serve the queue in a running event loop, as `run_worker` does. Cancelling it counts as a signal."""
    from procrastinate import App
    from procrastinate.worker import Worker

    connector = make_connector(url, options.concurrency)
    app = App(connector=connector)
    wanted = options.concurrency + PREFETCH
    limits = ClaimLimits(wanted, options.rates, options.overall, options.concurrency, options.queues)
    orders = asyncio.Event()
    app.job_manager = tickets = TicketManager(connector, limits, orders.set)
    async with _open(app):
        with ThreadPoolExecutor(options.concurrency, thread_name_prefix="job") as threads:
            runner = JobRunner(options, handler, tickets, threads)
            app.task(name=TASK)(runner.run_job)
            worker = Worker(
                app,
                queues=options.queues,
                concurrency=options.concurrency,
                wait=not options.until_empty,
                fetch_job_polling_interval=FALLBACK_POLL_INTERVAL,
                # Jobs are stopped through their stop token, never by procrastinate.
                abort_job_polling_interval=3600.0,
                update_heartbeat_interval=HEARTBEAT_INTERVAL,
                stalled_worker_timeout=STALLED_TIMEOUT,
                install_signal_handlers=False,
            )
            if signals:
                _stop_on_signals(worker, runner, options.on_signal)
            monitoring = asyncio.create_task(runner.monitor(orders))
            sender = WebhookSender(connector.execute_query_all_async, options.webhooks)
            sending = asyncio.create_task(sender.run())
            running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
            try:
                await asyncio.shield(running)
            except asyncio.CancelledError:
                worker.stop()  # type: ignore[no-untyped-call]
                runner.stop_all("shutdown")
                await running
                raise
            finally:
                for task in (monitoring, sending):
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
            if not (runner.ending or options.until_empty):
                raise DatabaseAwayError("The worker lost its database", remedy="Start it again when the server runs.")


@asynccontextmanager
async def _open(app: Any) -> AsyncIterator[None]:
    """Open the app, and close it in any case.

    The tasks of a psycopg pool (3.3) survive their cancellation while they connect. If the pool were not closed after a
    cancellation in the middle of opening, they would run forever, and so would the event loop that waits for them.
    """
    try:
        await app.open_async()
        yield
    finally:
        await app.close_async()


def make_connector(url: str, concurrency: int) -> Any:
    """Return procrastinate's connector in the role of the workers."""
    from psycopg_pool import AsyncConnectionPool

    from pressrun.jobs.connection import prepare_worker

    def pool(*args: Any, **options: Any) -> AsyncConnectionPool:
        # Checking a connection before each use would double the round trips. A broken one shows when it is used.
        options.pop("check", None)
        return AsyncConnectionPool(*args, **options)

    return Connector(
        pool_factory=pool,
        conninfo=url,
        min_size=1,
        max_size=concurrency + 3,
        configure=prepare_worker,
        kwargs={"prepare_threshold": 1},
    )


def _stop_on_signals(worker: Any, runner: JobRunner, on_signal: Callable[[int], None]) -> None:
    def stop(number: int) -> None:
        on_signal(number)
        worker.stop()
        runner.stop_all("shutdown")

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)


class JobRunner:
    """Runs the jobs of one worker."""

    def __init__(
        self, options: WorkerOptions, handler: JobHandler, tickets: TicketManager, threads: ThreadPoolExecutor
    ) -> None:
        self._options = options
        self._handler = handler
        self._tickets = tickets
        self._threads = threads
        self._running: dict[int, AttemptReporter] = {}
        self.ending = False

    async def run_job(self, **job: Any) -> None:
        """Run one attempt, from its claim to its outcome."""
        loop = asyncio.get_running_loop()
        attempt = AttemptReporter(job["job_id"], job["attempt"], self._tickets.connector, loop, STALLED_TIMEOUT)
        if self.ending:
            attempt.stop.request("shutdown")
        if earlier := self._running.get(attempt.job_id):
            # This worker counted as dead for a while, and the queue gave it back its own job.
            self._apply_order(earlier, "fenced")
        self._running[attempt.job_id] = attempt
        ended = AttemptOutcome(Stopped())
        self._tickets.outcomes[attempt.job_id, attempt.attempt] = ended
        try:
            ended.outcome = await loop.run_in_executor(self._threads, self._run, attempt, job)
        except FencedError as error:
            logger.warning("%s", error.message)
            ended.outcome = None
        finally:
            if self._running.get(attempt.job_id) is attempt:
                del self._running[attempt.job_id]

    def _run(self, attempt: AttemptReporter, job: Mapping[str, Any]) -> Outcome:
        """Call the handler, in a thread. Any exception but `FencedError` becomes an outcome."""
        context = JobContext(
            **job,
            workspace=self._options.workspace,
            stop=attempt.stop,
            should_continue=attempt.should_continue,
            set_run_folder=attempt.set_run_folder,
            report=attempt.report,
        )
        try:
            outcome = self._handler(context)
            attempt.flush()
            return outcome
        except FencedError:
            raise
        except PressrunError as error:
            return Failed(error.report())
        except Exception as error:
            logger.exception("Job %s failed unexpectedly", attempt.job_id)
            known = to_pressrun_error(error, remedy=REPORT_REMEDY)
            if known.remedy == REPORT_REMEDY:
                known = UnexpectedError(f"Unexpected error: {error_text(error)}", remedy=REPORT_REMEDY)
            return Failed(known.report())

    def stop_all(self, reason: str) -> None:
        """Stop the running jobs; called again, end them without their grace period."""
        for attempt in self._running.values():
            if self.ending:
                attempt.stop.force()
            else:
                attempt.stop.request(reason)
        self.ending = self._tickets.ending = True

    async def monitor(self, orders: asyncio.Event) -> None:
        """Check the whole queue at every interval, and our own jobs as soon as `orders` is set.

        It is set when a batch is paused or cancelled.
        """
        # Others count a suspended worker as dead, so the time since the last answer includes suspensions.
        answered = elapsed_time()
        checked = time.monotonic() - MONITOR_INTERVAL
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(orders.wait(), max(0.0, checked + MONITOR_INTERVAL - time.monotonic()))
            orders.clear()
            # Orders may come faster than the interval; the queue as a whole is still checked on time.
            own_jobs_only = time.monotonic() < checked + MONITOR_INTERVAL
            running = dict(self._running)
            try:
                for row in await self._read_orders(running, own_jobs_only):
                    self._apply_order(running[row["job"]], row["what"])
                answered = elapsed_time()
                for attempt in running.values():
                    attempt.confirm()
            except Exception as error:
                logger.warning("The queue could not be checked: %s", error)
                if elapsed_time() - answered > STALLED_TIMEOUT:
                    # To the others this worker counts as dead, so they may have taken its jobs.
                    for attempt in running.values():
                        attempt.stop.request("fenced")
            if not own_jobs_only:
                checked = time.monotonic()

    async def _read_orders(
        self, running: Mapping[int, AttemptReporter], own_jobs_only: bool
    ) -> Iterable[dict[str, Any]]:
        arguments = "%(jobs)s, %(attempts)s"
        function = f"orders({arguments})" if own_jobs_only else f"look_after({arguments}, %(stalled)s)"
        return await self._tickets.connector.execute_query_all_async(
            query=f"SELECT * FROM {function}",
            jobs=list(running),
            attempts=[each.attempt for each in running.values()],
            stalled=STALLED_TIMEOUT,
        )

    def _apply_order(self, attempt: AttemptReporter, order: str) -> None:
        if order == "pause":
            attempt.pausing = True
            attempt.stop.hold()
        else:
            attempt.stop.request(order)
            if order == "fenced":
                # Another worker resumes the job: no grace period, in which both would work on it.
                attempt.stop.force()
