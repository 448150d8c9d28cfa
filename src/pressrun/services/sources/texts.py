"""Texts as paragraphs of prose: plain text, and Markdown without its marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from pressrun.errors import SourceError
from pressrun.model.script import Segment
from pressrun.services.sources.entities import decode_entities

MAX_BYTES = 20 * 1024 * 1024
"""Longer than any book: War and Peace has 3.3 million characters."""
MAX_HEADING = 80
"""Characters up to which a line of a plain text that stands alone may be a heading."""

_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ALLOWED_CONTROLS = "\n\t\f\v"
_END = re.compile(r"[.!?…。！？؟۔।:;]['\"”’»)\]』」]*$")
_CLOSED_LINE = re.compile(r"(?<=[.!?…。！？؟۔।\"”»」])\n")

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_GUTENBERG = re.compile(r"\A.*?^\*\*\* ?START OF TH.*?$(.*?)(?:^\*\*\* ?END OF TH.*)?\Z", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:.*$", re.MULTILINE)
_SETEXT = re.compile(r"^(?! {0,3}[-#>*+|])(?=.*\S)(.+)\n {0,3}(?:=+|-{2,})[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_SPAN = "{1,2000}"
"""Characters of emphasis or of a link's text. Without a limit a mark that is never closed is looked for to the end of a
line, and thousands of them in one line would take minutes."""
_TARGET = r"\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\]"
_INLINE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        (rf"!\[[^\]]*\](?:{_TARGET})", ""),
        (r"\[\^[^\]]+\]", ""),
        (rf"\[([^\]]{_SPAN})\](?:{_TARGET})", r"\1"),
        (r"<(?:https?|mailto):[^>\s]*>", ""),
        (r"\bhttps?://\S+[^\s.,;:!?)\]]", ""),
        (r"</?[A-Za-z][^<>]*>", ""),
        (r"(`+)(.+?)\1", r"\2"),
        (rf"(?<!\\)(\*\*\*|\*\*|\*|~~)(?=\S)(.{_SPAN}?)(?<=[^\s\\])\1", r"\2"),
        (rf"(?<![\w\\])(___|__|_)(?=\S)(.{_SPAN}?)(?<=[^\s\\])\1(?!\w)", r"\2"),
        (r"\\([\\`*_{}\[\]()#+\-.!|>~])", r"\1"),
    )
)


def read_text(path: Path, name: str = "") -> str:
    """The file as text with LF line ends.

    Raises `SourceError` when it is empty, too large, not UTF-8 (or UTF-16 with its mark), or no text at all.
    """
    name = name or path.name
    if (size := path.stat().st_size) > MAX_BYTES:
        raise SourceError(
            f"{name} has {size / 1e6:.0f} MB, {MAX_BYTES // 1024 // 1024} MB are allowed",
            remedy="Keep the part of the text that the video is about.",
        )
    data = path.read_bytes()
    encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{name}, line {line}: byte 0x{data[error.start]:02X} is not {encoding.removesuffix('-sig').upper()}",
            remedy="Save the file as UTF-8.",
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    odd = next((n for n, each in enumerate(text) if each < " " and each not in _ALLOWED_CONTROLS), None)
    if odd is not None:
        line = text.count("\n", 0, odd) + 1
        raise SourceError(
            f"{name}, line {line}: control character U+{ord(text[odd]):04X}, so it is no text",
            remedy="Put a text file in UTF-8 in its place.",
        )
    if not text.strip("\ufeff \n\t\f\v\u00a0\u200b"):
        raise SourceError(f"{name} is empty", remedy="Put the text into it.")
    return text


def to_prose(text: str, markdown: bool) -> tuple[Segment, ...]:
    """Headings and paragraphs, in order, without front matter, marks, code, tables and addresses."""
    text = _FRONT_MATTER.sub("", text.lstrip("\ufeff"))
    blocks = _markdown_blocks(text) if markdown else _plain_blocks(text)
    found = ((_tidy(block), heading) for block, heading in blocks)
    return tuple(Segment(block, heading=heading) for block, heading in found if block)


def _tidy(text: str) -> str:
    """One line; no blank between letters of a script that writes none, where a line had been broken."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    joined = ""
    for line in filter(None, lines):
        wide = joined and all(unicodedata.east_asian_width(each) in "WF" for each in (joined[-1], line[0]))
        joined += line if wide or not joined else f" {line}"
    return joined


def _plain_blocks(text: str) -> Iterator[tuple[str, bool]]:
    if licensed := _GUTENBERG.match(text):
        text = licensed.group(1)
    blocks = [block for block in re.split(r"\n[ \t]*\n|\f", text) if block.strip()]
    if len(blocks) == 1:
        blocks = _CLOSED_LINE.split(text)
    for number, block in enumerate(blocks):
        if marked := _HEADING.match(block.strip("\n")):
            yield marked.group(1) or "", True
            continue
        following = blocks[number + 1].strip() if number + 1 < len(blocks) else ""
        alone = "\n" not in block.strip() and len(block.strip()) <= MAX_HEADING and not _END.search(block.strip())
        yield block, alone and bool(_END.search(following))


def _markdown_blocks(text: str) -> Iterator[tuple[str, bool]]:
    for pattern in (_FENCE, _COMMENT, _DEFINITION):
        text = pattern.sub("", text)
    text = _SETEXT.sub(r"\n# \1\n", text)
    lines: list[str] = []
    in_list = False
    after_blank = True
    for raw in [*text.split("\n"), ""]:
        line = re.sub(r"^(?: {0,3}> ?)+", "", raw.expandtabs(4))
        heading = _HEADING.match(line)
        item = _ITEM.match(line)
        code = line.startswith("    ") and not in_list and after_blank and not item
        starts = bool(heading or item or not line.strip() or _RULE.match(line) or code)
        if starts and lines:
            yield _inline("\n".join(lines)), False
            lines = []
        if heading:
            yield _inline(heading.group(1) or ""), True
        elif line.strip() and not (_RULE.match(line) or code or line.lstrip().startswith("|")):
            lines.append(line[item.end() :] if item else line)
        in_list = bool(item) or (in_list and (not line.strip() or line.startswith(" ") or not after_blank))
        after_blank = not line.strip() or (code and after_blank)


def _inline(text: str) -> str:
    for pattern, by in _INLINE:
        text = pattern.sub(by, text)
    return decode_entities(text)
