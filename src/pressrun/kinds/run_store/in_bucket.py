"""A run folder that is sent into a bucket after each stage, and fetched from there by another machine.

What an attempt sends are objects of its own that nobody writes again; `current.json`, written last and only while no
later attempt has written it, says which of them are the run folder. So a worker may die after any object, and one that
was overtaken can do no harm.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from pressrun.engine.stage_run import retry_delay
from pressrun.error_reports import from_os_error
from pressrun.errors import (
    AuthenticationError,
    FencedError,
    FileTroubleError,
    NetworkError,
    PressrunError,
    RunStoreError,
)
from pressrun.jobs.handler import JobContext, JobReport
from pressrun.kinds.run_store import transfer
from pressrun.kinds.run_store.folder_guard import name_for, take_over
from pressrun.kinds.run_store.manifest import NAME, Manifest, ManifestObject
from pressrun.kinds.run_store.place import belongs_to, found, item_id, recorded
from pressrun.kinds.run_store.transfer import Abandoned, Uploader
from pressrun.services.bucket_files import put_json, sizes
from pressrun.services.bucket_place import BucketLocation, missing_credentials, open_store, translate_errors
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace

TRIAL = ".tried.json"
TRIAL_SECONDS = 8.0
LAST_TRIES = 4
"""Of a folder that must be in the bucket at the end of its job."""
PATIENCE = 600.0
"""Seconds that a job waits for a bucket that does not answer, before its first stage."""

T = TypeVar("T")
logger = logging.getLogger(__name__)


def try_out(place: BucketLocation) -> None:
    """Writes a small object and removes it. Raises `AuthenticationError`, `RunStoreError` and `NetworkError`."""
    _check(place)
    import obstore
    from obstore.exceptions import BaseError

    with translate_errors(place):
        store = open_store(place, TRIAL_SECONDS, tries=1)
        put_json(store, TRIAL, {})
    with suppress(BaseError, OSError):
        obstore.delete(store, TRIAL)


class InBucket:
    """A run folder on this machine whose copy in a bucket is never further than it, and never broken."""

    def __init__(self, job: JobContext, workspace: Workspace, place: BucketLocation) -> None:
        self._job, self._workspace, self._place = job, workspace, place
        _check(place)
        self._prefix = f"{job.batch_id}/{job.job_id}"
        self._item = item_id(job.batch_id, job.job_id)
        with translate_errors(place):
            self._store = open_store(place)
        self._manifest = ManifestObject(place, self._store, self._prefix)
        self._uploader = Uploader(place, self._prefix, job)
        self._here: Path | None = None
        """Where the folder lies if this machine had it last; known once, as a second try finds its own name."""
        self._last: Manifest | None = None
        self._save = 0

    def fetch(self) -> Path | None:
        return self._patiently(self._fetch)

    def start(self, folder: RunFolder) -> None:
        self._patiently(lambda: self._send(folder))

    def save(self, folder: RunFolder) -> None:
        if trouble := self._try_to_send(folder):
            self._warn(f"The run folder is not in {self._place}; it is tried again after the next stage", trouble)

    def finish(self, folder: RunFolder) -> str:
        if self._job.stop.reason == "cancel":
            return ""
        tries = 1
        while trouble := self._try_to_send(folder):
            if not trouble.retryable or tries == LAST_TRIES or self._job.stop.wait(retry_delay(tries)):
                return self._warn(f"The run folder is not in {self._place} as it is at the end", trouble)
            tries += 1
        self._sweep()
        return ""

    def _warn(self, what: str, trouble: PressrunError) -> str:
        message = f"{what}: {trouble.message}"
        logger.warning("Job %s: %s. %s", self._job.job_id, message, trouble.remedy)
        self._job.report(JobReport("warning", message))
        return message

    def _fetch(self) -> Path | None:
        there = self._manifest.read()
        if there is None:
            return self._left_here()
        if there.attempt > self._job.attempt:
            raise FencedError(f"Attempt {there.attempt} at job {self._job.job_id} has its run folder meanwhile")
        if self._here is None or there.attempt < self._job.attempt:
            self._here = self._workspace.runs / there.folder
        here, target = self._here, self._free_name(self._here)
        self._job.set_run_folder(recorded(target))
        # From here on no earlier attempt can write the manifest.
        self._last = replace(there, attempt=self._job.attempt, save=0, folder=target.name)
        self._manifest.write(self._last)
        self._uploader.known = dict(there.files)
        if belongs_to(here, self._item):
            here.rename(target)
        else:
            self._bring(there, target)
        return target

    def _left_here(self) -> Path | None:
        """The folder of an attempt that never reached the bucket, where it was made on this machine."""
        if self._job.run_folder is None:
            return None
        here = found(self._workspace, self._job.run_folder)
        if not belongs_to(here, self._item):
            return None
        self._job.set_run_folder(recorded(name_for(here, self._job.attempt)))
        return take_over(here, self._job.attempt)

    def _free_name(self, here: Path) -> Path:
        """What the folder is called from now on; another job of that title and second may have the first choice."""
        target = name_for(here, self._job.attempt)
        if not target.exists():
            return target
        return name_for(here.with_name(f"{target.stem}_{self._job.job_id}"), self._job.attempt)

    def _bring(self, there: Manifest, target: Path) -> None:
        transfer.remove_partial_folders(target.parent, target.stem, self._job.job_id)
        lost = transfer.download(self._place, self._store, self._prefix, there, target, self._job)
        for name in lost:
            del self._uploader.known[name]
        message = f"The run folder was fetched from {self._place}: {len(there.files) - len(lost)} files"
        if lost:
            message += f"; the bucket has no longer what was sent of {', '.join(lost)}"
        logger.info("Job %s: %s", self._job.job_id, message)
        self._job.report(JobReport("warning" if lost else "note", message))

    def _patiently(self, step: Callable[[], T]) -> T:
        """Does what must come before the first stage: while the bucket does not answer, no job could be done well."""
        tries, clock = 1, time.monotonic()
        while True:
            try:
                with self._in_words():
                    return step()
            except NetworkError as error:
                if time.monotonic() - clock > PATIENCE:
                    raise
                if tries == 1:
                    self._warn(f"It waits for {self._place}", error)
                if self._job.stop.wait(retry_delay(tries)):
                    raise Abandoned from None
                tries += 1

    def _try_to_send(self, folder: RunFolder) -> PressrunError | None:
        """What went wrong, if it is of interest to anybody."""
        try:
            with self._in_words():
                self._send(folder)
        except FencedError:
            raise
        except PressrunError as error:
            return error
        except Abandoned:
            return None
        return None

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Turns what bucket and disk raise into errors with a remedy."""
        try:
            with translate_errors(self._place):
                yield
        except OSError as error:
            known = from_os_error(error, self._workspace.runs)
            # As a file that something removed while it was on its way.
            raise known or FileTroubleError(str(error), remedy="Leave run folders to the program.") from error

    def _send(self, folder: RunFolder) -> None:
        self._save += 1
        attempt = self._job.attempt
        files = self._uploader.send(self._store, folder, f"a{attempt}.{self._save}")
        root = str(self._workspace.root)
        now = Manifest(attempt, self._save, folder.path.name, root, files)
        if self._last and replace(now, save=self._last.save) == self._last:
            return
        self._manifest.write(now)
        self._last = now

    def _sweep(self) -> None:
        """Removes what earlier saves left. Keys begin with their attempt, and nobody writes those of another."""
        import obstore
        from obstore.exceptions import BaseError

        kept = {f"{self._prefix}/{entry.key}" for entry in self._last.files.values()} if self._last else set()
        # Rights to write and none to remove are no reason to say anything: it takes room and breaks nothing.
        with suppress(BaseError, OSError):
            there = sizes(self._store, self._prefix)
            old = [key for key in there if key not in kept and self._is_of_the_past(key)]
            if old:
                obstore.delete(self._store, old)

    def _is_of_the_past(self, key: str) -> bool:
        name = key.removeprefix(f"{self._prefix}/")
        number = name.partition(".")[0].removeprefix("a")
        return name != NAME and number.isdigit() and int(number) <= self._job.attempt


def _check(place: BucketLocation) -> None:
    if find_spec("obstore") is None:
        raise RunStoreError(
            f"{place} cannot be reached without obstore", remedy="Install it: pip install 'pressrun[serve]'."
        )
    if needed := missing_credentials(place):
        raise AuthenticationError(f"There are no credentials for {place}", remedy=f"Set {needed}.")
