"""Drop licences, title pages, producers' notes and closing lines."""

from __future__ import annotations

import re

from pressrun.services.sources.cleaning.blocks import MAX_HEADING, Block
from pressrun.services.sources.cleaning.headings import is_chapter, is_prose
from pressrun.services.sources.cleaning.left_out import Tally

_ENVELOPE_START = re.compile(
    r"^[ \t]*\*{3} ?START OF (?:THE|THIS) .*$(?:\n(?=\S).{0,80}\*{3}$)?|^\*END\*? ?THE SMALL PRINT!.*$",
    re.MULTILINE,
)
_ENVELOPE_END = re.compile(
    r"^[ \t]*\*{3} ?END OF (?:THE|THIS) .*$|^[ \t]*End of (?:the |this )?Project Gutenberg.*$"
    r"|^\*{3}START: FULL LICENSE.*$",
    re.MULTILINE,
)
_LICENCE = re.compile(
    r"Project Gutenberg|This e-?(?:book|text) is for the use of anyone|All rights reserved|^\s*(?:Copyright|©"
    r"|\(c\)) .{0,40}\d{4}"
    r"|No part of this (?:publication|book|work|e-?book) may be|Alle Rechte vorbehalten|Tous droits réservés"
    r"|Todos los derechos reservados"
    r"|Tutti i diritti riservati|This material may be protected by copyright|licensed under (?:a "
    r"|the )?Creative Commons"
    r"|Permission is (?:hereby )?granted, free of charge|^\s*(?:e-?)?ISBN[- :\d]|Library of Congress (?:Cataloging"
    r"|Catalog)"
    r"|This is a work of fiction\. (?:Names|Any)|Project Gutenberg-tm",
    re.IGNORECASE,
)
_PRODUCER = re.compile(
    r"^(?:This (?:e-?(?:book|text)|file) was )?(?:re-?)?(?:e-?text )?(?:produced|prepared|transcribed|scanned"
    r"|digiti[sz]ed|proofread|typed|converted|created)"
    r" (?:by|from)\b|^e-?text prepared by|^\W*(?:transcriber|proofreader|e-?text editor|producer)[’']?s?[’']? notes?\b"
    r"|^(?:subtitle[sd]?|captions?|captioned|transcript(?:ion)?|synced?|sync|corrected|corrections|untertitel(?:ung)?"
    r"|sous-titres|subtítulos|sottotitoli|legendas|ondertitel\w*)"
    r"(?: (?:and|&) \w+)? (?:by|von|der|des|im auftrag|par|réalisés?|por|de la|creati|a cura|doo[r])\b"
    r"|generously made available by|Online Distributed Proofreading|^Distributed Proofread|Internet Archive/"
    r"|amara\.org|opensubtitles"
    r"|^Advertise your product|^(?:HTML|Digital) version by|^Cover image|^Release Date:|^Character set encoding:"
    r"|^\[?E-?(?:Book|text) ?#\d",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"\W*(?:the end|finis|fin|ende|fine|fim|slut|einde|конец|完|おわり|終わり|剧终"
    r"|end of (?:the )?(?:first|second|third"
    r"|fourth|fifth|last|vol(?:ume)?|book|part|chapter|story|novel|tale|document|text|file|transcript|recording|preview"
    r"|sample|this).{0,40}"
    r"|ende (?:des|der) .{1,40}|fin (?:du|de la) .{1,40}|end transcript|the end of .{1,40})\W*",
    re.IGNORECASE,
)
_TITLE_LINE = re.compile(
    r"(?:by|von|par|por|di|van|written by|translated by|translated from .*|illustrated by|edited by"
    r"|with (?:an introduction|illustrations|notes) .*|author of .*|and|to|dedicated to .*)\b.{0,80}"
    r"|.{0,60}\b(?:press|publishers?|company|co\.|& sons|verlag|éditions|editorial|printers?|limited|ltd\.?"
    r"|inc\.?)\b.{0,60}|.{0,70}\b1[5-9]\d\d\b.{0,10}|.{0,70}\bMDC+[CLXVIM]*\b.{0,10}"
    r"|(?:first|second|third|new|revised|\w+) edition.{0,40}|(?:new york|london|boston|paris|leipzig|berlin|edinburgh"
    r"|philadelphia|chicago|oxford|cambridge)\b.{0,80}|copyright.{0,80}|printed (?:in|by).{0,80}"
    r"|first published.{0,80}|title:.{0,100}|author:.{0,100}",
    re.IGNORECASE,
)
_NOTE_TEXT = re.compile(
    r"typographical|spelling|punctuation|hyphenation|transcri|printer|original text|footnotes have|scan|italics"
    r"|errors? (?:have|has|were)",
    re.IGNORECASE,
)


