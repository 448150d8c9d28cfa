"""Hand the run folder of one attempt at a job to the next, on this machine or another one."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from pressrun.jobs.handler import JobContext
from pressrun.kinds.run_store.api_store import ApiRunStore, upload_address
from pressrun.kinds.run_store.bucket_store import BucketRunStore
from pressrun.kinds.run_store.disk_store import DiskRunStore
from pressrun.kinds.run_store.location import RunLocation
from pressrun.store.run_folder import RunFolder


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
    if address := upload_address():
        return ApiRunStore(job, location.workspace, address)
    return DiskRunStore(job, location.workspace)
