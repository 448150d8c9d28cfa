"""Hand the run folder of one attempt at a job to the next, on this machine or another one."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from pressrun.jobs.handler import JobContext, JobReport
from pressrun.kinds.run_store.bucket_store import BucketRunStore
from pressrun.kinds.run_store.folders import attempt_path, belongs_to, item_id, local_path, stored_name, take_over
from pressrun.kinds.run_store.location import RunLocation
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace

logger = logging.getLogger(__name__)


class RunStore(Protocol):
    """The run folder of one job during one attempt, which calls the methods in this order.

    Each method raises `FencedError` if another worker has the job.
    """

    def fetch(self) -> Path | None:
        """Return the folder of an earlier attempt under its new name, which the row of the job then has; None without
        a folder.

        Raises `Abandoned` if the job is stopped first, and `RunStoreError`, `AuthenticationError` or `NetworkError` if
        the location cannot be used.
        """

    def start(self, folder: RunFolder) -> None:
        """Store the folder before the first stage. Raises the errors of `fetch`."""

    def save(self, folder: RunFolder) -> None:
        """Store the folder after a stage. An error becomes a warning of the job, and the next save tries again."""

    def finish(self, folder: RunFolder) -> str:
        """Store the folder after the last stage. Return a warning if that failed, or an empty string."""


def run_store_for(job: JobContext, location: RunLocation) -> RunStore:
    """Return the store of a location. Raises `AuthenticationError` and `RunStoreError` if the bucket has no access."""
    if location.bucket:
        return BucketRunStore(job, location.workspace, location.bucket)
    return DiskRunStore(job, location.workspace)


class DiskRunStore:
    """Run folders on a disk that all workers see. Only the name of a folder changes from attempt to attempt."""

    def __init__(self, job: JobContext, workspace: Workspace) -> None:
        self._job, self._workspace = job, workspace

    def fetch(self) -> Path | None:
        if self._job.run_folder is None:
            return None
        folder = local_path(self._workspace, self._job.run_folder)
        if not folder.is_dir() or belongs_to(folder, item_id(self._job.batch_id, self._job.job_id)):
            # Stored before the rename: a fenced attempt raises an error here and leaves the folder where it is.
            self._job.set_run_folder(stored_name(attempt_path(folder, self._job.attempt)))
            with suppress(FileNotFoundError):
                return take_over(folder, self._job.attempt)
        message = f"{self._job.run_folder} of an earlier attempt is not on this machine; starting from the beginning"
        logger.warning("Job %s: %s. To share run folders, use the setting runs.", self._job.job_id, message)
        self._job.report(JobReport("warning", message))
        return None

    def start(self, folder: RunFolder) -> None:
        """Do nothing: the folder is already stored."""

    def save(self, folder: RunFolder) -> None:
        """Do nothing: the folder is already stored."""

    def finish(self, folder: RunFolder) -> str:  # noqa: ARG002
        return ""
