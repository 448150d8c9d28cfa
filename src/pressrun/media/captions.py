"""Captions: words grouped into cues of at most two lines, and the cues as SRT and WebVTT.

A cue ends with a sentence if possible, else after a comma or a pause, else where the parts are of equal length. The
best division is found over all breaks of a passage at once, so that no cue is left with a single word.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from pressrun.media.text import SENTENCE_END, blanks_before
from pressrun.media.typeset import Measure
from pressrun.model.script import Passage, Word

MAX_LINES = 2
LINGER_SECONDS = 0.35
"""How long a cue stays after its last word, unless the next one begins."""
MIN_CUE_SECONDS = 1.1
"""Shorter cues are hard to read."""
MAX_PAUSE_SECONDS = 0.7
"""A cue should not extend across a longer silence."""

_CLAUSE_END = re.compile(r"[,;:—–、，；：،؛]['\"”’»」』)]*$")


@dataclass(frozen=True)
class Cue:
    """A caption that is shown at once. Times are in seconds from the start of the video."""

    start: float
    end: float
    lines: tuple[tuple[Word, ...], ...]
    blanks: tuple[tuple[bool, ...], ...]
    """For each word of each line, whether a space precedes it."""

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for line in self.lines for word in line)

    @cached_property
    def word_starts(self) -> tuple[float, ...]:
        return tuple(word.start for word in self.words)

    @property
    def text_lines(self) -> tuple[str, ...]:
        return tuple(
            "".join((" " if blank else "") + word.text for word, blank in zip(line, blanks, strict=True)).strip()
            for line, blanks in zip(self.lines, self.blanks, strict=True)
        )


@dataclass(frozen=True)
class _Row:
    """The words of a passage as if they were in one endless line, in the pixels of the measure."""

    words: Sequence[Word]
    blanks: list[bool]
    line_width: float
    lefts: list[float]
    rights: list[float]

    def width(self, start: int, end: int) -> float:
        return self.rights[end - 1] - self.lefts[start]

    def fill_lines(self, start: int, lines: int) -> int:
        """Return the first word that does not fit if so many lines are filled from the word `start` on."""
        for _ in range(lines):
            if start < len(self.words):
                start = max(bisect_right(self.rights, self.lefts[start] + self.line_width), start + 1)
        return start


def cues_of(passages: Sequence[Passage], measure: Measure, width: float, max_lines: int = MAX_LINES) -> list[Cue]:
    """Return the cues of all passages in order. They do not overlap.

    `measure` returns the width of a text, and `width` is that of a line in the same unit.
    """
    cues: list[Cue] = []
    for passage in passages:
        if not passage.words:
            continue
        row = _make_row(passage, measure, width)
        cues += [_make_cue(row, start, end, max_lines) for start, end in _find_breaks(row, max_lines)]
    return _extend_cues(cues)


def _make_row(passage: Passage, measure: Measure, line_width: float) -> _Row:
    blanks = blanks_before(passage.text, [word.text for word in passage.words])
    blank, widths = measure(" "), {text: measure(text) for text in {word.text for word in passage.words}}
    lefts, rights, at = [], [], 0.0
    for word, has_blank in zip(passage.words, blanks, strict=True):
        lefts.append(at + blank * has_blank)
        at = lefts[-1] + widths[word.text]
        rights.append(at)
    return _Row(passage.words, blanks, line_width, lefts, rights)


def _find_breaks(row: _Row, max_lines: int) -> list[tuple[int, int]]:
    """Return the cheapest division of the words into cues, each as (first word, word after the last).

    Dynamic programming: the best division up to each word is built from the best divisions up to the words before it.
    """
    count = len(row.words)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * count
    for end in range(1, count + 1):
        for start in range(end - 1, -1, -1):
            # A cue that is too long only gets longer with an earlier start. A single word is always allowed.
            if end - start > 1 and row.fill_lines(start, max_lines) < end:
                break
            cost = best[start][0] + _cue_cost(row, start, end, max_lines)
            if cost < best[end][0]:
                best[end] = (cost, start)
    cuts: list[tuple[int, int]] = []
    at = count
    while at:
        cuts.append((best[at][1], at))
        at = best[at][1]
    return cuts[::-1]


def _cue_cost(row: _Row, start: int, end: int, max_lines: int) -> float:
    """Return how bad a cue of these words is. Every cue has a cost, so that fewer and fuller cues win."""
    words = row.words[start:end]
    seconds = words[-1].end - words[0].start
    fill = row.width(start, end) / (row.line_width * max_lines)
    cost = 0.35 + (1 - min(fill, 1)) ** 2 * 0.8
    last = words[-1].text
    if end < len(row.words) and not SENTENCE_END.search(last):
        cost += 0.12 if _CLAUSE_END.search(last) else 0.45
    starts_sentence = start == 0 or SENTENCE_END.search(row.words[start - 1].text)
    whole_sentences = starts_sentence and (end == len(row.words) or SENTENCE_END.search(last))
    for before, after in pairwise(words):
        if SENTENCE_END.search(before.text):
            cost += 0.4 if whole_sentences else 1.2
        if after.start - before.end > MAX_PAUSE_SECONDS:
            cost += 0.5
    return cost + max(MIN_CUE_SECONDS - seconds, 0) * 1.2


def _split_lines(row: _Row, start: int, end: int, max_lines: int) -> list[tuple[int, int]] | None:
    """Return the words of each line, two lines as even as possible, or None if there would be too many lines."""
    filled: list[tuple[int, int]] = []
    first = start
    while first < end:
        after = min(row.fill_lines(first, 1), end)
        filled.append((first, after))
        first = after
    if len(filled) > max_lines:
        return None
    if len(filled) != 2:
        return filled
    possible_cuts = [
        at for at in range(start + 1, end)
        if row.width(start, at) <= row.line_width and row.width(at, end) <= row.line_width
    ]

    def unevenness(at: int) -> float:
        comma = 0.12 * row.line_width if _CLAUSE_END.search(row.words[at - 1].text) else 0.0
        return abs(row.width(start, at) - row.width(at, end)) - comma

    cut = min(possible_cuts, key=unevenness, default=filled[0][1])
    return [(start, cut), (cut, end)]


def _make_cue(row: _Row, start: int, end: int, max_lines: int) -> Cue:
    lines = _split_lines(row, start, end, max_lines) or [(start, end)]
    words = row.words[start:end]
    return Cue(
        words[0].start, words[-1].end,
        tuple(tuple(row.words[a:b]) for a, b in lines), tuple(tuple(row.blanks[a:b]) for a, b in lines),
    )


def _extend_cues(cues: list[Cue]) -> list[Cue]:
    """Let each cue stay a little after its last word, but not into the next one."""
    extended: list[Cue] = []
    for index, cue in enumerate(cues):
        limit = cues[index + 1].start if index + 1 < len(cues) else float("inf")
        extended.append(Cue(cue.start, max(min(cue.end + LINGER_SECONDS, limit), cue.start), cue.lines, cue.blanks))
    return extended


def as_srt(cues: Sequence[Cue]) -> str:
    """Return the cues as SubRip text."""
    blocks = [
        f"{number}\n{_timestamp(cue.start, ',')} --> {_timestamp(cue.end, ',')}\n{_text(cue)}\n"
        for number, cue in enumerate(cues, 1)
    ]
    return "\n".join(blocks)


def as_vtt(cues: Sequence[Cue]) -> str:
    """Return the cues as WebVTT text, with reserved characters escaped (W3C WebVTT, cue text)."""
    blocks = []
    for cue in cues:
        text = _text(cue).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{_timestamp(cue.start, '.')} --> {_timestamp(cue.end, '.')}\n{text}\n")
    return "WEBVTT\n\n" + "\n".join(blocks)


def _text(cue: Cue) -> str:
    return "\n".join(cue.text_lines)


def _timestamp(seconds: float, separator: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{separator}{rest % 1000:03}"
