"""A run folder out of a bucket: whole and proven, or not at all."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from shutil import rmtree
from typing import Any

from pressrun.errors import BrokenFileError, RunStoreError
from pressrun.jobs.run_store.manifest import Entry, Manifest
from pressrun.jobs.run_store.sending import GivenUp, raise_if_unwanted
from pressrun.jobs.work import JobRun
from pressrun.services.bucket_files import Receiver, sizes
from pressrun.services.bucket_place import Place
from pressrun.store import atomic, json_files
from pressrun.store.run_folder import LOGS, STAGES, StageRecord

TRIES = 2
"""Of a file that does not arrive as it was sent."""

logger = logging.getLogger(__name__)


def bring(place: Place, store: Any, prefix: str, manifest: Manifest, target: Path, job: JobRun) -> list[str]:
    """Makes the folder `target` of what the manifest lists, and returns what is not in the bucket as it was sent.

    The folder has another name until it is whole, and is gone when an error comes first. A file that somebody removed
    or changed in the bucket is left out, and its stage makes it anew. What the bucket raises goes up as it is; raises
    `NoSpaceError` on a full disk, and `GivenUp` and `FencedError` in the middle of a file.
    """
    half = target.with_name(f".{target.name}{_ending(job.job_id)}")
    (half / LOGS).mkdir(parents=True)
    try:
        there = sizes(store, prefix)
        receiver = Receiver(place, store)
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


def sweep(runs: Path, base: str, job_id: int) -> None:
    """Removes what earlier attempts at the job left of a folder `base` that never became whole."""
    with suppress(FileNotFoundError):
        for name in os.listdir(runs):
            if name.startswith(f".{base}.a") and name.endswith(_ending(job_id)):
                rmtree(runs / name, ignore_errors=True)


def _ending(job_id: int) -> str:
    return f".{job_id}{atomic.PART_SUFFIX}"


def _inside(name: str, place: Place, prefix: str) -> PurePosixPath:
    """A name of the manifest as a path that stays in the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name:
        raise RunStoreError(
            f"{place}/{prefix} lists a file {name!r}, which is none of a run folder",
            remedy="Find out who else writes there; without the object current.json the job begins from the start.",
        )
    return path


def _fetch(receiver: Receiver, key: str, path: Path, entry: Entry, job: JobRun) -> bool:
    """Whether `path` now is the file that was sent."""
    for _ in range(TRIES):
        with suppress(_OtherContent), atomic.atomic_output(path) as part:
            digest = hashlib.sha256()
            with part.open("wb") as file:
                for piece in receiver.receive(key, entry.size):
                    if job.stop:
                        raise_if_unwanted(job)
                        raise GivenUp
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
