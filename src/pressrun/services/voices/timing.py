"""When each unit of a text is heard: from the places a voice reported, with the gaps between them filled."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from pressrun.model.script import Word
from pressrun.services.voices.wording import has_letters

BLOCK = 0.01
"""Seconds of sound whose loudest sample says whether it is silent."""
SILENCE = 0.02
"""Share of the loudest sample of a text below which a block is silent (-34 dB)."""
SHORTEST = 0.02
"""Seconds a word lasts at least, where there is room."""


def timed_words(
    texts: Sequence[str], starts: Sequence[float | None], levels: Sequence[float], length: float
) -> tuple[Word, ...]:
    """A `Word` for every text, in order, each with start < end, none overlapping, all inside the sound.

    `starts` are seconds, None where the voice reported nothing; `levels` are the peaks (0 to 1) of blocks of `BLOCK`
    seconds, `length` the seconds of the sound. A word ends where the next begins, or earlier, where its sound ends.
    """
    begin = filled(texts, starts, length)
    words = []
    for index, text in enumerate(texts):
        limit = begin[index + 1] if index + 1 < len(begin) else length
        words.append(Word(text, _down(begin[index]), _down(_sound_end(levels, begin[index], limit))))
    return tuple(words)


def filled(texts: Sequence[str], starts: Sequence[float | None], length: float) -> list[float]:
    """A strictly growing start for every text: reported ones kept, the others spread by their letters between them."""
    count = len(texts)
    known: list[tuple[int, float]] = []
    for index, start in enumerate(starts):
        floor = known[-1][1] + (index - known[-1][0]) * 0.001 if known else index * 0.001
        if start is not None and floor <= start < length - (count - index) * 0.001:
            known.append((index, start))
    if not known or known[0][0] != 0:
        known.insert(0, (0, 0.0))
    begin: list[float] = []
    for (index, start), (until, end) in zip(known, [*known[1:], (count, length)], strict=True):
        weights = [weight(text) for text in texts[index:until]]
        total, spent = sum(weights), 0.0
        for each in weights:
            begin.append(start + (end - start) * spent / total)
            spent += each
    return begin


def weight(text: str) -> float:
    """How long a text takes beside others: its letters, and a little for a mark that only makes a pause."""
    return sum(1.0 for each in text if has_letters(each)) or 0.3


def levels_of(pcm: bytes, sample_rate: int) -> list[float]:
    """Peaks of the blocks of 16-bit `pcm`, as a share of its loudest sample."""
    samples = array("h", pcm)
    step = round(sample_rate * BLOCK)
    peaks = []
    for at in range(0, len(samples), step):
        block = samples[at:at + step]
        peaks.append(max(max(block), -min(block)))
    loudest = max(peaks, default=0) or 1
    return [peak / loudest for peak in peaks]


def _sound_end(levels: Sequence[float], start: float, limit: float) -> float:
    """Where the sound of a word ends between its start and the start of the next."""
    at = min(int(limit / BLOCK), len(levels))
    while at * BLOCK > start + SHORTEST and levels[at - 1] < SILENCE:
        at -= 1
    return min(max(at * BLOCK, start + SHORTEST), limit)


def _down(seconds: float) -> float:
    """To four places, never up: an end must not pass the end of the sound or the next start."""
    return int(seconds * 10_000) / 10_000
