"""The queue from Python: `BatchProcessor` sends bulk jobs, runs them, and calls back for their events.

    with BatchProcessor(database="queue") as processor:
        processor.add_completion_callback(lambda job_id, result: print(result["output_url"]))
        processor.wait(processor.create_bulk_job("Spring", csv_file="ideas.csv"))
"""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pressrun.clock import awake_time
from pressrun.errors import DatabaseAwayError, UsageError
from pressrun.jobs.connection import local_user
from pressrun.jobs.limits import RateLimiter, Rates
from pressrun.jobs.states import JobPriority
from pressrun.kinds.ideas import IDEAS
from pressrun.kinds.ideas.rows.fields import SheetFormat, ValidationLevel
from pressrun.python.arguments import own_queue_name, parse_database, parse_max_workers, processor_name
from pressrun.python.callbacks import Callbacks, CompletionCallback, ErrorCallback, ProgressCallback
from pressrun.python.session import Session, SessionOptions
from pressrun.store.workspace import Workspace, current_workspace

if TYPE_CHECKING:
    from pressrun.jobs.connection import Queue, Row
    from pressrun.jobs.handler import JobHandler
    from pressrun.kinds.ideas.send import BatchDefaults
    from pressrun.python.coroutine_jobs import VideoJob

CREDENTIALS_VARIABLE = "PRESSRUN_GOOGLE_CREDENTIALS"
CALLBACK_TIMEOUT = 60.0
"""Seconds that `wait` without a timeout gives slow callbacks."""
POLL_INTERVAL = 0.1
"""Seconds between two checks whether a bulk job has ended."""

Status = dict[str, Any]


class _DefaultInt(int):
    """The default of a parameter, which the environment may override."""


