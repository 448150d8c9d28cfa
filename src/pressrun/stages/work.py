"""What a stage sees: its run folder, the settings and services it declared, and a way to tell how far it is.

A stage is a module with `run(work)`. It reads the files it needs, writes the files it makes through `work.product`,
and raises an error of `pressrun.errors` when it cannot. It knows nothing of plans, batches or retries.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pressrun.model.book import Book
from pressrun.redaction import redact
from pressrun.services.protocols import Context
from pressrun.store import json_files
from pressrun.store.atomic import atomic_output
from pressrun.store.run_folder import listing_sha256

T = TypeVar("T")


class Declared(Mapping[str, Any]):
    """The part of a mapping that a stage declared. Reading anything else is a defect of the stage."""

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
    """JSON lines to whoever started the stage; nothing when nobody listens."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def send(self, kind: str, /, **fields: Any) -> None:
        if self._descriptor is None:
            return
        shown = {name: redact(value) if isinstance(value, str) else value for name, value in fields.items()}
        line = json.dumps({"event": kind, **shown}, ensure_ascii=True).encode() + b"\n"
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
        except OSError:
            self._descriptor = None


@dataclass(frozen=True)
class Work:
    """One stage's work on one item."""

    folder: Path
    """The run folder."""
    workspace: Path
    book: Book
    stage: str
    marker: str
    """Names this publication, for publishing stages: the same after a crash, another for a second copy."""
    settings: Declared
    services: Declared
    """Kind of service -> the name chosen for it."""
    workers: int = 1
    version: int = 1
    """Of the stage, as it is declared."""
    events: EventPipe = field(default_factory=lambda: EventPipe(None))

    @property
    def context(self) -> Context:
        return Context(
            self.workspace, self.settings, self.folder / f"{self.stage}.parts", self.workers, self.note, self.fact
        )

    def progress(self, done: float, total: float, unit: str) -> None:
        self.events.send("progress", done=done, total=total, unit=unit)

    def note(self, text: str) -> None:
        """A sentence for the user: a choice that was made, a warning."""
        self.events.send("note", text=text)

    def fact(self, name: str, value: str) -> None:
        """Something about how the product was made that `stages.json` keeps, and that the user is not told."""
        self.events.send("fact", name=name, value=value)

    def computed(self) -> None:
        """Says that it computes no more and only waits for answers from now on: another stage may have its turn."""
        self.events.send("computed")

    def reads(self, path: Path) -> Path:
        """Says that the stage depends on a file outside the run folder; a change of its content makes it stale."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.events.send("reads", path=str(path), sha256=digest)
        return path

    def reads_names(self, folder: Path) -> None:
        """Says that the stage depends on which files lie in `folder`, which need not be there."""
        self.events.send("reads", path=f"{folder}/", sha256=listing_sha256(folder))

    def load(self, name: str, shape: type[T]) -> T:
        """A JSON file of the run folder as `shape`. Raises `BrokenFileError` naming file and field."""
        return json_files.load(self.folder / name, shape)

    def save(self, name: str, value: Any) -> None:
        """Writes `value` (a dataclass or plain data) as the JSON file `name`, whole or not at all."""
        json_files.save(self.folder / name, value)

    def product(self, name: str) -> AbstractContextManager[Path]:
        """A path to write to; at the end of the block it becomes `name`, whole or not at all."""
        return atomic_output(self.folder / name)
