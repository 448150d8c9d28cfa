"""Blocks: the pieces of a text between blank lines, and what each of them is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "heading", "item", "line"]

CLOSED = re.compile(r"[.!?…。！？؟۔।:;][\"'”’»)\]』」*_]*$")
"""The end of a line that ends a sentence or clause."""
LONG_LINE = 160
"""Characters above which a line is a paragraph that was not wrapped."""
MAX_HEADING = 80
"""Characters up to which a separate line may be a heading."""


@dataclass
class Block:
    """Lines between two blank lines. `words` counts lazily."""

    lines: list[str]
    kind: Kind = "text"
    page_break: bool = field(default=False)
    """Whether a page ended before it."""

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
    blocks: list[Block] = []
    page_break = False
    for page in text.split("\f"):
        for part in re.split(r"\n[ \t]*\n", page):
            lines = [line.rstrip() for line in part.split("\n") if line.strip()]
            if not lines:
                continue
            for group in _paragraphs(lines):
                blocks.append(Block(group, page_break=page_break))
                page_break = False
        page_break = True
    return blocks


def _paragraphs(lines: list[str]) -> list[list[str]]:
    """Return the paragraphs of a block: an unwrapped line is one, and an indented line begins a new paragraph."""
    if len(lines) == 1:
        return [lines]
    long = sum(len(line) > LONG_LINE for line in lines)
    if long * 2 >= len(lines) or (long and all(len(line) > LONG_LINE or not CLOSED.search(line) for line in lines)):
        return [[line] for line in lines]
    base = min(len(line) - len(line.lstrip()) for line in lines[1:]) if len(lines) > 2 else 0
    groups: list[list[str]] = [[lines[0]]]
    for line in lines[1:]:
        indented = len(line) - len(line.lstrip()) >= base + 2
        if indented and base == 0 and CLOSED.search(groups[-1][-1]) and len(groups[-1]) > 1:
            groups.append([line])
        else:
            groups[-1].append(line)
    return groups
