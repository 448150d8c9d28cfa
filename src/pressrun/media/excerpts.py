"""Short pieces of longer texts, for pictures that have no room for all of it."""

from __future__ import annotations

import re

LONGEST_KEY_LINE = 120
"""Characters of a sentence that may stand under a heading; half as many where letters are wide."""
SENTENCES = re.compile(r"(?<=[.!?؟।])\s+|(?<=[。！？])")


def main_title(title: str, longest: int) -> str:
    """What a person calls the book: a title of more than `longest` characters ends at its first colon or dash."""
    if len(title) <= longest:
        return title
    main = re.split(r"[:;：；]\s*| [-–—] ", title, maxsplit=1)[0].strip()
    return main if len(main) >= 3 and any(map(str.isalpha, main)) else title


def key_line_of(narration: str, heading: str) -> str:
    """A sentence of the narration to stand under the heading: the shortest that is long enough to say something.

    Empty where none is short enough, or where it only repeats the heading.
    """
    sentences = [each.strip() for each in SENTENCES.split(narration) if each.strip()]
    wide = sum(ord(each) > 0x2E80 for each in narration) > len(narration) / 2
    longest = LONGEST_KEY_LINE // 2 if wide else LONGEST_KEY_LINE
    fitting = [
        each for each in sentences
        if longest * 0.25 <= len(each) <= longest and each.rstrip(".。") != heading.rstrip(".。…")
    ]
    return min(fitting, key=lambda each: abs(len(each) - longest * 0.6), default="")

