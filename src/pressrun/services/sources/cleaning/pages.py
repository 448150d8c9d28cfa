"""Drop page numbers and titles that come back on every page, and rejoin the paragraphs that they part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pressrun.services.sources.cleaning.blocks import Block, is_closed
from pressrun.services.sources.cleaning.left_out import Tally

_PAGE_LINE = re.compile(
    r"\W{0,3}(?:\[?(?:page|pg\.?|p\.|seite|s\.|página|pagina|pág\.)\s?)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s?(?:of|/|von|de"
    r"|sur)\s?\d{1,4})?\]?\W{0,3}",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\d{1,4}\s|\s\d{1,4}$")
_DIGIT = re.compile(r"\d")
_SURE_PAGE = re.compile(
    r"\W*(?:slide|folie|diapositive|diapositiva)\s?\d{1,4}(?:\s?(?:of|/|von|de|sur)\s?\d{1,4})?\W*"
    r"|.{0,60}\t+page \d+ of \d+|"
    r"\W*(?:page|pg\.?|p\.|seite|página|pagina|pág\.)\s?\d{1,4}(?:\s?(?:of|/|von|de|sur)\s?\d{1,4})?\W*"
    r"|[-–—~]\s?\d{1,4}\s?[-–—~]|\d{1,4}\s?\|\s?(?:page|seite)|(?:page|seite)\s?\|\s?\d{1,4}",
    re.IGNORECASE,
)


def drop_page_lines(blocks: list[Block], tally: Tally) -> list[Block]:
    """Drop lines that only hold a page number, and titles that come back on every page; rejoin what they parted."""
    numbers = sum(1 for block in blocks if len(block.lines) == 1 and _PAGE_LINE.fullmatch(block.first))
    running = _running_titles(blocks)
    kept: list[Block] = []
    parted = False
    for block in blocks:
        if block.plain and not parted and not block.page_break and not running:
            kept.append(block)
            continue
        lines = block.lines
        if len(lines) == 1 or running or min(map(len, lines)) <= 30:
            lines = [line for line in lines if not _is_page_line(line, block, numbers, running)]
        if len(lines) < len(block.lines):
            tally.add("page_marks", len(block.lines) - len(lines))
            parted = parted or not lines or lines[0] is not block.lines[0]
            if not lines:
                continue
        fresh = Block(lines, block.kind, block.page_break)
        before = kept[-1] if kept else None
        if (
            before
            and (parted or block.page_break)
            and not is_closed(before.last)
            and _continues(fresh.first)
            and not before.is_short
        ):
            before.lines += lines
            before.plain = False
        else:
            kept.append(fresh)
        parted = len(lines) < len(block.lines) and bool(lines) and lines[-1] is not block.lines[-1]
    return kept


def _continues(line: str) -> bool:
    return line[:1].islower() or (line[:1].isalpha() and line[:1].upper() == line[:1].lower())


def _running_titles(blocks: Sequence[Block]) -> frozenset[str]:
    """Return the lines that come back at page breaks, without their numbers."""
    counts: Counter[str] = Counter()
    for block in blocks:
        if block.plain and not block.page_break:
            continue
        if block.page_break:
            counts[bare_line(block.first)] += 1
            if len(block.lines) > 1:
                counts[bare_line(block.last)] += 0
        for line in (block.first, block.last) if len(block.lines) > 1 else (block.first,):
            if (
                (line[:1].isdigit() or line[-1:].isdigit())
                and _NUMBERED.search(line)
                and len(line) <= 60
                and not is_closed(line)
            ):
                counts[bare_line(line)] += 1
    return frozenset(title for title, count in counts.items() if count >= 3 and title)


def bare_line(line: str) -> str:
    return re.sub(r"\d+|\W+", " ", line).strip().casefold()


def _is_page_line(line: str, block: Block, numbers: int, running: frozenset[str]) -> bool:
    clean = line.strip()
    if len(clean) > 70 or not (running or _DIGIT.search(clean)):
        return False
    if _SURE_PAGE.fullmatch(clean):
        return True
    alone = len(block.lines) == 1 or line is block.lines[0] or line is block.lines[-1]
    if (
        alone
        and numbers >= 3
        and len(block.lines) == 1
        and _PAGE_LINE.fullmatch(clean)
        and any(map(str.isdigit, clean))
    ):
        return True
    if block.page_break and line is block.lines[0] and clean.isdigit():
        return True
    return bool(running) and bare_line(clean) in running and (block.page_break or any(map(str.isdigit, clean)))
