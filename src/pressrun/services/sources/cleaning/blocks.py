"""Blocks: the pieces of a text between blank lines, and what each of them is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "heading", "item", "line"]

_ENDS = frozenset(".!?…。！？؟۔।:;")
_TRAILING_SPACE = re.compile(r"[ \t]+$", re.MULTILINE)
_LETTERS = r"A-Za-zÀ-ÖØ-öø-ÿ ,.;:!?'\"“”‘’«»„–—…-"
_MARK = r"(?![(0-9 \t–—-]|[^\n]{0,5}[.)] )"
"""Not the beginning of a line that may be an item of a list, a page number or a note."""
LONG_LINE = 160
"""Characters above which a line is a paragraph that was not wrapped."""
_PLAIN = re.compile(rf"{_MARK}[{_LETTERS}]{{1,{LONG_LINE}}}(?:\n{_MARK}[{_LETTERS}]{{1,{LONG_LINE}}})+")
_PLAIN_WITH_NUMBERS = re.compile(_PLAIN.pattern.replace(_LETTERS, f"0-9(){_LETTERS}"))
_DIGIT = re.compile(r"\d")
_SMALL_STARTS = re.compile(r"\n[a-zß-öø-ÿ]")
_LAST_MARKS = re.compile(r"(?:\[[^\[\]]{1,30}\])+$")
_AFTER_END = "\"'”’»«“›‹)]』」）】》*_ "
MIN_WRAPPED = 45
"""Characters above which the first of two lines was wrapped."""
MAX_HEADING = 80
"""Characters up to which a separate line may be a heading."""


def is_closed(text: str) -> bool:
    """Return whether a text ends with the end of a sentence or clause, which closing quotation marks may follow."""
    bare = text.rstrip(_AFTER_END)
    if text[-1:] == "]":
        bare = _LAST_MARKS.sub("", text).rstrip(_AFTER_END)
    return bare[-1:] in _ENDS and bool(text)


@dataclass
class Block:
    """Lines between two blank lines. `words` counts lazily."""

    lines: list[str]
    kind: Kind = "text"
    page_break: bool = field(default=False)
    """Whether a page ended before it."""
    plain: bool = field(default=False)
    """Whether it is a wrapped paragraph of words: nothing in it can be left out, which saves looking at it."""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def first(self) -> str:
        return self.lines[0].strip()

    @property
    def last(self) -> str:
        return self.lines[-1].strip()

    @property
    def is_short(self) -> bool:
        """Whether it is one line that is short enough for a heading."""
        return len(self.lines) == 1 and len(self.first) <= MAX_HEADING


def split_blocks(text: str) -> list[Block]:
    """Return the blocks of a text. Lines that are paragraphs, because nothing is wrapped, are blocks of their own."""
    if " \n" in text or "\t\n" in text:
        text = _TRAILING_SPACE.sub("", text)
    blocks: list[Block] = []
    page_break = False
    for page in text.split("\f"):
        for part in page.split("\n\n"):
            part = part.strip("\n")
            if not part:
                continue
            lines = part.split("\n")
            if len(lines) > 1 and _is_plain(part, lines):
                blocks.append(Block(lines, page_break=page_break, plain=True))
                page_break = False
                continue
            for group in _paragraphs(lines, "\n " in part or "\n\t" in part):
                blocks.append(Block(group, page_break=page_break))
                page_break = False
        page_break = True
    return blocks


def _is_plain(part: str, lines: list[str]) -> bool:
    """Return whether a block has only words and punctuation, and most lines continue a sentence."""
    if len(_SMALL_STARTS.findall(part)) * 10 <= len(lines) * 3:
        return False
    if len(lines) == 2 and not (len(lines[0]) > MIN_WRAPPED and is_closed(part)):
        return False
    if _PLAIN.fullmatch(part):
        return "www." not in part
    if not _PLAIN_WITH_NUMBERS.fullmatch(part):
        return False
    if not _DIGIT.search(part):
        return part.count("(") == part.count(")")
    return "(" not in part and ")" not in part and all(len(line) > 30 for line in lines)


def _paragraphs(lines: list[str], indented: bool) -> list[list[str]]:
    """Return the paragraphs of a block: an unwrapped line is one, and an indented line begins a new paragraph."""
    if len(lines) == 1:
        return [lines]
    if max(map(len, lines)) > LONG_LINE:
        long = sum(len(line) > LONG_LINE for line in lines)
        if long * 2 >= len(lines) or all(len(line) > LONG_LINE or not is_closed(line) for line in lines):
            return [[line] for line in lines]
    if not indented:
        return [lines]
    base = min(len(line) - len(line.lstrip()) for line in lines[1:]) if len(lines) > 2 else 0
    groups: list[list[str]] = [[lines[0]]]
    for line in lines[1:]:
        inward = len(line) - len(line.lstrip()) >= base + 2
        if inward and base == 0 and is_closed(groups[-1][-1]) and len(groups[-1]) > 1:
            groups.append([line])
        else:
            groups[-1].append(line)
    return groups
