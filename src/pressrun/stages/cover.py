"""The cover of a book: the user's own, else one that the service found, else a drawn one. The short uses the same."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace

from pressrun.errors import BrokenFileError, PressrunError, RenderError
from pressrun.media.pictures import PICTURES, Gallery, check_gallery
from pressrun.model.book import Book
from pressrun.model.script import Script
from pressrun.stages.work import Work

RECORD = "cover.json"
NO_COVER = "none"
FILES = tuple(f"cover{suffix}" for suffix in PICTURES)


@dataclass(frozen=True)
class CoverRecord:
    """`cover.json`: the service, the file in the run folder (None for a drawn cover), and the service's own record."""

    service: str
    file: str | None = None
    title: str = ""
    author: str = ""
    url: str = ""
    sha256: str = ""


def find_cover(work: Work, script: Script, gallery: Gallery) -> Gallery:
    """Find a cover, write `cover.json`, and return `gallery` with the cover.

    If the service fails, the cover is drawn and the user is notified.
    """
    for name in FILES:
        with suppress(FileNotFoundError):
            (work.folder / name).unlink()
    record = CoverRecord(str(work.services["cover"]))
    if gallery.cover is None:
        record = _ask_service(work, script, record)
    work.save(RECORD, record)
    return add_cover(work, gallery)


def add_cover(work: Work, gallery: Gallery) -> Gallery:
    """Return `gallery` with the cover that `find_cover` found, unless the user provided one."""
    if gallery.cover is not None or not (work.folder / RECORD).is_file():
        return gallery
    try:
        record = work.load(RECORD, CoverRecord)
        if record.service == NO_COVER:
            return replace(gallery, bare=True)
        # Only files with the names above: the record may have been edited, and must not lead to any other file.
        if record.file not in FILES or not (path := work.folder / record.file).is_file():
            return gallery
        check_gallery(Gallery(cover=path))
    except (BrokenFileError, RenderError) as error:
        work.note(f"Using a drawn cover: {error.message}")
        return gallery
    return replace(gallery, cover=path)


def _ask_service(work: Work, script: Script, record: CoverRecord) -> CoverRecord:
    from pressrun.services.covers import COVERS

    service = COVERS.require(record.service)
    book = Book(work.book.title, work.book.author or script.author or None)
    try:
        found = service.find_cover(book, work.folder, work.context)
    except PressrunError as error:
        work.note(f"Using a drawn cover: {error.message}")
        return record
    if found is None:
        return record
    digest = hashlib.sha256(found.file.read_bytes()).hexdigest()
    return CoverRecord(record.service, found.file.name, found.title, found.author, found.url, digest)
