"""Clean a text between reading and writing: keep what a person would read aloud, and count what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pressrun.model.script import Segment
from pressrun.services.sources.cleaning.blocks import Block, split_blocks
from pressrun.services.sources.cleaning.characters import normalize_characters, other_characters, remove_emoji
from pressrun.services.sources.cleaning.clippings import strip_clippings
from pressrun.services.sources.cleaning.contents import drop_contents
from pressrun.services.sources.cleaning.footnotes import drop_footnotes
from pressrun.services.sources.cleaning.formats import Form
from pressrun.services.sources.cleaning.headings import mark_headings
from pressrun.services.sources.cleaning.html_text import html_blocks
from pressrun.services.sources.cleaning.layout import (
    Hyphens,
    are_separate,
    join_lines,
    list_marker,
    separate_lines,
    split_list,
    wrap_width,
)
from pressrun.services.sources.cleaning.left_out import LeftOut, Tally
from pressrun.services.sources.cleaning.light_markup import convert_light_markup
from pressrun.services.sources.cleaning.markdown import markdown_blocks
from pressrun.services.sources.cleaning.marks import may_cite, remove_marks
from pressrun.services.sources.cleaning.markup import remove_markup, restore_escaped
from pressrun.services.sources.cleaning.messages import clean_messages
from pressrun.services.sources.cleaning.notices import drop_notices, drop_title_page, strip_envelope
from pressrun.services.sources.cleaning.numbering import remove_numbering
from pressrun.services.sources.cleaning.pages import drop_page_lines
from pressrun.services.sources.cleaning.plays import clean_play
from pressrun.services.sources.cleaning.tables import drop_tables
from pressrun.services.sources.cleaning.transcripts import clean_transcript
from pressrun.services.sources.cleaning.wiki import clean_wiki

MAX_MEASURED = 1000
"""Blocks that tell the width of a text."""
_PLAIN = re.compile(r"[A-Za-z0-9À-ÖØ-öø-ÿ«»„%,;:.!? '\"“”‘’—–…()\n-]*")
"""Most paragraphs: nothing in them can be a mark or markup."""
_WORD = re.compile(r"[^\W_]")
_YAML = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\n.*?^\+\+\+[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_YAML_LINE = re.compile(r"(?:[\w][\w .-]*:(?:\s.*|)|:?\s*-\s.*|\s+\S.*|#.*|\s*|[\w-]+:: ?.*|[\]}\[{].*)")
_JSON_FRONT = re.compile(r"\A\{\n(?:[ \t]+\"\w+\":.*\n)+\}\n")


@dataclass(frozen=True)
class Cleaned:
    """The headings and paragraphs of a text, and what was left out of it."""

    segments: tuple[Segment, ...]
    left_out: LeftOut


def clean_text(text: str, form: Form = "plain") -> Cleaned:
    """Return what a person would read aloud of a text, as headings and paragraphs in order."""
    tally = Tally()
    text = _strip_front_matter(text.lstrip("\ufeff"), tally)
    others = other_characters(text)
    text = remove_emoji(normalize_characters(text, others), tally, others)
    if form == "html":
        # The chapters of an EPUB are separated by form feeds.
        blocks = [block for page in text.split("\f") for block in html_blocks(page, tally)]
        text = ""
    else:
        if form in ("plain", "markdown"):
            text = clean_messages(text, tally)
            if (converted := convert_light_markup(text)) is not None:
                tally.add("markup")
                text, form = converted, "markdown"
        text = remove_numbering(text, tally)
        text = clean_wiki(strip_clippings(strip_envelope(text, tally), tally), tally)
        transcript = clean_transcript(text, tally)
        if transcript is not None:
            text = transcript
        if form == "markdown":
            blocks = markdown_blocks(text, tally)
        else:
            blocks = split_blocks(_drop_comments(drop_tables(text, tally), tally))
    for drop in (drop_page_lines, drop_contents, drop_notices, drop_footnotes, clean_play):
        blocks = drop(blocks, tally)
    mark_headings(blocks, guess=form in ("plain", "rtf"))
    blocks = drop_title_page(blocks, tally)
    segments = tuple(_segments(blocks, text, form, tally))
    return Cleaned(segments, tally.result())


def _strip_front_matter(text: str, tally: Tally) -> str:
    """Return a text without fields of YAML, TOML or JSON at its top. Prose between rules of dashes stays."""
    found = _YAML.match(text)
    if found and not all(_YAML_LINE.fullmatch(line) for line in found[1].split("\n")):
        found = None
    found = found or _TOML.match(text) or _JSON_FRONT.match(text)
    if not found:
        return text
    tally.add("front_matter")
    return text[found.end() :]


def _drop_comments(text: str, tally: Tally) -> str:
    for opening, pattern in (("<!--", r"<!--.*?-->"), ("%%", r"%%.*?%%")):
        if opening in text:
            text, count = re.subn(pattern, "", text, flags=re.DOTALL)
            tally.add("comments", count)
    return text


def _segments(blocks: list[Block], text: str, form: Form, tally: Tally) -> Iterator[Segment]:
    width = wrap_width([block.lines for block in blocks[:MAX_MEASURED]]) if form in ("plain", "rtf") else 0
    hyphens = Hyphens(text)
    markers = ["" if block.plain else list_marker(block.first) for block in blocks]
    for number, block in enumerate(blocks):
        if block.plain:
            paragraph = " ".join(block.lines)
            if "- " in paragraph or "–" in paragraph:
                paragraph = hyphens.join(block.text).replace("\n", " ")
            yield Segment(" ".join(paragraph.split()) if "  " in paragraph else paragraph)
            continue
        if block.kind == "heading":
            heading = _clean(block.text, hyphens, tally)
            if heading:
                yield Segment(heading, heading=True)
            continue
        siblings = frozenset(filter(None, (*markers[max(0, number - 2) : number], *markers[number + 1 : number + 3])))
        for piece in _pieces(block, width, siblings, form, tally):
            if clean := _clean(piece, hyphens, tally):
                yield Segment(clean)


def _pieces(block: Block, width: int, siblings: frozenset[str], form: Form, tally: Tally) -> Iterator[str]:
    """Yield the paragraph, or the items or lines of a block that is a list or a poem."""
    if form == "markdown" and block.kind == "item":
        yield block.text
        return
    for part, item in split_list(block.lines, siblings):
        tally.add("list_markers", item)
        lines = part.split("\n")
        if not item and len(lines) > 1 and are_separate(lines, width):
            yield from separate_lines(lines)
        else:
            yield part


def _clean(text: str, hyphens: Hyphens, tally: Tally) -> str:
    """Return one paragraph in one line, without marks and markup; empty if no word is left."""
    text = hyphens.join(text)
    if _PLAIN.fullmatch(text) and not ("www." in text or ("(" in text and may_cite(text))):
        return " ".join(text.split()) if _WORD.search(text) else ""
    text = remove_marks(remove_markup(text, tally), tally)
    text = join_lines(restore_escaped(text))
    return text if any(map(str.isalnum, text)) else ""
