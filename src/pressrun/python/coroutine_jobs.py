"""Run jobs with a coroutine of the program, several at once in a separate event loop.

The worker sends its heartbeats in another loop. So a coroutine that blocks delays only the other videos of its process.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import TimeoutError as NotDone
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Self

from pressrun.clock import awake_time
from pressrun.errors import ErrorReport, FencedError, PressrunError
from pressrun.jobs.handler import Completed, Failed, JobContext, JobHandler, JobReport, Outcome, Stopped
from pressrun.jobs.states import JobPriority
from pressrun.python.exceptions import exception_from_report, report_from_exception

CANCEL_TIMEOUT = 2.0
"""Seconds that a coroutine has to end after it was cancelled. Then the worker abandons it."""
POLL_INTERVAL = 0.25
"""Seconds between two checks whether a coroutine that blocks its loop must be abandoned."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class VideoJob:
    """One video to make: the argument of `_execute_video_generation`. All fields are optional, e.g. for tests."""

    idea_data: Mapping[str, Any] = field(default_factory=dict)
    """The ten columns, and `script`, `voice` and `style`."""
    _: KW_ONLY
    priority: JobPriority = JobPriority.NORMAL
    ai_provider: str = "auto"
    """The one of the bulk job."""
    job_id: str = ""
    bulk_job_id: str = ""
    row: int = 0
    """Number of the row, as its owner counts."""
    attempt: int = 1
    """1 for the first attempt."""
    context: JobContext | None = field(default=None, repr=False)
    """The job in the queue, e.g. its owner, project, workspace and settings. None outside the queue."""

    async def report_progress(self, percent: float, message: str = "") -> None:
        """Report the progress, 0 to 100, and the current step. Of reports within half a second, the last one counts.

        Outside the queue, it does nothing. Raises `FencedError` if another process has the job.
        """
        if self.context is None:
            return
        report = JobReport("progress", message, percent=min(99.9, max(0.0, float(percent))))
        await asyncio.to_thread(self.context.report, report)


Generate = Callable[[VideoJob], Awaitable[Any]]


class CoroutineHandler:
    """A job handler that calls the coroutine function `generate`. Use it as a context manager."""

    def __init__(self, generate: Generate) -> None:
        self._generate = generate
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="videos", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the loop. If a coroutine blocks it, its daemon thread ends with the program."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CANCEL_TIMEOUT)
        if not self._thread.is_alive():
            self._loop.close()

    def __call__(self, context: JobContext, /) -> Outcome:
        attempt = asyncio.run_coroutine_threadsafe(self._attempt(context), self._loop)
        deadline = math.inf
        while True:
            try:
                return attempt.result(POLL_INTERVAL)
            except NotDone:
                if context.stop:
                    deadline = min(deadline, awake_time() + CANCEL_TIMEOUT + POLL_INTERVAL)
                if awake_time() > deadline:
                    logger.warning("Job %s blocks its event loop and is abandoned", context.job_id)
                    return Stopped()

    async def _attempt(self, context: JobContext) -> Outcome:
        """Return the outcome. It never raises: a `TimeoutError` of the coroutine would look like `NotDone`."""
        generating = asyncio.ensure_future(self._generate_video(context))
        stopped = asyncio.Event()

        def stop() -> None:
            self._loop.remove_reader(context.stop)
            stopped.set()

        self._loop.add_reader(context.stop, stop)
        waiting = asyncio.ensure_future(stopped.wait())
        await asyncio.wait((generating, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        self._loop.remove_reader(context.stop)
        if not generating.done():
            generating.cancel()
            await asyncio.wait((generating,), timeout=CANCEL_TIMEOUT)
        if not generating.done():
            logger.warning("Job %s does not end after it was cancelled, and is abandoned", context.job_id)
            return Stopped()
        return generating.result()

    async def _generate_video(self, context: JobContext) -> Outcome:
        try:
            await asyncio.to_thread(context.report, JobReport("note", "Started"))
            return parse_result(await self._generate(make_video_job(context)))
        except FencedError:
            return Stopped()
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and not context.should_continue():
                return Stopped()
            if isinstance(error, PressrunError):
                logger.warning("Job %s failed: %s", context.job_id, error)
            else:
                logger.exception("Job %s failed", context.job_id)
            return Failed(report_from_exception(error))


async def run_handler(handler: JobHandler, context: JobContext) -> dict[str, Any]:
    """Run a job with `handler` in a thread, and return its result in the form of a coroutine.

    Raises the error of a failed job, and `CancelledError` if the job was stopped.
    """
    running = asyncio.ensure_future(asyncio.to_thread(handler, context))
    try:
        outcome = await asyncio.shield(running)
    except asyncio.CancelledError:
        # The stop token ends the handler, too. Wait for it, so that two attempts never run at once.
        await asyncio.wait((running,))
        raise
    if isinstance(outcome, Failed):
        raise exception_from_report(vars(outcome.error))
    if not isinstance(outcome, Completed):
        raise asyncio.CancelledError
    return {"output_url": outcome.output_url, "cost": outcome.cost, **outcome.result}


def make_video_job(context: JobContext) -> VideoJob:
    """Return the job as the coroutine of a program gets it."""
    return VideoJob(
        job_id=str(context.job_id),
        bulk_job_id=context.batch_id,
        row=context.position,
        idea_data=context.data,
        priority=JobPriority.of(context.priority),
        ai_provider=str(context.request.get("ai_provider") or "auto"),
        attempt=context.attempt,
        context=context,
    )


def parse_result(result: Any) -> Outcome:
    """Return the outcome of a job from the result of its coroutine, a mapping with at least `output_url`."""
    if not isinstance(result, Mapping) or not isinstance(result.get("output_url"), str):
        found = f"a mapping without output_url: {result!r}" if isinstance(result, Mapping) else repr(result)
        return _invalid_result(f"found {found}", "Return {'output_url': …, 'cost': …, 'duration': …, 'quality': …}.")
    try:
        cost = float(result.get("cost") or 0)
    except (TypeError, ValueError):
        cost = math.nan
    if not (math.isfinite(cost) and cost >= 0):
        return _invalid_result(f"found the cost {result['cost']!r}", "Return the cost as a number from 0.")
    plain = _to_json(result)
    return Completed(plain["output_url"], cost, plain)


def _invalid_result(found: str, remedy: str) -> Failed:
    message = f"_execute_video_generation returned an invalid result: {found[:200]}"
    return Failed(ErrorReport("UnexpectedError", message, remedy))


def _to_json(value: Any) -> Any:
    """Return `value` in a form that JSON can hold: NaN and infinity as null, unknown objects as text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _to_json(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_to_json(each) for each in value]
    return _to_json(str(value))
