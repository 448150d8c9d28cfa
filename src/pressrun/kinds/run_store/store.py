"""Gives an attempt at a job the run folder of the one before it, wherever that was, and keeps it for the next.

On a disk that all workers see there is nothing to do but to rename it; into a bucket it is sent after each stage.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from pressrun.jobs.handler import JobContext, JobReport
from pressrun.kinds.run_store.folder_guard import name_for, take_over
from pressrun.kinds.run_store.in_bucket import InBucket
from pressrun.kinds.run_store.place import Runs, belongs_to, found, item_id, recorded
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace

logger = logging.getLogger(__name__)


class RunStore(Protocol):
    """Used by one attempt at one job, in this order. Each method raises `FencedError` for an attempt overtaken."""

    def fetch(self) -> Path | None:
        """The folder of an earlier attempt under its new name; None where there is none. The row knows it then.

        Raises `Abandoned` where a stop came first, and where the place cannot be used.
        """

    def start(self, folder: RunFolder) -> None:
        """Called before the first stage. Raises as `fetch` does."""

    def save(self, folder: RunFolder) -> None:
        """Called after each stage; what goes wrong is told to the job, and tried again the next time."""

    def finish(self, folder: RunFolder) -> str:
        """Called after the last stage that runs. Says what another machine would not find, or nothing."""


def run_store_for(job: JobContext, runs: Runs) -> RunStore:
    """Raises `AuthenticationError` and `RunStoreError` for a bucket that cannot be reached from here at all."""
    return InBucket(job, runs.workspace, runs.bucket) if runs.bucket else OnDisk(job, runs.workspace)


class OnDisk:
    """Run folders in the workspace, or in a folder that all workers see."""

    def __init__(self, job: JobContext, workspace: Workspace) -> None:
        self._job, self._workspace = job, workspace

    def fetch(self) -> Path | None:
        if self._job.run_folder is None:
            return None
        known = found(self._workspace, self._job.run_folder)
        if not known.is_dir() or belongs_to(known, item_id(self._job.batch_id, self._job.job_id)):
            # Said before it is so: who is no longer to have the job is told here, and leaves the folder where it is.
            self._job.set_run_folder(recorded(name_for(known, self._job.attempt)))
            with suppress(FileNotFoundError):
                return take_over(known, self._job.attempt)
        message = f"{self._job.run_folder} of an earlier attempt is not on this machine, and everything is made anew"
        logger.warning("Job %s: %s. The setting runs says where machines share run folders.", self._job.job_id, message)
        self._job.report(JobReport("warning", message))
        return None

    def start(self, folder: RunFolder) -> None:
        """It is where it belongs."""

    def save(self, folder: RunFolder) -> None:
        """It is where it belongs."""

    def finish(self, folder: RunFolder) -> str:  # noqa: ARG002
        return ""
