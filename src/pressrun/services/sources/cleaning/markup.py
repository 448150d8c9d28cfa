"""Remove markup inside a paragraph: Markdown, notes of Obsidian, HTML tags, entities, formulas and web addresses."""

from __future__ import annotations

import re

from pressrun.services.sources.cleaning.left_out import Tally
from pressrun.services.sources.cleaning.marks import is_reference
from pressrun.services.sources.entities import decode_entities

_SPAN = "{1,2000}"
"""Characters of emphasis or of a link's text. Without a limit a mark that is never closed is looked for to the end of a
line, and thousands of them in one line would take minutes."""
_TARGET = r"\((?:[^()\n]|\([^()\n]*\)){0,2000}\)|\[[^\]\n]{0,300}\]"
_TAGS = (
    "a|abbr|acronym|address|article|aside|audio|b|bdi|bdo|big|blockquote|body|br|button|caption|center|cite|code|col|colgroup|dd"
    "|del|details|dfn|div|dl|dt|em|embed|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins"
    "|kbd|label|li|link|main|mark|meta|nav|object|ol|option|p|pre|q|rp|rt|ruby|s|samp|script|section|select|small|source|span"
    "|strike|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_SUP = re.compile(
    r"<sup\b[^<>]*>\s*(?:<a\b[^<>]*>)?\s*(?:\[?(?:\d{1,3}|[a-z*†‡])\]?)\s*(?:</a>)?\s*</sup>",
    re.IGNORECASE,
)
_EMBED = re.compile(
    rf"!\[\[[^\]\n]{{1,500}}\]\]|!\[[^\]\n]{{0,1000}}\](?:{_TARGET})"
    rf"|\[!\[[^\]\n]{{0,500}}\](?:{_TARGET})\](?:{_TARGET})"
)
_WIKI_LINK = re.compile(r"\[\[(?:[^\]|\n]{1,300}\|)?([^\]|\n]{1,300})\]\]")
_FOOTNOTE_MARK = re.compile(r"\[\^[^\]\s]{1,60}\]|\^\[[^\]]{1,1000}\]")
_LINK = re.compile(
    rf"(?<!\\)\[([^\[\]]{_SPAN})\](?:\((?:<[^<>\n]*>|(?:[^()\s]|\([^()\s]*\)){{0,1000}})(?:\s+(?:\"[^\"\n]*\""
    rf"|'[^'\n]*'))?\s*\)|\[[^\]\n]{{0,100}}\])"
)
_AUTO_LINK = re.compile(r"<(?:https?|ftp|mailto):[^>\s]*>|<[\w.+-]+@[\w.-]+\.\w+>", re.IGNORECASE)
# Atomic: the rest of an address must not stay because what follows it does not fit.
_ADDRESS = r"(?>(?:(?:https?|ftp)://|www\.(?=\w))[^\s<>\"”»\u2e80-\uffef]*[^\s<>\"”».,;:!?)\]'’*_\u2e80-\uffef])"
_POINTER = re.compile(
    r"(?:(?<=^)|(?<=[.!?…][\"”’)]\s)|(?<=[.!?…]\s))"
    r"\(?(?:(?:for (?:more|details|further \w+),? )?(?:please )?(?:see|visit|read|go to|check(?: out)?|cf\.|source"
    r"|sources|via|link|url|website|web"
    r"|available (?:at|from|online)|retrieved from|siehe|vgl\.|quelle|besuche[nt]?|mehr (?:unter|auf)|voir|source :"
    r"|ver|visite|fonte|fuente|vedi|zie|bron)"
    rf"(?: also| auch| aussi| también)?:? ?(?:at |on |unter |auf |sur |en )?)<?{_ADDRESS}>?(?:(?:,? (?:and"
    rf"|or|und|oder"
    rf"|et|y|e|o|en) |, )<?{_ADDRESS}>?)*[^.!?\n]{{0,120}}(?:[.!?]\)?|$)",
    re.IGNORECASE,
)
_WITH_PREPOSITION = re.compile(
    rf"\s*\((?:(?:see|at|via|from|source|siehe|voir|ver|quelle)[: ]+)?<?{_ADDRESS}>?\)"
    rf"|,?\s(?:at|via|on|from|under|see|unter|auf|bei|sur|à|en|su|op)\s<?{_ADDRESS}>?"
    rf"|(?:\s*[-–—:])?\s<?{_ADDRESS}>?(?=\s*(?:[.,;:!?)]|$))|<?{_ADDRESS}>?",
    re.IGNORECASE,
)
_MATH = re.compile(
    r"\$\$.{1,3000}?\$\$|\\\[.{1,3000}?\\\]|\\\(.{1,1000}?\\\)|\\begin\{(\w+\*?)\}.{0,3000}?\\end\{\1\}",
    re.DOTALL,
)
_INLINE_MATH = re.compile(r"(?<![\\$\w])\$(?=[^\s$])([^$\n]{1,300}?)(?<=[^\s\\])\$(?![\d$])")
_MATH_SIGNS = re.compile(r"[\\^_={}<>]|[A-Za-z]\(|\d\s?[+*/-]")
_LATEX = re.compile(r"\\(?:frac|sqrt|sum|int|alpha|beta|gamma|cdot|times|mathbb|mathrm|leq|geq)\b(?:\{[^{}]*\})*")
_CODE = re.compile(r"(`{1,8})(?!`)(.{1,2000}?)(?<!`)\1(?!`)")
_HIGHLIGHT = re.compile(rf"==(?=\S)([^=\n]{_SPAN}?)(?<=\S)==")
_SUBSCRIPT = re.compile(r"(?<=\w)~(\w{1,3})~(?!\w{4})")
_RAISED = re.compile(r"(?<=[\w)])\^(\w{1,4})\^")
_RAISED_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BLOCK_ID = re.compile(r"(?:^|\s)\^[A-Za-z0-9-]{2,40}\s*$")
_TEMPLATE = re.compile(r"\{\{[<%]?.{0,500}?[%>]?\}\}|\{%.{0,500}?%\}|<%.{0,500}?%>|\{[:#.][\w\s#.:=\"'-]{1,100}\}")
_TRAILING_TAGS = re.compile(r"(?:(?:^|(?<=[.!?…:;\"”])\s+|(?<=\s))#[^\W\d][\w/-]*)(?:\s+#[^\W\d][\w/-]*)*\s*$")
_TAG_WORD = re.compile(r"(?<![\w#&/])#(?=[^\W\d_][\w/-]*)")
_EMPHASIS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (mark, re.compile(pattern, re.DOTALL))
    for mark, pattern in (
        ("*", rf"(?<!\\)(\*\*\*|\*\*|\*)(?=[^\s*])(.{_SPAN}?)(?<=[^\s\\*])\1(?!\*)"),
        ("_", rf"(?<![^\W_])(?<!\\)(___|__|_)(?=[^\s_])(.{_SPAN}?)(?<=[^\s\\])\1(?![^\W_])"),
        ("~~", rf"(~~)(?=\S)(.{_SPAN}?)(?<=\S)\1"),
        ("=", rf"(?<![\w=])(=)(?=[^\W\d_])([^=\n]{_SPAN}?)(?<=[\w.,!?])\1(?![\w=])"),
    )
)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~<&=$\"'])")
_PIPE = re.compile(r"\s+\|(?:\s+|$)")
_RAISED_MARK = re.compile(r"(?<=[^\W\d_]{3})\^\d{1,2}(?:,\s?\d{1,2})*(?!\w)")
_ARROWS = re.compile(r"\s*(?:<?-{1,3}>|={1,2}>|→|⇒|⟶|➔|➜)\s*")
_BLANK_BEFORE = re.compile(r"[ \t]+(?=[,.;:!?…)\]»”](?:\s|$))(?<![.…] )")
_EMPTY_BRACKETS = re.compile(r"\s*(?:\(\s*[,;]?\s*\)|<>)")
ESCAPED = 0xE000
"""Added to a character that an author escaped, so that it is no mark until `restore_escaped`."""
_ESCAPED_LETTER = re.compile("[\ue020-\ue07e]")
_RESTORED = {ESCAPED + code: code for code in range(0x20, 0x7F)}


