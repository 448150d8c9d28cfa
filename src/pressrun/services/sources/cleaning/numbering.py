"""Remove numbers that only refer: verses, questions and answers, posts of a thread, and raised numbers of footnotes."""

from __future__ import annotations

import re
from itertools import pairwise

from pressrun.services.sources.cleaning.left_out import Tally

MIN_LINES = 3
"""Lines that must begin with a number for it to be no word of the text."""
MAX_SEARCHED = 50_000
"""Characters in which a text with such numbers has one."""
MAX_NOTES = 100_000
"""Characters at the end of a text in which its notes begin."""
_VERSE = re.compile(r"^[ \t]*(?:\d{1,3}:\d{1,3}|\d{1,3} \d{1,3})[ \t]+(?=[^\W\d_]|[\"“„»«‘])", re.MULTILINE)
_VERSE_NUMBER = re.compile(r"^[ \t]*\d{1,3}[: ](\d{1,3})[ \t]", re.MULTILINE)
_QUESTION = re.compile(r"^[ \t]*(?:Q|F|P)\d{0,3}[.:)][ \t]+(?=\S)", re.MULTILINE)
_ANSWER = re.compile(r"^[ \t]*(?:A|R)\d{0,3}[.:)][ \t]+(?=\S)", re.MULTILINE)
_POST = re.compile(r"^[ \t]*\(?(\d{1,3})/(?:\d{1,3}|n)?\)?[ \t]+(?=\S)", re.MULTILINE)
_NOTE = re.compile(
    r"^[ \t]*(\d{1,3})[.)]?[ \t]+(?=[^\W\d_]"
    r"|[\"“„»«‘])[^\n]*(?:\n(?![ \t]*\d{1,3}[.)]?[ \t])(?=[ \t]*\S)[^\n]*)*",
    re.MULTILINE,
)
_GLUED = re.compile(
    r"(?<=[^\W\d_]{2}[.,;:!?”\"’»)])(\d{1,3})(?=[\s—–]|$)"
    r"|(?<=[^\W\d_]{3})(\d{1,3})(?=[.,;:!?]?\s|$)|(?<=\d{4}[.,;])(\d{1,3})(?=\s|$)",
    re.MULTILINE,
)
_SOURCE = re.compile(
    r"\bpp?\. ?\d|\bibid\b|op\. cit|\b(?:1[5-9]|20)\d\d\b|\bs\. \d|https?://|\b(?:see|cf\."
    r"|vgl\.|siehe|voir)\b|, \d{1,4}\.$",
    re.IGNORECASE,
)


def remove_numbering(text: str, tally: Tally) -> str:
    """Return a text without numbers of verses, questions, posts and footnotes at its end."""
    head = text[:MAX_SEARCHED]
    if _VERSE.search(head):
        text = _remove_verses(text, tally)
    if _QUESTION.search(head) and _ANSWER.search(head):
        text = _remove_questions(text, tally)
    if "/" in head and [found[1] for found in _POST.finditer(head)][:MIN_LINES] == ["1", "2", "3"]:
        text, count = _POST.subn("", text)
        tally.add("list_markers", count)
    return _remove_notes(text, tally)


def _remove_verses(text: str, tally: Tally) -> str:
    numbers = [int(found) for found in _VERSE_NUMBER.findall(text[:MAX_SEARCHED])]
    steps = sum(after in (before + 1, 1) for before, after in pairwise(numbers))
    if len(numbers) < MIN_LINES or steps * 10 < 8 * (len(numbers) - 1):
        return text
    text, count = _VERSE.subn("", text)
    tally.add("list_markers", count)
    return text


def _remove_questions(text: str, tally: Tally) -> str:
    if len(_QUESTION.findall(text)) < 2 or len(_ANSWER.findall(text)) < 2:
        return text
    text, first = _QUESTION.subn("\n", text)
    text, second = _ANSWER.subn("\n", text)
    tally.add("speakers", first + second)
    return text


def _remove_notes(text: str, tally: Tally) -> str:
    """Remove footnotes that became plain numbers, as in "a house.1", if their texts are at the end, from 1."""
    start = max(0, len(text) - MAX_NOTES)
    tail = max(text.rfind(mark, start) for mark in ("\n1 ", "\n1. ", "\n1\t", "\n1) "))
    if tail < 0:
        return text
    notes = list(_NOTE.finditer(text, tail))
    numbers = [int(found[1]) for found in notes]
    sourced = sum(bool(_SOURCE.search(found[0])) for found in notes)
    if not numbers or numbers != list(range(1, len(numbers) + 1)) or sourced * 2 < len(notes):
        return text
    marks = [int(next(filter(None, found.groups()))) for found in _GLUED.finditer(text, 0, tail)]
    if [each for each in marks if each in numbers] != numbers:
        return text
    tally.add("footnotes", len(notes))
    tally.add("reference_marks", len(notes))
    body = _GLUED.sub(lambda found: "" if int(next(filter(None, found.groups()))) in numbers else found[0], text[:tail])
    return body + text[notes[-1].end() :]
