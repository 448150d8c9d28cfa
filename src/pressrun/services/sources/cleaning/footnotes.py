"""Drop footnotes, sections of notes and references, indexes, and bracketed blocks such as illustrations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pressrun.services.sources.cleaning.blocks import Block
from pressrun.services.sources.cleaning.headings import is_chapter, is_heading_mark, plain_line
from pressrun.services.sources.cleaning.left_out import Tally

_NOTES = re.compile(
    r"(?:foot|end)?notes(?: and references)?|references(?: and notes)?|bibliography|works cited|further reading"
    r"|external links|see also|sources|citations|index"
    r"|fu(?:ß|ss)noten|anmerkungen|einzelnachweise|literatur(?:verzeichnis)?|weblinks|quellen(?:verzeichnis)?"
    r"|siehe auch|register"
    r"|notes et références|références|bibliographie|liens externes|voir aussi|referencias|notas|bibliografía"
    r"|enlaces externos|véase también"
    r"|note|riferimenti|bibliografia|collegamenti esterni|voci correlate|referências|bibliografia|ligações externas"
    r"|ver também|noten|voetnoten|bronnen|externe links"
    r"|примечания|литература|ссылки|脚注|参考文献|注释|註釋",
    re.IGNORECASE,
)
_NOTE_ENTRY = re.compile(
    r"^\s*(?:\[[\w^*†]{1,5}\]|\(\d{1,3}\)|\^|\d{1,3}[.)]?\s|[*†‡§]|[ivx]+\.)|https?://|\bpp?\. ?\d|\b(?:1[5-9]"
    r"|20)\d\d\b|ISBN|ibid|op\. cit|↑|, \d{1,4}(?:[-–,]\s?\d{1,4})*\.?$",
    re.IGNORECASE,
)
_INNER_MARK = re.compile(r"\[(\d{1,3}|[A-HJ-Za-z]|[ivx]{2,5}|\*)\]")
_BODY_LINE = re.compile(r"[ \t]*\[(\d{1,3})\][ \t]+\S")
_STARRED = re.compile(r"\w[.,;]?[”\"’']?[*†‡](?=[\s.,;:!?]|$)")


def drop_footnotes(blocks: list[Block], tally: Tally) -> list[Block]:
    """Drop sections of notes, references and indexes, and notes below the paragraph that has their mark."""
    kept: list[Block] = []
    index = 0
    lines = [line for block in blocks if not block.plain for line in block.lines]
    marks = {found[1] for line in lines if "[" in line for found in _INNER_MARK.finditer(line) if found.start()}
    stars = any(_STARRED.search(line) for line in lines if "*" in line)
    while index < len(blocks):
        block = blocks[index]
        if block.plain:
            kept.append(block)
            index += 1
            continue
        name = plain_line(block.first) if len(block.lines) == 1 and len(block.first) < 60 else ""
        if len(block.lines) == 1 and len(name) < 40 and _NOTES.fullmatch(name):
            end = index + 1
            while (
                end < len(blocks)
                and not (is_chapter(blocks[end]) and not _NOTE_ENTRY.search(blocks[end].first))
                and not is_heading_mark(blocks[end].first)
            ):
                end += 1
            section = [line for each in blocks[index + 1 : end] for line in each.lines]
            starts = [each for each in blocks[index + 1 : end] if any(_NOTE_ENTRY.search(line) for line in each.lines)]
            if section and len(starts) * 2 >= end - index - 1:
                tally.add(
                    "indexes"
                    if re.match(
                        "index|register|bibl|works|further|external|see also|weblinks|liens", name, re.IGNORECASE
                    )
                    else "footnotes",
                    1,
                )
                index = end
                continue
        later = next(
            (n for n, line in enumerate(block.lines) if n and (found := _BODY_LINE.match(line)) and found[1] in marks),
            0,
        )
        if later:
            tally.add("footnotes", len(block.lines) - later)
            block = Block(block.lines[:later], block.kind, block.page_break)
        body = re.match(r"\s*(?:\[(\d{1,3}|[A-HJ-Za-z]|[ivx]{2,5}|\*)\]|(\*|†|‡)(?=\s?[^\s*]))", block.first)
        if body and (
            (body[1] and body[1] in marks and kept)
            or (body[2] and stars and len(block.text) < 600 and _is_single_star(blocks, index))
        ):
            tally.add("footnotes")
        elif block.first.startswith(("[Footnote", "[Fußnote", "[Note", "[Sidenote")):
            index = _skip_bracket(blocks, index, tally, kept, "footnotes")
            continue
        elif block.first.startswith(("[Illustration", "[Transcriber", "[Image")):
            kind = "notes_of_producers" if block.first.startswith("[T") else "illustrations"
            index = _skip_bracket(blocks, index, tally, kept, kind)
            continue
        else:
            kept.append(block)
        index += 1
    return kept


def _is_single_star(blocks: Sequence[Block], index: int) -> bool:
    """Whether a star begins a note: it is no item of a list of stars."""
    around = [blocks[each] for each in (index - 1, index + 1) if 0 <= each < len(blocks)]
    items = sum(line.lstrip().startswith(("* ", "*\t")) for line in blocks[index].lines)
    return items <= 1 and not any(each.first.startswith("* ") for each in around)


def _skip_bracket(blocks: Sequence[Block], index: int, tally: Tally, kept: list[Block], kind: str) -> int:
    """Skip blocks up to the closing bracket of a note, and return the index of the next block."""
    tally.add(kind)
    depth = 0
    for end in range(index, min(len(blocks), index + 12)):
        text = blocks[end].text
        for place, letter in enumerate(text):
            depth += (letter == "[") - (letter == "]")
            if depth == 0:
                rest = text[place + 1 :].strip("\n")
                if any(map(str.isalnum, rest)):
                    kept.append(Block([line for line in rest.split("\n") if line.strip()]))
                return end + 1
    rest = re.sub(r"^\[\w+[^:\n]{0,30}:?", "", blocks[index].text)
    kept.append(Block(rest.split("\n")))  # never closed: its words stay
    return index + 1
