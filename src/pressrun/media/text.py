"""Parts of a text: the positions of its words, the ends of its sentences, and short excerpts for cards."""

from __future__ import annotations

import re
from collections.abc import Sequence

SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’»」』)]*$")
"""Matches a word at the end of a sentence."""
_SENTENCE_BREAK = re.compile(r"(?<=[.!?؟।])\s+|(?<=[。！？])|\n\s*\n")
MAX_KEY_LINE_CHARS = 120
"""Longest sentence under a heading. Half as many for scripts with wide letters."""


def word_spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return the start and end (exclusive) of each word in `text`, in order.

    A word that is not found has an empty span, so that a voice that changes the text does not stop the work.
    """
    spans: list[tuple[int, int]] = []
    at = 0
    for word in words:
        start = text.find(word, at)
        if start < 0:
            spans.append((at, at))
            continue
        at = start + len(word)
        spans.append((start, at))
    return spans


def blanks_before(text: str, words: Sequence[str]) -> list[bool]:
    """Return for each word whether `text` has a space between it and the word before."""
    spans = word_spans(text, words)
    blanks: list[bool] = []
    for index, (start, end) in enumerate(spans):
        previous = spans[index - 1] if index else (0, 0)
        unknown = start == end or previous[0] == previous[1]
        blanks.append(index > 0 and (unknown or text[previous[1]:start] != ""))
    return blanks


def main_title(title: str, max_chars: int) -> str:
    """Return the title without its subtitle (after a colon, semicolon or dash) if it is longer than `max_chars`."""
    if len(title) <= max_chars:
        return title
    main = re.split(r"[:;：；]\s*| [-–—] ", title, maxsplit=1)[0].strip()
    return main if len(main) >= 3 and any(map(str.isalpha, main)) else title


def key_line(narration: str, heading: str) -> str:
    """Return a sentence of the narration to show under the heading, neither too short nor too long.

    Returns an empty string if no sentence fits or the only one repeats the heading.
    """
    sentences = [sentence.strip() for sentence in _SENTENCE_BREAK.split(narration) if sentence.strip()]
    wide = sum(ord(character) > 0x2E80 for character in narration) > len(narration) / 2
    max_chars = MAX_KEY_LINE_CHARS // 2 if wide else MAX_KEY_LINE_CHARS
    candidates = [
        sentence for sentence in sentences
        if max_chars * 0.25 <= len(sentence) <= max_chars and sentence.rstrip(".。") != heading.rstrip(".。…")
    ]
    return min(candidates, key=lambda sentence: abs(len(sentence) - max_chars * 0.6), default="")
