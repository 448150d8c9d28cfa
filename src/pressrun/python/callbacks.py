"""Call functions of a program for events of its jobs: each event once and in order, whoever runs the job."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any, Literal

from pressrun.clock import awake_time
from pressrun.errors import PressrunError
from pressrun.jobs.connection import Queue, Row
from pressrun.jobs.event_text import event_message
from pressrun.jobs.queries import VISIBILITY_COLUMNS, read_without_gaps
from pressrun.python.exceptions import exception_from_report
from pressrun.python.owners import Owners
from pressrun.python.status import whole_percent

POLL_INTERVAL = 0.2
STOP_TIMEOUT = 5.0
"""Seconds in which callbacks still get events after a stop was requested."""
PAGE_SIZE = 500

Kind = Literal["progress", "completion", "error"]
ProgressCallback = Callable[[str, int, str], object]
CompletionCallback = Callable[[str, dict[str, Any]], object]
ErrorCallback = Callable[[str, PressrunError], object]

logger = logging.getLogger(__name__)

_EVENTS = f"""SELECT e.id, e.batch_id, e.job_id, e.kind, e.message, e.stage, e.percent, e.data, j.position,
        j.output_url, j.cost, j.result, j.title, {VISIBILITY_COLUMNS}
    FROM unnest(%(batches)s::text[], %(after)s::bigint[]) AS watched(batch_id, after)
    CROSS JOIN LATERAL (SELECT * FROM job_events x WHERE x.batch_id = watched.batch_id AND x.id > watched.after
                        ORDER BY x.id LIMIT %(page)s) e
    LEFT JOIN jobs j ON j.id = e.job_id ORDER BY e.id"""


@dataclass(frozen=True)
class Callback:
    """A function of the program. A coroutine function runs in the event loop that was running when it was added."""

    function: Callable[..., object]
    loop: asyncio.AbstractEventLoop | None

    def __call__(self, *arguments: Any) -> None:
        result = self.function(*arguments)
        if not inspect.iscoroutine(result):
            return
        if self.loop is None or not self.loop.is_running():
            asyncio.run(result)
        else:
            asyncio.run_coroutine_threadsafe(result, self.loop).result()


@dataclass
class Callbacks:
    """The callbacks of one processor. If one raises an exception, it is logged and the next one is called."""

    by_kind: dict[Kind, list[Callback]] = field(
        default_factory=lambda: {"progress": [], "completion": [], "error": []}
    )

    def add(self, kind: Kind, function: Callable[..., object]) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        self.by_kind[kind].append(Callback(function, loop))

    def call(self, kind: Kind, *arguments: Any) -> None:
        for callback in tuple(self.by_kind[kind]):
            try:
                callback(*arguments)
            except (Exception, SystemExit, asyncio.CancelledError):
                name = getattr(callback.function, "__qualname__", repr(callback.function))
                logger.exception("The callback %s of job %s failed", name, arguments[0])


class EventFeed:
    """Reads the events of watched batches and calls the callbacks, in a separate thread."""

    def __init__(self, queue: Queue, owners: Owners, callbacks: Callbacks) -> None:
        self._queue = queue
        self._owners = owners
        self._callbacks = callbacks
        self._last_events: dict[str, int] = {}
        """Id of each watched batch -> id of its last event that was passed on."""
        self._percents: dict[int, int] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread. It continues after the last event that was passed on."""
        self._stopping = stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(stopping,), name="callbacks", daemon=True)
        self._thread.start()

    def watch(self, batch_id: str, after: int = 0) -> None:
        """Watch a batch from the event after `after`. A batch that is already watched keeps its position."""
        with self._lock:
            self._last_events.setdefault(batch_id, after)

    def stop(self) -> None:
        """Pass on the events so far, and stop. A callback may call this."""
        self._stopping.set()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(STOP_TIMEOUT + 1)

    def wait_for_event(self, batch_id: str, event: int, seconds: float) -> None:
        """Wait until the callbacks got this event. Return at once if the feed is stopped, or in a callback."""
        deadline = awake_time() + seconds
        while self._thread and self._thread.is_alive() and self._thread is not threading.current_thread():
            if self._last_events.get(batch_id, event) >= event or awake_time() > deadline:
                return
            time.sleep(POLL_INTERVAL / 10)

    def _run(self, stopping: threading.Event) -> None:
        failing = False
        while True:
            last_time = stopping.wait(POLL_INTERVAL)
            try:
                while self._process_page(stopping):
                    pass
                failing = False
            except Exception as error:
                if not failing:
                    logger.warning("The events of the jobs cannot be read for now: %s", error)
                failing = True
            if last_time:
                return

    def _process_page(self, stopping: threading.Event) -> bool:
        """Pass on one page of events, and return whether there may be more. After a stop, observe the timeout."""
        with self._lock:
            last_events = dict(self._last_events)
        if not last_events:
            return False
        pages = [read_events(*each) for each in self._owners.by_owner(self._queue, last_events)]
        rows = sorted(chain.from_iterable(pages), key=itemgetter("id"))
        deadline: float | None = None
        for row in rows:
            if stopping.is_set():
                deadline = deadline or awake_time() + STOP_TIMEOUT
                if awake_time() > deadline:
                    return False
            try:
                if row["job_id"] is not None:
                    self._call_back(row)
            finally:
                self._advance(row)
        return any(len(page) >= PAGE_SIZE for page in pages)

    def _advance(self, row: Row) -> None:
        """Continue after this event next time. A batch that has ended has no more events."""
        with self._lock:
            if row["kind"] in ("batch_completed", "batch_canceled"):
                del self._last_events[row["batch_id"]]
            else:
                self._last_events[row["batch_id"]] = row["id"]

    def _call_back(self, row: Row) -> None:
        number, message = row["job_id"], event_message(row)
        percent = self._percents.get(number, 0) if row["percent"] is None else whole_percent(row["percent"])
        self._percents[number] = percent
        job = str(number)
        match row["kind"]:
            case "completed":
                self._callbacks.call("progress", job, 100, "Completed")
                self._callbacks.call("completion", job, completion_result(row))
            case "failed":
                self._callbacks.call("error", job, exception_from_report(row["data"]))
            case "cancelled":
                self._callbacks.call("progress", job, percent, "Cancelled")
            case "retried":
                self._callbacks.call("progress", job, percent, f"{row['message'] or 'Failed'}; retrying")
            case "progress" | "stage" | "note" | "warning" | "rate_limited":
                self._callbacks.call("progress", job, percent, message)
        if row["kind"] in ("completed", "cancelled"):
            del self._percents[number]


def read_events(queue: Queue, last_events: Mapping[str, int]) -> list[Row]:
    """Return the events of each batch after the one given, oldest first, at most `PAGE_SIZE` for each batch."""
    values = {"batches": list(last_events), "after": list(last_events.values()), "page": PAGE_SIZE}

    def read() -> list[Row]:
        with queue.transaction() as cursor:
            return cursor.execute(_EVENTS.encode(), values).fetchall()

    return read_without_gaps(read)


def completion_result(row: Row) -> dict[str, Any]:
    """Return the argument of a completion callback from a row with the columns of a job."""
    result = {"duration": None, "quality": None} | (row["result"] or {})
    return result | {
        "output_url": row["output_url"],
        "cost": row["cost"],
        "bulk_job_id": row["batch_id"],
        "row": row["position"],
        "title": row["title"] or "",
    }
