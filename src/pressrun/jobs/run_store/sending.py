"""What changed in a run folder since it was last sent, and its way into the bucket."""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pressrun.errors import FencedError
from pressrun.jobs.run_store.manifest import Entry
from pressrun.jobs.work import JobRun
from pressrun.services.bucket_files import Sender
from pressrun.services.bucket_place import Place
from pressrun.store import atomic
from pressrun.store.run_folder import ITEM, STAGES, SUMMARY, TITLES, RunFolder

LAST = (ITEM, TITLES, STAGES, SUMMARY)
"""Sent after everything else and in this order: the checkpoint never stands where its products do not."""
TOLD_EVERY = 10.0
"""Seconds between two lines of the log about one long way."""

logger = logging.getLogger(__name__)


class GivenUp(Exception):
    """Nobody waits for the run folder any more: its job was cancelled, or has to end at once."""


def raise_if_unwanted(job: JobRun) -> None:
    if job.stop.reason == "fenced":
        raise FencedError(f"Job {job.job_id} was given to another worker meanwhile")
    if job.stop.reason == "cancel" or job.stop.forced:
        raise GivenUp


class Sending:
    """The files of one run folder in a bucket, known by what was sent of them."""

    def __init__(self, place: Place, prefix: str, job: JobRun) -> None:
        self._place, self._prefix, self._job = place, prefix, job
        self.known: dict[str, Entry] = {}
        """Name -> object, of all that arrived, listed in a manifest or not yet."""

    def send(self, store: Any, folder: RunFolder, under: str) -> dict[str, Entry]:
        """Sends what is new to keys that begin with `under`, and returns all files of the folder.

        What arrived is not sent again, even when this one ends early. What the bucket raises goes up as it is; raises
        `GivenUp` and `FencedError` in the middle of a file.
        """
        files = {name: self._unchanged(folder, name) for name in names_in(folder.path)}
        new = [name for name, entry in files.items() if entry is None]
        total = sum(_size(folder.path / name) for name in new)
        sender = Sender(self._place, store, total, _Teller(self._job, str(self._place)))
        clock = time.monotonic()
        for name in new:
            key = f"{under}/{name}"
            written = (folder.path / name).stat().st_mtime_ns
            size, sha256 = sender.send(folder.path / name, f"{self._prefix}/{key}")
            files[name] = self.known[name] = Entry(key, size, sha256, written)
        if new:
            took = time.monotonic() - clock
            logger.info("Job %s: %s files, %.1f MB sent in %.1f s", self._job.job_id, len(new), total / 1e6, took)
        return {name: entry for name, entry in files.items() if entry}

    def _unchanged(self, folder: RunFolder, name: str) -> Entry | None:
        """What was sent of a file, where that is what it still is."""
        known = self.known.get(name)
        status = (folder.path / name).stat()
        if known is None or known.size != status.st_size:
            return None
        if known.mtime_ns != status.st_mtime_ns:
            if folder.sha256(name) != known.sha256:
                return None
            self.known[name] = known = replace(known, mtime_ns=status.st_mtime_ns)
        return known


class _Teller:
    """Looks at the stop token in the middle of long files, and writes into the log how far they are."""

    def __init__(self, job: JobRun, where: str) -> None:
        self._job, self._where = job, where
        self._told = time.monotonic()

    def __call__(self, done: float, total: float, unit: str) -> None:  # noqa: ARG002
        raise_if_unwanted(self._job)
        if time.monotonic() - self._told >= TOLD_EVERY:
            self._told = time.monotonic()
            logger.info("Job %s: %.1f of %.1f MB sent to %s", self._job.job_id, done / 1e6, total / 1e6, self._where)


def names_in(root: Path) -> list[str]:
    """The files of a run folder in the order they are sent, without those that are half made."""
    found = [
        (Path(folder) / name).relative_to(root).as_posix()
        for folder, _, names in os.walk(root)
        for name in names
        if not atomic.is_partial(name)
    ]
    return sorted(found, key=lambda name: (LAST.index(name) + 1 if name in LAST else 0, name))


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
