"""Drop licences, title pages, producers' notes and closing lines."""

from __future__ import annotations

import re
from itertools import zip_longest

from pressrun.services.sources.cleaning.blocks import MAX_HEADING, Block, is_closed
from pressrun.services.sources.cleaning.headings import is_chapter, is_prose
from pressrun.services.sources.cleaning.left_out import Tally
from pressrun.services.sources.cleaning.vocabulary import one_of, word_set

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
    one_of(
        r"Project Gutenberg|This e-?(?:book|text) is for the use of anyone|^\s*(?:e-?)?ISBN[- :\d]",
        r"All rights reserved|Alle Rechte vorbehalten|Tous droits réservés|Todos los derechos reservados",
        r"Tutti i diritti riservati|Riservati tutti i diritti|^propriet[àa] letteraria"
        r"|Todos os direitos reservados|Alle rechten voorbehouden",
        r"No part of this (?:publication|book|work|e-?book) may be|This material may be protected by copyright",
        r"^\s*Copyright(?:\s*(?:©|\(c\)|,?\s*\d{4})|,? (?:19|20)\d\d,? by )|^\s*(?:©|\(c\))\s*\d{4}",
        r"licensed under (?:a |the )?Creative Commons|Permission is (?:hereby )?granted, free of charge",
        r"Library of Congress (?:Cataloging|Catalog)|This is a work of fiction\. (?:Names|Any)",
    ),
    re.IGNORECASE,
)
_LICENCE_WORDS = (
    *("gutenberg", "for the use of", "isbn", "rights", "rechte", "droits", "derechos", "diritti", "direitos"),
    *("letteraria", "no part of", "protected by", "copyright", "©", "(c)", "commons", "permission is"),
    *("library of congress", "work of fiction"),
)
"""One of them is in every licence. Looking for them first is quick."""
_MADE = r"(?:re-?)?(?:produced|prepared|transcribed|scanned|digiti[sz]ed|proofread|typed|converted|created)"
_NAME = r"(?-i:(?:the )?(?:[A-ZÀ-Þ][\w.’'-]*|and|&|of|de|van|von)(?:,? |\.?$))"
_PRODUCER = re.compile(
    one_of(
        rf"(?:this (?:e-?(?:book|text)|file) was )?(?:e-?text )?{_MADE} (?:by|from)\b.*(?:https?://|www\.|@|proofread"
        rf"|team\b|images)",
        rf"(?:e-?text )?{_MADE} by (?:{_NAME}){{1,10}}$",
        r"this e-?(?:book|text) was (?:produced|prepared|created)|e-?text prepared by|distributed proofread",
        r"\W*(?:transcriber|proofreader|e-?text editor|producer)[’']?s?[’']? notes?\b",
        rf"(?:subtitles?|captions?|subtitled|captioned|transcript(?:ion)?|synced?|sync|corrected|corrections)"
        rf"(?: (?:and|&) \w+)? by:? (?:{_NAME}){{1,8}}"
        r"|(?:subtitles?|captions?|synced) (?:and \w+ )?by\b.{0,60}$",
        r"(?:untertitel(?:ung)?|sous-titr(?:es|age)|subtítulos|sottotitoli|legendas|ondertitel\w*)"
        r"(?: \w+){0,3}:? (?:von|der|des|par|por|de|a cura|di|\W*\w+\.\w+)\b.{0,80}$",
        r"(?:untertitel(?:ung)?|sous-titrage|subtítulos|sottotitoli|legendas|ondertiteling)\b"
        r"(?! (?:sind|ist|werden|sont|est|son|sono|zijn)\b)[^.!?]{0,80}$",
        r"субтитры (?:сделал|создавал|подогнал|делал)|(?:редактор|корректор) субтитров"
        r"|napisy (?:stworzone|opracowane|wykonane)",
        r"(?:copyright|©|\(c\)) (?-i:(?:[A-ZÀ-Þ][\w.&-]*[ ,]+){1,5})(?:19|20)\d\d\W*$",
        r"Advertise your product|(?:HTML|Digital) version by|Cover image (?:was )?created",
        r"note: (?:images|the original|this (?:e-?text|file))\b",
        r"\W*(?:anmerkungen? (?:zur|des) transkri|notes? d[eu] (?:la )?transcri|nota del? transcri"
        r"|opmerkingen van de bew)",
        r"Release Date: |Character set encoding: |\[?E-?(?:Book|text) ?#\d",
    ),
    re.IGNORECASE,
)
"""How a note of those who made a file begins."""
_PRODUCER_WORDS = re.compile(
    r"generously made available by|online distributed proofread|internet archive/|amara\.org|opensubtitles"
    r"|\b(?:sous-?titreur|subscene|podnapisi|addic7ed|yts)\.\w|字幕(?:由|製作|制作|组|組|志愿者)"
    r"|available (?:through|from|at) (?:the )?internet archive",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"\W*"
    + one_of(
        r"the end|finis|fin|ende|fine|fim|slut|einde|конец|完|おわり|終わり|剧终|the end|end transcript",
        r"(?:the )?end of (?:the )?(?:first|second|third|fourth|fifth|last )?(?:vol(?:ume)?|book|part|chapter|story"
        r"|novel|tale"
        r"|document|text|file|transcript|recording|preview|sample)\b(?:\.? [\w.]{1,10}){0,2}",
        r"ende (?:des|der) (?:\w+ )?(?:buch(?:e?s)?|teils?|bandes|kapitels|erzählung|geschichte)",
        r"fin (?:du|de la) (?:\w+ )?(?:livre|tome|volume|partie|chapitre)(?: \w+)?",
    )
    + r"\W*",
    re.IGNORECASE,
)
_PAGE_LINE = re.compile(
    one_of(
        r"advertisement|story continues below.*|(?:read more|related|read also|see more|watch|also read) ?: .{3,120}",
        r"\(?(?:photo|image|picture|foto|bild)(?: by|:| credit:).{2,100}\)?|follow .{2,60} on (?:twitter|x"
        r"|facebook|instagram).*",
        r"(?:this (?:article|story|post) (?:was )?)?(?:originally|first) (?:published|appeared) (?:at|on"
        r"|in) .{2,100}",
        r"keywords:.{3,200}|\W*corresponding author:.{3,120}|subscribe (?:to|now).{0,80}|click here.{0,80}",
        r"(?:figure|fig\.|table|abbildung|abb\.|tabelle|tab\.|figura|tableau) ?\d{1,3} ?[.:—–-] .{3,300}",
        r"[（(【]?(?:全文|本书|全书)?(?:完|终|終|了)[)）】]?|【注】.{0,100}|(?:本书由|本電子書|更多(?:好书|小说)).{0,100}|.{0,40}(?:扫描校对"
        r"|整理制作).{0,60}",
    ),
    re.IGNORECASE,
)
"""Lines that a page or a publisher puts between the paragraphs."""
_BACK_MATTER = re.compile(
    r"\W*(?:about the authors?|also by .{3,60}|other books by .{3,60}|books by .{3,60}|newsletter"
    r"|über (?:den|die) autor(?:in)?"
    r"|weitere (?:bücher|titel) .{0,60}|à propos de l['’]auteur|du même auteur|sobre (?:el autor|la autora"
    r"|o autor|a autora)"
    r"|l['’]autore|dello stesso autore|an excerpt from .{3,80}|coming soon.{0,60})\W*",
    re.IGNORECASE,
)
"""Headings behind which nothing of a book follows."""
MAX_BACK_MATTER = 0.2
"""Share of the blocks of a book that may be behind it."""
_FRONT_NAMES = re.compile(
    r"(?:cover|title page|copyright(?: page)?|half title|frontispiece|dedication"
    r"|titelseite|impressum)",
    re.IGNORECASE,
)
_TITLE_LINE = re.compile(
    one_of(
        r"(?:by|von|par|por|di|van|written by|translated (?:by|from)|illustrated by|edited by|author of"
        r"|dedicated to)\b.{0,80}",
        r"with (?:an introduction|illustrations|notes)\b.{0,80}",
        r".{0,60}\b(?:press|publishers?|company|co\.|& sons|verlag|éditions|printers?|limited|ltd\.?"
        r"|inc\.?)(?!\w).{0,60}",
        r".{0,70}\b1[5-9]\d\d\b.{0,10}|.{0,70}\bMDC+[CLXVIM]*\b.{0,10}",
        r"(?:first|second|third|new|revised|\w+) edition.{0,40}",
        r"(?:new york|london|boston|paris|leipzig|berlin|edinburgh|philadelphia|chicago|oxford|cambridge)\b.{0,80}",
        r"copyright.{0,80}|printed (?:in|by).{0,80}|first published.{0,80}|(?:title|author|language):.{0,100}"
        r"|illustrated\.?",
    ),
    re.IGNORECASE,
)
_SMALL_WORDS = word_set(
    "der die das den dem des le les du los las el il lo by of the and in for de la von und et y e to with a an at on"
    " from as"
)
EDGE = 60
"""Blocks at the beginning and at the end of a long text that may be notices."""
_NOTE_HEAD = re.compile(r"\W*(?:transcriber|anmerkung|note|nota)", re.IGNORECASE)
_DATE_LINE = re.compile(r"[A-ZÀ-Þ][^.!?]{0,50},? (?:1[5-9]|20)\d\d\.?")
_NOTE_TEXT = re.compile(
    r"typographical|originalgetreu|druckfehler|korrigiert|typographie|spelling|punctuation|hyphenation|transcri"
    r"|printer|original text|footnotes have|scan|italics"
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
    for number in range(max(1, count - max(12, int(count * MAX_BACK_MATTER))), count):
        if blocks[number].is_short and _BACK_MATTER.fullmatch(blocks[number].first):
            tally.add("notes_of_producers")
            blocks = blocks[:number]
            break
    count = len(blocks)
    in_note = False
    for number, block in enumerate(blocks):
        edge = number < min(max(25, count // 10), EDGE) or number >= count - min(max(15, count // 20), EDGE)
        if not edge and not in_note and (block.plain or len(block.lines) > 1):
            kept.append(block)
            continue
        text = " ".join(line.strip() for line in block.lines)
        if in_note:
            short = block.is_short and not is_closed(text)
            if block.first.startswith(("+--", "|")):
                continue
            if len(text) < 800 and not short and not is_chapter(block) and _NOTE_TEXT.search(text):
                continue
            in_note = False
        if len(block.lines) <= 2 and _PAGE_LINE.fullmatch(text):
            tally.add("page_marks")
        elif number < EDGE and len(text) <= 20 and _FRONT_NAMES.fullmatch(text):
            tally.add("title_pages")
        elif len(text) <= 60 and _ENDING.fullmatch(text) and text[:1].isupper() | (not text[:1].isalpha()):
            tally.add("endings")
        elif edge and len(text) < 1500 and _is_licence(text):
            tally.add("licences")
        elif edge and len(text) < 700 and _is_producer_note(text.lstrip("[(_*| ")):
            tally.add("notes_of_producers")
            in_note = bool(_NOTE_HEAD.match(text))
        else:
            kept.append(block)
    return kept


def _is_licence(text: str) -> bool:
    lower = text.lower()
    return any(word in lower for word in _LICENCE_WORDS) and bool(_LICENCE.search(text))


def is_producer_note(text: str) -> bool:
    """Return whether a short text names who made the file, e.g. "Subtitles by ..."."""
    return len(text) < 300 and _is_producer_note(text)


def _is_producer_note(text: str) -> bool:
    return bool(_PRODUCER.match(text) or _PRODUCER_WORDS.search(text))


def drop_title_page(blocks: list[Block], tally: Tally) -> list[Block]:
    """Drop the lines of a title page before the first prose: author, publisher, year, a dedication in capitals."""
    blocks = _drop_date_lines(blocks, tally)
    first = next((number for number, block in enumerate(blocks[:60]) if is_prose(" ".join(block.lines))), 0)
    page = blocks[:first]
    signs = sum(_is_title_line(line) for block in page for line in block.lines)
    if not signs:
        return blocks
    kept: list[Block] = []
    for number, block in enumerate(page):
        chapter = is_chapter(block) or (block.kind == "heading" and number in (0, first - 1))
        small = all(len(line.strip()) <= MAX_HEADING for line in block.lines) and len(block.text.split()) < 40
        titled = any(map(_is_title_line, block.lines)) or (signs >= 2 and all(map(_is_capitalised, block.lines)))
        if small and titled and not chapter:
            tally.add("title_pages", len(block.lines))
        else:
            kept.append(block)
    return kept + blocks[first:]


def _drop_date_lines(blocks: list[Block], tally: Tally) -> list[Block]:
    """Drop the line with place and year that ends a preface, e.g. "London, May 1889."."""
    kept = []
    for block, following in zip_longest(blocks, blocks[1:]):
        if block.plain or len(block.lines) > 1:
            kept.append(block)
            continue
        ends = following is None or following.kind == "heading"
        if (
            ends
            and block.kind == "text"
            and block.is_short
            and _DATE_LINE.fullmatch(block.first.strip(" _*"))
            and (len(block.first.split()) <= 6 and _is_capitalised(block.first))
        ):
            tally.add("title_pages")
        else:
            kept.append(block)
    return kept


def _is_title_line(line: str) -> bool:
    return _TITLE_LINE.fullmatch(line.strip(" _*")) is not None and _is_capitalised(line)


def _is_capitalised(line: str) -> bool:
    """Whether the words of a line begin with capitals, as on a title page."""
    words = [word for word in re.findall(r"[^\W\d_]+", line) if word.casefold() not in _SMALL_WORDS]
    capitals = sum(1 for word in words if word[0].isupper())
    return capitals > 0 and capitals * 4 >= len(words) * 3
