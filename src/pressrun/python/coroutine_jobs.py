"""Jobs that a program makes itself, with a coroutine of its own: in an event loop of their own, several at once.

The loop is not the one in which the worker gives its signs of life: a coroutine that computes for a while, or waits
without `await`, holds up the videos beside it and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from typing import Any, Self

from pressrun.errors import ErrorReport, FencedError, PressrunError
from pressrun.jobs.handler import Completed, Failed, JobContext, JobHandler, JobReport, Outcome, Stopped
from pressrun.jobs.states import JobPriority
from pressrun.python.failures import exception_of, report_of

GRACE = 2.0
"""Seconds in which a coroutine may end after it was cancelled; after that nobody waits for it any more."""
LOOK = 0.25
"""Seconds between two looks whether a coroutine that holds up its loop has to be left behind."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class VideoJob:
    """One video that is to be made, as `_execute_video_generation` gets it."""

    job_id: int
    bulk_job_id: str
    row: int
    """Number of the row, as its owner counts."""
    idea_data: Mapping[str, Any]
    """The ten columns, and `script`, `voice` and `style`."""
    priority: JobPriority
    ai_provider: str
    """As the bulk job was created with; "auto" where it was not said."""
    attempt: int
    """1 for the first one."""
    run: JobContext = field(repr=False)
    """What the queue gave: owner, project, workspace, settings."""

    async def report_progress(self, percent: float, message: str = "") -> None:
        """Tells how far it is, 0 to 100, and what is being done. Of reports within half a second the last one counts.

        Raises `FencedError` when the job was given to another process meanwhile.
        """
        report = JobReport("progress", message, percent=min(99.9, max(0.0, float(percent))))
        await asyncio.to_thread(self.run.report, report)


Generate = Callable[[VideoJob], Awaitable[Any]]


class OwnWork:
    """The work of a worker whose jobs are made by `generate`, to be used as a context manager."""

    def __init__(self, generate: Generate) -> None:
        self._generate = generate
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="videos", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the loop; one that a coroutine holds up is left to end with the program."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(GRACE)
        if not self._thread.is_alive():
            self._loop.close()

    def __call__(self, run: JobContext, /) -> Outcome:
        attempt = asyncio.run_coroutine_threadsafe(self._attempt(run), self._loop)
        patience = math.inf
        while True:
            try:
                return attempt.result(LOOK)
            except NotYet:
                if run.stop:
                    patience = min(patience, time.monotonic() + GRACE + LOOK)
                if time.monotonic() > patience:
                    logger.warning("Job %s holds up its event loop, and is left behind", run.job_id)
                    return Stopped()

    async def _attempt(self, run: JobContext) -> Outcome:
        """Never raises, so that a `TimeoutError` of a coroutine is not taken for one of the wait for it."""
        making = asyncio.ensure_future(self._make(run))
        stopped = asyncio.Event()

        def stop() -> None:
            self._loop.remove_reader(run.stop)
            stopped.set()

        self._loop.add_reader(run.stop, stop)
        waiting = asyncio.ensure_future(stopped.wait())
        await asyncio.wait((making, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        self._loop.remove_reader(run.stop)
        if not making.done():
            making.cancel()
            await asyncio.wait((making,), timeout=GRACE)
        if not making.done():
            logger.warning("Job %s does not end although it was cancelled, and is left behind", run.job_id)
            return Stopped()
        return making.result()

    async def _make(self, run: JobContext) -> Outcome:
        try:
            await asyncio.to_thread(run.report, JobReport("note", "Started"))
            return outcome_of(await self._generate(video_job(run)))
        except FencedError:
            return Stopped()
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and not run.should_continue():
                return Stopped()
            if isinstance(error, PressrunError):
                logger.warning("Job %s failed: %s", run.job_id, error)
            else:
                logger.exception("Job %s failed", run.job_id)
            return Failed(report_of(error))


async def made_by(work: JobHandler, run: JobContext) -> dict[str, Any]:
    """What `work` makes of the job, as a coroutine returns it.

    Raises its error, and `CancelledError` once it has stopped for a pause, a cancel or the end of the worker.
    """
    making = asyncio.ensure_future(asyncio.to_thread(work, run))
    try:
        outcome = await asyncio.shield(making)
    except asyncio.CancelledError:
        await asyncio.wait((making,))
        raise
    if isinstance(outcome, Failed):
        raise exception_of(vars(outcome.error))
    if not isinstance(outcome, Completed):
        raise asyncio.CancelledError
    return {"output_url": outcome.output_url, "cost": outcome.cost, **outcome.result}


def video_job(run: JobContext) -> VideoJob:
    return VideoJob(
        job_id=run.job_id,
        bulk_job_id=run.batch_id,
        row=run.position,
        idea_data=run.data,
        priority=JobPriority.of(run.priority),
        ai_provider=str(run.request.get("ai_provider") or "auto"),
        attempt=run.attempt,
        run=run,
    )


def outcome_of(result: Any) -> Outcome:
    """What a coroutine returned as the end of its job: a mapping with at least `output_url`."""
    if not isinstance(result, Mapping) or not isinstance(result.get("output_url"), str):
        what = f"a mapping without output_url: {result!r}" if isinstance(result, Mapping) else repr(result)
        return _refused(f"found {what}", "Return {'output_url': …, 'cost': …, 'duration': …, 'quality': …}.")
    try:
        cost = float(result.get("cost") or 0)
    except (TypeError, ValueError):
        cost = math.nan
    if not (math.isfinite(cost) and cost >= 0):
        return _refused(f"found the cost {result['cost']!r}", "Return the cost as a number from 0 on.")
    plain = _plain(result)
    return Completed(plain["output_url"], cost, plain)


def _refused(found: str, remedy: str) -> Failed:
    message = f"_execute_video_generation returned what is no result: {found[:200]}"
    return Failed(ErrorReport("UnexpectedError", message, remedy))


def _plain(value: Any) -> Any:
    """`value` as JSON can say it: a number that is none as null, and what is no data as text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return _plain(str(value))
