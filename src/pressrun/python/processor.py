"""The queue from Python: `BatchProcessor` sends bulk jobs, has them done, and calls back when something happens.

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

from pressrun.errors import DatabaseAwayError, UsageError
from pressrun.jobs.connection import local_user
from pressrun.jobs.limits import RateLimiter, Rates
from pressrun.jobs.states import JobPriority
from pressrun.kinds.ideas import IDEAS
from pressrun.kinds.ideas.rows.fields import SheetFormat, ValidationLevel
from pressrun.python.callbacks import Callbacks, CompletionCallback, ErrorCallback, ProgressCallback
from pressrun.python.program import database_of, maker_name, own_queue_name, workers_asked
from pressrun.python.session import Session, Terms
from pressrun.store.workspace import Workspace, current_workspace

if TYPE_CHECKING:
    from pressrun.jobs.connection import Queue, Row
    from pressrun.jobs.handler import JobHandler
    from pressrun.kinds.ideas.send import BatchDefaults
    from pressrun.python.coroutine_jobs import VideoJob

CREDENTIALS_VARIABLE = "PRESSRUN_GOOGLE_CREDENTIALS"
LONGEST_TELLING = 60.0
"""Seconds that `wait` leaves to slow callbacks where it has no timeout."""
LOOK = 0.1
"""Seconds between two looks whether a bulk job has ended."""

Status = dict[str, Any]


class _Unsaid(int):
    """A number that nobody gave, so that the environment may say another."""


class BatchProcessor:
    """Bulk jobs of one user in the queue. Its methods are safe in threads; a `with` block starts it and closes it.

    Without `start` it sends and asks only. A subclass with an `async def _execute_video_generation(self, video_job)` of
    its own makes its videos with that, in this process and on a queue of its own; otherwise the engine makes them.
    """

    def __init__(
        self,
        credentials_path: str | os.PathLike[str] | None = None,
        database: str | os.PathLike[str] | None = None,
        max_workers: int = _Unsaid(4),
        rate_limiter: RateLimiter | None = None,
        *,
        db_path: str | os.PathLike[str] | None = None,
        user_id: str | None = None,
        project_id: str | None = None,
        name: str = "",
        workspace: str | os.PathLike[str] | None = None,
    ) -> None:
        """`database` (or `db_path`) is a folder for a database of its own, or the address of a PostgreSQL;
        `max_workers` are videos at once in this process, 0 to leave them to other workers; `credentials_path` is for
        sheets; `user_id` owns what is sent, by default the user of this machine; `name` keeps apart processors of one
        class. What is not given comes from the environment. Opens nothing yet.

        Raises `UsageError` and `SettingsError` for what cannot be meant.
        """
        self.credentials_path = credentials_path or os.environ.get(CREDENTIALS_VARIABLE) or None
        self.max_workers = workers_asked(None if isinstance(max_workers, _Unsaid) else max_workers)
        self.user_id = user_id or local_user()
        self.project_id = project_id
        self.workspace = Workspace(Path(workspace).resolve()) if workspace else current_workspace()
        self.rate_limiter = rate_limiter or RateLimiter(*vars(Rates.from_environment()).values())
        folder, environment = database_of(database, db_path)
        self._own = self._makes_its_own()
        self._maker = maker_name(type(self), name)
        self._queue_name = own_queue_name(self._maker) if self._own else IDEAS.queue.of(self.workspace.root)
        self._callbacks = Callbacks()
        self._engine: JobHandler | None = None
        self._engine_lock = threading.Lock()
        self._session = Session(
            Terms(
                folder, environment, self.user_id, self._maker, self._queue_name, self.workspace.root, self.max_workers,
                self.rate_limiter, self._own_work if self._own else self._engine_alone,
            ),
            self._callbacks,
        )  # fmt: skip

    # What happens while it runs.

    def start(self) -> None:
        """Begins to take jobs and to call back, also of bulk jobs that this class and name left behind. Safe to repeat.

        Raises `ServiceUnavailableError` where packages are missing and `DatabaseError` for a database that cannot be
        used.
        """
        self._session.start()

    def stop(self) -> None:
        """Ends: what runs is stopped and waits in the queue for the next start, or for another worker."""
        self._session.stop()

    def close(self) -> None:
        """Stops, and lets go of the database. What is asked afterwards opens it again."""
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
        """`callback(job_id, percent, message)`, percent from 0 to 100, whenever a video gets on."""
        self._callbacks.add("progress", callback)

    def add_completion_callback(self, callback: CompletionCallback) -> None:
        """`callback(job_id, result)` when a video is done: `output_url`, `cost`, `duration`, `quality`, and more."""
        self._callbacks.add("completion", callback)

    def add_error_callback(self, callback: ErrorCallback) -> None:
        """`callback(job_id, error)` when a video has failed for good; `error` is the exception, with its `remedy`."""
        self._callbacks.add("error", callback)

    def watch(self, bulk_job_id: str) -> None:
        """Calls back from now on about a bulk job that somebody else made. Raises `NoSuchBatchError`."""
        from pressrun.jobs.queries import latest_event

        self._session.feed.watch(bulk_job_id, latest_event(self._session.queue, bulk_job_id))

    # What is done with bulk jobs.

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
        **more: Any,
    ) -> str:
        """Sends the rows, one video each, and returns the id of the bulk job.

        One of `rows`, `csv_text`, `csv_file` and `sheet_id` says where they are. `more` are the other fields of a
        request: `output`, `template`, `processing_deadline_ms`, `callback_url`, `max_concurrent`, `max_retries`; flat
        are `output_bucket` and `template_id`. Rows that cannot be used are skipped, and the status names them.

        Raises `UsageError`, `RequestError`, `RowsError` and `TemplateError` for what cannot be made,
        `SheetsUnavailableError` for a sheet, and `IdempotencyError` for a key that came with something else before.
        """
        from pressrun.jobs.queries import latest_event
        from pressrun.kinds.ideas.request import parse_request
        from pressrun.kinds.ideas.send import send
        from pressrun.python.bulk_input import input_source, request_body

        given = {"rows": rows, "csv_text": csv_text, "csv_file": csv_file, "sheet_id": sheet_id, "range": range}
        reading = {"format": sheet_format, "validation": validation_level, "columns": columns}
        body = {"title": title, "priority": priority, "input_source": input_source(given, reading)}
        request = parse_request(request_body(body, more))
        project = project_id or self.project_id
        made = send(self._session.queue, request, self._house(ai_provider), project=project, key=idempotency_key)
        bulk_job_id = str(made.batch["id"])
        self._session.feed.watch(bulk_job_id, 0 if made.new else latest_event(self._session.queue, bulk_job_id))
        return bulk_job_id

    def _house(self, ai_provider: str) -> BatchDefaults:
        from pressrun.kinds.ideas.send import BatchDefaults
        from pressrun.python.bulk_input import writer_settings
        from pressrun.settings import load_settings

        root = self.workspace.root
        return BatchDefaults(
            root,
            font_dir=load_settings(root).item.font_dir,
            queue=self._queue_name,
            settings={} if self._own else writer_settings(ai_provider, root),
            notes={"processor": self._maker, "ai_provider": ai_provider},
        )

    def pause_bulk_job(self, bulk_job_id: str) -> Status:
        """What runs is finished and nothing new begins; returns the status, as the others do.

        Raises `NoSuchBatchError`, and `MoveError` where the state does not allow it, as the others do.
        """
        from pressrun.jobs.batches import pause

        return self._move(pause, bulk_job_id)

    def resume_bulk_job(self, bulk_job_id: str) -> Status:
        from pressrun.jobs.batches import resume

        return self._move(resume, bulk_job_id)

    def cancel_bulk_job(self, bulk_job_id: str) -> Status:
        """What waits is cancelled, and what runs is stopped within seconds."""
        from pressrun.jobs.batches import cancel

        return self._move(cancel, bulk_job_id)

    def retry_bulk_job(self, bulk_job_id: str) -> Status:
        """What failed is tried again, from the step that failed; what is done stays."""
        from pressrun.jobs.batches import retry

        return self._move(retry, bulk_job_id)

    def _move(self, move: Callable[[Queue, str], Row], bulk_job_id: str) -> Status:
        move(self._session.queue, bulk_job_id)
        return self.get_bulk_job_status(bulk_job_id)

    def wait(self, bulk_job_id: str, timeout: float | None = None) -> Status:
        """Waits until nothing is left to do and the callbacks have heard of it; returns the status.

        A database that does not answer is waited for, too.
        Raises `TimeoutError` after `timeout` seconds, and `NoSuchBatchError`.
        """
        from pressrun.jobs.queries import latest_event

        deadline = None if timeout is None else time.monotonic() + timeout
        status: Status = {"status": "not known"}
        while True:
            with suppress(DatabaseAwayError):
                status = self.get_bulk_job_status(bulk_job_id)
                if _has_ended(status):
                    latest = latest_event(self._session.queue, bulk_job_id)
                    break
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"The bulk job {bulk_job_id} is {status['status']} after {timeout:g} s")
            time.sleep(LOOK)
        left = LONGEST_TELLING if deadline is None else max(0.0, deadline - time.monotonic())
        self._session.feed.wait_until_told(bulk_job_id, latest, left)
        return status

    # What can be asked.

    def get_bulk_job_status(self, bulk_job_id: str) -> Status:
        """Where a bulk job stands: `status`, `progress` in percent, `statistics`, times in seconds, and more."""
        from pressrun.python.status import bulk_job_status

        return bulk_job_status(self._session.queue, bulk_job_id)

    def list_bulk_jobs(self, status: str | None = None, limit: int = 20) -> list[Status]:
        """The bulk jobs of the user, the newest first; those in one `status` alone where it is given."""
        from pressrun.python.status import bulk_jobs

        return bulk_jobs(self._session.queue, status, limit)

    def get_jobs(self, bulk_job_id: str, after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
        """The videos of a bulk job, those after the row with number `after`; `status` is a `JobStatus`."""
        from pressrun.python.status import jobs_of

        return jobs_of(self._session.queue, bulk_job_id, after, limit)

    def get_job_events(self, job_id: int | str, after: int = 0, limit: int = 500) -> list[dict[str, Any]]:
        """What happened to a video, oldest first, after the event `after`; with the id of a bulk job, to all of it."""
        from pressrun.python.status import job_events

        return job_events(self._session.queue, job_id, after, limit)

    def get_system_status(self) -> Status:
        """`state` of this processor, `bulk_jobs` in each status, `queue_running`, `workers`, `rate_limiter`."""
        from pressrun.python.status import counts, limiter_status, worker_count

        workers = worker_count(self._session.queue)
        return {
            "state": "running" if self._session.started else "stopped",
            "queue_running": self._session.serves or (workers > 0 and not self._own),
            "bulk_jobs": counts(self._session.queue),
            "workers": workers,
            "max_workers": self.max_workers,
            "rate_limiter": limiter_status(self._session.queue, self.rate_limiter.rates),
        }

    # How videos are made.

    async def _execute_video_generation(self, video_job: VideoJob) -> Mapping[str, Any]:
        """Makes one video and returns `{output_url, cost, duration, quality}`; the engine does it unless overridden.

        What it raises fails the job; `NetworkError`, `ServerError` and timeouts are tried again. Once the job is
        cancelled it gets `CancelledError`.
        """
        from pressrun.python.coroutine_jobs import made_by

        return await made_by(await asyncio.to_thread(self._engine_work), video_job.run)

    def _makes_its_own(self) -> bool:
        made = self._execute_video_generation
        if getattr(made, "__func__", None) is BatchProcessor._execute_video_generation:
            return False
        if not inspect.iscoroutinefunction(made):
            raise UsageError(
                f"{type(self).__name__}._execute_video_generation is no coroutine function",
                remedy="Declare it with async def.",
            )
        return True

    def _own_work(self) -> AbstractContextManager[JobHandler]:
        from pressrun.python.coroutine_jobs import OwnWork

        return OwnWork(self._execute_video_generation)

    @contextmanager
    def _engine_alone(self) -> Iterator[JobHandler]:
        yield self._engine_work()

    def _engine_work(self) -> JobHandler:
        from pressrun.kinds import job_handler

        with self._engine_lock:
            if self._engine is None:
                self._engine = job_handler(self.workspace.root)
            return self._engine


def _has_ended(status: Status) -> bool:
    from pressrun.python.status import ENDED

    return status["status"] in ENDED and not status["statistics"]["running"]
