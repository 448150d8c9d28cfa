"""The folder `sources/` of the workspace: your own texts, captions and media."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pressrun.errors import SourceError
from pressrun.model.book import Book
from pressrun.model.script import Candidate, SourceMatch
from pressrun.services.protocols import Context, Readiness
from pressrun.services.sources.catalogue import SUFFIXES, Entry, is_inside, list_materials
from pressrun.services.sources.matching import MIN_SCORE, Match, MatchIndex, author_agreement

NAME = "folder"
NEEDS_NETWORK = False
FOLDER = "sources"
MAX_NAMED = 3
"""Names of near files that a reason lists."""
MIN_DISTINCTIVE_LETTERS = 60.0
"""The score from which it is worth saying how a near file falls short."""


def ready(context: Context) -> Readiness:
    """Always ready: a missing or empty folder is reported per book, and `auto` prefers any other source to it."""
    folder = context.workspace / FOLDER
    empty = not folder.is_dir() or next(folder.iterdir(), None) is None
    reason = f"your own texts, captions and media in the folder {FOLDER}; needs no network"
    return Readiness(True, reason, last_resort=empty)


def find(books: Sequence[Book], context: Context) -> list[SourceMatch]:
    """One match per book. The folder is listed and read once, however many books there are."""
    folder = context.workspace / FOLDER
    entries = list_materials(folder)
    index = MatchIndex(entries)
    return [_choose_match(index.matches(book), folder, entries) for book in books]


def fetch(candidate: Candidate, into: Path, context: Context) -> Path:  # noqa: ARG001
    """Return the path of the file. Raises `SourceError` if it is gone, or is a link that points outside the folder."""
    root = (context.workspace / FOLDER).resolve()
    path = context.workspace / candidate.location
    if not path.resolve().is_relative_to(root):
        raise SourceError(
            f"{candidate.location} leads out of the folder {FOLDER}", remedy="Copy the file itself into the folder."
        )
    if not is_inside(path, root):
        raise SourceError(
            f"{candidate.location} is gone",
            remedy="Put it back, or run the same command with --from search to choose another.",
        )
    return path


def _choose_match(matches: list[Match], folder: Path, entries: Sequence[Entry]) -> SourceMatch:
    candidates = tuple(_candidate(each) for each in matches)
    if not matches or matches[0].score < MIN_SCORE:
        return SourceMatch(None, candidates, _no_match_reason(matches, folder, entries))
    best = matches[0]
    equal = [each for each in matches if each.score == best.score]
    rival = next((each for each in equal if author_agreement(best.author, each.author) == "contradicts"), None)
    if rival:
        return SourceMatch(
            None, candidates,
            f"{best.entry.location} (by {best.author}) and {rival.entry.location} (by {rival.author}) fit equally",
        )
    reason = f"{best.entry.location}: {best.reason}"
    if len(equal) > 1:
        others = ", ".join(each.entry.location for each in equal[1 : MAX_NAMED + 1])
        why = "texts come before captions and media" if equal[1].entry.kind != best.entry.kind else "first by name"
        reason += f"; {others} {'fits' if len(equal) == 2 else 'fit'} equally, {why}"
    return SourceMatch(candidates[0], candidates, reason)


def _candidate(found: Match) -> Candidate:
    location = f"{FOLDER}/{found.entry.location}"
    return Candidate(found.entry.location, location, found.entry.kind, found.score, found.reason)


def _no_match_reason(matches: Sequence[Match], folder: Path, entries: Sequence[Entry]) -> str:
    """Why no file was chosen, with the names that come nearest."""
    if not entries:
        what = "is empty" if folder.is_dir() else "does not exist"
        if folder.is_dir() and any(folder.iterdir()):
            what = f"holds no file of a kind that can be used ({' '.join(SUFFIXES)})"
        return f"the folder {FOLDER} {what}"
    if not matches:
        names = ", ".join(entry.location for entry in entries[:MAX_NAMED])
        more = f" and {len(entries) - MAX_NAMED} more" if len(entries) > MAX_NAMED else ""
        return f"nothing in {FOLDER} comes near; it holds {names}{more}"
    near = ", ".join(
        f"{each.entry.location} ({each.reason})" if each.score >= MIN_DISTINCTIVE_LETTERS else each.entry.location
        for each in matches[:MAX_NAMED]
    )
    return f"nothing in {FOLDER} matches; nearest: {near}"