def remove_markup(text: str, tally: Tally) -> str:
    """Return one paragraph, which may have several lines, without markup, formulas and addresses."""
    if not _TRIGGER.search(text):
        return text
    before = text
    if "$" in text or "\\" in text:
        text = _remove_formulas(text, tally)
    if "<" in text:
        text, count = _SUP.subn("", text)
        tally.add("reference_marks", count)
    if "&" in text:
        text = decode_entities(text)
    if "`" in text:
        text = _CODE.sub(r"\2", text)
    if "{" in text:
        text, count = _TEMPLATE.subn("", text)
        tally.add("comments", count)
    if "[" in text:
        text = _remove_links(text, tally)
    if "://" in text or "www." in text or "mailto:" in text or "@" in text:
        text = _remove_addresses(text, tally)
    if "<" in text:
        text = _TAG.sub(_blank_for_break, text)
    text = _remove_emphasis(text)
    if "~" in text:
        text = _SUBSCRIPT.sub(r"\1", text)
    if "^" in text:
        text = _RAISED.sub(lambda found: found[1].translate(_RAISED_DIGITS), text)
        text = _RAISED_MARK.sub("", text)
        text = _BLOCK_ID.sub("", text)
    if "#" in text:
        text = _TAG_WORD.sub("", _TRAILING_TAGS.sub("", text))
    if "\\" in text:
        text = _ESCAPED.sub(lambda found: chr(ESCAPED + ord(found[1])), text)
    if ">" in text or "→" in text or "⇒" in text or "⟶" in text or "➔" in text or "➜" in text:
        text = _ARROWS.sub(lambda found: " – " if found.start() and found.end() < len(found.string) else "", text)
    if " |" in text:
        text = _PIPE.sub(lambda found: ", " if found.end() < len(found.string) else "", text)
    if text != before:
        tally.add("markup")
        text = _BLANK_BEFORE.sub("", _EMPTY_BRACKETS.sub("", text))
    return text


