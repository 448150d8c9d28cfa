"""Gives an attempt at a job the run folder of the one before it, wherever that was, and keeps it for the next.

On a disk that all workers see there is nothing to do but to rename it. Into a bucket it is sent after each stage. What
an attempt sends are objects of its own that nobody writes again; `current.json`, written last and only while no later
attempt has written it, says which of them are the run folder. So a worker may die after any object, and one that was
overtaken can do no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from pressrun.engine.stage_run import backoff
from pressrun.errors import AuthenticationError, FencedError, PressrunError, RunStoreError, from_os_error
from pressrun.jobs.folder_guard import name_for, take_over
from pressrun.jobs.run_store import bringing
from pressrun.jobs.run_store.manifest import NAME, Manifest, ManifestObject
from pressrun.jobs.run_store.place import Runs, belongs_to, found, item_id, recorded
from pressrun.jobs.run_store.sending import GivenUp, Sending
from pressrun.jobs.work import JobReport, JobRun
from pressrun.services.bucket_files import sizes
from pressrun.services.bucket_place import Place, clear_errors, missing_credentials, open_store
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace

LAST_TRIES = 4
"""Of a folder that must be in the bucket at the end of its job."""

logger = logging.getLogger(__name__)


class Keeper(Protocol):
    """Used by one attempt at one job, in this order. Each method raises `FencedError` for an attempt overtaken."""

    def take(self) -> Path | None:
        """The folder of an earlier attempt under its new name; None where there is none. The row knows it then.

        Raises `GivenUp` where a stop came first, and where the place cannot be used.
        """

    def begin(self, folder: RunFolder) -> None:
        """Called before the first stage. Raises where the place cannot be used."""

    def keep(self, folder: RunFolder) -> None:
        """Called after each stage; what goes wrong is told to the job, and tried again the next time."""

    def end(self, folder: RunFolder) -> str:
        """Called after the last stage that runs. Says what another machine would not find, or nothing."""


def keeper_for(job: JobRun, runs: Runs) -> Keeper:
    """Raises `AuthenticationError` and `RunStoreError` for a bucket that cannot be reached from here at all."""
    return InBucket(job, runs.workspace, runs.bucket) if runs.bucket else OnDisk(job, runs.workspace)


class OnDisk:
    """Run folders in the workspace, or in a folder that all workers see."""

    def __init__(self, job: JobRun, workspace: Workspace) -> None:
        self._job, self._workspace = job, workspace

    def take(self) -> Path | None:
        if self._job.run_folder is None:
            return None
        known = found(self._workspace, self._job.run_folder)
        if not known.is_dir() or belongs_to(known, item_id(self._job.batch_id, self._job.job_id)):
            # Said before it is so: who is no longer to have the job is told here, and leaves the folder where it is.
            self._job.opened(recorded(name_for(known, self._job.attempt)))
            with suppress(FileNotFoundError):
                return take_over(known, self._job.attempt)
        message = f"{self._job.run_folder} of an earlier attempt is not on this machine, and everything is made anew"
        logger.warning("Job %s: %s. The setting runs says where machines share run folders.", self._job.job_id, message)
        self._job.report(JobReport("warning", message))
        return None

    def begin(self, folder: RunFolder) -> None:
        """It is where it belongs."""

    def keep(self, folder: RunFolder) -> None:
        """It is where it belongs."""

    def end(self, folder: RunFolder) -> str:  # noqa: ARG002
        return ""


class InBucket:
    """A run folder on this machine whose copy in a bucket is never further than it, and never broken."""

    def __init__(self, job: JobRun, workspace: Workspace, place: Place) -> None:
        self._job, self._workspace, self._place = job, workspace, place
        _check(place)
        self._prefix = f"{job.batch_id}/{job.job_id}"
        self._item = item_id(job.batch_id, job.job_id)
        with clear_errors(place):
            self._store = open_store(place)
        self._manifest = ManifestObject(place, self._store, self._prefix)
        self._sending = Sending(place, self._prefix, job)
        self._last: Manifest | None = None
        self._save = 0

    def take(self) -> Path | None:
        with self._in_words():
            there = self._manifest.read()
            if there is None:
                return self._left_here()
            if there.attempt > self._job.attempt:
                raise FencedError(f"Attempt {there.attempt} at job {self._job.job_id} has its run folder meanwhile")
            here = self._workspace.runs / there.folder
            target = self._free_name(here)
            self._job.opened(recorded(target))
            # From here on no earlier attempt can write the manifest.
            self._last = replace(there, attempt=self._job.attempt, save=0, folder=target.name)
            self._manifest.write(self._last)
            self._sending.known = dict(there.files)
            if belongs_to(here, self._item):
                here.rename(target)
            else:
                self._bring(there, target)
        return target

    def begin(self, folder: RunFolder) -> None:
        with self._in_words():
            self._send(folder)

    def keep(self, folder: RunFolder) -> None:
        if trouble := self._try_to_send(folder):
            self._warn(f"The run folder is not in {self._place}; it is tried again after the next stage", trouble)

    def end(self, folder: RunFolder) -> str:
        if self._job.stop.reason == "cancel":
            return ""
        tries = 1
        while trouble := self._try_to_send(folder):
            if not trouble.retryable or tries == LAST_TRIES or self._job.stop.wait(backoff(tries)):
                return self._warn(f"The run folder is not in {self._place} as it is at the end", trouble)
            tries += 1
        self._sweep()
        return ""

    def _warn(self, what: str, trouble: PressrunError) -> str:
        message = f"{what}: {trouble.message}"
        logger.warning("Job %s: %s. %s", self._job.job_id, message, trouble.remedy)
        self._job.report(JobReport("warning", message))
        return message

    def _left_here(self) -> Path | None:
        """The folder of an attempt that never reached the bucket, where it was made on this machine."""
        if self._job.run_folder is None:
            return None
        here = found(self._workspace, self._job.run_folder)
        if not belongs_to(here, self._item):
            return None
        self._job.opened(recorded(name_for(here, self._job.attempt)))
        return take_over(here, self._job.attempt)

    def _free_name(self, here: Path) -> Path:
        """What the folder is called from now on; another job of that title and second may have the first choice."""
        target = name_for(here, self._job.attempt)
        if not target.exists():
            return target
        return name_for(here.with_name(f"{target.stem}_{self._job.job_id}"), self._job.attempt)

    def _bring(self, there: Manifest, target: Path) -> None:
        bringing.sweep(target.parent, target.stem, self._job.job_id)
        lost = bringing.bring(self._place, self._store, self._prefix, there, target, self._job)
        for name in lost:
            del self._sending.known[name]
        message = f"The run folder was fetched from {self._place}: {len(there.files) - len(lost)} files"
        if lost:
            message += f"; the bucket has no longer what was sent of {', '.join(lost)}"
        logger.info("Job %s: %s", self._job.job_id, message)
        self._job.report(JobReport("warning" if lost else "note", message))

    def _try_to_send(self, folder: RunFolder) -> PressrunError | None:
        """What went wrong, if it is of interest to anybody."""
        try:
            with self._in_words():
                self._send(folder)
        except FencedError:
            raise
        except PressrunError as error:
            return error
        except GivenUp:
            return None
        return None

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Turns what bucket and disk raise into errors with a remedy."""
        try:
            with clear_errors(self._place):
                yield
        except OSError as error:
            if known := from_os_error(error, self._workspace.runs):
                raise known from error
            raise

    def _send(self, folder: RunFolder) -> None:
        self._save += 1
        attempt = self._job.attempt
        files = self._sending.send(self._store, folder, f"a{attempt}.{self._save}")
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


def _check(place: Place) -> None:
    if find_spec("obstore") is None:
        raise RunStoreError(
            f"{place} cannot be reached without obstore", remedy="Install it: pip install 'pressrun[serve]'."
        )
    if needed := missing_credentials(place):
        raise AuthenticationError(f"There are no credentials for {place}", remedy=f"Set {needed}.")
