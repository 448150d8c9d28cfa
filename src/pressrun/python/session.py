"""The connection of a `BatchProcessor` to the queue: its database, its worker thread and its callback thread."""

from __future__ import annotations

import asyncio
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
from pressrun.jobs.server import EMBEDDED, NEEDED, default_folder, require_modules
from pressrun.python.callbacks import Callbacks, EventFeed
from pressrun.python.owners import Owners

if TYPE_CHECKING:
    from pressrun.jobs.handler import JobHandler
    from pressrun.jobs.worker import WorkerOptions

STOP_TIMEOUT = 15.0
"""Seconds that running jobs have to end when the session stops."""
MIN_RESTART_DELAY, MAX_RESTART_DELAY = 1.0, 30.0
"""Seconds until a worker that lost its database starts again. The delay doubles each time."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SessionOptions:
    """The database, the user and the worker of a session."""

    folder: Path | None
    """Folder of an embedded database; None for the one that `environment` names."""
    environment: Mapping[str, str] | None = field(repr=False)
    """May contain a password."""
    user: str
    processor: str
    """Name of the processor, under which its bulk jobs are found again."""
    queue: str
    workspace: Path
    limiter: RateLimiter
    open_handler: Callable[[], AbstractContextManager[JobHandler]]


@dataclass(frozen=True)
class _Connection:
    url: str = field(repr=False)
    queue: Queue
    feed: EventFeed


class Session:
    """Opens the database when it is first needed. Thread-safe."""

    def __init__(self, options: SessionOptions, callbacks: Callbacks) -> None:
        self._options = options
        self._callbacks = callbacks
        self.owners = Owners(options.user)
        self.max_workers = 0
        """Concurrent videos of its own workers."""
        self._lock = threading.RLock()
        self._connection: _Connection | None = None
        self._close_connection = ExitStack()
        self._stop_threads: ExitStack | None = None
        self._handler: JobHandler | None = None
        self._workers: list[WorkerThread] = []

    @property
    def queue(self) -> Queue:
        return self._connect().queue

    @property
    def feed(self) -> EventFeed:
        return self._connect().feed

    @property
    def started(self) -> bool:
        return self._stop_threads is not None

    @property
    def serving(self) -> bool:
        """Return whether its own worker takes jobs."""
        return self.started and any(worker.serving for worker in self._workers)

    def queue_of(self, bulk_job_id: str) -> Queue:
        """Return the queue of the owner of a bulk job. Raises `NoSuchBatchError`."""
        return self.owners.queue_of(self.queue, bulk_job_id)

    def ping(self) -> Path:
        """Query the database once, and return the path of an empty file beside it, which is created if missing.

        The file belongs to no database of ours. It is there for programs that open `db_path` with SQLite to see
        whether the database works. Raises `DatabaseError`.
        """
        with self.queue.transaction() as cursor:
            cursor.execute("SELECT 1")
        options = self._options
        if self._is_embedded():
            folder = options.folder or default_folder()
            path = folder.with_name(f"{folder.name}.sqlite")
        else:
            path = options.workspace / "runs" / ".queue.sqlite"
            path.parent.mkdir(exist_ok=True)
        path.touch()
        return path

    def _is_embedded(self) -> bool:
        options = self._options
        return not options.environment and bool(options.folder or not redaction.secret_variable("database"))

    def set_max_workers(self, number: int) -> None:
        """Set the number of concurrent videos. More of them start at once; fewer take effect at the next start."""
        with self._lock:
            self.max_workers = number
            if self._stop_threads is not None:
                self._start_workers(self._connect().url, self._stop_threads)

    def _connect(self) -> _Connection:
        with self._lock:
            if self._connection is None:
                self._connection = self._open_database()
            return self._connection

    def _open_database(self) -> _Connection:
        options = self._options
        require_modules(NEEDED | (EMBEDDED if self._is_embedded() else {}))
        from pressrun.jobs.server import open_database

        with ExitStack() as stack:
            url = stack.enter_context(open_database(options.folder, options.environment))
            pool = stack.enter_context(open_pool(url))
            options.limiter.bind(pool)
            queue = Queue(pool, options.user)
            atexit.register(self.close)
            stack.callback(atexit.unregister, self.close)
            self._close_connection = stack.pop_all()
        return _Connection(url, queue, EventFeed(queue, self.owners, self._callbacks))

    def start(self) -> None:
        """Start to call back and to take jobs. Safe to repeat."""
        with self._lock:
            if self._stop_threads is not None:
                return
            connection = self._connect()
            for bulk_job_id, latest in self.owners.unfinished(connection.queue, self._options.processor).items():
                connection.feed.watch(bulk_job_id, latest)
            with ExitStack() as stack:
                connection.feed.start()
                stack.callback(connection.feed.stop)
                self._workers, self._handler = [], None
                self._start_workers(connection.url, stack)
                self._stop_threads = stack.pop_all()
        _started_sessions.add(self)

    def _start_workers(self, url: str, stack: ExitStack) -> None:
        """Start a worker for the videos that the present workers do not make at the same time."""
        from pressrun.jobs.worker import WorkerOptions

        missing = self.max_workers - sum(worker.concurrency for worker in self._workers)
        if missing <= 0:
            return
        options = self._options
        if self._handler is None:
            # All workers share one handler, so that the coroutines of a program run in one event loop.
            self._handler = stack.enter_context(options.open_handler())
        worker_options = WorkerOptions(options.workspace, missing, (options.queue,), options.limiter.rates)
        worker = WorkerThread(url, worker_options, self._handler)
        worker.start()
        self._workers.append(worker)
        stack.callback(worker.stop)

    def stop(self) -> None:
        """Stop the running jobs, which wait in the queue then, and call back for the last events."""
        with self._lock:
            stop_threads, self._stop_threads = self._stop_threads, None
        if stop_threads is not None:
            stop_threads.close()

    def close(self) -> None:
        """Stop, and disconnect from the database. The next use of `queue` or `feed` connects again."""
        self.stop()
        with self._lock:
            self._connection = None
            self._close_connection.close()


class WorkerThread:
    """A worker in a thread. If it ends with an error, the error is logged and the worker starts again."""

    def __init__(self, url: str, options: WorkerOptions, handler: JobHandler) -> None:
        self._url, self._options, self._handler = url, options, handler
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="worker", daemon=True)
        self.serving = False
        """Whether it takes jobs now."""

    @property
    def concurrency(self) -> int:
        return self._options.concurrency

    def start(self) -> None:
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Stop the running jobs, which wait for another worker then. Jobs that do not end in time are abandoned."""
        if self._loop and self._task and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(STOP_TIMEOUT)
        if self._thread.is_alive():
            logger.warning("Some jobs did not end within %.0f s and are abandoned", STOP_TIMEOUT)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._serve_forever())
        self._started.set()
        await asyncio.wait((self._task,))

    async def _serve_forever(self) -> None:
        from pressrun.jobs.worker import serve

        delay = MIN_RESTART_DELAY
        while True:
            try:
                self.serving = True
                await serve(self._url, self._options, self._handler, signals=False)
            except Exception as error:
                logger.error("The worker ended: %s. It starts again in %.0f s", error, delay)
            finally:
                self.serving = False
            await asyncio.sleep(delay)
            delay = min(MAX_RESTART_DELAY, 2 * delay)


_started_sessions: weakref.WeakSet[Session] = weakref.WeakSet()


def _stop_all() -> None:
    for session in tuple(_started_sessions):
        session.stop()


# At the end of a program, Python waits for the threads of executors before it calls `atexit` functions. Without `stop`,
# it would wait for all running videos. `concurrent.futures` registers its wait here, too, and these functions run in
# reverse order, so ours runs before that wait.
threading._register_atexit(_stop_all)  # type: ignore[attr-defined]
