"""search: find the material for a book."""

from __future__ import annotations

from dataclasses import replace

from pressrun.errors import NoSourceError, SourceError
from pressrun.model.script import SourceMatch
from pressrun.services.sources import SOURCES
from pressrun.services.sources.matching import MIN_SCORE
from pressrun.services.sources.reading import read_material
from pressrun.stages.work import Work

MAX_CANDIDATES = 250
"""Candidates listed in `search.json`."""


def run(work: Work) -> None:
    """Write `search.json`. Raises `NoSourceError`, which names the closest material, if nothing matches the book."""
    match = SOURCES.require(work.services["source"]).find([work.book], work.context)[0]
    match = replace(match, candidates=match.candidates[:MAX_CANDIDATES], left_out=_left_out(work, match))
    work.save("search.json", match)
    if match.chosen is None:
        raise NoSourceError(f"No source for {work.book}: {match.reason}", remedy=_remedy(work, match))
    work.note(f"Source: {match.reason}")


def _left_out(work: Work, match: SourceMatch) -> dict[str, int]:
    """Return what cleaning leaves out of a chosen file; nothing for media and videos, which are read later."""
    if match.chosen is None or match.chosen.spare or match.chosen.kind == "media":
        return {}
    try:
        path = SOURCES.require(work.services["source"]).fetch(match.chosen, work.folder, work.context)
        return dict(read_material(path, work.reads).left_out.counts)
    except SourceError:
        return {}  # `transcribe` explains why it cannot be read


def _remedy(work: Work, match: SourceMatch) -> str:
    if match.candidates and match.candidates[0].score >= MIN_SCORE:
        return f'Name the author in the list of books, e.g. "{work.book.title} | Author".'
    name = work.book.title.replace("/", "-")
    return f'Put a text named "{name}.txt" into {work.workspace / "sources"}, or correct the title.'
