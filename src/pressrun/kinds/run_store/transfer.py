"""Upload the files of a run folder to a bucket, and download them, complete and verified."""

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
from pressrun.kinds.run_store.manifest import Manifest, ManifestEntry
from pressrun.services.bucket_files import FileDownloader, FileUploader, sizes
from pressrun.services.bucket_location import BucketLocation
from pressrun.store import atomic, json_files
from pressrun.store.run_folder import ITEM, LOGS, STAGES, SUMMARY, TITLES, RunFolder, StageRecord

UPLOADED_LAST = (ITEM, TITLES, STAGES, SUMMARY)
"""Uploaded after all other files, in this order, so the checkpoint is never in the bucket before its products."""
LOG_INTERVAL = 10.0
"""Seconds between log lines about a long upload."""
DOWNLOAD_ATTEMPTS = 2
"""Attempts at a file whose content is not what was uploaded."""

logger = logging.getLogger(__name__)


class Abandoned(Exception):
    """Raised when no one waits for the run folder any more: its job was cancelled, or must end at once."""


def raise_if_abandoned(job: JobContext) -> None:
    """Raise `FencedError` if another worker has the job, and `Abandoned` if it was cancelled or must end at once."""
    if job.stop.reason == "fenced":
        raise FencedError(f"Job {job.job_id} was given to another worker")
    if job.stop.reason == "cancel" or job.stop.forced:
        raise Abandoned


class Uploader:
    """Uploads the files of one run folder, each version once."""

    def __init__(self, bucket: BucketLocation, prefix: str, job: JobContext) -> None:
        self._bucket, self._prefix, self._job = bucket, prefix, job
        self.uploaded: dict[str, ManifestEntry] = {}
        """Name -> object of each complete upload, whether a manifest lists it or not."""

    def upload(self, store: Any, folder: RunFolder, key_prefix: str) -> dict[str, ManifestEntry]:
        """Upload new and changed files to keys with `key_prefix`, and return all files of the folder.

        A file that has arrived is not uploaded again, even after an error. Raises the errors of the bucket
        untranslated, and `Abandoned` and `FencedError`, also in the middle of a file.
        """
        files = {name: self._unchanged(folder, name) for name in upload_order(folder.path)}
        new = [name for name, entry in files.items() if entry is None]
        total = sum(_size(folder.path / name) for name in new)
        uploader = FileUploader(self._bucket, store, total, _UploadProgress(self._job, self._bucket))
        start = time.monotonic()
        for name in new:
            key = f"{key_prefix}/{name}"
            mtime_ns = (folder.path / name).stat().st_mtime_ns
            size, sha256 = uploader.send(folder.path / name, f"{self._prefix}/{key}")
            files[name] = self.uploaded[name] = ManifestEntry(key, size, sha256, mtime_ns)
        if new:
            seconds = time.monotonic() - start
            logger.info(
                "Job %s: uploaded %s files, %.1f MB in %.1f s", self._job.job_id, len(new), total / 1e6, seconds
            )
        return {name: entry for name, entry in files.items() if entry}

    def _unchanged(self, folder: RunFolder, name: str) -> ManifestEntry | None:
        """Return the uploaded object of a file; None if the file is new or has changed."""
        known = self.uploaded.get(name)
        status = (folder.path / name).stat()
        if known is None or known.size != status.st_size:
            return None
        if known.mtime_ns != status.st_mtime_ns:
            if folder.sha256(name) != known.sha256:
                return None
            self.uploaded[name] = known = replace(known, mtime_ns=status.st_mtime_ns)
        return known


class _UploadProgress:
    """Checks the stop token in the middle of long files, and logs the progress of the upload."""

    def __init__(self, job: JobContext, bucket: BucketLocation) -> None:
        self._job, self._bucket = job, bucket
        self._logged_at = time.monotonic()

    def __call__(self, done: float, total: float, unit: str) -> None:  # noqa: ARG002
        raise_if_abandoned(self._job)
        if time.monotonic() - self._logged_at >= LOG_INTERVAL:
            self._logged_at = time.monotonic()
            logger.info("Job %s: %.1f of %.1f MB in %s", self._job.job_id, done / 1e6, total / 1e6, self._bucket)


