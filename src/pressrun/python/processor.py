"""The queue from Python: `BatchProcessor` sends bulk jobs, runs them, and calls back for their events.

    with BatchProcessor(database="queue") as processor:
        processor.add_completion_callback(lambda job_id, result: print(result["output_url"]))
        processor.wait(processor.create_bulk_job(title="Spring", csv_file="ideas.csv"))
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pressrun.errors import UsageError
from pressrun.jobs.connection import local_user
from pressrun.jobs.limits import RateLimiter, Rates
from pressrun.jobs.states import JobPriority
from pressrun.jobs.variables import CREDENTIALS, read_variable
from pressrun.kinds.ideas import IDEAS
from pressrun.kinds.ideas.rows.fields import SheetFormat, ValidationLevel
from pressrun.python.arguments import AUTO, own_queue_name, parse_database, parse_max_workers, processor_name
from pressrun.python.callbacks import Callbacks, CompletionCallback, ErrorCallback, ProgressCallback
from pressrun.python.control import BulkJobControl
from pressrun.python.generation import VideoGeneration
from pressrun.python.queue_manager import QueueManager
from pressrun.python.records import SheetsErrorHandler
from pressrun.python.session import Session, SessionOptions
from pressrun.store.workspace import Workspace, current_workspace

if TYPE_CHECKING:
    from pressrun.kinds.ideas.rows import Rows
    from pressrun.kinds.ideas.send import BatchDefaults


class _DefaultInt(int):
    """The default of a parameter, which the environment may override."""


class BatchProcessor(BulkJobControl, VideoGeneration):
    """Bulk jobs of one user in the queue. Thread-safe; a `with` block starts it and closes it.

    Before `start` or `process_sheet_ideas`, it only sends bulk jobs and reads their status. By default, the engine
    makes the videos. A subclass with its own `async def _execute_video_generation(self, video_job)` makes them itself,
    in this process, from a separate queue.
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
        super().__init__()
        self.credentials_path = credentials_path or read_variable(CREDENTIALS)[1] or None
        self.user_id = user_id or local_user()
        self.project_id = project_id
        self.workspace = Workspace(Path(workspace).resolve()) if workspace else current_workspace()
        self.rate_limiter = rate_limiter or RateLimiter(*vars(Rates.from_environment()).values())
        folder, environment = parse_database(database, db_path)
        self._name = processor_name(type(self), name)
        self._queue_name = own_queue_name(self._name) if self._uses_coroutine else IDEAS.queue.of(self.workspace.root)
        self._callbacks = Callbacks()
        self._session = Session(
            SessionOptions(
                folder, environment, self.user_id, self._name, self._queue_name, self.workspace.root,
                self.rate_limiter, self._open_handler,
            ),
            self._callbacks,
        )  # fmt: skip
        workers = parse_max_workers(None if isinstance(max_workers, _DefaultInt) else max_workers)
        self._queue_manager = QueueManager(workers)
        self._queue_manager.attach(self._session)
        self._error_handler = SheetsErrorHandler()

    @property
    def queue_manager(self) -> QueueManager:
        """Return the manager of the worker. Assign a `QueueManager` to change the number of concurrent videos."""
        return self._queue_manager

    @queue_manager.setter
    def queue_manager(self, manager: QueueManager) -> None:
        if not isinstance(manager, QueueManager):
            raise UsageError(
                f"queue_manager: found {type(manager).__name__}; it must be a QueueManager",
                remedy="Assign e.g. QueueManager(max_workers=8).",
            )
        self._queue_manager.detach()
        self._queue_manager = manager
        manager.attach(self._session)

    @property
    def max_workers(self) -> int:
        """Return the number of concurrent videos in this process."""
        return self._queue_manager.max_workers

    @property
    def error_handler(self) -> SheetsErrorHandler:
        """Return the handler whose `retry_template` applies to the bulk jobs created from now on."""
        return self._error_handler

    @error_handler.setter
    def error_handler(self, handler: SheetsErrorHandler) -> None:
        if not isinstance(handler, SheetsErrorHandler):
            raise UsageError(
                f"error_handler: found {type(handler).__name__}; it must be a SheetsErrorHandler",
                remedy="Assign e.g. SheetsErrorHandler(retry_template=RetryTemplate(max_retries=5)).",
            )
        self._error_handler = handler

    @property
    def db_path(self) -> Path:
        """Return the path of a file beside the database, after a successful query of the database.

        The file exists and is an empty SQLite database. Raises `DatabaseError` for a database that cannot be used.
        """
        return self._session.ping()

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

    async def cleanup(self) -> None:
        """Do the same as `close`, without blocking the event loop."""
        await asyncio.to_thread(self.close)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cleanup()

    def add_progress_callback(self, callback: ProgressCallback) -> None:
        """Call `callback(job_id, percent, message)` whenever a video makes progress; percent is an int, 0 to 100."""
        self._callbacks.add("progress", callback)

    def add_completion_callback(self, callback: CompletionCallback) -> None:
        """Call `callback(job_id, result)` when a video is done; `result` has `output_url`, `cost` and more."""
        self._callbacks.add("completion", callback)

    def add_error_callback(self, callback: ErrorCallback) -> None:
        """Call `callback(job_id, error)` when a video has failed permanently; `error` is an exception."""
        self._callbacks.add("error", callback)

    def create_bulk_job(
        self,
        sheet_id: str | None = None,
        user_id: str | None = None,
        priority: JobPriority | str | int = JobPriority.NORMAL,
        column_range: str | None = None,
        sheet_format: SheetFormat | str = SheetFormat.STANDARD,
        *,
        title: str | None = None,
        rows: Iterable[Any] | None = None,
        csv_text: str | None = None,
        csv_file: str | os.PathLike[str] | None = None,
        range: str | None = None,
        validation_level: ValidationLevel | str = ValidationLevel.MODERATE,
        columns: Mapping[str, str] | None = None,
        ai_provider: str = AUTO,
        project_id: str | None = None,
        idempotency_key: str | None = None,
        **fields: Any,
    ) -> str:
        """Send rows, one video each, and return the id of the bulk job.

        Pass the rows as one of `sheet_id`, `rows`, `csv_text` and `csv_file`. `user_id` owns the bulk job, by default
        the user of the processor. `column_range`, or `range`, is a range of the sheet, e.g. "A1:J100". `fields` are the
        other fields of a request: `output`, `template`, `processing_deadline_ms`, `callback_url`, `max_concurrent`,
        `max_retries`, and `output_bucket` and `template_id` without their objects. Invalid rows are skipped, and the
        status lists them.

        Raises `UsageError`, `RequestError`, `RowsError` or `TemplateError` for invalid input, `SheetsUnavailableError`,
        `PermissionError`, `AuthenticationError`, `QuotaExceededError`, `NetworkError` or `ServerError` for a sheet that
        cannot be read, `SettingsError` for an `ai_provider` that cannot write the missing scripts, and
        `IdempotencyError` for a key that was used for another request.
        """
        from pressrun.jobs.connection import Queue
        from pressrun.jobs.queries import latest_event
        from pressrun.kinds.ideas.request import parse_request, read_rows
        from pressrun.kinds.ideas.send import send
        from pressrun.kinds.ideas.sheets.opening import SheetAccess
        from pressrun.media.style_files import style_names
        from pressrun.python.arguments import (
            make_input_source,
            make_request,
            parse_range,
            parse_user,
            title_of,
        )
        from pressrun.services.sheets.client import RetryPolicy

        sources = {"rows": rows, "csv_text": csv_text, "csv_file": csv_file, "sheet_id": sheet_id}
        owner = parse_user(user_id, self.user_id)
        sources["range"] = parse_range(column_range, range)
        options = {"format": sheet_format, "validation": validation_level, "columns": columns}
        source = make_input_source(sources, options)
        body = {"title": title or title_of(sources), "priority": priority, "input_source": source}
        retry = self._error_handler.retry_template
        request = parse_request(make_request(body, {"max_retries": retry.max_retries} | fields))
        project = project_id or self.project_id
        access = SheetAccess(self.credentials_path, RetryPolicy(**asdict(retry)))
        read = read_rows(request, style_names(self.workspace.root), access)
        defaults = self._batch_defaults(read, ai_provider)
        queue = Queue(self._session.queue.pool, owner)
        sent = send(queue, request, defaults, project=project, key=idempotency_key, rows=read)
        bulk_job_id = str(sent.batch["id"])
        self._session.owners.remember(bulk_job_id, owner)
        self._session.feed.watch(bulk_job_id, 0 if sent.new else latest_event(queue, bulk_job_id))
        return bulk_job_id

    def _batch_defaults(self, rows: Rows, ai_provider: str) -> BatchDefaults:
        from pressrun.kinds.ideas.send import BatchDefaults
        from pressrun.python.writers import writer_settings
        from pressrun.settings import load_settings

        root = self.workspace.root
        return BatchDefaults(
            root,
            font_dir=load_settings(root).item.font_dir,
            queue=self._queue_name,
            settings={} if self._uses_coroutine else writer_settings(
                ai_provider, rows, root, own_worker=self.max_workers > 0
            ),
            notes={
                "processor": self._name,
                "sent_by": self.user_id,
                "ai_provider": ai_provider,
                "retry": self._error_handler.retry_template.delays(),
            },
        )

    async def process_sheet_ideas(
        self,
        bulk_job_id: str,
        sheet_format: SheetFormat | str = SheetFormat.STANDARD,  # noqa: ARG002  (these four are for sheets)
        validation_level: ValidationLevel | str = ValidationLevel.MODERATE,  # noqa: ARG002
        ai_provider: str = "openai",  # noqa: ARG002
        column_range: str | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Start to make the videos of a bulk job, and return `bulk_job_id`, `status`, `total`, `accepted`, `rejected`.

        `accepted` is the number of rows that become videos, and `rejected` lists the others with the reason. The other
        arguments are for reading a sheet; a bulk job that was created with rows already has its own. Raises
        `NoSuchBatchError`, and the errors of `start`.
        """
        status = await asyncio.to_thread(self.get_bulk_job_status, bulk_job_id)
        await asyncio.to_thread(self.start)
        counts = status["statistics"]
        return {
            "bulk_job_id": bulk_job_id,
            "status": status["status"],
            "total": counts["total"],
            "accepted": counts["total"] - counts["skipped"],
            "rejected": status["rejected"],
        }