def strip_envelope(text: str, tally: Tally) -> str:
    """Return a text of Project Gutenberg without the header and the licence around it."""
    if "***" not in text and "Gutenberg" not in text and "SMALL PRINT" not in text:
        return text
    start = next(iter(_ENVELOPE_START.finditer(text)), None)
    begin = start.end() if start else 0
    end = _ENVELOPE_END.search(text, begin)
    if end and end.start() < begin + (len(text) - begin) * 0.2 and not start:
        end = None
    if start or end:
        tally.add("licences", bool(start) + bool(end))
        return text[begin : end.start() if end else len(text)]
    return text


def drop_notices(blocks: list[Block], tally: Tally) -> list[Block]:
    """Drop licences, producers' notes and closing lines, near the beginning and the end of the text."""
    kept = []
    count = len(blocks)
    in_note = False
    for number, block in enumerate(blocks):
        edge = number < max(25, count // 10) or number >= count - max(15, count // 20)
        text = " ".join(line.strip() for line in block.lines)
        if in_note:
            if block.first.startswith(("+--", "|")) or (
                len(text) < 800
                and not is_chapter(block)
                and not block.is_short
                and number < 40
                and _NOTE_TEXT.search(text)
            ):
                continue
            in_note = False
        if len(text) <= 60 and _ENDING.fullmatch(text) and text[:1].isupper() | (not text[:1].isalpha()):
            tally.add("endings")
        elif edge and len(text) < 1500 and _LICENCE.search(text):
            tally.add("licences")
        elif edge and len(text) < 700 and _PRODUCER.search(text.lstrip("[(_*| ")):
            tally.add("notes_of_producers")
            in_note = bool(re.match(r"\W*transcriber", text, re.IGNORECASE))
        else:
            kept.append(block)
    return kept


def is_producer_note(text: str) -> bool:
    """Return whether a short text names who made the file, e.g. "Subtitles by ..."."""
    return len(text) < 300 and bool(_PRODUCER.search(text))


def drop_title_page(blocks: list[Block], tally: Tally) -> list[Block]:
    """Drop the lines of a title page before the first prose: author, publisher, year, a dedication in capitals."""
    first = next((number for number, block in enumerate(blocks[:60]) if is_prose(" ".join(block.lines))), 0)
    page = blocks[:first]
    signs = sum(bool(_TITLE_LINE.fullmatch(line.strip(" _*"))) for block in page for line in block.lines)
    if not signs:
        return blocks
    kept: list[Block] = []
    for number, block in enumerate(page):
        lines = [line.strip(" _*") for line in block.lines]
        small = all(len(line) <= MAX_HEADING for line in lines) and len(" ".join(lines).split()) < 40
        titled = (
            any(_TITLE_LINE.fullmatch(line) for line in lines)
            or " ".join(lines).isupper()
            or (number and block.kind == "text" and signs >= 2)
        )
        if number and block.kind == "heading" and not is_chapter(block) and number < first - 1:
            titled = titled or signs >= 2
        if (
            small
            and titled
            and not is_chapter(block)
            and number < first
            and not (number == 0 and block.kind == "heading")
        ):
            tally.add("title_pages", len(lines))
        else:
            kept.append(block)
    return kept + blocks[first:]
