"""No cover, for videos that are not about a book: the style shows its ornament instead."""

from __future__ import annotations

from pathlib import Path

from pressrun.model.book import Book
from pressrun.services.protocols import Context, CoverPicture, Readiness

NAME = "none"
NEEDS_NETWORK = False


def ready(context: Context) -> Readiness:  # noqa: ARG001 - the protocol of every service
    return Readiness(True, "it is built in and needs no network", last_resort=True)


def find_cover(book: Book, into: Path, context: Context) -> CoverPicture | None:  # noqa: ARG001
    return None
