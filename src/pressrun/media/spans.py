"""Where the words of a passage stand in its text: what stands between two words decides how captions join them."""

from __future__ import annotations

from collections.abc import Sequence


def word_spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """For each word its first and last place (end not included) in `text`, in order.

    A word that the text does not have where it is looked for gets an empty span there, so that a voice that rewrites
    the text does not stop the work.
    """
    spans: list[tuple[int, int]] = []
    at = 0
    for word in words:
        found = text.find(word, at)
        if found < 0:
            spans.append((at, at))
            continue
        at = found + len(word)
        spans.append((found, at))
    return spans


def blank_before(text: str, words: Sequence[str]) -> list[bool]:
    """For each word, whether a blank stands before it when it is written after the word before."""
    spans = word_spans(text, words)
    before: list[bool] = []
    for index, (start, end) in enumerate(spans):
        previous = spans[index - 1] if index else (0, 0)
        unknown = start == end or previous[0] == previous[1]
        before.append(index > 0 and (unknown or text[previous[1]:start] != ""))
    return before
