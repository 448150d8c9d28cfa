"""Tells a program what happens to its jobs, whoever does them: from the events in the database, each once, in order.

They are read on from the last number of each batch, such that none is missed (`jobs.queries.read_without_gaps`).
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pressrun.errors import PressrunError
from pressrun.jobs.connection import Queue, Row
from pressrun.jobs.queries import VISIBILITY_COLUMNS, read_without_gaps
from pressrun.python.failures import exception_of

PAUSE = 0.2
"""Seconds between two looks."""
LAST_WORDS = 5.0
"""Seconds in which callbacks may still be told, once the end was asked for."""
PAGE = 500

Kind = Literal["progress", "completion", "error"]
ProgressCallback = Callable[[int, float, str], object]
CompletionCallback = Callable[[int, dict[str, Any]], object]
ErrorCallback = Callable[[int, PressrunError], object]

logger = logging.getLogger(__name__)

_EVENTS = f"""SELECT e.id, e.batch_id, e.job_id, e.kind, e.message, e.percent, e.data, j.position, j.output_url, j.cost,
        j.result, j.title, {VISIBILITY_COLUMNS}
    FROM unnest(%(batches)s::text[], %(after)s::bigint[]) AS watched(batch_id, after)
    CROSS JOIN LATERAL (SELECT * FROM job_events x WHERE x.batch_id = watched.batch_id AND x.id > watched.after
                        ORDER BY x.id LIMIT %(page)s) e
    LEFT JOIN jobs j ON j.id = e.job_id ORDER BY e.id"""


@dataclass(frozen=True)
class Callback:
    """A function of the program; a coroutine function runs in the loop it was handed over in, where there was one."""

    function: Callable[..., object]
    loop: asyncio.AbstractEventLoop | None

    def __call__(self, *arguments: Any) -> None:
        answer = self.function(*arguments)
        if inspect.iscoroutine(answer):
            self._wait_for(answer)

    def _wait_for(self, answer: Coroutine[Any, Any, Any]) -> None:
        if self.loop is None or not self.loop.is_running():
            asyncio.run(answer)
        else:
            asyncio.run_coroutine_threadsafe(answer, self.loop).result()


@dataclass
class Callbacks:
    """Those of one processor. One that raises is logged, and the next is called all the same."""

    of: dict[Kind, list[Callback]] = field(default_factory=lambda: {"progress": [], "completion": [], "error": []})

    def add(self, kind: Kind, function: Callable[..., object]) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        self.of[kind].append(Callback(function, loop))

    def call(self, kind: Kind, *arguments: Any) -> None:
        for callback in tuple(self.of[kind]):
            try:
                callback(*arguments)
            except (Exception, SystemExit, asyncio.CancelledError):
                name = getattr(callback.function, "__qualname__", repr(callback.function))
                logger.exception("The callback %s of job %s failed", name, arguments[0])


class EventFeed:
    """Reads what happens in the batches that are watched and calls back, in a thread of its own."""

    def __init__(self, queue: Queue, callbacks: Callbacks) -> None:
        self._queue = queue
        self._callbacks = callbacks
        self._after: dict[str, int] = {}
        self._percents: dict[int, float] = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins where it was stopped."""
        self._ending = ending = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ending,), name="callbacks", daemon=True)
        self._thread.start()

    def watch(self, batch_id: str, after: int = 0) -> None:
        """From the event after `after` on; 0 for all. A batch that is watched already stays where it is."""
        with self._lock:
            self._after.setdefault(batch_id, after)

    def stop(self) -> None:
        """Tells what has happened up to now, and ends. May be called by a callback."""
        self._ending.set()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(LAST_WORDS + 1)

    def wait_until_told(self, batch_id: str, event: int, seconds: float) -> None:
        """Waits until the callbacks have heard of this event, unless nobody tells them, or a callback asks."""
        until = time.monotonic() + seconds
        while self._thread and self._thread.is_alive() and self._thread is not threading.current_thread():
            if self._after.get(batch_id, event) >= event or time.monotonic() > until:
                return
            time.sleep(PAUSE / 10)

    def _run(self, asked_to_end: threading.Event) -> None:
        away = False
        while True:
            ending = asked_to_end.wait(PAUSE)
            try:
                while self._tell_some(asked_to_end):
                    pass
                away = False
            except Exception as error:
                if not away:
                    logger.warning("What happens to the jobs cannot be read for now: %s", error)
                away = True
            if ending:
                return

    def _tell_some(self, asked_to_end: threading.Event) -> bool:
        """One page of events; whether there may be more. Once the end was asked for, as much as there is time for."""
        with self._lock:
            watched = dict(self._after)
        if not watched:
            return False
        rows = read_events(self._queue, watched)
        asked: float | None = None
        for row in rows:
            if asked_to_end.is_set():
                asked = asked or time.monotonic()
                if time.monotonic() - asked > LAST_WORDS:
                    return False
            try:
                if row["job_id"] is not None:
                    self._tell(row)
            finally:
                self._pass(row)
        return len(rows) >= PAGE

    def _pass(self, row: Row) -> None:
        """Goes on behind this event; nothing follows that of a batch which is done."""
        with self._lock:
            if row["kind"] in ("batch_completed", "batch_canceled"):
                del self._after[row["batch_id"]]
            else:
                self._after[row["batch_id"]] = row["id"]

    def _tell(self, row: Row) -> None:
        job, message = row["job_id"], row["message"]
        known = self._percents.get(job, 0.0) if row["percent"] is None else round(row["percent"], 1)
        self._percents[job] = known
        match row["kind"]:
            case "completed":
                self._callbacks.call("progress", job, 100.0, "Completed")
                self._callbacks.call("completion", job, result_of(row))
            case "failed":
                self._callbacks.call("error", job, exception_of(row["data"]))
            case "cancelled":
                self._callbacks.call("progress", job, known, "Cancelled")
            case "retried":
                self._callbacks.call("progress", job, known, f"{message}; it is tried again")
            case "progress" | "stage" | "note" | "warning" | "rate_limited":
                self._callbacks.call("progress", job, known, message)
        if row["kind"] in ("completed", "cancelled"):
            del self._percents[job]


def read_events(queue: Queue, watched: Mapping[str, int]) -> list[Row]:
    """What happened in each batch after its event of this number, oldest first, up to `PAGE` of each batch."""
    values = {"batches": list(watched), "after": list(watched.values()), "page": PAGE}

    def ask() -> list[Row]:
        with queue.transaction() as cursor:
            return cursor.execute(_EVENTS.encode(), values).fetchall()

    return read_without_gaps(ask)


def result_of(row: Row) -> dict[str, Any]:
    """What the completion callback gets of a row with the fields of a job: `output_url` first of all."""
    made = {"duration": None, "quality": None} | (row["result"] or {})
    return made | {
        "output_url": row["output_url"],
        "cost": row["cost"],
        "bulk_job_id": row["batch_id"],
        "row": row["position"],
        "title": row["title"] or "",
    }