_TRIGGER = re.compile(r"[*_\[<>&`$\\{^#@=~→⇒⟶➔➜/|]|www\.")


def _remove_formulas(text: str, tally: Tally) -> str:
    text, count = _MATH.subn("", text)
    tally.add("formulas", count)

    def inline(found: re.Match[str]) -> str:
        inside = found[1]
        if re.fullmatch(r"[A-Za-z]\w?|\d+(?:[.,]\d+)?", inside):
            return inside
        if not _MATH_SIGNS.search(inside):
            return found[0]
        tally.add("formulas")
        return ""

    text = _INLINE_MATH.sub(inline, text)
    text, count = _LATEX.subn("", text)
    tally.add("formulas", count)
    return text


def _remove_links(text: str, tally: Tally) -> str:
    text, count = _EMBED.subn("", text)
    tally.add("illustrations", count)
    text = _WIKI_LINK.sub(lambda found: found[1].split("#")[-1] if "#" in found[1] else found[1], text)
    text, count = _FOOTNOTE_MARK.subn("", text)
    tally.add("reference_marks", count)
    if "](" not in text and "][" not in text:
        return text
    return _LINK.sub(lambda found: _link_text(found, tally), text)


def restore_escaped(text: str) -> str:
    """Return the text with the characters that its author escaped."""
    return text.translate(_RESTORED) if _ESCAPED_LETTER.search(text) else text


def _link_text(found: re.Match[str], tally: Tally) -> str:
    """Return the words of a link. Two reference marks in a row look like a link, too."""
    inside = found[1].strip("[]()^ \\")
    if found[0].endswith("]"):
        return found[0] if is_reference(inside) else found[1]
    if is_reference(inside):
        tally.add("reference_marks")
        return ""
    return found[1]


def _remove_addresses(text: str, tally: Tally) -> str:
    found = len(re.findall(_ADDRESS, text)) + len(_AUTO_LINK.findall(text))
    if not found:
        return text
    tally.add("addresses", found)
    text = _POINTER.sub("", text)
    text = _WITH_PREPOSITION.sub("", text)
    return _AUTO_LINK.sub("", text)


def _blank_for_break(found: re.Match[str]) -> str:
    return "\n" if found[0][1:3].lower() in ("br", "hr") or found[0].lower() in ("</p>", "</li>", "</div>") else ""


def _remove_emphasis(text: str) -> str:
    for mark, pattern in _EMPHASIS:
        if mark in text:
            text = pattern.sub(r"\2", text)
    if "=" in text:
        text = _HIGHLIGHT.sub(r"\1", text)
    return text
