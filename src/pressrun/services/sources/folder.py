"""Find sources in the folder `sources/` of the workspace: the user's own texts, captions and media."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pressrun.errors import SourceError
from pressrun.model.book import Book
from pressrun.model.script import Candidate, SourceMatch
from pressrun.services.languages import parse_language
from pressrun.services.protocols import Context, Readiness
from pressrun.services.sources.catalogue import SUFFIXES, Catalogue, Entry, Unusable, is_inside, list_materials
from pressrun.services.sources.matching import MIN_SCORE, Match, MatchIndex, author_agreement
from pressrun.services.sources.source_language import language_of_file, language_of_name, sort_by_language

NAME = "folder"
NEEDS_NETWORK = False
FOLDER = "sources"
MAX_NAMED = 3
"""Near files that a reason names."""
_ALTERNATIVES = {
    **dict.fromkeys((".mobi", ".azw", ".azw3", ".kfx", ".fb2", ".lit"), ".epub or .txt, e.g. with Calibre"),
    **dict.fromkeys((".doc", ".docx", ".odt", ".pages"), ".txt or .md with your word processor"),
    **dict.fromkeys((".sub", ".sbv", ".ttml", ".dfxp", ".smi", ".lrc"), ".srt or .vtt"),
    **dict.fromkeys((".avi", ".mpg", ".mpeg", ".wmv", ".flv", ".ts"), ".mp4"),
    **dict.fromkeys((".aac", ".wma", ".aiff", ".aif", ".amr"), ".mp3 or .m4a"),
}
"""Formats to convert to, by extension; other files are probably texts."""
MAX_DETECTED = 100
"""Books up to which texts are read to find their languages; longer lists only use the names of files."""
MIN_DISTINCTIVE_LETTERS = 60.0
"""Score from which a reason explains why a near file does not match."""


def ready(context: Context) -> Readiness:
    """Always ready: a missing or empty folder is reported per book, and `auto` prefers any other source to it."""
    folder = context.workspace / FOLDER
    empty = not folder.is_dir() or next(folder.iterdir(), None) is None
    reason = f"your own texts, captions and media in the folder {FOLDER}; needs no network"
    return Readiness(True, reason, last_resort=empty)


def find(books: Sequence[Book], context: Context) -> list[SourceMatch]:
    """Return one match per book. The folder is read once, however many books there are."""
    folder = context.workspace / FOLDER
    catalogue = list_materials(folder)
    index = MatchIndex(catalogue.entries)
    unusable = MatchIndex([Entry(each.location, "text", each.claims) for each in catalogue.unusable])
    language = parse_language(str(context.settings.get("language", "auto"))) or ""
    matches = []
    for book in books:
        found = index.matches(book)
        if found and found[0].score >= MIN_SCORE:
            matches.append(_choose_match(found, folder, language, detect=len(books) <= MAX_DETECTED))
        else:
            others = unusable.matches(book) if catalogue.unusable else []
            reason = _no_match_reason(found, others, folder, catalogue)
            matches.append(SourceMatch(None, tuple(map(_candidate, found)), reason))
    return matches


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


def _choose_match(matches: Sequence[Match], folder: Path, language: str, *, detect: bool) -> SourceMatch:
    """Return the best match. Of equal ones those in `language`, a two-letter code or empty, come first.

    With `detect`, texts are read to find their language; otherwise only names such as `talk.de.srt` count.
    """
    equal = [each for each in matches if each.score == matches[0].score]
    if detect:
        sorted_files = sort_by_language([folder / each.entry.location for each in equal], language)
        equal.sort(key=lambda each: sorted_files.index(folder / each.entry.location))
    elif language:
        equal.sort(key=lambda each: language_of_name(folder / each.entry.location) != language)
    best, first = equal[0], matches[0]
    candidates = tuple(map(_candidate, [*equal, *matches[len(equal) :]]))
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
        if best is not first:
            why = f"it is in the configured language, {language}"
        elif detect and not language and (codes := _languages_of(equal, folder)):
            why += f"; they are in {' and '.join(codes)}: choose with --language"
        reason += f"; {others} {'fits' if len(equal) == 2 else 'fit'} equally, {why}"
    return SourceMatch(candidates[0], candidates, reason)


def _languages_of(matches: Sequence[Match], folder: Path) -> list[str]:
    """Return the languages of equal matches if there are several."""
    found = [language_of_file(folder / each.entry.location) for each in matches[: MAX_NAMED + 1]]
    codes = list(dict.fromkeys(filter(None, found)))
    return codes if len(codes) > 1 else []


def _candidate(found: Match) -> Candidate:
    location = f"{FOLDER}/{found.entry.location}"
    return Candidate(found.entry.location, location, found.entry.kind, found.score, found.reason)


def _no_match_reason(
    matches: Sequence[Match], unusable: Sequence[Match], folder: Path, catalogue: Catalogue
) -> str:
    """Return why no file was chosen, with the nearest names."""
    entries = catalogue.entries
    if unusable and unusable[0].score >= MIN_SCORE:
        location = unusable[0].entry.location
        return _why_unusable(next(each for each in catalogue.unusable if each.location == location))
    if not entries:
        what = "is empty" if folder.is_dir() else "does not exist"
        if catalogue.unusable:
            names = _join([each.location for each in catalogue.unusable])
            what = f"holds no file that can be used ({' '.join(SUFFIXES)}), only {names}"
        return f"the folder {FOLDER} {what}"
    if not matches:
        return f"nothing in {FOLDER} comes near; it holds {_join([entry.location for entry in entries])}"
    near = ", ".join(
        f"{each.entry.location} ({each.reason})" if each.score >= MIN_DISTINCTIVE_LETTERS else each.entry.location
        for each in matches[:MAX_NAMED]
    )
    return f"nothing in {FOLDER} matches; nearest: {near}"


def _why_unusable(found: Unusable) -> str:
    if found.problem == "link":
        return f"{found.location} is a link that leaves the folder {FOLDER}; copy the file itself into the folder"
    if found.problem == "broken link":
        return f"{found.location} is a link to a file that does not exist; copy the file itself into the folder"
    suffix = Path(found.location).suffix.lower()
    if found.problem == "content":
        kind = suffix[1:].upper()
        return f"{found.location} has the right name, but its content is not {kind}; put another copy there"
    kind = f"{suffix} files cannot be read" if suffix else "it has no extension"
    advice = "name it .txt if it is a text" if not suffix else f"save it as {_ALTERNATIVES.get(suffix, '.txt or .md')}"
    return f"{found.location} has the right name, but {kind}; {advice}"


def _join(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"{', '.join(names[:MAX_NAMED])}{more}"
