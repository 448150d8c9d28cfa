"""`current.json` of a job in a bucket: which objects are its run folder, and whose turn it is.

It is the only object that is ever written twice, and each time only where the last one that was read still stands. An
attempt that was overtaken cannot write it any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from pressrun.errors import FencedError, RunStoreError
from pressrun.services.bucket_files import load_json_with_tag, tag_of
from pressrun.services.bucket_place import BucketLocation
from pressrun.store.json_files import encode

NAME = "current.json"
TRIES = 5
"""Writes that meet another one, one after the other, before it is said that something is wrong."""


@dataclass(frozen=True)
class Entry:
    """A file of the run folder, as the object `key` holds it."""

    key: str
    """Relative to the job's place. Objects are written once and never again."""
    size: int
    sha256: str
    mtime_ns: int


@dataclass(frozen=True)
class Manifest:
    attempt: int
    save: int
    """Counts what the attempt wrote, so that no two manifests are alike."""
    folder: str
    """Name of the run folder on the machine whose turn it is."""
    workspace: str
    """Path of the workspace on the machine that wrote the records."""
    files: dict[str, Entry] = field(default_factory=dict)
    """Name in the run folder -> object."""


class ManifestObject:
    """The manifest of one job as it was last read or written here. What the bucket raises goes up as it is."""

    def __init__(self, place: BucketLocation, store: Any, prefix: str) -> None:
        self._place, self._store, self._key = place, store, f"{prefix}/{NAME}"
        self._tag: dict[str, str] | None = None

    def read(self) -> Manifest | None:
        """None where no attempt has written one. Raises `RunStoreError` for one that is not what it should be."""
        found, self._tag = load_json_with_tag(self._store, self._key)
        if self._tag is None:
            return None
        try:
            return msgspec.convert(found, Manifest)
        except msgspec.ValidationError as error:
            raise RunStoreError(
                f"{self._place}/{self._key}: {error}", remedy="Remove it, and its job begins from the start."
            ) from error

    def write(self, manifest: Manifest) -> None:
        """Raises `FencedError` where a later attempt has written since."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        for _ in range(TRIES):
            mode: Any = self._tag or "create"
            try:
                self._tag = tag_of(obstore.put(self._store, self._key, encode(manifest), mode=mode))
                return
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                # Another attempt has written it, or we have, and the reply was lost.
                if self._stands(manifest):
                    return
            except NotImplementedError:
                # What obstore raises where the user said (AWS_CONDITIONAL_PUT=disabled) that the server has no such
                # writes. The row of the job still says whose turn it is.
                if not self._stands(manifest):
                    self._tag = tag_of(obstore.put(self._store, self._key, encode(manifest)))
                return
        raise RunStoreError(
            f"{self._place}/{self._key} is written by somebody else all the time",
            remedy="Two queues may use one place: give each its own folder in the bucket.",
        )

    def _stands(self, manifest: Manifest) -> bool:
        """Whether the bucket has this very manifest. Raises `FencedError` where it has one of a later attempt."""
        there = self.read()
        if there and there.attempt > manifest.attempt:
            raise FencedError(f"Attempt {there.attempt} at the job has its run folder in {self._place} meanwhile")
        return there == manifest

