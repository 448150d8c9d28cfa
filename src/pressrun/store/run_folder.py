"""A run folder: the files, records and checkpoint of one item."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pressrun.error_reports import no_space_error
from pressrun.errors import BrokenFileError, ErrorReport
from pressrun.model.book import Book
from pressrun.model.stage import Checkpoint
from pressrun.store import atomic, json_files
from pressrun.store.slug import slug
from pressrun.store.workspace import Workspace

ITEM, TITLES, SUMMARY, STAGES, LOGS = "item.json", "output.titles.json", "summary.json", "stages.json", "logs"


@dataclass(frozen=True)
class Item:
    """`item.json`: the request. Stage processes read their settings and services from it. It contains no secrets."""

    id: str
    """Identifies this run everywhere, so that its publications can be found again."""
    pipeline: str
    title: str
    author: str | None
    settings: dict[str, Any]
    services: dict[str, str]

    @property
    def book(self) -> Book:
        return Book(self.title, self.author)


@dataclass(frozen=True)
class Output:
    """A file that a stage created, as it was when the stage succeeded."""

    size: int
    sha256: str
    mtime_ns: int


@dataclass(frozen=True)
class Fingerprint:
    """Everything that the outputs of a stage depend on."""

    version: int
    settings: dict[str, Any]
    services: dict[str, str]
    needs: dict[str, str]
    """File in the run folder -> SHA-256."""
    reads: dict[str, str] = field(default_factory=dict)
    """File outside the run folder -> SHA-256."""


@dataclass(frozen=True)
class StageRecord:
    """The record of a stage in `stages.json`."""

    started: str | None = None
    """ISO 8601, UTC."""
    seconds: float = 0.0
    attempts: int = 0
    exit: int | None = None
    """Exit status, or the negative number of the signal that ended the process."""
    peak_memory: int = 0
    """MB that the stage used at its peak; 0 if that is not known."""
    fingerprint: Fingerprint | None = None
    outputs: dict[str, Output] = field(default_factory=dict)
    error: ErrorReport | None = None
    facts: dict[str, str] = field(default_factory=dict)
    """How the stage created its outputs, e.g. where the times of words come from."""
    warnings: list[str] = field(default_factory=list)
    """What the user should know about the outputs, e.g. a sentence that does not read well."""
    publication: int = 0
    """For a publishing stage: the number of copies that were requested; 0 before it first starts."""
    published: dict[str, str] = field(default_factory=dict)
    """For a publishing stage: destination -> URL of the latest copy."""


@dataclass(frozen=True)
class RunFolder:
    """The folder of one item, and its checkpoint as last read or written. A change returns a new object."""

    path: Path
    item: Item
    checkpoint: dict[str, Checkpoint | None]
    records: dict[str, StageRecord]

    def record(self, stage: str) -> StageRecord:
        return self.records.get(stage) or StageRecord()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return the warnings of all stages, each once, except about files that were edited since."""
        return self.warnings_of(self.records)

    def warnings_of(self, stages: Iterable[str]) -> tuple[str, ...]:
        """Return the warnings of some stages, each once, except about files that were edited since."""
        warned = [record for stage in stages if (record := self.record(stage)).warnings]
        return tuple(dict.fromkeys(each for record in warned if self._has_outputs(record) for each in record.warnings))

    def _has_outputs(self, record: StageRecord) -> bool:
        """Whether the outputs of a stage are the ones that it wrote, by size and time."""
        for name, output in record.outputs.items():
            try:
                found = (self.path / name).stat()
            except OSError:
                return False
            if (found.st_size, found.st_mtime_ns) != (output.size, output.mtime_ns):
                return False
        return True

    def log(self, stage: str) -> Path:
        return self.path / LOGS / f"{stage}.log"

    def save(self, checkpoint: dict[str, Checkpoint | None], records: dict[str, StageRecord]) -> RunFolder:
        """Write the checkpoint and the records durably. Stages that are not named stay as they are."""
        merged = {**self.checkpoint, **checkpoint}
        details = {**self.records, **records}
        # The records are renamed first: after a power failure the checkpoint never claims what is not recorded.
        atomic.write_files(self.path, {STAGES: json_files.encode(details), SUMMARY: json_files.encode(merged)})
        return replace(self, checkpoint=merged, records=details)

    def save_item(self, item: Item) -> RunFolder:
        """Write `item.json` durably."""
        json_files.save(self.path / ITEM, item)
        return replace(self, item=item)

    def sha256(self, name: str) -> str:
        """Return the hash of a file in the folder. A recorded hash is used if size and modification time match."""
        path = self.path / name
        status = path.stat()
        for record in self.records.values():
            known = record.outputs.get(name)
            if known and (known.size, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
                return known.sha256
        return file_sha256(path)

    def receipt_url(self, name: str) -> str | None:
        """Return the URL in a receipt such as `upload.json`, or None."""
        try:
            url = json_files.load_plain(self.path / name)["url"]
        except (BrokenFileError, KeyError, TypeError):
            return None
        return url if isinstance(url, str) else None


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def listing_sha256(folder: Path) -> str:
    """Return the hash of the names in `folder`, without hidden files. A missing folder counts as empty."""
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    listed = "\0".join(name for name in names if not name.startswith("."))
    return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()


def measure(path: Path) -> Output:
    """Return size, hash and modification time of a file. Raises `FileNotFoundError`."""
    status = path.stat()
    return Output(status.st_size, file_sha256(path), status.st_mtime_ns)


def create(
    workspace: Workspace,
    book: Book,
    pipeline: str,
    stages: tuple[str, ...],
    settings: dict[str, Any],
    services: dict[str, str],
    *,
    given: Mapping[str, Any] = MappingProxyType({}),
    item_id: str = "",
) -> RunFolder:
    """Create a run folder with its first files. Raises `NoSpaceError` if the disk is full.

    `given` are the contents of the files that the pipeline needs from its caller. Pass an `item_id` if the item may
    lose its folder and must still not be published twice; by default each folder is a new item.
    """
    item = Item(item_id or uuid.uuid4().hex, pipeline, book.title, book.author, settings, services)
    checkpoint: dict[str, Checkpoint | None] = dict.fromkeys(stages)
    try:
        path = _make_folder(workspace.runs, f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{slug(book.title)}")
    except OSError as error:
        if full := no_space_error(error, workspace.runs):
            raise full from error
        raise
    titles = {"main_title": book.title, "author_name": book.author}
    # TITLES comes last: `is_resumable` takes it as proof that the other files are complete.
    atomic.write_files(
        path,
        {
            **{name: json_files.encode(value) for name, value in given.items()},
            ITEM: json_files.encode(item),
            STAGES: b"{}\n",
            SUMMARY: json_files.encode(checkpoint),
            TITLES: json_files.encode(titles),
        },
    )
    atomic.sync_folder(workspace.runs)
    return RunFolder(path, item, checkpoint, {})


def _make_folder(parent: Path, name: str) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        path = parent / (name if number == 1 else f"{name}_{number}")
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
            continue
        (path / LOGS).mkdir()
        return path


def is_resumable(path: Path) -> bool:
    """Return whether `create` completed the folder."""
    try:
        return (path / TITLES).is_file() and (path / ITEM).is_file()
    except OSError as error:
        # The database, which people edit, may name what cannot be a path.
        if error.errno in (errno.ENAMETOOLONG, errno.EINVAL):
            return False
        raise


def read(path: Path, stages: tuple[str, ...]) -> RunFolder:
    """Return the run folder at `path` for a pipeline with these stages.

    Without a checkpoint, no stage is done. Raises `BrokenFileError` if a file cannot be read.
    """
    item = json_files.load(path / ITEM, Item)
    checkpoint: dict[str, Checkpoint | None] = dict.fromkeys(stages)
    records: dict[str, StageRecord] = {}
    if (path / SUMMARY).exists() and (path / STAGES).exists():
        checkpoint |= json_files.load(path / SUMMARY, dict[str, Checkpoint | None])
        records = json_files.load(path / STAGES, dict[str, StageRecord])
    return RunFolder(path, item, checkpoint, records)


class RunIndex:
    """Find the run folders of a book by name, whether or not the database has them. Lists `runs/` only once."""

    _NAME = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_(?P<slug>.+)")

    def __init__(self, workspace: Workspace) -> None:
        self._runs = workspace.runs
        self._by_slug: dict[str, list[str]] | None = None

    def find(self, book: Book) -> list[Path]:
        """Return the resumable folders of `book`, newest first."""
        if self._by_slug is None:
            self._by_slug = self._list()
        paths = [self._runs / name for name in sorted(self._by_slug.get(slug(book.title).casefold(), ()), reverse=True)]
        return [path for path in paths if is_resumable(path) and is_for_book(path, book)]

    def _list(self) -> dict[str, list[str]]:
        by_slug: dict[str, list[str]] = {}
        with suppress(FileNotFoundError):
            for name in os.listdir(self._runs):
                if match := self._NAME.fullmatch(name):
                    # `Emma_2` may be the second folder of one second for "Emma", or a book called "Emma 2".
                    unnumbered = re.sub(r"_\d+$", "", match["slug"])
                    for key in {match["slug"].casefold(), unnumbered.casefold()}:
                        by_slug.setdefault(key, []).append(name)
        return by_slug


def is_for_book(path: Path, book: Book) -> bool:
    """Return whether the item of a run folder is `book`. Authors are only compared if both have one."""
    try:
        item = json_files.load(path / ITEM, Item)
    except BrokenFileError:
        return False
    title, author = item.book.key
    return title == book.key[0] and (not author or not book.author or author == book.key[1])


def is_edited(path: Path) -> bool:
    """Return whether a file in a run folder is no longer the one that a stage wrote, by its size and time."""
    try:
        records = json_files.load(path.parent / STAGES, dict[str, StageRecord])
        found = path.stat()
    except (BrokenFileError, OSError):
        return False
    written = [record.outputs[path.name] for record in records.values() if path.name in record.outputs]
    return bool(written) and all((found.st_size, found.st_mtime_ns) != (each.size, each.mtime_ns) for each in written)
