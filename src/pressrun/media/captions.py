"""Captions: words grouped into cues of at most two lines, and the cues as SRT and WebVTT.

A cue breaks where the sentence does, else after a comma or a pause, else where the parts come out even: the cheapest
way through a passage is found over all of its breaks, so that no cue is left with a single word.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from pressrun.media.spans import blank_before
from pressrun.media.typeset import Measure
from pressrun.model.script import Passage, Word

MOST_LINES = 2
LINGER = 0.35
"""Seconds a cue stays after its last word where nothing follows at once."""
SHORT_CUE = 1.1
"""Seconds below which a cue is hard to read."""
LONG_PAUSE = 0.7
"""Seconds of silence across which a cue should not reach."""

_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’»」』)]*$")
_CLAUSE_END = re.compile(r"[,;:—–、，；：،؛]['\"”’»」』)]*$")


@dataclass(frozen=True)
class Cue:
    """What is shown at once; times in seconds from the start of the video."""

    start: float
    end: float
    lines: tuple[tuple[Word, ...], ...]
    blanks: tuple[tuple[bool, ...], ...]
    """For each word of each line, whether a blank stands before it."""

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
    """The words of a passage with what a layout needs: which have a blank before them, and the width of a line."""

    words: Sequence[Word]
    blanks: list[bool]
    line: float
    lefts: list[float]
    """Pixels from the beginning of the passage to that of each word, if it stood in one line."""
    rights: list[float]

    def width(self, start: int, end: int) -> float:
        return self.rights[end - 1] - self.lefts[start]

    def reach(self, start: int, lines: int) -> int:
        """The word after the last that so many lines hold from `start` on, each filled before the next."""
        for _ in range(lines):
            if start < len(self.words):
                start = max(bisect_right(self.rights, self.lefts[start] + self.line), start + 1)
        return start


def _row(passage: Passage, measure: Measure, line: float) -> _Row:
    blanks = blank_before(passage.text, [word.text for word in passage.words])
    blank, known = measure(" "), {text: measure(text) for text in {word.text for word in passage.words}}
    lefts, rights, at = [], [], 0.0
    for word, gap in zip(passage.words, blanks, strict=True):
        lefts.append(at + blank * gap)
        at = lefts[-1] + known[word.text]
        rights.append(at)
    return _Row(passage.words, blanks, line, lefts, rights)


def cues_of(passages: Sequence[Passage], measure: Measure, width: float, most_lines: int = MOST_LINES) -> list[Cue]:
    """The cues of all passages in order, none overlapping. `width` is that of a line, in the pixels of `measure`."""
    made: list[Cue] = []
    for passage in passages:
        if not passage.words:
            continue
        row = _row(passage, measure, width)
        made += [_cue(row, start, end, most_lines) for start, end in _breaks(row, most_lines)]
    return _lingering(made)


def _breaks(row: _Row, most_lines: int) -> list[tuple[int, int]]:
    """The cheapest way to cut the words into cues: (first word, word after the last)."""
    count = len(row.words)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * count
    for end in range(1, count + 1):
        for start in range(end - 1, -1, -1):
            if end - start > 1 and row.reach(start, most_lines) < end:
                break
            cost = best[start][0] + _cost(row, start, end, most_lines)
            if cost < best[end][0]:
                best[end] = (cost, start)
    cuts: list[tuple[int, int]] = []
    at = count
    while at:
        cuts.append((best[at][1], at))
        at = best[at][1]
    return cuts[::-1]


def _cost(row: _Row, start: int, end: int, most_lines: int) -> float:
    """How bad a cue of these words is."""
    words = row.words[start:end]
    seconds = words[-1].end - words[0].start
    fill = row.width(start, end) / (row.line * most_lines)
    cost = 0.35 + (1 - min(fill, 1)) ** 2 * 0.8
    last = words[-1].text
    if end < len(row.words) and not _SENTENCE_END.search(last):
        cost += 0.12 if _CLAUSE_END.search(last) else 0.45
    begins = start == 0 or _SENTENCE_END.search(row.words[start - 1].text)
    whole = begins and (end == len(row.words) or _SENTENCE_END.search(last))
    for before, after in pairwise(words):
        if _SENTENCE_END.search(before.text):
            cost += 0.4 if whole else 1.2
        if after.start - before.end > LONG_PAUSE:
            cost += 0.5
    return cost + max(SHORT_CUE - seconds, 0) * 1.2


def _lines(row: _Row, start: int, end: int, most_lines: int) -> list[tuple[int, int]] | None:
    """The lines of these words, as even as they get and the upper one not the longer by much; None: too many."""
    filled: list[tuple[int, int]] = []
    first = start
    while first < end:
        after = min(row.reach(first, 1), end)
        filled.append((first, after))
        first = after
    if len(filled) > most_lines:
        return None
    if len(filled) != 2:
        return filled
    fitting = [
        at for at in range(start + 1, end) if row.width(start, at) <= row.line and row.width(at, end) <= row.line
    ]

    def unevenness(at: int) -> float:
        comma = 0.12 * row.line if _CLAUSE_END.search(row.words[at - 1].text) else 0.0
        return abs(row.width(start, at) - row.width(at, end)) - comma

    cut = min(fitting, key=unevenness, default=filled[0][1])
    return [(start, cut), (cut, end)]


def _cue(row: _Row, start: int, end: int, most_lines: int) -> Cue:
    lines = _lines(row, start, end, most_lines) or [(start, end)]
    words = row.words[start:end]
    return Cue(
        words[0].start, words[-1].end,
        tuple(tuple(row.words[a:b]) for a, b in lines), tuple(tuple(row.blanks[a:b]) for a, b in lines),
    )


def _lingering(cues: list[Cue]) -> list[Cue]:
    """Each cue stays a little after its last word, but never into the next."""
    made: list[Cue] = []
    for index, cue in enumerate(cues):
        limit = cues[index + 1].start if index + 1 < len(cues) else float("inf")
        made.append(Cue(cue.start, max(min(cue.end + LINGER, limit), cue.start), cue.lines, cue.blanks))
    return made


def as_srt(cues: Sequence[Cue]) -> str:
    """SubRip text. Its format has no escapes; a line cannot be empty."""
    blocks = [
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_joined(cue)}\n"
        for number, cue in enumerate(cues, 1)
    ]
    return "\n".join(blocks)


def as_vtt(cues: Sequence[Cue]) -> str:
    """WebVTT text, with the characters escaped that its grammar (W3C WebVTT, cue text) reserves."""
    blocks = []
    for cue in cues:
        text = _joined(cue).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{text}\n")
    return "WEBVTT\n\n" + "\n".join(blocks)


def _joined(cue: Cue) -> str:
    return "\n".join(cue.text_lines)


def _clock(seconds: float, separator: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{separator}{rest % 1000:03}"
