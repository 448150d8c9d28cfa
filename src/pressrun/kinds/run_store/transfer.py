"""Moves the files of a run folder into a bucket and back; what comes back is complete and verified."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from shutil import rmtree
from typing import Any

from pressrun.errors import BrokenFileError, FencedError, RunStoreError
from pressrun.jobs.handler import JobContext
from pressrun.kinds.run_store.manifest import Entry, Manifest
from pressrun.services.bucket_files import FileDownloader, FileUploader, sizes
from pressrun.services.bucket_place import BucketLocation
from pressrun.store import atomic, json_files
from pressrun.store.run_folder import ITEM, LOGS, STAGES, SUMMARY, TITLES, RunFolder, StageRecord

UPLOADED_LAST = (ITEM, TITLES, STAGES, SUMMARY)
"""Sent after everything else and in this order: the checkpoint never stands where its products do not."""
LOG_INTERVAL = 10.0
"""Seconds between two lines of the log about one long way."""
DOWNLOAD_ATTEMPTS = 2
"""Of a file that does not arrive as it was sent."""

logger = logging.getLogger(__name__)


class Abandoned(Exception):
    """Nobody waits for the run folder any more: its job was cancelled, or has to end at once."""


def raise_if_abandoned(job: JobContext) -> None:
    if job.stop.reason == "fenced":
        raise FencedError(f"Job {job.job_id} was given to another worker meanwhile")
    if job.stop.reason == "cancel" or job.stop.forced:
        raise Abandoned


class Uploader:
    """The files of one run folder in a bucket, known by what was sent of them."""

    def __init__(self, place: BucketLocation, prefix: str, job: JobContext) -> None:
        self._place, self._prefix, self._job = place, prefix, job
        self.known: dict[str, Entry] = {}
        """Name -> object, of all that arrived, listed in a manifest or not yet."""

    def send(self, store: Any, folder: RunFolder, under: str) -> dict[str, Entry]:
        """Sends what is new to keys that begin with `under`, and returns all files of the folder.

        What arrived is not sent again, even when this one ends early. What the bucket raises goes up as it is; raises
        `Abandoned` and `FencedError` in the middle of a file.
        """
        files = {name: self._unchanged(folder, name) for name in upload_order(folder.path)}
        new = [name for name, entry in files.items() if entry is None]
        total = sum(_size(folder.path / name) for name in new)
        sender = FileUploader(self._place, store, total, _UploadProgress(self._job, str(self._place)))
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


class _UploadProgress:
    """Looks at the stop token in the middle of long files, and writes into the log how far they are."""

    def __init__(self, job: JobContext, where: str) -> None:
        self._job, self._where = job, where
        self._told = time.monotonic()

    def __call__(self, done: float, total: float, unit: str) -> None:  # noqa: ARG002
        raise_if_abandoned(self._job)
        if time.monotonic() - self._told >= LOG_INTERVAL:
            self._told = time.monotonic()
            logger.info("Job %s: %.1f of %.1f MB sent to %s", self._job.job_id, done / 1e6, total / 1e6, self._where)


def upload_order(root: Path) -> list[str]:
    """The files of a run folder in the order they are sent, without those that are half made."""
    found = [
        (Path(folder) / name).relative_to(root).as_posix()
        for folder, _, names in os.walk(root)
        for name in names
        if not atomic.is_partial(name)
    ]
    return sorted(found, key=lambda name: (UPLOADED_LAST.index(name) + 1 if name in UPLOADED_LAST else 0, name))


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def download(
    place: BucketLocation, store: Any, prefix: str, manifest: Manifest, target: Path, job: JobContext
) -> list[str]:
    """Makes the folder `target` of what the manifest lists, and returns what is not in the bucket as it was sent.

    The folder has another name until it is whole, and is gone when an error comes first. A file that somebody removed
    or changed in the bucket is left out, and its stage makes it anew. What the bucket raises goes up as it is; raises
    `NoSpaceError` on a full disk, and `Abandoned` and `FencedError` in the middle of a file.
    """
    half = target.with_name(f".{target.name}{_ending(job.job_id)}")
    (half / LOGS).mkdir(parents=True)
    try:
        there = sizes(store, prefix)
        receiver = FileDownloader(place, store)
        lost = []
        for name, entry in manifest.files.items():
            key = f"{prefix}/{entry.key}"
            path = half / _inside(name, place, prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            if there.get(key) != entry.size or not _fetch(receiver, key, path, entry, job):
                lost.append(name)
        _move_paths(half / STAGES, manifest.workspace, str(job.workspace))
        atomic.sync_folder(half)
        half.rename(target)
    except BaseException:
        rmtree(half, ignore_errors=True)
        raise
    atomic.sync_folder(target.parent)
    return lost


def remove_partial_folders(runs: Path, base: str, job_id: int) -> None:
    """Removes what earlier attempts at the job left of a folder `base` that never became whole."""
    with suppress(FileNotFoundError):
        for name in os.listdir(runs):
            if name.startswith(f".{base}.a") and name.endswith(_ending(job_id)):
                rmtree(runs / name, ignore_errors=True)


def _ending(job_id: int) -> str:
    return f".{job_id}{atomic.PART_SUFFIX}"


def _inside(name: str, place: BucketLocation, prefix: str) -> PurePosixPath:
    """A name of the manifest as a path that stays in the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name:
        raise RunStoreError(
            f"{place}/{prefix} lists a file {name!r}, which is none of a run folder",
            remedy="Find out who else writes there; without the object current.json the job begins from the start.",
        )
    return path


def _fetch(receiver: FileDownloader, key: str, path: Path, entry: Entry, job: JobContext) -> bool:
    """Whether `path` now is the file that was sent."""
    for _ in range(DOWNLOAD_ATTEMPTS):
        with suppress(_OtherContent), atomic.atomic_output(path) as part:
            digest = hashlib.sha256()
            with part.open("wb") as file:
                for piece in receiver.receive(key, entry.size):
                    if job.stop:
                        raise_if_abandoned(job)
                        raise Abandoned
                    digest.update(piece)
                    file.write(piece)
            if digest.hexdigest() != entry.sha256:
                raise _OtherContent
            os.utime(part, ns=(entry.mtime_ns, entry.mtime_ns))
            return True
    logger.warning("%s is not what was sent there", key)
    return False


class _OtherContent(Exception):
    """Ends the writing of a product that is not to be kept."""


def _move_paths(file: Path, old: str, new: str) -> None:
    """Files outside the folder that stages depend on lie in the workspace of this machine now."""
    if old == new:
        return
    try:
        records = json_files.load(file, dict[str, StageRecord])
    except BrokenFileError:
        return
    moved = {name: _moved(record, old, new) for name, record in records.items()}
    if moved != records:
        json_files.save(file, moved)


def _moved(record: StageRecord, old: str, new: str) -> StageRecord:
    if not record.fingerprint or not record.fingerprint.reads:
        return record
    reads: Mapping[str, str] = record.fingerprint.reads
    here = {
        new + location.removeprefix(old) if location.startswith(f"{old}/") else location: digest
        for location, digest in reads.items()
    }
    return replace(record, fingerprint=replace(record.fingerprint, reads=here))
