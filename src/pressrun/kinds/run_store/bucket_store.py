"""Upload a run folder to a bucket after each stage, and download it on another machine.

An attempt uploads objects with keys of its own, which no one overwrites. Then it writes `current.json`, which lists the
objects that are the run folder, unless a later attempt has written it. So a worker may die after any object, and a
worker that lost its job does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pressrun.clock import awake_time
from pressrun.engine.stage_run import retry_delay
from pressrun.error_reports import from_os_error
from pressrun.errors import FencedError, FileTroubleError, NetworkError, PressrunError
from pressrun.jobs.handler import JobContext, JobReport
from pressrun.kinds.run_store import transfer
from pressrun.kinds.run_store.folders import attempt_path, belongs_to, item_id, local_path, stored_name, take_over
from pressrun.kinds.run_store.location import require_access
from pressrun.kinds.run_store.manifest import MANIFEST_NAME, Manifest, ManifestObject
from pressrun.kinds.run_store.transfer import Abandoned, Uploader
from pressrun.services.bucket_files import sizes
from pressrun.services.bucket_location import BucketLocation, open_store, translate_errors
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace

MAX_FINAL_UPLOADS = 4
"""Attempts to upload a folder at the end of its job."""
BUCKET_TIMEOUT = 600.0
"""Seconds that a job waits before its first stage for a bucket that does not respond."""

T = TypeVar("T")
logger = logging.getLogger(__name__)


class BucketRunStore:
    """A run folder on this machine with a copy in a bucket. The copy may be older, but it is always complete."""

    def __init__(self, job: JobContext, workspace: Workspace, bucket: BucketLocation) -> None:
        self._job, self._workspace, self._bucket = job, workspace, bucket
        require_access(bucket)
        self._prefix = f"{job.batch_id}/{job.job_id}"
        self._item = item_id(job.batch_id, job.job_id)
        with translate_errors(bucket):
            self._store = open_store(bucket)
        self._manifest = ManifestObject(bucket, self._store, self._prefix)
        self._uploader = Uploader(bucket, self._prefix, job)
        self._local: Path | None = None
        """Path of the folder if this machine had it last. Set once: a retry would find its own name in the bucket."""
        self._last_manifest: Manifest | None = None
        self._saves = 0

    def fetch(self) -> Path | None:
        return self._retry_until_available(self._fetch)

    def start(self, folder: RunFolder) -> None:
        self._retry_until_available(lambda: self._upload(folder))

    def save(self, folder: RunFolder) -> None:
        if error := self._try_upload(folder):
            self._warn(f"The run folder cannot be saved to {self._bucket}; trying again after the next stage", error)

    def finish(self, folder: RunFolder) -> str:
        if self._job.stop.reason == "cancel":
            return ""
        tries = 1
        while error := self._try_upload(folder):
            if not error.retryable or tries == MAX_FINAL_UPLOADS or self._job.stop.wait(retry_delay(tries)):
                return self._warn(f"The finished run folder cannot be saved to {self._bucket}", error)
            tries += 1
        self._remove_obsolete_objects()
        return ""

    def _warn(self, text: str, error: PressrunError) -> str:
        message = f"{text}: {error.message}"
        logger.warning("Job %s: %s. %s", self._job.job_id, message, error.remedy)
        self._job.report(JobReport("warning", message))
        return message

    def _fetch(self) -> Path | None:
        stored = self._manifest.read()
        if stored is None:
            return self._take_over_local()
        if stored.attempt > self._job.attempt:
            raise FencedError(f"Attempt {stored.attempt} at job {self._job.job_id} has taken over its run folder")
        if self._local is None or stored.attempt < self._job.attempt:
            self._local = self._workspace.runs / stored.folder
        local, target = self._local, self._free_path(self._local)
        self._job.set_run_folder(stored_name(target))
        # From here on no earlier attempt can write the manifest.
        self._last_manifest = replace(stored, attempt=self._job.attempt, save=0, folder=target.name)
        self._manifest.write(self._last_manifest)
        self._uploader.uploaded = dict(stored.files)
        if belongs_to(local, self._item):
            local.rename(target)
        else:
            self._download(stored, target)
        return target

    def _take_over_local(self) -> Path | None:
        """Return the folder of an attempt on this machine that never reached the bucket; None without one."""
        if self._job.run_folder is None:
            return None
        local = local_path(self._workspace, self._job.run_folder)
        if not belongs_to(local, self._item):
            return None
        self._job.set_run_folder(stored_name(attempt_path(local, self._job.attempt)))
        return take_over(local, self._job.attempt)

    def _free_path(self, local: Path) -> Path:
        """Return the new path of the folder. Another job with that title and second may have the usual one."""
        target = attempt_path(local, self._job.attempt)
        if not target.exists():
            return target
        return attempt_path(local.with_name(f"{target.stem}_{self._job.job_id}"), self._job.attempt)

    def _download(self, stored: Manifest, target: Path) -> None:
        transfer.remove_partial_folders(target.parent, target.stem, self._job.job_id)
        lost = transfer.download(self._bucket, self._store, self._prefix, stored, target, self._job)
        for name in lost:
            del self._uploader.uploaded[name]
        message = f"Downloaded the run folder from {self._bucket}: {len(stored.files) - len(lost)} files"
        if lost:
            message += f"; missing or changed in the bucket: {', '.join(lost)}"
        logger.info("Job %s: %s", self._job.job_id, message)
        self._job.report(JobReport("warning" if lost else "note", message))

    def _retry_until_available(self, step: Callable[[], T]) -> T:
        """Return the result of `step`, which must succeed before the first stage. Wait while the bucket is away."""
        tries, start = 1, awake_time()
        while True:
            try:
                with self._translate_errors():
                    return step()
            except NetworkError as error:
                if awake_time() - start > BUCKET_TIMEOUT:
                    raise
                if tries == 1:
                    self._warn(f"Waiting for {self._bucket}", error)
                if self._job.stop.wait(retry_delay(tries)):
                    raise Abandoned from None
                tries += 1

    def _try_upload(self, folder: RunFolder) -> PressrunError | None:
        """Upload the folder. Return the error if it failed, but not if no one waits for the folder any more."""
        try:
            with self._translate_errors():
                self._upload(folder)
        except FencedError:
            raise
        except PressrunError as error:
            return error
        except Abandoned:
            return None
        return None

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Raise errors of the bucket and the disk as errors with a remedy."""
        try:
            with translate_errors(self._bucket):
                yield
        except OSError as error:
            known = from_os_error(error, self._workspace.runs)
            # E.g. a file that was removed during its upload.
            raise known or FileTroubleError(
                str(error), remedy="Do not change run folders while their jobs run."
            ) from error

    def _upload(self, folder: RunFolder) -> None:
        self._saves += 1
        attempt = self._job.attempt
        files = self._uploader.upload(self._store, folder, f"a{attempt}.{self._saves}")
        manifest = Manifest(attempt, self._saves, folder.path.name, str(self._workspace.root), files)
        if self._last_manifest and replace(manifest, save=self._last_manifest.save) == self._last_manifest:
            return
        self._manifest.write(manifest)
        self._last_manifest = manifest

    def _remove_obsolete_objects(self) -> None:
        """Remove the objects of earlier saves. Keys begin with the attempt, so objects of later attempts stay."""
        import obstore
        from obstore.exceptions import BaseError

        files = self._last_manifest.files.values() if self._last_manifest else ()
        used = {f"{self._prefix}/{entry.key}" for entry in files}
        # Credentials that may write but not delete are fine: the objects take space but break nothing.
        with suppress(BaseError, OSError):
            obsolete = [key for key in sizes(self._store, self._prefix) if key not in used and self._is_past(key)]
            if obsolete:
                obstore.delete(self._store, obsolete)

    def _is_past(self, key: str) -> bool:
        """Return whether an object comes from this attempt or an earlier one."""
        name = key.removeprefix(f"{self._prefix}/")
        number = name.partition(".")[0].removeprefix("a")
        return name != MANIFEST_NAME and number.isdigit() and int(number) <= self._job.attempt
