"""Find the language of a window, and where it changes within the window."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from pressrun.services.transcribers.decoding import SAMPLE_RATE
from pressrun.services.transcribers.windows import Span, Window

PROBE_SECONDS = 30.0
"""Speech that one detection reads."""
MIN_PROBE_SECONDS = 3.0
"""Less speech tells too little about its language."""
CERTAIN_LANGUAGE = 0.6
"""Probability at which a detected language counts."""


@dataclass(frozen=True)
class LanguagePart:
    """Passages of a window in one language."""

    language: str
    passages: tuple[Span, ...]


def split_languages(model: Any, window: Window, language: str, previous: str) -> list[LanguagePart]:
    """Return the passages of a window by their language, in order.

    `language` is a code, or "auto" to detect it; `previous` is the language of the window before, or empty.
    """
    if not window.passages:
        return []
    if not model.model.is_multilingual:
        return [LanguagePart("en", window.passages)]
    if language != "auto":
        return [LanguagePart(language, window.passages)]
    probes = _split_probes(window.passages)
    last = _detect(model, window, probes[-1])
    # Usually nothing changes, and one detection is enough. The first window is checked in up to three places.
    begin = previous or _detect(model, window, probes[0]) or _vote(model, window, (*probes[1:3], probes[-1]))
    if last is None or last == begin:
        return [LanguagePart(begin or last or "en", window.passages)]
    first = _first_in_language(model, window, probes, last)
    parts = []
    if before := _join(probes[:first]):
        parts.append(LanguagePart(begin or last, before))
    parts.append(LanguagePart(last, _join(probes[first:])))
    return parts


def _first_in_language(model: Any, window: Window, probes: list[tuple[Span, ...]], language: str) -> int:
    """Return the first probe in the language of the last one, assuming that it changes once."""
    low, high = 0, len(probes) - 1
    while low < high:
        middle = (low + high) // 2
        if _detect(model, window, probes[middle]) == language:
            high = middle
        else:
            low = middle + 1
    return high


def _vote(model: Any, window: Window, probes: tuple[tuple[Span, ...], ...]) -> str:
    """Return the language that most probes have; the earlier one of a tie."""
    found = [each for each in (_detect(model, window, probe) for probe in dict.fromkeys(probes)) if each]
    return Counter(found).most_common(1)[0][0] if found else ""


def _detect(model: Any, window: Window, probe: tuple[Span, ...]) -> str | None:
    """Return the language of a probe, or None if it is not certain."""
    import numpy as np

    sound = np.concatenate(
        [window.samples[round(each.start * SAMPLE_RATE) : round(each.end * SAMPLE_RATE)] for each in probe]
    )
    if sound.size < MIN_PROBE_SECONDS * SAMPLE_RATE:
        return None
    language, probability, _ = model.detect_language(sound.astype(np.float32) / 32768)
    return str(language) if probability >= CERTAIN_LANGUAGE else None


def _split_probes(passages: tuple[Span, ...]) -> list[tuple[Span, ...]]:
    """Return the passages in groups of about 30 seconds. Long passages are divided."""
    probes: list[list[Span]] = [[]]
    filled = 0.0
    for passage in passages:
        start = passage.start
        while start < passage.end:
            end = min(passage.end, start + PROBE_SECONDS - filled)
            probes[-1].append(Span(start, end))
            filled += end - start
            start = end
            if filled >= PROBE_SECONDS - 1e-6:
                probes.append([])
                filled = 0.0
    return [tuple(probe) for probe in probes if probe]


def _join(probes: list[tuple[Span, ...]]) -> tuple[Span, ...]:
    """Return the spans of probes, with those that touch joined again."""
    found: list[Span] = []
    for span in (each for probe in probes for each in probe):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, span.end)
        else:
            found.append(span)
    return tuple(found)
