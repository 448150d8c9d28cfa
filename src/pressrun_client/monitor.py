"""Follow a job until it ends: live events where the server offers them, polling elsewhere.

A monitor survives restarts of the server and lost connections. It always ends with the final state of the job.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from pressrun_client.errors import ClientError, ConnectionFailedError, RateLimitError, ServerError
from pressrun_client.models import Update
from pressrun_client.requests import get_job, job_path
from pressrun_client.transport import (
    Call,
    Emit,
    Flow,
    Open,
    Read,
    Sleep,
    connection_error,
    error_of,
    retry_after,
    retry_delay,
)

POLL_INTERVAL = 2.0
"""Seconds between two requests where the server, or a proxy in front of it, offers no event stream."""
MIN_INTERVAL = 0.5
"""Seconds between two updates, except for changes of state."""


class _Monitor:
    """What is known of one job while it is followed."""

    def __init__(self, job_id: str, timeout: float) -> None:
        self.job_id = job_id
        self.timeout = timeout
        self.last_event = ""
        self.streams = True
        self._shown: Mapping[str, Any] = {}
        self._shown_at = -MIN_INTERVAL
        self._answered_at = time.monotonic()
        self._failures = 0

    def follow(self) -> Flow[None]:
        """Emit updates until the job has ended."""
        ended = False
        while not ended:
            try:
                ended = yield from self._refresh(None)
                if not ended and self.streams:
                    ended = yield from self._read_stream()
                elif not ended:
                    yield Sleep(POLL_INTERVAL)
            except (ConnectionFailedError, ServerError, RateLimitError) as error:
                yield from self._wait_for_server(error)

    def _refresh(self, event: Mapping[str, Any] | None) -> Flow[bool]:
        """Emit the state of the job if it has changed. Return whether the job has ended."""
        job = yield from get_job(self.job_id)
        self._answered_at, self._failures = time.monotonic(), 0
        if dict(job) != self._shown:
            self._shown, self._shown_at = dict(job), time.monotonic()
            yield Emit(Update({**job, "event": event}))
        return job.ended

    def _read_stream(self) -> Flow[bool]:
        """Emit an update for each event of the stream that is not too soon. Return whether the job has ended."""
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if self.last_event:
            headers["Last-Event-ID"] = self.last_event
        try:
            response: httpx.Response = yield Open(Call("GET", f"{job_path(self.job_id)}/events", headers=headers), True)
            if not response.is_success:
                error = error_of(response)
                yield Sleep(retry_after(response))
                raise error
            if response.status_code == httpx.codes.NO_CONTENT:  # the job has ended, and all events were read
                return False
            self.streams = response.headers.get("Content-Type", "").startswith("text/event-stream")
            return self.streams and (yield from self._read_events())
        except httpx.TransportError as error:
            raise connection_error(error) from error

    def _read_events(self) -> Flow[bool]:
        identifier, data = self.last_event, ""
        while (line := (yield Read())) is not None:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "id":
                identifier = value
            elif name == "data":
                data += value
            elif name == "event" and value == "end":
                return False
            elif line == "" and data:
                event = json.loads(data)
                self.last_event, data = identifier, ""
                if self._is_due(event) and (yield from self._refresh(event)):
                    return True
            elif line.startswith(":") and self._is_due(None) and (yield from self._refresh(None)):
                # A comment keeps the connection alive; the latest changes may have been too soon to be shown.
                return True
        return False

    def _is_due(self, event: Mapping[str, Any] | None) -> bool:
        important = event is not None and event.get("kind") not in ("progress", "stage", "note")
        return important or time.monotonic() - self._shown_at >= MIN_INTERVAL

    def _wait_for_server(self, error: ClientError) -> Flow[None]:
        if time.monotonic() - self._answered_at > self.timeout:
            raise error
        yield Sleep(min(5.0, retry_delay(self._failures)))
        self._failures += 1


def monitor(job_id: str, timeout: float) -> Flow[None]:
    """Emit an `Update` for each change of a job until it has ended.

    Raises `ConnectionFailedError` or `ServerError` once the server has not answered for `timeout` seconds.
    """
    yield from _Monitor(job_id, timeout).follow()
