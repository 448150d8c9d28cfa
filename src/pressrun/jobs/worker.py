"""A worker: takes jobs of the queue, has them done in threads of its own, and looks after jobs of workers that died."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pressrun.error_reports import error_text
from pressrun.errors import DatabaseAwayError, FencedError, PressrunError, UnexpectedError
from pressrun.jobs.handler import Failed, JobContext, JobHandler, Outcome, Stopped
from pressrun.jobs.limits import Rates
from pressrun.jobs.reporting import Attempt
from pressrun.jobs.tickets import TASK, Connector, Ended, Terms, Tickets

HEARTBEAT = 3.0
"""Seconds between two signs of life."""
STALLED = 10.0
"""Seconds without one after which a worker counts as dead."""
LOOK = 2.0
"""Seconds between two looks after the queue."""
LEAST_AHEAD = 4
"""Jobs that are admitted beyond the threads of a worker, so that it does not admit one by one."""

SAFETY = 5.0
"""Seconds after which it asks for jobs though nobody told of any: a notification is lost while a connection is."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker runs. `concurrency` is jobs at once; `overall` the same of all workers together, 0 for no limit."""

    workspace: Path
    concurrency: int = 1
    queues: tuple[str, ...] | None = None
    """The queues to serve; None for all."""
    rates: Rates = field(default_factory=Rates)
    overall: int = 0
    until_empty: bool = False
    """Ends when no job is left that could run now, instead of waiting for more."""
    asked_to_end: Callable[[int], None] = lambda _: None
    """Is told of each signal that asks for the end."""


def run_worker(url: str, options: WorkerOptions, work: JobHandler) -> None:
    """Serves the queue at `url` until SIGTERM or SIGINT: running jobs are stopped then and wait for another worker. A
    second signal takes their grace. Runs in the main thread.

    Raises `DatabaseError` when the role of the workers is not what it must be. A database that goes away is waited for.
    """
    asyncio.run(serve(url, options, work))


async def serve(url: str, options: WorkerOptions, work: JobHandler, *, signals: bool = True) -> None:
    """The same inside a running event loop; cancelling it is the signal."""
    from procrastinate import App
    from procrastinate.worker import Worker

    connector = make_connector(url, options.concurrency)
    app = App(connector=connector)
    ahead = options.concurrency + LEAST_AHEAD
    terms = Terms(ahead, options.rates, options.overall, options.concurrency, options.queues)
    orders = asyncio.Event()
    app.job_manager = tickets = Tickets(connector, terms, orders.set)
    async with app.open_async():
        with ThreadPoolExecutor(options.concurrency, thread_name_prefix="job") as threads:
            desk = Desk(options, work, tickets, threads)
            app.task(name=TASK)(desk.do)
            worker = Worker(
                app,
                queues=options.queues,
                concurrency=options.concurrency,
                wait=not options.until_empty,
                fetch_job_polling_interval=SAFETY,
                abort_job_polling_interval=3600.0,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
                install_signal_handlers=False,
            )
            if signals:
                _end_on_signals(worker, desk, options.asked_to_end)
            looking = asyncio.create_task(desk.look_after(orders))
            running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
            try:
                await asyncio.shield(running)
            except asyncio.CancelledError:
                worker.stop()  # type: ignore[no-untyped-call]
                desk.stop_all("shutdown")
                await running
                raise
            finally:
                looking.cancel()
                with suppress(asyncio.CancelledError):
                    await looking
            if not (desk.ending or options.until_empty):
                raise DatabaseAwayError("The worker lost its database", remedy="Start it again when the server runs.")


def make_connector(url: str, concurrency: int) -> Any:
    """procrastinate's connector in the role of the workers."""
    from psycopg_pool import AsyncConnectionPool

    from pressrun.jobs.connection import prepare_worker

    def pool(*args: Any, **options: Any) -> AsyncConnectionPool:
        # Asking each time whether a connection lives would double the round trips; one that died is found in use.
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