class BatchProcessor:
    """Bulk jobs of one user in the queue. Thread-safe; a `with` block starts it and closes it.

    Before `start`, it only sends bulk jobs and reads their status. By default, the engine makes the videos. A subclass
    with its own `async def _execute_video_generation(self, video_job)` makes them itself, in this process, from a
    separate queue.
    """

    def __init__(
        self,
        credentials_path: str | os.PathLike[str] | None = None,
        database: str | os.PathLike[str] | None = None,
        max_workers: int = _DefaultInt(4),
        rate_limiter: RateLimiter | None = None,
        *,
        db_path: str | os.PathLike[str] | None = None,
        user_id: str | None = None,
        project_id: str | None = None,
        name: str = "",
        workspace: str | os.PathLike[str] | None = None,
    ) -> None:
        """Store the arguments. Nothing is opened yet.

        `database`, or `db_path`, is a folder for an embedded database, or a PostgreSQL URL. `max_workers` is the number
        of concurrent videos in this process; 0 leaves them to other workers. `credentials_path` is for sheets.
        `user_id` owns the bulk jobs, by default the user of this machine. `name` separates processors of one class.
        Omitted arguments come from the environment.

        Raises `UsageError` for invalid arguments, and `SettingsError` for invalid environment variables.
        """
        self.credentials_path = credentials_path or os.environ.get(CREDENTIALS_VARIABLE) or None
        self.max_workers = parse_max_workers(None if isinstance(max_workers, _DefaultInt) else max_workers)
        self.user_id = user_id or local_user()
        self.project_id = project_id
        self.workspace = Workspace(Path(workspace).resolve()) if workspace else current_workspace()
        self.rate_limiter = rate_limiter or RateLimiter(*vars(Rates.from_environment()).values())
        folder, environment = parse_database(database, db_path)
        self._uses_coroutine = self._overrides_generation()
        self._name = processor_name(type(self), name)
        self._queue_name = own_queue_name(self._name) if self._uses_coroutine else IDEAS.queue.of(self.workspace.root)
        self._callbacks = Callbacks()
        self._engine: JobHandler | None = None
        self._engine_lock = threading.Lock()
        self._session = Session(
            SessionOptions(
                folder, environment, self.user_id, self._name, self._queue_name, self.workspace.root, self.max_workers,
                self.rate_limiter, self._open_coroutine_handler if self._uses_coroutine else self._open_engine,
            ),
            self._callbacks,
        )  # fmt: skip

    # Lifecycle and callbacks

    def start(self) -> None:
        """Start to take jobs and to call back. Safe to repeat.

        The callbacks also cover bulk jobs that an earlier processor with this class and name left unfinished. Raises
        `ServiceUnavailableError` for missing packages, and `DatabaseError` for a database that cannot be used.
        """
        self._session.start()

    def stop(self) -> None:
        """Stop. Running jobs go back to the queue and wait for the next start, or for another worker."""
        self._session.stop()

    def close(self) -> None:
        """Stop, and disconnect from the database. The next call of a method connects again."""
        self._session.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    def add_progress_callback(self, callback: ProgressCallback) -> None:
        """Call `callback(job_id, percent, message)` whenever a video makes progress; percent is 0 to 100."""
        self._callbacks.add("progress", callback)

    def add_completion_callback(self, callback: CompletionCallback) -> None:
        """Call `callback(job_id, result)` when a video is done; `result` has `output_url`, `cost` and more."""
        self._callbacks.add("completion", callback)

    def add_error_callback(self, callback: ErrorCallback) -> None:
        """Call `callback(job_id, error)` when a video has failed permanently; `error` is an exception."""
        self._callbacks.add("error", callback)

    def watch(self, bulk_job_id: str) -> None:
        """Call back, from now on, for a bulk job that was created elsewhere. Raises `NoSuchBatchError`."""
        from pressrun.jobs.queries import latest_event

        self._session.feed.watch(bulk_job_id, latest_event(self._session.queue, bulk_job_id))

    # Commands

    def create_bulk_job(
        self,
        title: str,
        rows: Iterable[Any] | None = None,
        *,
        csv_text: str | None = None,
        csv_file: str | os.PathLike[str] | None = None,
        sheet_id: str | None = None,
        range: str = "A1:Z1000",
        sheet_format: SheetFormat | str = SheetFormat.STANDARD,
        validation_level: ValidationLevel | str = ValidationLevel.MODERATE,
        columns: Mapping[str, str] | None = None,
        priority: JobPriority | str | int = JobPriority.NORMAL,
        ai_provider: str = "auto",
        project_id: str | None = None,
        idempotency_key: str | None = None,
        **fields: Any,
    ) -> str:
        """Send rows, one video each, and return the id of the bulk job.

        Pass the rows as one of `rows`, `csv_text`, `csv_file` and `sheet_id`. `fields` are the other fields of a
        request: `output`, `template`, `processing_deadline_ms`, `callback_url`, `max_concurrent`, `max_retries`, and
        `output_bucket` and `template_id` without their objects. Invalid rows are skipped, and the status lists them.

        Raises `UsageError`, `RequestError`, `RowsError` or `TemplateError` for invalid input, `SheetsUnavailableError`
        for a sheet, and `IdempotencyError` for a key that was used for another request.
        """
        from pressrun.jobs.queries import latest_event
        from pressrun.kinds.ideas.request import parse_request
        from pressrun.kinds.ideas.send import send
        from pressrun.python.arguments import make_input_source, make_request

        sources = {"rows": rows, "csv_text": csv_text, "csv_file": csv_file, "sheet_id": sheet_id, "range": range}
        options = {"format": sheet_format, "validation": validation_level, "columns": columns}
        body = {"title": title, "priority": priority, "input_source": make_input_source(sources, options)}
        request = parse_request(make_request(body, fields))
        defaults = self._batch_defaults(ai_provider)
        project = project_id or self.project_id
        sent = send(self._session.queue, request, defaults, project=project, key=idempotency_key)
        bulk_job_id = str(sent.batch["id"])
        self._session.feed.watch(bulk_job_id, 0 if sent.new else latest_event(self._session.queue, bulk_job_id))
        return bulk_job_id

    def _batch_defaults(self, ai_provider: str) -> BatchDefaults:
        from pressrun.kinds.ideas.send import BatchDefaults
        from pressrun.python.arguments import writer_settings
        from pressrun.settings import load_settings

        root = self.workspace.root
        return BatchDefaults(
            root,
            font_dir=load_settings(root).item.font_dir,
            queue=self._queue_name,
            settings={} if self._uses_coroutine else writer_settings(ai_provider, root),
            notes={"processor": self._name, "ai_provider": ai_provider},
        )

    def pause_bulk_job(self, bulk_job_id: str) -> Status:
        """Let running stages finish and start no new one; return the status.

        Raises `NoSuchBatchError`, and `MoveError` if the state does not allow it, as the other commands do.
        """
        from pressrun.jobs.batches import pause

        return self._move(pause, bulk_job_id)

    def resume_bulk_job(self, bulk_job_id: str) -> Status:
        """Resume a paused bulk job; return the status."""
        from pressrun.jobs.batches import resume

        return self._move(resume, bulk_job_id)

    def cancel_bulk_job(self, bulk_job_id: str) -> Status:
        """Cancel waiting videos and stop running ones within seconds; return the status."""
        from pressrun.jobs.batches import cancel

        return self._move(cancel, bulk_job_id)

    def retry_bulk_job(self, bulk_job_id: str) -> Status:
        """Run failed videos again from the step that failed; return the status. Finished videos stay."""
        from pressrun.jobs.batches import retry

        return self._move(retry, bulk_job_id)

    def _move(self, move: Callable[[Queue, str], Row], bulk_job_id: str) -> Status:
        move(self._session.queue, bulk_job_id)
        return self.get_bulk_job_status(bulk_job_id)

    def wait(self, bulk_job_id: str, timeout: float | None = None) -> Status:
        """Wait until a bulk job has ended and the callbacks got all its events; return the status.

        Waits for a database that does not answer, too. Raises `NoSuchBatchError`, and `TimeoutError` after `timeout`
        seconds.
        """
        from pressrun.jobs.queries import latest_event

        deadline = None if timeout is None else awake_time() + timeout
        status: Status = {"status": "unknown"}
        while True:
            with suppress(DatabaseAwayError):
                status = self.get_bulk_job_status(bulk_job_id)
                if _has_ended(status):
                    latest = latest_event(self._session.queue, bulk_job_id)
                    break
            if deadline is not None and awake_time() > deadline:
                raise TimeoutError(f"The bulk job {bulk_job_id} is {status['status']} after {timeout:g} s")
            time.sleep(POLL_INTERVAL)
        left = CALLBACK_TIMEOUT if deadline is None else max(0.0, deadline - awake_time())
        self._session.feed.wait_for_event(bulk_job_id, latest, left)
        return status

    # Queries

    def get_bulk_job_status(self, bulk_job_id: str) -> Status:
        """Return `status`, `progress` in percent, `statistics`, times in seconds, and more."""
        from pressrun.python.status import bulk_job_status

        return bulk_job_status(self._session.queue, bulk_job_id)

    def list_bulk_jobs(self, status: str | None = None, limit: int = 20) -> list[Status]:
        """Return the bulk jobs of the user, newest first; only those with `status` unless it is None."""
        from pressrun.python.status import list_bulk_jobs

        return list_bulk_jobs(self._session.queue, status, limit)

    def get_jobs(self, bulk_job_id: str, after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
        """Return the videos of a bulk job after row number `after`. Their `status` is a `JobStatus`."""
        from pressrun.python.status import list_jobs

        return list_jobs(self._session.queue, bulk_job_id, after, limit)

    def get_job_events(self, job_id: int | str, after: int = 0, limit: int = 500) -> list[dict[str, Any]]:
        """Return the events of a video, or of all videos of a bulk job, after the event `after`, oldest first."""
        from pressrun.python.status import list_job_events

        return list_job_events(self._session.queue, job_id, after, limit)

    def get_system_status(self) -> Status:
        """Return `state` of this processor, `bulk_jobs` by status, `queue_running`, `workers` and `rate_limiter`."""
        from pressrun.jobs.queries import workers
        from pressrun.python.status import count_bulk_jobs, limiter_status

        worker_count = len(workers(self._session.queue))
        return {
            "state": "running" if self._session.started else "stopped",
            "queue_running": self._session.serving or (worker_count > 0 and not self._uses_coroutine),
            "bulk_jobs": count_bulk_jobs(self._session.queue),
            "workers": worker_count,
            "max_workers": self.max_workers,
            "rate_limiter": limiter_status(self._session.queue, self.rate_limiter.rates),
        }

    # Generation of videos

    async def _execute_video_generation(self, video_job: VideoJob) -> Mapping[str, Any]:
        """Make one video with the engine, and return `output_url`, `cost`, `duration` and `quality`. Override it.

        An exception fails the job; after a `NetworkError`, `ServerError` or timeout, the job is retried. If the job is
        cancelled, the coroutine is cancelled with `CancelledError`.
        """
        from pressrun.python.coroutine_jobs import run_handler

        return await run_handler(await asyncio.to_thread(self._engine_handler), video_job.context)

    def _overrides_generation(self) -> bool:
        method = self._execute_video_generation
        if getattr(method, "__func__", None) is BatchProcessor._execute_video_generation:
            return False
        if not inspect.iscoroutinefunction(method):
            raise UsageError(
                f"{type(self).__name__}._execute_video_generation is not a coroutine function",
                remedy="Declare it with async def.",
            )
        return True

    def _open_coroutine_handler(self) -> AbstractContextManager[JobHandler]:
        from pressrun.python.coroutine_jobs import CoroutineHandler

        return CoroutineHandler(self._execute_video_generation)

    @contextmanager
    def _open_engine(self) -> Iterator[JobHandler]:
        yield self._engine_handler()

    def _engine_handler(self) -> JobHandler:
        from pressrun.kinds import job_handler

        with self._engine_lock:
            if self._engine is None:
                self._engine = job_handler(self.workspace.root)
            return self._engine


def _has_ended(status: Status) -> bool:
    from pressrun.python.status import ENDED

    return status["status"] in ENDED and not status["statistics"]["running"]
