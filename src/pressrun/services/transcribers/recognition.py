"""Recognize the speech of one window with a Whisper model, so that the same window always gives the same words.

Whisper's own fallback samples at random, and each of its results depends on those before it. Here a doubtful segment
is decoded again on its own, with other settings, and without randomness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pressrun.services.transcribers.decoding import SAMPLE_RATE
from pressrun.services.transcribers.filtering import (
    RecognizedSegment,
    RecognizedWord,
    RemovedWords,
    clamp_to_speech,
    find_doubt,
    normalize,
    split_unspoken,
)
from pressrun.services.transcribers.language_changes import split_languages
from pressrun.services.transcribers.windows import Span, Window

DECODING: dict[str, Any] = {
    "beam_size": 5,
    "temperature": 0.0,
    "condition_on_previous_text": False,  # one mistake would otherwise repeat until the end
    "word_timestamps": True,
    "vad_filter": False,  # the windows have their own
}
SECOND_DECODING: dict[str, Any] = {
    **DECODING, "beam_size": 1, "no_repeat_ngram_size": 3, "repetition_penalty": 1.1, "without_timestamps": True,
}
"""For a segment that is probably invented."""
SECOND_PADDING = 0.3
"""Seconds before and after such a segment."""
WORD_DELAY = 0.02
"""Seconds by which Whisper places words too late, measured with several voices."""
MAX_SEGMENT_GAP = 2.0
"""Seconds of silence between two words of a segment; a longer one starts another segment."""


@dataclass(frozen=True)
class WindowResult:
    """The words of a window, and those that were removed. Times are in seconds of the file."""

    language: str
    segments: tuple[RecognizedSegment, ...]
    removed: tuple[RemovedWords, ...] = ()


def recognize_window(
    model: Any, window: Window, language: str, previous: str, on_progress: Callable[[float], None] = lambda _: None
) -> WindowResult:
    """Return the words of a window. `language` is a code or "auto", `previous` the language of the window before.

    `on_progress(seconds)` is called with the position in the file.
    """
    segments: list[RecognizedSegment] = []
    removed: list[RemovedWords] = []
    for part in split_languages(model, window, language, previous):
        previous = part.language
        for segment in _decode(model, window, part.passages, part.language, DECODING):
            on_progress(window.begin + segment.end)
            kept, left_out = _check(model, window, segment, part.language)
            segments += kept
            removed += left_out
    segments, repeated = _remove_repeated_segments(segments, window)
    return WindowResult(
        previous,
        tuple(_shift(clamp_to_speech(segment, window.speech), window.begin) for segment in segments),
        tuple(
            RemovedWords(round(each.start + window.begin, 3), round(each.end + window.begin, 3), each.text, each.reason)
            for each in sorted((*removed, *repeated), key=lambda each: each.start)
        ),
    )


def _check(
    model: Any, window: Window, segment: RecognizedSegment, language: str
) -> tuple[list[RecognizedSegment], list[RemovedWords]]:
    """Return what is left of a segment, decoded again if it is doubtful, and what is removed."""
    spoken, unspoken = split_unspoken(segment, window.speech)
    removed = [_removed(unspoken, "outside speech")] if unspoken else []
    if spoken is None:
        return [], removed
    reason = find_doubt(spoken, window)
    if reason is None:
        return [spoken], removed
    again = Span(max(0.0, spoken.start - SECOND_PADDING), min(window.seconds, spoken.end + SECOND_PADDING))
    better = []
    for other in _decode(model, window, (again,), language, SECOND_DECODING):
        other_spoken, _ = split_unspoken(other, window.speech)
        if other_spoken and find_doubt(other_spoken, window) is None:
            better.append(other_spoken)
    if [normalize(each.text) for each in better] == [normalize(spoken.text)]:
        return [spoken], removed
    return better, [*removed, _removed(spoken, reason)]


def _remove_repeated_segments(
    segments: list[RecognizedSegment], window: Window
) -> tuple[list[RecognizedSegment], list[RemovedWords]]:
    """Keep the first of three or more equal segments in a row, unless the speech itself is certain."""
    kept: list[RecognizedSegment] = []
    removed: list[RemovedWords] = []
    at = 0
    while at < len(segments):
        until = at + 1
        while until < len(segments) and normalize(segments[until].text) == normalize(segments[at].text):
            until += 1
        run = segments[at:until]
        if len(run) >= 3 and min(window.speech_probability(each.start, each.end) for each in run) < 0.75:
            kept.append(run[0])
            removed += [_removed(each, "repetition") for each in run[1:]]
        else:
            kept += run
        at = until
    return kept, removed


def _removed(segment: RecognizedSegment, reason: str) -> RemovedWords:
    return RemovedWords(segment.start, segment.end, segment.text, reason)


def _decode(
    model: Any, window: Window, passages: tuple[Span, ...], language: str, settings: dict[str, Any]
) -> Iterator[RecognizedSegment]:
    """Yield the segments of passages, which the model gets as one piece without the silence between them."""
    import numpy as np

    bounds = [(round(each.start * SAMPLE_RATE), round(each.end * SAMPLE_RATE)) for each in passages]
    if not bounds:
        return
    sound = np.concatenate([window.samples[a:b] for a, b in bounds]).astype(np.float32)
    sound /= 32768  # in place: there are up to five minutes of it
    pieces, _ = model.transcribe(sound, language=language, **settings)
    for piece in pieces:
        yield from _split_at_gaps(_place_words(piece.words or (), bounds))


def _place_words(words: Iterable[Any], bounds: list[tuple[int, int]]) -> Iterator[RecognizedWord]:
    """Yield the words with their times in the window instead of in the joined passages."""
    for word in words:
        middle = (word.start + word.end) / 2 * SAMPLE_RATE
        joined = 0  # samples of the passages before
        for start, end in bounds:
            if middle < joined + end - start or (start, end) == bounds[-1]:
                shift = (start - joined) / SAMPLE_RATE - WORD_DELAY
                first, last = start / SAMPLE_RATE, end / SAMPLE_RATE
                begin = min(max(float(word.start) + shift, first), last)
                yield RecognizedWord(
                    word.word, begin, min(max(float(word.end) + shift, begin), last), float(word.probability)
                )
                break
            joined += end - start


def _split_at_gaps(words: Iterable[RecognizedWord]) -> Iterator[RecognizedSegment]:
    found: list[RecognizedWord] = []
    for word in words:
        if found and word.start - found[-1].end > MAX_SEGMENT_GAP:
            yield RecognizedSegment(tuple(found))
            found = []
        found.append(word)
    if found:
        yield RecognizedSegment(tuple(found))


def _shift(segment: RecognizedSegment, seconds: float) -> RecognizedSegment:
    return RecognizedSegment(
        tuple(
            RecognizedWord(
                word.text, round(word.start + seconds, 3), round(word.end + seconds, 3), round(word.probability, 3)
            )
            for word in segment.words
        )
    )
