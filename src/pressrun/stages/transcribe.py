"""transcribe: the material as text, with its language."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pressrun.errors import NoSourceError, OutdatedLibraryError, SourceError
from pressrun.model.script import Candidate, Segment, SourceMatch, Transcript
from pressrun.services.languages import checked_code, joiner, language_of, spoken_words
from pressrun.services.protocols import Transcriber
from pressrun.services.sources import SOURCES
from pressrun.services.sources.reading import read_material
from pressrun.services.transcribers import TRANSCRIBERS, none
from pressrun.stages.work import Work

_ANOTHER = "Choose another video with search_phrases or channels_blocked."
FEWEST = 40
"""Spoken words below which the next candidate is tried: a script cannot be made of so little."""


def run(work: Work) -> None:
    """Writes `transcript.json` and `transcript.txt`. Raises `SourceError` where no candidate can be read."""
    match = work.load("search.json", SourceMatch)
    if match.chosen is None:
        raise NoSourceError(
            f"No source for {work.book}: {match.reason}", remedy="Run the same command with --from search."
        )
    transcript = _first_readable(work, match.chosen, match)
    if transcript.low_quality:
        work.note(f"Low quality: {transcript.written_by} wrote down what is said, and many words are wrong")
    work.save("transcript.json", transcript)
    with work.product("transcript.txt") as part:
        part.write_text(readable(transcript), encoding="utf-8")
    if work.context.parts:
        shutil.rmtree(work.context.parts, ignore_errors=True)


def readable(transcript: Transcript) -> str:
    """The transcript for people: paragraphs apart, captions as running text."""
    timed = any(segment.start is not None for segment in transcript.segments)
    between = (joiner(transcript.language) or "\n") if timed else "\n\n"
    head = f"[Low quality: written down by {transcript.written_by}]\n\n" if transcript.low_quality else ""
    return head + between.join(segment.text for segment in transcript.segments) + "\n"


def _first_readable(work: Work, chosen: Candidate, match: SourceMatch) -> Transcript:
    """The transcript of the first candidate that holds one. Raises the error of the one chosen where none does, or the
    one that says what to do for all of them."""
    failed: list[SourceError] = []
    left = list(_tries(chosen, match))
    while left:
        candidate = left.pop(0)
        try:
            return _transcript(work, candidate)
        except SourceError as error:
            failed.append(error)
            if left:
                work.note(f"{candidate.name} is passed by ({error.message}); the next candidate is tried")
    telling = next((each for each in failed if isinstance(each, OutdatedLibraryError)), failed[0])
    if len(failed) > 1:
        raise type(telling)(f"No candidate of {work.book} can be used: {telling.message}", remedy=telling.remedy)
    raise telling


def _tries(chosen: Candidate, match: SourceMatch) -> Iterator[Candidate]:
    """The one chosen, then those that may stand in for it, then the sound of all that had captions."""
    others = [each for each in match.candidates if each.spare and each.location != chosen.location]
    every = [chosen, *others]
    yield from every
    yield from (replace(each, kind="media") for each in every if each.spare and each.kind == "captions")


def _transcript(work: Work, candidate: Candidate) -> Transcript:
    name = str(work.services["transcriber"]) if candidate.kind == "media" else ""
    written: list[str] = []

    def write_down(path: Path) -> tuple[Segment, ...]:
        written.append(name)
        work.context.fact("transcriber", name)
        return _transcriber(work, candidate).write_down(path, _language(work, candidate), work.progress, work.context)

    if candidate.spare and candidate.kind == "media":
        _transcriber(work, candidate)
    path = SOURCES[work.services["source"]].fetch(candidate, work.folder, work.context)
    label = _label(candidate) if candidate.spare else ""
    try:
        segments = read_material(path, lambda each: _told(work, each), write_down if name else None, label)
    except SourceError as error:
        if written or not candidate.spare:
            raise
        # The user cannot fix a file that was fetched; another candidate may do.
        raise SourceError(f"{candidate.name}: {error.message}", remedy=_ANOTHER) from error
    spoken = "\n".join(segment.text for segment in segments if not segment.heading)
    language = language_of(spoken, work.settings["language"])
    if candidate.spare and spoken_words(spoken, language.code) < FEWEST:
        raise SourceError(
            f"{candidate.name} holds fewer than {FEWEST} words", remedy="Choose another with search_phrases."
        )
    if not language.sure:
        work.note(f"Language {language.code} is {language.reason}; set it with --language or in pressrun.toml")
    return Transcript(
        language.code, language.direction, segments, candidate.name, language.reason,
        source_url=candidate.location if candidate.location.startswith(("https://", "http://")) else "",
        source_author=candidate.author,
        written_by=name if written else "",
        low_quality=bool(written) and TRANSCRIBERS[name].LOW_QUALITY,
    )


def _label(candidate: Candidate) -> str:
    """What errors call a file that was fetched, whose name the user has never seen."""
    return "its captions" if candidate.kind == "captions" else "its sound"


def _transcriber(work: Work, candidate: Candidate) -> Transcriber:
    """The one in use. Raises `SourceError` before anything large is fetched for one that could not read it."""
    transcriber = TRANSCRIBERS[work.services["transcriber"]]
    if candidate.spare and transcriber is none:
        raise SourceError(
            f"{candidate.name} has no captions, and nothing is set up that writes down what is said",
            remedy="Install pressrun[whisper] and set whisper_model, or use a source of your own.",
        )
    readiness = transcriber.ready(work.context)
    if not readiness.ready:
        raise SourceError(f"{candidate.name} has no captions, and {readiness.reason}", remedy=readiness.remedy)
    return transcriber


def _language(work: Work, candidate: Candidate) -> str:
    """As set, else as the site says, else for the transcriber to find out."""
    said = candidate.video.language if candidate.video else ""
    return checked_code(str(work.settings["language"])) or said.replace("_", "-").split("-")[0].lower() or "auto"


def _told(work: Work, path: Path) -> Path:
    """A file outside the run folder is something the stage depends on; one inside it is its own."""
    return path if path.is_relative_to(work.folder) else work.reads(path)
