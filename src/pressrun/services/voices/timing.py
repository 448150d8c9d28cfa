"""Determine when each unit of a text is heard: from positions reported by a voice, with the gaps filled.

For voices that report nothing, the positions come from forced alignment: by PocketSphinx in English, which is more
exact, otherwise by a Whisper model on this machine. Without either, they come from the pauses between sentences; within
a sentence, words are spread by their letters.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from pressrun.media.alignment import align_starts, can_align
from pressrun.media.text import SENTENCE_END
from pressrun.model.script import Word
from pressrun.services.voices import whisper_alignment
from pressrun.services.voices.text_units import has_letters
from pressrun.services.voices.word_matching import HeardWord, match_starts

BLOCK_SECONDS = 0.01
"""Length in seconds of the blocks that are checked for silence by their loudest sample."""
SILENCE_LEVEL = 0.02
"""Share of the loudest sample of a text below which a block is silent (-34 dB)."""
MIN_WORD_SECONDS = 0.02
"""Minimum length of a word in seconds, if there is enough time."""
MIN_PAUSE_SECONDS = 0.12
"""Seconds of silence that may separate two sentences; there are shorter silences inside words."""
MAX_DEVIATION = (0.6, 0.25)
"""Maximum deviation, in seconds and as a share of a sentence, of its end from the position expected by its letters."""



def time_words(
    texts: Sequence[str], pcm: bytes, sample_rate: int, language: str, heard: Sequence[HeardWord] = ()
) -> tuple[tuple[Word, ...], str]:
    """Return the words, like `timed_words`, and the origin of their times: "voice", "alignment" or "sentence".

    `heard` has the words that the voice reported, if it did.
    """
    levels, length = measure_levels(pcm, sample_rate), len(pcm) / 2 / sample_rate
    starts = match_starts(texts, heard)
    if any(start is not None for start in starts):
        return timed_words(texts, starts, levels, length), "voice"
    if can_align(language):
        starts = align_starts(texts, pcm, sample_rate)
    elif whisper_alignment.can_align(language):
        starts = whisper_alignment.align_starts(texts, pcm, sample_rate, language)
    if any(start is not None for start in starts):
        return timed_words(texts, starts, levels, length), "alignment"
    return timed_words(texts, sentence_starts(texts, levels, length), levels, length), "sentence"


def sentence_starts(texts: Sequence[str], levels: Sequence[float], length: float) -> list[float | None]:
    """Return the seconds at which the first text of each sentence is heard; None for all others, and if no pause is
    near.

    The end of a sentence is the longest pause around the position expected by its share of the letters.
    """
    starts: list[float | None] = [None] * len(texts)
    if not texts:
        return starts
    starts[0] = at = next((index for index, level in enumerate(levels) if level >= SILENCE_LEVEL), 0) * BLOCK_SECONDS
    firsts = [index + 1 for index, text in enumerate(texts[:-1]) if SENTENCE_END.search(text)]
    pauses, begun = _find_pauses(levels), 0
    for first in firsts:
        share = sum(map(weight, texts[begun:first])) / sum(map(weight, texts[begun:]))
        expected = at + (length - at) * share
        reach = max(MAX_DEVIATION[0], MAX_DEVIATION[1] * (expected - at))
        near = [(start, end) for start, end in pauses if start > at and abs((start + end) / 2 - expected) <= reach]
        if near:
            starts[first] = at = max(near, key=lambda pause: pause[1] - pause[0])[1]
            begun = first
    return starts


def _find_pauses(levels: Sequence[float]) -> list[tuple[float, float]]:
    """Return the start and end of the silences, in seconds."""
    found: list[tuple[float, float]] = []
    begun: int | None = None
    for index, level in enumerate((*levels, 1.0)):
        if level < SILENCE_LEVEL:
            begun = index if begun is None else begun
        elif begun is not None:
            if (index - begun) * BLOCK_SECONDS >= MIN_PAUSE_SECONDS:
                found.append((begun * BLOCK_SECONDS, index * BLOCK_SECONDS))
            begun = None
    return found


def timed_words(
    texts: Sequence[str], starts: Sequence[float | None], levels: Sequence[float], length: float
) -> tuple[Word, ...]:
    """Return a `Word` for every text, in order, each with start < end, without overlap, all within the audio.

    `starts` are seconds, None if not reported; `levels` are the peaks (0 to 1) of blocks of `BLOCK_SECONDS`; `length`
    is the length of the audio in seconds. A word ends where the next one starts, or earlier if its sound ends.
    """
    begin = fill_times(texts, starts, length)
    words = []
    for index, text in enumerate(texts):
        limit = begin[index + 1] if index + 1 < len(begin) else length
        words.append(Word(text, _round_down(begin[index]), _round_down(_sound_end(levels, begin[index], limit))))
    return tuple(words)


def fill_times(texts: Sequence[str], starts: Sequence[float | None], length: float) -> list[float]:
    """Return a strictly increasing start for every text: reported ones are kept, the others spread by their letters."""
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
    """Return the relative time that a text takes: its letters, or a little for a mark that only causes a pause."""
    return sum(1.0 for each in text if has_letters(each)) or 0.3


def measure_levels(pcm: bytes, sample_rate: int) -> list[float]:
    """Return the peaks of the blocks of 16-bit `pcm`, relative to its loudest sample."""
    samples = array("h", pcm)
    step = round(sample_rate * BLOCK_SECONDS)
    peaks = []
    for at in range(0, len(samples), step):
        block = samples[at:at + step]
        peaks.append(max(max(block), -min(block)))
    loudest = max(peaks, default=0) or 1
    return [peak / loudest for peak in peaks]


def _sound_end(levels: Sequence[float], start: float, limit: float) -> float:
    """Return where the sound of a word ends, between its start and the start of the next one."""
    at = min(int(limit / BLOCK_SECONDS), len(levels))
    while at * BLOCK_SECONDS > start + MIN_WORD_SECONDS and levels[at - 1] < SILENCE_LEVEL:
        at -= 1
    return min(max(at * BLOCK_SECONDS, start + MIN_WORD_SECONDS), limit)


def _round_down(seconds: float) -> float:
    """Round down to four decimals: an end must not exceed the end of the audio or the next start."""
    return int(seconds * 10_000) / 10_000
