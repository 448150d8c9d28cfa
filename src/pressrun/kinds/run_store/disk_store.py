"""Run folders on a disk that all workers see, or of a single machine."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from pressrun.jobs.handler import JobContext, JobReport
from pressrun.kinds.run_store.folders import attempt_path, belongs_to, item_id, local_path, stored_name, take_over
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace

logger = logging.getLogger(__name__)


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