def _end_on_signals(worker: Any, desk: Desk, asked_to_end: Callable[[int], None]) -> None:
    def end(number: int) -> None:
        asked_to_end(number)
        worker.stop()
        desk.stop_all("shutdown")

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)


class Desk:
    """The jobs a worker has in hand."""

    def __init__(self, options: WorkerOptions, work: JobHandler, tickets: Tickets, threads: ThreadPoolExecutor) -> None:
        self._options = options
        self._work = work
        self._tickets = tickets
        self._threads = threads
        self._held: dict[int, Attempt] = {}
        self.ending = False

    async def do(self, **job: Any) -> None:
        """One attempt from its claim to its outcome."""
        loop = asyncio.get_running_loop()
        attempt = Attempt(job["job_id"], job["attempt"], self._tickets.connector, loop)
        if self.ending:
            attempt.stop.request("shutdown")
        if earlier := self._held.get(attempt.job_id):
            # This worker was taken for dead, and the queue gave it its own job again.
            self._obey(earlier, "fenced")
        self._held[attempt.job_id] = attempt
        self._tickets.ended[attempt.job_id, attempt.attempt] = ended = Ended(Stopped())
        try:
            ended.outcome = await loop.run_in_executor(self._threads, self._run, attempt, job)
        except FencedError as error:
            logger.warning("%s", error.message)
            ended.outcome = None
        finally:
            if self._held.get(attempt.job_id) is attempt:
                del self._held[attempt.job_id]

    def _run(self, attempt: Attempt, job: Mapping[str, Any]) -> Outcome:
        """The work in its thread. What it raises becomes an outcome; only the fence goes on up."""
        run = JobContext(
            **job,
            workspace=self._options.workspace,
            stop=attempt.stop,
            should_continue=attempt.should_continue,
            set_run_folder=attempt.set_run_folder,
            report=attempt.report,
        )
        try:
            outcome = self._work(run)
            attempt.flush()
            return outcome
        except FencedError:
            raise
        except PressrunError as error:
            return Failed(error.report())
        except Exception as error:
            logger.exception("Job %s failed unexpectedly", attempt.job_id)
            message = f"Unexpected error: {error_text(error)}"
            return Failed(UnexpectedError(message, remedy="Please report it.").report())

    def stop_all(self, reason: str) -> None:
        """Ends what runs; asked a second time, at once."""
        for attempt in self._held.values():
            if self.ending:
                attempt.stop.force()
            else:
                attempt.stop.request(reason)
        self.ending = self._tickets.ending = True

    async def look_after(self, orders: asyncio.Event) -> None:
        """Every two seconds, and as soon as a batch was paused or cancelled."""
        answered = time.monotonic()
        looked = answered - LOOK
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(orders.wait(), max(0.0, looked + LOOK - time.monotonic()))
            orders.clear()
            # However often it is ordered to look at its own jobs, the queue as a whole is not forgotten.
            hurry = time.monotonic() < looked + LOOK
            held = dict(self._held)
            try:
                for row in await self._look(held, hurry):
                    self._obey(held[row["job"]], row["what"])
                answered = time.monotonic()
            except Exception as error:
                logger.warning("The queue could not be looked after: %s", error)
                if time.monotonic() - answered > STALLED:
                    # By now others may have taken our jobs.
                    for attempt in held.values():
                        attempt.stop.request("fenced")
            if not hurry:
                looked = time.monotonic()

    async def _look(self, held: Mapping[int, Attempt], hurry: bool) -> Iterable[dict[str, Any]]:
        what = "orders(%(jobs)s, %(attempts)s)" if hurry else "look_after(%(jobs)s, %(attempts)s, %(stalled)s)"
        return await self._tickets.connector.execute_query_all_async(
            query=f"SELECT * FROM {what}",
            jobs=list(held),
            attempts=[each.attempt for each in held.values()],
            stalled=STALLED,
        )

    def _obey(self, attempt: Attempt, what: str) -> None:
        if what == "pause":
            attempt.pausing = True
            attempt.stop.hold()
        else:
            attempt.stop.request(what)
            if what == "fenced":
                attempt.stop.force()
