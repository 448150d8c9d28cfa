"""transcribe: turn the material into text, and detect its language."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pressrun.errors import NoSourceError, OutdatedLibraryError, SourceError
from pressrun.model.script import Candidate, Segment, SourceMatch, Transcript
from pressrun.services.languages import detect_language, parse_language, sentence_separator, spoken_words
from pressrun.services.protocols import Transcriber
from pressrun.services.sources import SOURCES
from pressrun.services.sources.cleaning.left_out import describe_left_out
from pressrun.services.sources.reading import read_material
from pressrun.services.transcribers import TRANSCRIBERS, none
from pressrun.services.writers.final_check import language_warning
from pressrun.stages.work import Work

_CHOOSE_ANOTHER = "Choose another video with search_phrases or channels_blocked."
MIN_WORDS = 40
"""Spoken words. With fewer, no script can be written, and the next candidate is tried."""


def run(work: Work) -> None:
    """Write `transcript.json` and `transcript.txt`. Raises `SourceError` if no candidate can be used."""
    match = work.load("search.json", SourceMatch)
    if match.chosen is None:
        raise NoSourceError(
            f"No source for {work.book}: {match.reason}", remedy="Run the same command with --from search."
        )
    transcript = _first_readable(work, match.chosen, match)
    if transcript.low_quality:
        work.note(f"Low quality: transcribed by {transcript.written_by}; many words are wrong")
    if left_out := describe_left_out(transcript.left_out):
        work.note(left_out[0].upper() + left_out[1:])
        print(left_out, flush=True)  # goes to the log of the stage
    work.save("transcript.json", transcript)
    with work.product("transcript.txt") as part:
        part.write_text(as_text(transcript), encoding="utf-8")
    if work.context.parts:
        shutil.rmtree(work.context.parts, ignore_errors=True)


def as_text(transcript: Transcript) -> str:
    """Return the content of `transcript.txt`: separate paragraphs, or captions as continuous text."""
    timed = any(segment.start is not None for segment in transcript.segments)
    between = (sentence_separator(transcript.language) or "\n") if timed else "\n\n"
    head = f"[Low quality: written down by {transcript.written_by}]\n\n" if transcript.low_quality else ""
    return head + between.join(segment.text for segment in transcript.segments) + "\n"


def _first_readable(work: Work, chosen: Candidate, match: SourceMatch) -> Transcript:
    """Return the transcript of the first usable candidate.

    If none is usable, raises the error of the chosen candidate, or an `OutdatedLibraryError`, which explains the rest.
    """
    errors: list[SourceError] = []
    left = list(_candidates(chosen, match))
    while left:
        candidate = left.pop(0)
        try:
            return _transcript(work, candidate)
        except SourceError as error:
            errors.append(error)
            if left:
                work.note(f"{candidate.name} cannot be used ({error.message}); trying the next candidate")
    main_error = next((each for each in errors if isinstance(each, OutdatedLibraryError)), errors[0])
    if len(errors) > 1:
        message = f"No candidate for {work.book} can be used: {main_error.message}"
        raise type(main_error)(message, remedy=main_error.remedy)
    raise main_error


def _candidates(chosen: Candidate, match: SourceMatch) -> Iterator[Candidate]:
    """Yield the chosen candidate, then its substitutes, then the audio of those that had captions."""
    others = [each for each in match.candidates if each.spare and each.location != chosen.location]
    every = [chosen, *others]
    yield from every
    yield from (replace(each, kind="media") for each in every if each.spare and each.kind == "captions")


def _transcript(work: Work, candidate: Candidate) -> Transcript:
    name = str(work.services["transcriber"]) if candidate.kind == "media" else ""
    written: list[str] = []

    def transcribe(path: Path) -> tuple[Segment, ...]:
        written.append(name)
        work.context.fact("transcriber", name)
        return _transcriber(work, candidate).transcribe(path, _language(work, candidate), work.progress, work.context)

    if candidate.spare and candidate.kind == "media":
        _transcriber(work, candidate)  # fails before a large download
    path = SOURCES.require(work.services["source"]).fetch(candidate, work.folder, work.context)
    label = _label(candidate) if candidate.spare else ""
    try:
        material = read_material(
            path, lambda read: _declare_read(work, read), transcribe if name else None, label,
            parse_language(str(work.settings["language"])) or "",
        )
    except SourceError as error:
        if written or not candidate.spare:
            raise
        # The user cannot fix a downloaded file, but another candidate may work.
        raise SourceError(f"{candidate.name}: {error.message}", remedy=_CHOOSE_ANOTHER) from error
    segments = material.segments
    for note in material.notes:
        work.note(note)
    spoken = "\n".join(segment.text for segment in segments if not segment.heading)
    language = detect_language(spoken, work.settings["language"])
    if candidate.spare and spoken_words(spoken, language.code) < MIN_WORDS:
        raise SourceError(
            f"{candidate.name} has fewer than {MIN_WORDS} words", remedy="Choose another with search_phrases."
        )
    if language.reason == "set" and (warning := language_warning(spoken, language.code, candidate.name)):
        work.warn(warning)
    if not language.sure:
        work.note(f"Language {language.code} is {language.reason}; set it with --language or in pressrun.toml")
    return Transcript(
        language.code, language.direction, segments, candidate.name, language.reason,
        source_url=candidate.location if candidate.location.startswith(("https://", "http://")) else "",
        source_author=candidate.author,
        written_by=name if written else "",
        low_quality=bool(written) and TRANSCRIBERS[name].LOW_QUALITY,
        left_out=dict(material.left_out.counts),
    )


def _label(candidate: Candidate) -> str:
    """Return the name of a downloaded file in errors. The user does not know its real name."""
    return "its captions" if candidate.kind == "captions" else "its audio"


def _transcriber(work: Work, candidate: Candidate) -> Transcriber:
    """Return the selected transcriber. Raises `SourceError` if it cannot be used, before anything is downloaded."""
    transcriber = TRANSCRIBERS.require(work.services["transcriber"])
    if candidate.spare and transcriber is none:
        raise SourceError(
            f"{candidate.name} has no captions, and no transcriber is set up",
            remedy="Install pressrun[whisper], or use a source of your own.",
        )
    readiness = transcriber.ready(work.context)
    if not readiness.ready:
        raise SourceError(f"{candidate.name} has no captions, and {readiness.reason}", remedy=readiness.remedy)
    return transcriber


def _language(work: Work, candidate: Candidate) -> str:
    """Return the language of the settings, else the one the site reports, else "auto"."""
    reported = candidate.video.language if candidate.video else ""
    return parse_language(str(work.settings["language"])) or reported.replace("_", "-").split("-")[0].lower() or "auto"


def _declare_read(work: Work, path: Path) -> Path:
    """Declare a file unless it is in the run folder, where the stage itself created it."""
    return path if path.is_relative_to(work.folder) else work.reads(path)
