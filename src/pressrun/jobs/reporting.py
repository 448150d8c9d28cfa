"""Write the reports of an attempt to the queue, under its fence, and merge reports of progress."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from procrastinate.connector import BaseConnector
from procrastinate.exceptions import ConnectorException

from pressrun.clock import elapsed_time
from pressrun.engine.stop import StopToken
from pressrun.errors import FencedError
from pressrun.jobs.connection import as_json
from pressrun.jobs.handler import JobReport
from pressrun.jobs.tickets import is_fence_error, is_transient_error

PROGRESS_INTERVAL = 0.5
"""Seconds between two writes of progress. Other reports are written at once."""

_REPORT = "SELECT report(%(job)s, %(attempt)s, %(now)s, %(events)s, %(stages)s)"
_EVENT = ("kind", "message", "stage", "percent", "scene", "scenes_total")


class AttemptReporter:
    """Reports one attempt at one job of this worker. The thread that runs the handler calls its methods."""

    def __init__(
        self, job_id: int, attempt: int, connector: BaseConnector, loop: asyncio.AbstractEventLoop,
        claim_timeout: float,
    ) -> None:
        """`claim_timeout` is the number of seconds without an answer after which others may have taken the job."""
        self.job_id, self.attempt = job_id, attempt
        self.stop = StopToken()
        self.pausing = False
        self._connector, self._loop = connector, loop
        self._claim_timeout = claim_timeout
        self._confirmed_at = elapsed_time()
        self._lock = threading.Lock()
        self._written = 0.0
        self._progress: JobReport | None = None
        """The latest progress, not written yet."""

    def should_continue(self) -> bool:
        """Return whether the next stage may start.

        A worker that was suspended does not know yet whether its job was given away, so it asks first.
        """
        if self.pausing or self.stop:
            return False
        if elapsed_time() - self._confirmed_at < self._claim_timeout:
            return True
        with suppress(FencedError):
            return self._write({}, [], []) and not (self.pausing or self.stop)
        return False

    def confirm(self) -> None:
        """Note that the queue has just confirmed that this attempt has the job."""
        self._confirmed_at = elapsed_time()

    def set_run_folder(self, run_folder: str) -> None:
        """Store the run folder. Raises `FencedError`."""
        self._write({"run_folder": run_folder}, [], [])

    def report(self, report: JobReport) -> None:
        """Write a report; progress only once per interval. Raises `FencedError`."""
        with self._lock:
            if report.kind == "progress":
                self._progress = report
                if time.monotonic() - self._written < PROGRESS_INTERVAL:
                    return
            self._send(report)

    def flush(self) -> None:
        """Write the progress that is still held back. Raises `FencedError`."""
        with self._lock:
            if self._progress:
                self._send(self._progress)

    def _send(self, report: JobReport) -> None:
        now = {name: value for name in ("percent", "stage", "message") if (value := getattr(report, name)) is not None}
        if self._progress and report.percent is None and self._progress.percent is not None:
            now["percent"] = self._progress.percent
        self._progress = None
        if report.files is not None:
            now["files"] = list(report.files)
        if report.kind == "files":
            del now["message"]
        level = "warning" if report.kind == "warning" else "info"
        event = {name: value for name, value in asdict(report).items() if name in _EVENT}
        event |= {"level": level, "data": dict(report.data) or None}
        stages = []
        if report.stage and (report.stage_state or report.stage_percent is not None):
            state = report.stage_state or "running"
            stages.append(
                {"stage": report.stage, "state": state, "percent": report.stage_percent, "seconds": report.seconds}
            )
        self._write(now, [] if report.kind == "files" else [event], stages)
        self._written = time.monotonic()

    def _write(self, now: dict[str, Any], events: list[dict[str, Any]], stages: list[dict[str, Any]]) -> bool:
        """Write to the database, and return whether it answered. Raises `FencedError` if another worker has the job."""
        arguments: dict[str, Any] = {"job": self.job_id, "attempt": self.attempt}
        arguments |= {"now": as_json(now), "events": as_json(events), "stages": as_json(stages)}
        writing = self._connector.execute_query_async(query=_REPORT, **arguments)
        try:
            asyncio.run_coroutine_threadsafe(writing, self._loop).result()
            self.confirm()
            return True
        except ConnectorException as error:
            if is_fence_error(error):
                self.stop.request("fenced")
                raise FencedError(f"Job {self.job_id} was given to another worker") from error
            if not is_transient_error(error):
                raise
            # A short outage of the database must not fail hours of work. The end of the job waits for it instead.
            return False
