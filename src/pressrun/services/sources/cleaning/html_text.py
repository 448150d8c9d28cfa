"""HTML as blocks: headings, paragraphs and items, without scripts, navigation, tables, captions and reference marks."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from pressrun.services.sources.cleaning.blocks import Block
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
    "table": "tables",
    "figure": "illustrations",
    "figcaption": "illustrations",
    "math": "formulas",
    "pre": "code",
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
    r"|cookie|menu|breadcrumbs?|advert\w*|share|social|metadata|hatnote|catlinks|printfooter|pg-?(?:header|footer"
    r"|boilerplate)|boilerplate|licen[cs]e|hidden|visually-hidden)\b",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"[\[({]?(?:\d{1,3}|[a-z]|[ivx]{1,4}|[*†‡§]|(?:note|nb) \d{1,2}|citation needed|edit)[\])}]?",
    re.IGNORECASE,
)


def html_blocks(text: str, tally: Tally) -> list[Block]:
    """Return the blocks of an HTML page. Preformatted text keeps its lines if the page has nothing else."""
    parser = _Parser(tally)
    parser.feed(text)
    parser.close()
    parser.end_block()
    return parser.blocks


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

    def _end_mark(self) -> None:
        inside = "".join(self._mark or ()).strip()
        before = "".join(self._text[-3:])[-1:]
        is_number = inside.strip("[](){}").isdigit()
        dropped = _MARK.fullmatch(inside) and (
            self._mark_tag == "sup" or (self._mark_tag == "a" and inside[:1] in "[({*†‡")
        )
        if dropped and not (
            self._mark_tag == "sup" and is_number and inside.isdigit() and _is_unit("".join(self._text[-6:]))
        ):
            self._tally.add("reference_marks")
        else:
            self._text.extend(self._mark or ())
        self._mark, self._mark_tag = None, ""
        del before

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        clean = re.sub(r"\s+", " ", data)
        (self._text if self._mark is None else self._mark).append(clean)

    def end_block(self) -> None:
        """Finish the current block."""
        if self._mark is not None:
            self._end_mark()
        lines = [line.strip() for line in "".join(self._text).split("\n")]
        lines = [line for line in lines if line]
        self._text = []
        if lines:
            kind = self._kind
            self.blocks.append(Block(lines, "heading" if kind == "heading" else "item" if kind == "item" else "text"))


def _is_unit(before: str) -> bool:
    """Whether a raised number belongs to a unit or a power: "km2", "10 3", "x2"."""
    word = re.search(r"[^\W_]+$", before)
    if not word:
        return False
    unit = word[0].lower()
    return unit in ("km", "m", "cm", "mm", "ft", "mi", "in", "yd") or unit.isdigit() or len(unit) == 1
