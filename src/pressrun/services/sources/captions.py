"""Captions (.srt, .vtt, .ass) as timed pieces of text, without tags, and without what rolling captions repeat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from pressrun.errors import SourceError
from pressrun.model.script import Segment
from pressrun.services.sources.cleaning.captions import clean_captions
from pressrun.services.sources.cleaning.formats import TIME_LINE
from pressrun.services.sources.cleaning.left_out import Tally

MIN_OVERLAP_WORDS = 3
"""Words that must agree for the beginning of a caption to count as a repetition of the end of the one before."""
MIN_ROLLING_SHARE = 0.2
"""Share of captions that repeat the one before in captions that roll."""
MIN_ROLLING_PAIRS = 3
"""Repetitions that show that captions roll, so that a single repeated word is one, too."""

Form = Literal["srt", "vtt", "ass"]

_BROKEN_TIME = re.compile(r"^\s*(?:\d|-)[\w:.,\- ]*-->\s*(?:\d|$)|^\s*[\d:.,]*\s*-->\s*[\d:.,]+\s*$")
_CUE_NAME = re.compile(
    r"\s*(?:\d{1,6}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?:[-/_]\d+)*|[\w.-]*\d[\w./-]*)\s*"
)
_TAG = re.compile(r"<[^<>\n]*>|\{\\[^{}\n]*\}|\{[yYcCfFsSpP]:[^{}\n]*\}")
_VTT_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION|X-TIMESTAMP-MAP)(?:\s|$|=)")


@dataclass(frozen=True)
class CaptionFile:
    """The captions of a file in order of time, and how many times and names of captions it had."""

    segments: tuple[Segment, ...]
    times: int
    names: int


def read_captions(text: str, name: str, form: Form | None = None, tally: Tally | None = None) -> tuple[Segment, ...]:
    """Return the timed pieces in order of time, cleaned. Raises `SourceError` naming the line that is no caption."""
    text = text.lstrip("\ufeff")
    tally = tally or Tally()
    form = form or ("vtt" if text.startswith("WEBVTT") else "ass" if text.startswith("[Script Info]") else "srt")
    found = _read_ass(text, name) if form == "ass" else list(_read_cues(text, name, form, tally))
    cleaned = clean_captions(sorted(found, key=lambda each: (each.start or 0.0, each.end or 0.0)), tally)
    segments = remove_repetitions(cleaned)
    if not segments:
        lines = text.split("\n")
        number, first = next(((n, line.strip()) for n, line in enumerate(lines, 1) if line.strip()), (1, ""))
        raise SourceError(
            f'{name} holds no caption with text; line {number} is "{first[:60]}"',
            remedy="Put captions in the .srt or .vtt form into it, or give it the suffix .txt if it is a text.",
        )
    return segments


def _read_ass(text: str, name: str) -> list[Segment]:
    import pysubs2

    try:
        events = pysubs2.SSAFile.from_string(text, format_="ass")
    except (pysubs2.Pysubs2Error, ValueError) as error:
        raise SourceError(f"{name} cannot be read as captions: {error}", remedy="Save it as .srt or .vtt.") from error
    seen: set[tuple[int, int, str]] = set()
    found = []
    for event in events:
        key = (event.start, event.end, event.plaintext)
        # A line that is drawn twice, once as its own shadow, is one line.
        if not (event.is_comment or event.is_drawing or key in seen):
            seen.add(key)
            found.append(Segment(event.plaintext, event.start / 1000, event.end / 1000))
    return found


def _read_cues(text: str, name: str, form: str, tally: Tally) -> Iterator[Segment]:
    """Yield the captions of .srt and .vtt. Only a line that begins with a time begins a caption."""
    lines = text.split("\n")
    starts: list[tuple[int, float, float]] = []
    for number, line in enumerate(lines):
        if "-->" not in line and "->" not in line:
            continue
        if found := TIME_LINE.match(line):
            starts.append((number, _seconds(found[1]), _seconds(found[2])))
        elif "-->" in line and _BROKEN_TIME.match(line) and not _in_note(lines, number):
            raise SourceError(
                f'{name}, line {number + 1}: "{line.strip()[:60]}" is no time of a caption',
                remedy="Write it as 00:00:01,000 --> 00:00:04,000, or remove the caption.",
            )
    for index, (number, start, end) in enumerate(starts):
        last = starts[index + 1][0] if index + 1 < len(starts) else len(lines)
        body = lines[number + 1 : last]
        if index + 1 < len(starts):
            body = _without_next_name(body, form, tally)
        body = _without_notes(body) if form == "vtt" else body
        yield Segment("\n".join(line for line in body if line.strip()), start, end)


def _without_next_name(body: list[str], form: str, tally: Tally) -> list[str]:
    """Return the lines of a caption without the name of the next one, which is above its time."""
    if not body or not body[-1].strip():
        return body
    parted = len(body) == 1 or not body[-2].strip()
    if _CUE_NAME.fullmatch(body[-1]) and (parted or body[-1].strip().isdigit()):
        # Without a blank line before it, a number may be the words of the caption.
        if parted or len(body) > 1:
            tally.add("cue_names", not body[-1].strip().isdigit())
            return body[:-1]
        return body
    if parted and len(body) > 1 and form == "vtt":
        tally.add("cue_names")
        return body[:-1]
    return body


def _without_notes(body: list[str]) -> list[str]:
    kept: list[str] = []
    in_note = False
    for number, line in enumerate(body):
        if _VTT_BLOCK.match(line) and (number == 0 or not body[number - 1].strip()):
            in_note = True
        elif not line.strip():
            in_note = False
        if not in_note:
            kept.append(line)
    return kept


def _seconds(clock: str) -> float:
    main, _, fraction = clock.replace(",", ".").partition(".")
    parts = main.split(":")
    if not fraction and len(parts) == 4:
        fraction = parts.pop()
    total = 0.0
    for part in parts:
        total = total * 60 + int(part)
    return total + (int(fraction) / 10 ** len(fraction) if fraction else 0.0)


def _in_note(lines: list[str], index: int) -> bool:
    """Whether a line belongs to a comment of a .vtt file."""
    while index >= 0 and lines[index].strip():
        if lines[index].startswith("NOTE"):
            return True
        index -= 1
    return False


def remove_repetitions(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Return the segments without empty ones, and without what rolling captions repeat of the one before.

    A word that a person says twice stays: a short repetition counts only in a file whose captions roll.
    """
    pieces = [
        (segment, [" ".join(line.split()) for line in segment.text.split("\n") if line.strip()]) for segment in segments
    ]
    pieces = [(segment, lines) for segment, lines in pieces if lines]
    overlaps = [_repeated_words(" ".join(a).split(), " ".join(b).split()) for (_, a), (_, b) in pairwise(pieces)]
    repeating = sum(bool(each) for each in overlaps)
    rolls = bool(overlaps) and repeating >= MIN_ROLLING_SHARE * len(overlaps)
    often = rolls and repeating >= MIN_ROLLING_PAIRS and repeating >= 0.4 * len(overlaps)
    kept: list[Segment] = []
    for number, (segment, lines) in enumerate(pieces):
        words = " ".join(lines).split()
        overlap = overlaps[number - 1] if number else 0
        if not (rolls and overlap and (often or overlap >= MIN_OVERLAP_WORDS)):
            overlap = 0
        fresh = words[overlap:]
        if fresh:
            before = pieces[number - 1][1] if number else []
            whole = overlap and overlap == len(" ".join(before).split())
            if whole and kept and lines[: len(before)] != before:
                # The line itself grows, so it is one piece.
                kept[-1] = replace(kept[-1], text=f"{kept[-1].text} {' '.join(fresh)}", end=segment.end)
            else:
                kept.append(replace(segment, text=" ".join(fresh)))
        elif kept:
            kept[-1] = replace(kept[-1], end=max(kept[-1].end or 0.0, segment.end or 0.0))
    return tuple(kept)


def _repeated_words(before: Sequence[str], now: Sequence[str]) -> int:
    """Return how many words at the beginning of `now` are the end of `before`."""
    for length in range(min(len(before), len(now)), 0, -1):
        if before[-length:] == now[:length]:
            return length
    return 0
