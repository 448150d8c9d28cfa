"""transcribe: the material as text, with its language."""

from __future__ import annotations

from pressrun.errors import NoSourceError
from pressrun.model.script import SourceMatch, Transcript
from pressrun.services.languages import joiner, language_of
from pressrun.services.sources import SOURCES
from pressrun.services.sources.reading import read_material
from pressrun.stages.work import Work


def run(work: Work) -> None:
    """Writes `transcript.json` and `transcript.txt`. Raises `SourceError` for material that cannot be read."""
    match = work.load("search.json", SourceMatch)
    if match.chosen is None:
        raise NoSourceError(
            f"No source for {work.book}: {match.reason}", remedy="Run the same command with --from search."
        )
    path = SOURCES[work.services["source"]].fetch(match.chosen, work.folder, work.context)
    segments = read_material(path, work.reads)
    spoken = "\n".join(segment.text for segment in segments if not segment.heading)
    language = language_of(spoken, work.settings["language"])
    if not language.sure:
        work.note(f'Language {language.code} is {language.reason}; set it with --language or in pressrun.toml')
    transcript = Transcript(language.code, language.direction, segments, match.chosen.name, language.reason)
    work.save("transcript.json", transcript)
    with work.product("transcript.txt") as part:
        part.write_text(readable(transcript), encoding="utf-8")


def readable(transcript: Transcript) -> str:
    """The transcript for people: paragraphs apart, captions as running text."""
    timed = any(segment.start is not None for segment in transcript.segments)
    between = (joiner(transcript.language) or "\n") if timed else "\n\n"
    return between.join(segment.text for segment in transcript.segments) + "\n"
