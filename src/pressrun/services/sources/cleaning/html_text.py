"""HTML as blocks: headings, paragraphs and items, without scripts, navigation, tables, captions and reference marks."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from pressrun.services.sources.cleaning.blocks import Block, is_closed
from pressrun.services.sources.cleaning.characters import normalize_characters
from pressrun.services.sources.cleaning.left_out import Tally
from pressrun.services.sources.cleaning.vocabulary import word_set

_BLOCKS = word_set(
    "address article aside blockquote body center dd details dialog div dl dt fieldset footer form header "
    "hgroup html li main ol p section summary ul tr td th caption hr option"
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_SILENT = {
    **dict.fromkeys(
        ("script", "style", "head", "template", "noscript", "svg", "button", "select", "iframe", "object", "form"), ""
    ),
    "nav": "contents",
    "footer": "",
    "figure": "illustrations",
    "figcaption": "illustrations",
    "math": "formulas",
    "rt": "",
    "rp": "",
    "audio": "",
    "video": "",
    "title": "",
}
_VOID = word_set("area base br col embed hr img input link meta param source track wbr")
_SILENT_CLASS = re.compile(
    r"\b(?:toc|contents|footnotes?|endnotes?|reference(?:s|list)?|reflist|navbox|infobox|thumb|caption|mw-editsection"
    r"|noprint|pagenum|pageno|page-?number|sidebar"
    r"|cookie[\w-]*|menu|byline|(?:post|entry|article)-meta|meta|related[\w-]*|recommended[\w-]*"
    r"|comments?(?:-(?:list|area|section))?"
    r"|newsletter[\w-]*|subscribe[\w-]*|author-(?:bio|box)|tags?(?:-(?:list|cloud))|tags|skip-?link|skip"
    r"|sr-only|screen-reader-text"
    r"|pagination|pager|promo[\w-]*|banner|popup|modal|disclaimer|copyright|breadcrumbs?|advert\w*|share"
    r"|social|metadata|hatnote|catlinks|printfooter|pg-?(?:header|footer"
    r"|boilerplate)|boilerplate|licen[cs]e|hidden|visually-hidden)\b",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"[\[({]?(?:\d{1,3}|[a-z]|[ivx]{1,4}|[*†‡§]|(?:note|nb) \d{1,2}|citation needed|edit)[\])}]?",
    re.IGNORECASE,
)


_PAGE_PART = re.compile(
    r"(?:\d+ )?(?:comments?|kommentare?|commentaires?|comentarios?)(?: \(\d+\))?|(?:leave|post) a (?:comment|reply)"
    r"|related (?:posts?|articles?|stories|content|reading)|more (?:from|stories|articles)\b.{0,40}"
    r"|you (?:may|might) also like.*"
    r"|recommended (?:for you|reading)|read next|share this.*|subscribe.{0,40}|about the author"
    r"|verwandte (?:artikel|beiträge)"
    r"|das könnte (?:sie|dich) auch interessieren|mehr zum thema|articles (?:similaires|liés)|lire aussi"
    r"|artículos relacionados",
    re.IGNORECASE,
)
"""Headings of what follows an article on its page."""
_PAGE_LINE = re.compile(
    r"(?:share (?:this|on)\b.{0,80}|(?:next|previous|back)(?: to)?(?: (?:page|chapter|top|contents"
    r"|index))?(?:[ |·]+(?:next|previous"
    r"|prev|home|back)\b.*)?|last (?:updated|modified):? .{4,40}|you are visitor .{0,40}|\d+ min(?:ute)?s? read"
    r"|(?:posted|published|updated|filed)(?: (?:on|by|in|under):?)? .{2,80}|tweet|print|e-?mail"
    r"|skip to (?:main )?content"
    r"|.{0,30}\d{4} · \d+ min read|zum (?:inhalt|anfang|seitenanfang)(?: springen)?|nach oben|teilen|drucken"
    r"|weiterlesen)",
    re.IGNORECASE,
)
_CODE = re.compile(r"[;{}=<>]\s*$|\w\(.*\)|^\s*(?:#include|import |def |function |\$ |<\?|//)", re.MULTILINE)
MIN_TABLE_PROSE = 0.6
"""Share of the letters of a table that are sentences above which it only arranges the page."""


def html_blocks(text: str, tally: Tally) -> list[Block]:
    """Return the blocks of an HTML page: those of its main part if it names one."""
    parser = _Parser(tally)
    parser.feed(text)
    parser.close()
    parser.finish()
    blocks = parser.blocks
    main = [block for block, is_main in zip(blocks, parser.in_main, strict=True) if is_main]
    if sum(len(block.text) for block in main) >= MIN_MAIN_LETTERS:
        blocks = main
    return _without_page_parts(blocks, tally)


MIN_MAIN_LETTERS = 100
"""Letters in `<main>` or `<article>` from which the rest of the page does not count."""


def _without_page_parts(blocks: list[Block], tally: Tally) -> list[Block]:
    kept: list[Block] = []
    skipped = False
    for number, block in enumerate(blocks):
        if block.kind == "heading":
            # Only at the end of a page: a chapter may be called so, too.
            skipped = bool(_PAGE_PART.fullmatch(block.first)) and (number * 2 >= len(blocks) or skipped)
        if skipped or (len(block.lines) == 1 and _PAGE_LINE.fullmatch(block.first.strip("[](){}|·»«›‹←→ "))):
            tally.add("contents")
        else:
            kept.append(block)
    return kept


class _Parser(HTMLParser):
    """Collects the text of blocks; `_silent` holds the open elements whose content is left out."""

    def __init__(self, tally: Tally) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._tally = tally
        self._text: list[str] = []
        self._kind: str = "text"
        self._silent: list[str] = []
        self._mark: list[str] | None = None
        self._mark_tag = ""
        self.in_main: list[bool] = []
        """For each block, whether it is in the main part of the page."""
        self._main = 0
        self._tables: list[int] = []
        """The number of blocks before each open table."""
        self._preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent:
            if tag not in _VOID and tag == self._silent[0]:
                self._silent.append(tag)
            return
        if tag not in _VOID and self._is_silent(tag, dict(attrs)):
            self._silent.append(tag)
            return
        if tag in ("sup", "sub") or (tag == "a" and self._mark is None):
            self._mark, self._mark_tag = [], tag
        self._main += tag in ("main", "article")
        if tag in ("table", "pre"):
            self.end_block()
            if tag == "table":
                self._tables.append(len(self.blocks))
            else:
                self._preformatted += 1
        if tag == "br":
            self._text.append("\n")
        elif tag == "img":
            self._tally.add("illustrations")
        elif tag in _BLOCKS or tag in _HEADINGS:
            self.end_block()
            self._kind = "heading" if tag in _HEADINGS else "item" if tag in ("li", "dd", "dt") else "text"

    def _is_silent(self, tag: str, attributes: dict[str, str | None]) -> bool:
        label = f"{attributes.get('class') or ''} {attributes.get('id') or ''} {attributes.get('role') or ''}"
        hidden = (
            "hidden" in attributes
            or attributes.get("aria-hidden") == "true"
            or "display:none" in (attributes.get("style") or "").replace(" ", "")
        )
        if tag in _SILENT:
            if _SILENT[tag]:
                self._tally.add(_SILENT[tag])
            return True
        if hidden or attributes.get("role") in ("navigation", "doc-endnotes", "doc-footnote", "doc-toc", "contentinfo"):
            return True
        if label.strip() and tag not in ("body", "html", "main", "article") and _SILENT_CLASS.search(label):
            self._tally.add(
                "page_marks"
                if "page" in label.lower()
                else "footnotes"
                if re.search("note|ref", label, re.IGNORECASE)
                else "contents"
            )
            return True
        return False

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        if self._mark is not None and tag == self._mark_tag:
            self._end_mark()
        if tag in _BLOCKS or tag in _HEADINGS:
            self.end_block()
            self._kind = "text"
        if tag in ("main", "article"):
            self._main = max(0, self._main - 1)
        elif tag == "table" and self._tables:
            self.end_block()
            self._end_table(self._tables.pop())
        elif tag == "pre" and self._preformatted:
            self._end_preformatted()

    def _end_table(self, start: int) -> None:
        """Drop the cells of a table, unless the table only arranges the text of the page."""
        cells = self.blocks[start:]
        letters = sum(len(block.text) for block in cells)
        prose = sum(len(block.text) for block in cells if _is_sentence(block.text) or block.kind != "text")
        if not letters or prose < MIN_TABLE_PROSE * letters:
            self._tally.add("tables")
            del self.blocks[start:], self.in_main[start:]

    def _end_preformatted(self) -> None:
        """Drop preformatted code. Poems and letters stay, line by line."""
        self._preformatted -= 1
        if len(_CODE.findall("".join(self._text))) * 3 >= max(1, "".join(self._text).strip().count("\n")):
            self._tally.add("code")
            self._text = []
            return
        self.end_block()

    def _end_mark(self) -> None:
        inside = "".join(self._mark or ()).strip()
        is_number = inside.strip("[](){}").isdigit()
        dropped = _MARK.fullmatch(inside) and (
            self._mark_tag == "sup" or (self._mark_tag == "a" and inside[:1] in "[({*†‡")
        )
        is_power = self._mark_tag == "sup" and is_number and inside.isdigit() and _is_unit("".join(self._text[-6:]))
        if is_power:
            self._text.append(inside.translate(_RAISED))
        elif dropped:
            self._tally.add("reference_marks")
        else:
            self._text.extend(self._mark or ())
        self._mark, self._mark_tag = None, ""

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        data = normalize_characters(data)
        clean = data if self._preformatted else re.sub(r"\s+", " ", data)
        (self._text if self._mark is None else self._mark).append(clean)

    def finish(self) -> None:
        """Finish what the page never closed."""
        self.end_block()
        while self._tables:
            self._end_table(self._tables.pop())

    def end_block(self) -> None:
        """Finish the current block."""
        if self._mark is not None:
            self._end_mark()
        lines = [line.strip() for line in "".join(self._text).split("\n")]
        lines = [line for line in lines if line]
        self._text = []
        if lines:
            kind = self._kind
            self.in_main.append(self._main > 0)
            self.blocks.append(Block(lines, "heading" if kind == "heading" else "item" if kind == "item" else "text"))


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _is_sentence(text: str) -> bool:
    return len(text) >= 30 and is_closed(text) and (len(text.split()) >= 8 or not text.isascii())


def _is_unit(before: str) -> bool:
    """Whether a raised number belongs to a unit or a power: "km2", "10 3", "x2"."""
    word = re.search(r"[^\W_]+$", before)
    if not word:
        return False
    unit = word[0].lower()
    return unit in ("km", "m", "cm", "mm", "ft", "mi", "in", "yd") or unit.isdigit() or len(unit) == 1
