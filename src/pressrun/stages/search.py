"""search: find the material for a book."""

from __future__ import annotations

from dataclasses import replace

from pressrun.errors import NoSourceError
from pressrun.model.script import SourceMatch
from pressrun.services.sources import SOURCES
from pressrun.services.sources.matching import MIN_SCORE
from pressrun.stages.work import Work

MAX_CANDIDATES = 250
"""Candidates listed in `search.json`."""


def run(work: Work) -> None:
    """Write `search.json`. Raises `NoSourceError`, which names the closest material, if nothing matches the book."""
    match = SOURCES.require(work.services["source"]).find([work.book], work.context)[0]
    work.save("search.json", replace(match, candidates=match.candidates[:MAX_CANDIDATES]))
    if match.chosen is None:
        raise NoSourceError(f"No source for {work.book}: {match.reason}", remedy=_remedy(work, match))
    work.note(f"Source: {match.reason}")


def _remedy(work: Work, match: SourceMatch) -> str:
    if match.candidates and match.candidates[0].score >= MIN_SCORE:
        return f'Name the author in the list of books, e.g. "{work.book.title} | Author".'
    name = work.book.title.replace("/", "-")
    return f'Put a text named "{name}.txt" into {work.workspace / "sources"}, or correct the title.'