def upload_order(root: Path) -> list[str]:
    """Return the files of a run folder in the order of their upload, without partial files."""
    names = [
        (Path(folder) / name).relative_to(root).as_posix()
        for folder, _, files in os.walk(root)
        for name in files
        if not atomic.is_partial(name)
    ]
    return sorted(names, key=lambda name: (UPLOADED_LAST.index(name) + 1 if name in UPLOADED_LAST else 0, name))


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def download(
    bucket: BucketLocation, store: Any, prefix: str, manifest: Manifest, target: Path, job: JobContext
) -> list[str]:
    """Create the folder `target` from the files of the manifest. Return the files that are missing or changed.

    The folder has a temporary name until it is complete, and is removed after an error. A file that was removed or
    changed in the bucket is left out, and its stage rebuilds it. Raises the errors of the bucket untranslated,
    `NoSpaceError` on a full disk, and `Abandoned` and `FencedError`, also in the middle of a file.
    """
    partial = target.with_name(f".{target.name}{_partial_suffix(job.job_id)}")
    (partial / LOGS).mkdir(parents=True)
    try:
        stored = sizes(store, prefix)
        downloader = FileDownloader(bucket, store)
        lost = []
        for name, entry in manifest.files.items():
            key = f"{prefix}/{entry.key}"
            path = partial / _safe_path(name, bucket, prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            if stored.get(key) != entry.size or not _download_file(downloader, key, path, entry, job):
                lost.append(name)
        _move_paths(partial / STAGES, manifest.workspace, str(job.workspace))
        atomic.sync_folder(partial)
        partial.rename(target)
    except BaseException:
        rmtree(partial, ignore_errors=True)
        raise
    atomic.sync_folder(target.parent)
    return lost


def remove_partial_folders(runs: Path, base: str, job_id: int) -> None:
    """Remove partial downloads of earlier attempts at the job. `base` is the name of the folder without a suffix."""
    with suppress(FileNotFoundError):
        for name in os.listdir(runs):
            if name.startswith(f".{base}.a") and name.endswith(_partial_suffix(job_id)):
                rmtree(runs / name, ignore_errors=True)


def _partial_suffix(job_id: int) -> str:
    return f".{job_id}{atomic.PART_SUFFIX}"


def _safe_path(name: str, bucket: BucketLocation, prefix: str) -> PurePosixPath:
    """Return a name of the manifest as a relative path. Raises `RunStoreError` if it leads out of the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name:
        raise RunStoreError(
            f"{bucket}/{prefix} lists a file with the invalid name {name!r}",
            remedy="Find out who else writes there. If you remove current.json, the job starts from the beginning.",
        )
    return path


def _download_file(
    downloader: FileDownloader, key: str, path: Path, entry: ManifestEntry, job: JobContext
) -> bool:
    """Return whether `path` now has the content that was uploaded."""
    for _ in range(DOWNLOAD_ATTEMPTS):
        with suppress(_DigestMismatchError), atomic.atomic_output(path) as part:
            digest = hashlib.sha256()
            with part.open("wb") as file:
                for piece in downloader.receive(key, entry.size):
                    if job.stop:
                        raise_if_abandoned(job)
                        raise Abandoned
                    digest.update(piece)
                    file.write(piece)
            if digest.hexdigest() != entry.sha256:
                raise _DigestMismatchError
            os.utime(part, ns=(entry.mtime_ns, entry.mtime_ns))
            return True
    logger.warning("%s does not have the content that was uploaded", key)
    return False


class _DigestMismatchError(Exception):
    """Makes `atomic_output` discard a file with the wrong content."""


def _move_paths(file: Path, old: str, new: str) -> None:
    """Change the paths of files outside the folder that stages have read to the workspace of this machine."""
    if old == new:
        return
    try:
        records = json_files.load(file, dict[str, StageRecord])
    except BrokenFileError:
        return
    moved = {name: _with_moved_paths(record, old, new) for name, record in records.items()}
    if moved != records:
        json_files.save(file, moved)


def _with_moved_paths(record: StageRecord, old: str, new: str) -> StageRecord:
    if not record.fingerprint or not record.fingerprint.reads:
        return record
    reads: Mapping[str, str] = record.fingerprint.reads
    moved = {
        new + location.removeprefix(old) if location.startswith(f"{old}/") else location: digest
        for location, digest in reads.items()
    }
    return replace(record, fingerprint=replace(record.fingerprint, reads=moved))
