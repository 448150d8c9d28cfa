"""Markdown as blocks, including what note programs add to it, without code, tables, comments and definitions."""

from __future__ import annotations

import re

from pressrun.services.sources.cleaning.blocks import Block
from pressrun.services.sources.cleaning.left_out import Tally
from pressrun.services.sources.cleaning.tables import drop_tables

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_SENTENCE = re.compile(
    r"^[ \t>]*[A-ZÀ-ÞА-Я\"“„»«‘'—–-](?:[^\s(){};=]+[ \n]+){5,}[^\s(){};=]*[.!?…][\"”’»«]*\s*$", re.MULTILINE
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_PRIVATE = re.compile(r"%%.*?%%", re.DOTALL)
_MATH = re.compile(r"^[ \t]*\$\$.*?\$\$[ \t]*$", re.DOTALL | re.MULTILINE)
_DEFINITION = re.compile(r"^ {0,3}\[(?!\^)[^\]\n]{1,300}\]:[ \t]*\S.*$", re.MULTILINE)
_FOOTNOTE = re.compile(r"^ {0,3}\[\^[^\]\n]{1,60}\]:.*(?:\n(?:[ \t]+\S.*|(?=\n[ \t]{2,}\S)))*", re.MULTILINE)
_SETEXT = re.compile(r"^(?! {0,3}[-#>*+|])(?=.*\S)(.+)\n {0,3}(?:=+|-{2,})[ \t]*$", re.MULTILINE)
_ABBREVIATION = re.compile(r"^\*\[[^\]\n]{1,60}\]:.*$", re.MULTILINE)
_PROPERTIES = re.compile(r"\A(\s*#[ \t]+.*\n\s*)?((?:[A-ZÀ-Þ][\w ]{0,24}: ?.{0,150}(?<![.!?…])\n){2,12})(?=\n|\Z)")
"""Fields that a note program exports below the title."""
_PROPERTY_NAMES = re.compile(
    r"^(?:created(?: time| by)?|last edited(?: time| by)?|tags?|status|owner|url|date|author|type|category"
    r"|erstellt|autor|datum|updated"
    r"|published|source|parent|project|priority|due(?: date)?): ?",
    re.IGNORECASE | re.MULTILINE,
)
_CALLOUT = re.compile(r"^(?: {0,3}> ?)+\[![\w-]+\][-+]?.*$", re.MULTILINE)
_ADMONITION = re.compile(r"^ {0,3}(?::::|!!!|\?\?\?).*$", re.MULTILINE)
_FIELD = re.compile(r"^[ \t]*[\w-]+(?: [\w-]+){0,2}::(?:[ \t].*)?$", re.MULTILINE)
_TAG_LINE = re.compile(r"^[ \t]*(?:#[^\W\d][\w/-]*[ \t]*)+$", re.MULTILINE)
_CONTENTS_MARK = re.compile(
    r"^[ \t]*(?:\[toc\]|\[\[_?toc_?\]\]|\{:toc\}|\\(?:newpage|pagebreak))[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_RULE = re.compile(r"^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_ITEM = re.compile(
    r"^\s*(?:[-*+•‣◦▪–]|\(?(?:\d{1,9}(?:\.\d{1,3})*|[a-z]|[ivx]{1,5})[.)]"
    r"|\d{1,3}(?:\.\d{1,3})+)[ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)"
)
_SAFE_ITEM = re.compile(r"^\s*(?:[-*+•‣◦▪]|\(?(?:\d{1,9}|[a-z]|[ivx]{1,5})[.)])[ \t]")
_DECIMAL = re.compile(r"^\s*\d{1,3}(?:\.\d{1,3})+[ \t]", re.MULTILINE)


def _fenced(found: re.Match[str], tally: Tally) -> str:
    """Return nothing for fenced code. Sentences between two such lines are prose with ornaments around it."""
    inside = found[0].split("\n", 1)[-1]
    if _SENTENCE.search(inside):
        return re.sub(r"^ {0,3}(?:`{3,}|~{3,}).*$", "", found[0], flags=re.MULTILINE)
    tally.add("code")
    return ""


def markdown_blocks(text: str, tally: Tally) -> list[Block]:
    """Return headings, paragraphs and the items of lists as blocks of their own, in order."""
    text = _FENCE.sub(lambda found: _fenced(found, tally), text)
    for pattern, kind in (
        (_COMMENT, "comments"),
        (_PRIVATE, "comments"),
        (_MATH, "formulas"),
        (_FOOTNOTE, "footnotes"),
        (_DEFINITION, ""),
        (_ABBREVIATION, "markup"),
        (_CALLOUT, "markup"),
        (_ADMONITION, "markup"),
        (_FIELD, "front_matter"),
        (_TAG_LINE, "markup"),
        (_CONTENTS_MARK, "markup"),
    ):
        text, count = pattern.subn("", text)
        if kind:
            tally.add(kind, count)
    if (found := _PROPERTIES.match(text)) and len(_PROPERTY_NAMES.findall(found[2])) >= 2:
        tally.add("front_matter")
        text = f"{found[1] or ''}\n{text[found.end() :]}"
    text = re.sub(r"^:[ \t]+(?=\S)|<summary>.*?</summary>", "", text, flags=re.MULTILINE | re.DOTALL)
    text = _SETEXT.sub(r"\n# \1\n", drop_tables(text, tally))
    blocks: list[Block] = []
    lines: list[str] = []
    in_item = False
    in_list = False
    after_blank = True
    for raw in [*text.split("\n"), ""]:
        line = re.sub(r"^(?: {0,3}> ?)+", "", raw.expandtabs(4))
        heading = _HEADING.match(line)
        item = _ITEM.match(line)
        if item and _DECIMAL.match(line) and len(_DECIMAL.findall(text)) < 2:
            item = None
        if item and not (after_blank or in_list or _SAFE_ITEM.match(line)):
            item = None
        code = line.startswith("    ") and not in_list and after_blank and not item
        starts = bool(heading or item or not line.strip() or _RULE.match(line) or code)
        if starts and lines:
            blocks.append(Block(lines, "item" if in_item else "text"))
            lines = []
        if heading:
            blocks.append(Block([heading[1] or ""], "heading"))
        elif code and line.strip():
            tally.add("code")
        elif line.strip() and not _RULE.match(line):
            if not lines:
                in_item = bool(item)
            if item:
                tally.add("list_markers")
            lines.append(line[item.end() :] if item else line)
        in_list = bool(item) or (in_list and (not line.strip() or line.startswith(" ") or not after_blank))
        after_blank = not line.strip() or (code and after_blank)
    return [block for block in blocks if block.kind != "heading" or block.first]
