"""`current.json` of a job in a bucket: the objects of its run folder, and the attempt that has it.

It is the only object that is written more than once, and each write succeeds only if the object has not changed since
it was read. So an attempt that lost its job can no longer write it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from pressrun.errors import FencedError, RunStoreError
from pressrun.model.conversion import convert
from pressrun.services.bucket_files import load_json_with_tag, tag_of
from pressrun.services.bucket_location import BucketLocation
from pressrun.store.json_files import encode

MANIFEST_NAME = "current.json"
MAX_WRITE_ATTEMPTS = 5
"""Conflicting writes in a row before `ManifestObject.write` raises an error."""


@dataclass(frozen=True)
class ManifestEntry:
    """A file of the run folder, and the object with its content."""

    key: str
    """Relative to the prefix of the job. An object is written once and never changes."""
    size: int
    sha256: str
    mtime_ns: int


@dataclass(frozen=True)
class Manifest:
    attempt: int
    save: int
    """Number of the save in the attempt, so that no two manifests are equal."""
    folder: str
    """Name of the run folder on the machine that has it."""
    workspace: str
    """Path of the workspace on the machine that wrote the records."""
    files: dict[str, ManifestEntry] = field(default_factory=dict)
    """Name in the run folder -> object."""


class ManifestObject:
    """The manifest of one job as this process last read or wrote it. Errors of the bucket are not translated."""

    def __init__(self, bucket: BucketLocation, store: Any, prefix: str) -> None:
        self._bucket, self._store, self._key = bucket, store, f"{prefix}/{MANIFEST_NAME}"
        self._tag: dict[str, str] | None = None

    def read(self) -> Manifest | None:
        """Return the manifest; None if no attempt has written one. Raises `RunStoreError` if it is invalid."""
        data, self._tag = load_json_with_tag(self._store, self._key)
        if self._tag is None:
            return None
        try:
            return convert(data, Manifest)
        except msgspec.ValidationError as error:
            raise RunStoreError(
                f"{self._bucket}/{self._key}: {error}", remedy="Remove it. Its job then starts from the beginning."
            ) from error

    def write(self, manifest: Manifest) -> None:
        """Write the manifest. Raises `FencedError` if a later attempt has written its own."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        for _ in range(MAX_WRITE_ATTEMPTS):
            mode: Any = self._tag or "create"
            try:
                self._tag = tag_of(obstore.put(self._store, self._key, encode(manifest), mode=mode))
                return
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                # Another attempt has written it, or we have and the reply was lost.
                if self._is_current(manifest):
                    return
            except NotImplementedError:
                # obstore raises it if the user has set AWS_CONDITIONAL_PUT=disabled for a server without conditional
                # writes. The fence in the database still protects the job.
                if not self._is_current(manifest):
                    self._tag = tag_of(obstore.put(self._store, self._key, encode(manifest)))
                return
        raise RunStoreError(
            f"{self._bucket}/{self._key} keeps changing",
            remedy="Two queues may use the same location: give each queue its own folder in the bucket.",
        )

    def _is_current(self, manifest: Manifest) -> bool:
        """Return whether the bucket has this very manifest. Raises `FencedError` if it has one of a later attempt."""
        stored = self.read()
        if stored and stored.attempt > manifest.attempt:
            raise FencedError(f"Attempt {stored.attempt} at the job has taken over its run folder in {self._bucket}")
        return stored == manifest

