"""Captions (.srt, .vtt) as timed pieces of text, without tags and without what rolling captions say twice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pressrun.errors import SourceError
from pressrun.model.script import Segment
from pressrun.services.sources.entities import decode_entities

MIN_OVERLAP_WORDS = 3
"""Words that must agree for the beginning of a caption to count as a repetition of the end of the one before."""

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?"
_TIME_LINE = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_TAG = re.compile(r"<[^<>\n]*>|\{\\[^{}\n]*\}")
_SOUND = re.compile(r"^[\[(♪][^\])♪]*[\])♪]$")


def read_captions(text: str, name: str) -> tuple[Segment, ...]:
    """Timed pieces, in order of time. Raises `SourceError` naming the line that is no caption."""
    import pysubs2

    lines = text.lstrip("\ufeff").split("\n")
    for number, line in enumerate(lines, start=1):
        if "-->" in line and not _TIME_LINE.match(line) and not _in_note(lines, number - 1):
            raise SourceError(
                f'{name}, line {number}: "{line.strip()[:60]}" is no time of a caption',
                remedy="Write it as 00:00:01,000 --> 00:00:04,000, or remove the caption.",
            )
    # Tags first: pysubs2 drops the text of captions that carry times inside them, as automatic ones do.
    clean = "\n".join(line if "-->" in line else _TAG.sub("", line) for line in lines)
    form = "vtt" if lines[0].startswith("WEBVTT") else "srt"
    try:
        events = list(pysubs2.SSAFile.from_string(clean, format_=form))
    except (pysubs2.Pysubs2Error, ValueError) as error:
        raise SourceError(f"{name} cannot be read as captions: {error}", remedy="Save it as .srt or .vtt.") from error
    found = remove_repetitions(
        Segment(decode_entities(event.plaintext), event.start / 1000, event.end / 1000) for event in sorted(events)
    )
    if not found:
        first = next((line.strip() for line in lines if line.strip()), "")
        number = next((n for n, line in enumerate(lines, start=1) if line.strip()), 1)
        raise SourceError(
            f'{name} holds no caption with text; line {number} is "{first[:60]}"',
            remedy="Put captions in the .srt or .vtt form into it, or give it the suffix .txt if it is a text.",
        )
    return found


def _in_note(lines: list[str], index: int) -> bool:
    """Whether a line belongs to a comment of a .vtt file."""
    while index >= 0 and lines[index].strip():
        if lines[index].startswith("NOTE"):
            return True
        index -= 1
    return False


def remove_repetitions(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """The segments without tags, empty ones, sounds in brackets, and what rolling captions repeat of the one before."""
    kept: list[Segment] = []
    shown: list[str] = []
    for segment in segments:
        lines = [" ".join(line.split()) for line in _TAG.sub("", segment.text).replace("\u200b", "").split("\n")]
        lines = [line for line in lines if line and not _SOUND.match(line)]
        fresh = lines[_repeated_words(shown, lines) :]
        shown = lines or shown
        text = " ".join(fresh)
        if not text:
            if kept and lines:
                kept[-1] = replace(kept[-1], end=max(kept[-1].end or 0.0, segment.end or 0.0))
            continue
        if kept and text.startswith(kept[-1].text):
            kept[-1] = replace(kept[-1], text=text, end=segment.end)
            continue
        if kept:
            words = text.split()
            text = " ".join(words[_repeated_words(kept[-1].text.split(), words, MIN_OVERLAP_WORDS) :])
        if text:
            kept.append(replace(segment, text=text))
    return tuple(kept)


def _repeated_words(before: list[str], now: list[str], least: int = 1) -> int:
    """How many pieces at the beginning of `now` are the end of `before`."""
    for length in range(min(len(before), len(now)), least - 1, -1):
        if before[-length:] == now[:length]:
            return length
    return 0
