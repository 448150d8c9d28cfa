"""The interface of a stage: its run folder, the settings and services it declared, and its events.

A stage is a module with a function `run(work)`. It reads the files that it needs, writes the files that it declares
with `work.save` and `work.product`, and raises an error of `pressrun.errors` if it fails. It knows nothing about plans,
batches or retries.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pressrun.model.book import Book
from pressrun.model.stage_protocol import Computed, Fact, Note, Progress, Reads, StageEvent, TimeLimit, encode_event
from pressrun.store import json_files
from pressrun.store.atomic import atomic_output
from pressrun.store.run_folder import listing_sha256

if TYPE_CHECKING:
    from pressrun.services.protocols import Context

T = TypeVar("T")


class Declared(Mapping[str, Any]):
    """The items of a mapping that a stage declared. Reading any other item raises `KeyError`: the stage has a bug."""

    def __init__(self, values: Mapping[str, Any], stage: str, kind: str) -> None:
        self._values = values
        self._stage = stage
        self._kind = kind

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            raise KeyError(f"stage {self._stage} reads the {self._kind} {name!r} without declaring it")
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class EventPipe:
    """Sends events to the engine, or nowhere without a descriptor."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def send(self, event: StageEvent) -> None:
        if self._descriptor is None:
            return
        line = encode_event(event)
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
        except OSError:
            self._descriptor = None  # the engine is gone, and the supervisor is about to end this process


@dataclass(frozen=True)
class Work:
    """The run of one stage for one item."""

    folder: Path
    """The run folder."""
    workspace: Path
    book: Book
    stage: str
    marker: str
    """Identifies the publication. It stays the same after a crash and differs for a second copy."""
    settings: Declared
    services: Declared
    """Kind of service -> name of the selected service."""
    workers: int = 1
    version: int = 1
    """Declared version of the stage."""
    events: EventPipe = field(default_factory=lambda: EventPipe(None))

    @property
    def context(self) -> Context:
        """What services get: settings, the folder for partial results, and functions to report."""
        from pressrun.services.protocols import Context  # a stage that uses no service starts quicker without it

        return Context(
            self.workspace, self.settings, self.folder / f"{self.stage}.parts", self.workers, self.note, self.fact,
            self.folder, self.extend_deadline,
        )

    def progress(self, done: float, total: float, unit: str) -> None:
        """Report that `done` of `total` units are finished."""
        self.events.send(Progress(float(done), float(total), unit))

    def note(self, text: str) -> None:
        """Show a sentence to the user: a choice that was made, or a warning."""
        self.events.send(Note(text))

    def warn(self, text: str) -> None:
        """Show a warning to the user, now and in the summary, in the report and in later plans."""
        self.events.send(Note(text, warning=True))

    def fact(self, name: str, value: str) -> None:
        """Record in `stages.json` how an output was created. The user does not see it."""
        self.events.send(Fact(name, value))

    def extend_deadline(self, seconds: float) -> None:
        """Ask for a time limit of at least `seconds` for this attempt; the limit of the book moves with it."""
        self.events.send(TimeLimit(float(seconds)))

    def finish_computing(self) -> None:
        """Report that the stage only waits for services from now on, so that another stage may compute."""
        self.events.send(Computed())

    def reads(self, path: Path) -> Path:
        """Declare that the stage depends on a file outside the run folder, and return the path.

        The stage becomes stale when the content of the file changes.
        """
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.events.send(Reads(str(path), digest))
        return path

    def reads_names(self, folder: Path) -> None:
        """Declare that the stage depends on the names of the files in `folder`, which may not exist."""
        self.events.send(Reads(f"{folder}/", listing_sha256(folder)))

    def load(self, name: str, shape: type[T]) -> T:
        """Return a JSON file of the run folder as `shape`. Raises `BrokenFileError`, naming file and field."""
        return json_files.load(self.folder / name, shape)

    def save(self, name: str, value: Any) -> None:
        """Write a dataclass or plain data as the JSON file `name`, complete or not at all."""
        json_files.save(self.folder / name, value)

    def product(self, name: str) -> AbstractContextManager[Path]:
        """Yield a temporary path to write to; when the block ends without an error, the file becomes `name`."""
        return atomic_output(self.folder / name)
