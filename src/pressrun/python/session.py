"""What one program holds of the queue: its database, a worker of its own, and the thread that calls back."""

from __future__ import annotations

import atexit
import concurrent.futures.thread  # noqa: F401  (registers its wait)
import logging
import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun import redaction
from pressrun.jobs.connection import Queue, open_pool
from pressrun.jobs.limits import RateLimiter
from pressrun.jobs.server import EMBEDDED, NEEDED, require_modules
from pressrun.python.callbacks import Callbacks, EventFeed

if TYPE_CHECKING:
    from pressrun.jobs.handler import JobHandler
    from pressrun.python.background import BackgroundWorker

STOP_WITHIN = 15.0
"""Seconds in which what runs may end when the session stops."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Terms:
    """How a session works: where its database is (`program.database_of`), for whom, and what its worker takes."""

    folder: Path | None
    environment: Mapping[str, str] | None = field(repr=False)
    """May hold a password."""
    user: str
    maker: str
    queue: str
    workspace: Path
    max_workers: int
    limiter: RateLimiter
    work: Callable[[], AbstractContextManager[JobHandler]]


@dataclass(frozen=True)
class _Opened:
    url: str = field(repr=False)
    queue: Queue
    feed: EventFeed


class Session:
    """Opens the database when it is first asked for something. Safe in threads."""

    def __init__(self, terms: Terms, callbacks: Callbacks) -> None:
        self._terms = terms
        self._callbacks = callbacks
        self._lock = threading.RLock()
        self._closing = ExitStack()
        self._opened: _Opened | None = None
        self._stopping: ExitStack | None = None
        self._worker: BackgroundWorker | None = None

    @property
    def queue(self) -> Queue:
        return self._open().queue

    @property
    def feed(self) -> EventFeed:
        return self._open().feed

    @property
    def started(self) -> bool:
        return self._stopping is not None

    @property
    def serves(self) -> bool:
        """Whether its own worker takes jobs."""
        return self.started and self._worker is not None and self._worker.serves

    def _open(self) -> _Opened:
        with self._lock:
            if self._opened is None:
                self._opened = self._open_database()
            return self._opened

    def _open_database(self) -> _Opened:
        terms = self._terms
        embedded = not terms.environment and (terms.folder or not redaction.secret_variable("database"))
        require_modules(NEEDED | (EMBEDDED if embedded else {}))
        from pressrun.jobs.server import open_database

        with ExitStack() as stack:
            url = stack.enter_context(open_database(terms.folder, terms.environment))
            pool = stack.enter_context(open_pool(url))
            terms.limiter.bind(pool)
            queue = Queue(pool, terms.user)
            atexit.register(self.close)
            stack.callback(atexit.unregister, self.close)
            self._closing = stack.pop_all()
        return _Opened(url, queue, EventFeed(queue, self._callbacks))

    def start(self) -> None:
        """Begins to call back and to take jobs. Safe to repeat."""
        from pressrun.python.status import unfinished

        with self._lock:
            if self._stopping is not None:
                return
            opened = self._open()
            for bulk_job_id, latest in unfinished(opened.queue, self._terms.maker).items():
                opened.feed.watch(bulk_job_id, latest)
            with ExitStack() as stack:
                opened.feed.start()
                stack.callback(opened.feed.stop)
                if self._terms.max_workers:
                    self._start_worker(opened.url, stack)
                self._stopping = stack.pop_all()
        _started.add(self)

    def _start_worker(self, url: str, stack: ExitStack) -> None:
        from pressrun.jobs.worker import WorkerOptions
        from pressrun.python.background import BackgroundWorker

        terms = self._terms
        options = WorkerOptions(terms.workspace, terms.max_workers, (terms.queue,), terms.limiter.rates)
        self._worker = worker = BackgroundWorker(url, options, stack.enter_context(terms.work()))
        worker.start()
        stack.callback(_stop_worker, worker)

    def stop(self) -> None:
        """What runs is stopped and waits in the queue. Ends with the last events told."""
        with self._lock:
            stopping, self._stopping = self._stopping, None
        if stopping is not None:
            stopping.close()

    def close(self) -> None:
        """Stops, and lets go of the database; whoever asks afterwards opens it again."""
        self.stop()
        with self._lock:
            self._opened = None
            self._closing.close()


def _stop_worker(worker: BackgroundWorker) -> None:
    if not worker.stop(STOP_WITHIN):
        logger.warning("Some jobs did not end within %.0f s and are left behind", STOP_WITHIN)


_started: weakref.WeakSet[Session] = weakref.WeakSet()


def _stop_all() -> None:
    for session in tuple(_started):
        session.stop()


# Of a program that ends without `stop`, Python waits for the threads of executors, and so for all videos that are being
# made, before it does what `atexit` knows. What is registered here, behind the wait of that module, goes before it.
threading._register_atexit(_stop_all)  # type: ignore[attr-defined]
