"""Drop tables of contents and lists of illustrations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pressrun.services.sources.cleaning.blocks import Block
from pressrun.services.sources.cleaning.headings import is_chapter, is_chapter_line, is_prose, plain_line
from pressrun.services.sources.cleaning.left_out import Tally
from pressrun.services.sources.cleaning.pages import bare_line

_CONTENTS = re.compile(
    r"(?:the )?(?:table of )?contents?(?: of (?:vol(?:ume)?\.?|the) .{1,20})?|list of (?:illustrations|figures|plates"
    r"|maps|tables|chapters)|illustrations"
    r"|\[?toc\]?|inhalt(?:sverzeichnis|sübersicht)?|verzeichnis der .{1,30}|table des mati[èe]res|sommaire"
    r"|tabla de contenidos?|[íi]ndice(?: de contenidos?)?|contenido"
    r"|indice(?: generale)?|sommario|sum[áa]rio|conte[úu]do|inhoud(?:sopgave)?|содержание|оглавление|目次|目录|目錄"
    r"|المحتويات|spis treści|innehåll|indhold",
    re.IGNORECASE,
)
_LEADERS = re.compile(r"(?:\.[ .]{2,}|…{2,}|\s{3,}|\t|_{3,})\s*(?:\d{1,4}|[ivxlc]{1,7})\s*$")
_NUMERALS = frozenset("0123456789ivxlc")
_PAGE_AT_END = re.compile(r"\s(?:\d{1,4}|[ivxlc]{1,7})\.?$")


def drop_contents(blocks: list[Block], tally: Tally) -> list[Block]:
    kept: list[Block] = []
    index = 0
    while index < len(blocks):
        block = blocks[index]
        if block.plain:
            kept.append(block)
            index += 1
            continue
        if len(block.first) < 60 and _CONTENTS.fullmatch(plain_line(block.first)):
            end = _end_of_contents(blocks, index)
            if end > index + 1 or len(block.lines) > 1:
                tally.add("contents")
                index = end
                continue
        leaders = sum(line[-1:] in _NUMERALS and bool(_LEADERS.search(line)) for line in block.lines)
        if leaders >= 3 and leaders * 2 >= len(block.lines):
            tally.add("contents")
        else:
            kept.append(block)
        index += 1
    return kept


def _end_of_contents(blocks: Sequence[Block], start: int) -> int:
    """Return the index of the first block after a table of contents: prose, or a heading that the table names."""
    seen = {bare_line(line) for line in blocks[start].lines[1:]}
    index = start + 1
    if len(blocks[start].lines) > 1 and any(is_prose(line) for line in blocks[start].lines[1:]):
        return start
    while index < len(blocks):
        block = blocks[index]
        if _CONTENTS.fullmatch(plain_line(block.first)):
            return index
        name = bare_line(_without_page(block.first))
        if (
            len(block.lines) <= 3
            and seen
            and (name in seen or any(len(name) > 3 and each.startswith(name + " ") for each in seen))
        ):
            return index
        if is_prose(" ".join(block.lines)) and not _is_contents_list(block):
            # The heading above the first prose belongs to the text.
            return index - 1 if index - 1 > start and is_chapter(blocks[index - 1]) else index
        seen |= {bare_line(_without_page(line)) for line in block.lines}
        index += 1
    return start


def _without_page(line: str) -> str:
    return _PAGE_AT_END.sub("", _LEADERS.sub("", line.strip()))


def _is_contents_list(block: Block) -> bool:
    entries = sum(
        bool(_LEADERS.search(line) or _PAGE_AT_END.search(line) or is_chapter_line(line.strip()))
        for line in block.lines
    )
    return entries * 2 >= len(block.lines) or block.text.count("—") >= 3
