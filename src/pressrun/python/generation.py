"""How a processor makes its videos: with the engine, or with the coroutine of a subclass."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from pressrun.errors import UsageError

if TYPE_CHECKING:
    from pressrun.jobs.handler import JobHandler
    from pressrun.python.coroutine_jobs import VideoJob
    from pressrun.store.workspace import Workspace


class VideoGeneration:
    """The part of `BatchProcessor` that makes videos."""

    workspace: Workspace

    def __init__(self) -> None:
        """Raise `UsageError` if a subclass overrides the coroutine with an ordinary function."""
        self._uses_coroutine = self._overrides_generation()
        self._engine: JobHandler | None = None
        self._engine_lock = threading.Lock()

    async def _execute_video_generation(self, video_job: VideoJob) -> Mapping[str, Any]:
        """Make one video with the engine, and return `output_url`, `cost`, `duration` and `quality`. Override it.

        An exception fails the job. After a `NetworkError`, `ServerError`, `QuotaExceededError` or timeout, the job is
        retried. If the job is cancelled, the coroutine is cancelled with `CancelledError`.
        """
        from pressrun.python.coroutine_jobs import run_handler

        if video_job.context is None:
            raise UsageError(
                "This VideoJob is not a job of the queue", remedy="Create a bulk job; its videos arrive here as jobs."
            )
        return await run_handler(await asyncio.to_thread(self._engine_handler), video_job.context)

    def _overrides_generation(self) -> bool:
        method = self._execute_video_generation
        if getattr(method, "__func__", None) is VideoGeneration._execute_video_generation:
            return False
        if not inspect.iscoroutinefunction(method):
            raise UsageError(
                f"{type(self).__name__}._execute_video_generation is not a coroutine function",
                remedy="Declare it with async def.",
            )
        return True

    def _open_handler(self) -> AbstractContextManager[JobHandler]:
        from pressrun.python.coroutine_jobs import CoroutineHandler

        return CoroutineHandler(self._execute_video_generation) if self._uses_coroutine else self._open_engine()

    @contextmanager
    def _open_engine(self) -> Iterator[JobHandler]:
        yield self._engine_handler()

    def _engine_handler(self) -> JobHandler:
        from pressrun.kinds import job_handler

        with self._engine_lock:
            if self._engine is None:
                self._engine = job_handler(self.workspace.root)
            return self._engine
