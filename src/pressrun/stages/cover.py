"""The cover of the book: the user's own, else what the service found, else drawn. The short has that of the video."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pressrun.errors import BrokenFileError, PressrunError, RenderError, ServiceUnavailableError
from pressrun.media.pictures import PICTURES, Gallery, check
from pressrun.model.book import Book
from pressrun.model.script import Script
from pressrun.stages.work import Work

if TYPE_CHECKING:
    from pressrun.services.protocols import Cover

RECORD = "cover.json"
NO_COVER = "none"
FILES = tuple(f"cover{suffix}" for suffix in PICTURES)


@dataclass(frozen=True)
class CoverRecord:
    """`cover.json`: the service, its file in the run folder (None: it is drawn), and what the service has it under."""

    service: str
    file: str | None = None
    title: str = ""
    author: str = ""
    url: str = ""
    sha256: str = ""


def find_cover(work: Work, script: Script, gallery: Gallery) -> Gallery:
    """`gallery` with a cover, where there is one, and the product `cover.json`.

    A service that fails costs the book nothing: the user is told, and the cover is drawn.
    """
    for name in FILES:
        with suppress(FileNotFoundError):
            (work.folder / name).unlink()
    record = CoverRecord(str(work.services["cover"]))
    if gallery.cover is None:
        record = _asked(work, script, record)
    work.save(RECORD, record)
    return with_cover(work, gallery)


def with_cover(work: Work, gallery: Gallery) -> Gallery:
    """`gallery` with the cover that `find_cover` found, where the user has given none."""
    if gallery.cover is not None or not (work.folder / RECORD).is_file():
        return gallery
    try:
        record = work.load(RECORD, CoverRecord)
        if record.service == NO_COVER:
            return replace(gallery, bare=True)
        # Only a file that this module names is shown, whatever somebody wrote into the record.
        if record.file not in FILES or not (path := work.folder / record.file).is_file():
            return gallery
        check(Gallery(cover=path))
    except (BrokenFileError, RenderError) as error:
        work.note(f"The cover is drawn: {error.message}")
        return gallery
    return replace(gallery, cover=path)


def _asked(work: Work, script: Script, record: CoverRecord) -> CoverRecord:
    service = _service(record.service)
    book = Book(work.book.title, work.book.author or script.author or None)
    try:
        found = service.picture(book, work.folder, work.context)
    except PressrunError as error:
        work.note(f"The cover is drawn: {error.message}")
        return record
    if found is None:
        return record
    digest = hashlib.sha256(found.file.read_bytes()).hexdigest()
    return CoverRecord(record.service, found.file.name, found.title, found.author, found.url, digest)


def _service(name: str) -> Cover:
    from pressrun.services.covers import COVERS

    if name not in COVERS:
        raise ServiceUnavailableError(
            f'There is no cover "{name}"', remedy=f"Set cover to one of: {', '.join(sorted(COVERS))}."
        )
    return COVERS[name]
