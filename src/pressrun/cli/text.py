"""Words from outside (titles, messages, URLs) as text that a terminal can only show, never obey."""

from __future__ import annotations

import re
import unicodedata

from rich.style import Style
from rich.text import Text

_URL = re.compile(r"\b(?:https?|file)://[^\s<>\"]+")
_BLANK_CATEGORIES = frozenset(("Zl", "Zp"))
_HIDDEN_CATEGORIES = frozenset(("Cc", "Cf"))
_UNSHOWABLE_CATEGORIES = frozenset(("Cs", "Cn"))


def clean(raw: str) -> str:
    """`raw` on one line, without control, format and bidirectional characters; what no font has becomes U+FFFD."""
    if raw.isascii() and raw.isprintable():
        return raw
    return "".join(map(_shown, raw))


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\t\n\v\f\r\x85" or category in _BLANK_CATEGORIES:
        return " "
    if category in _HIDDEN_CATEGORIES:
        return ""
    return "\N{REPLACEMENT CHARACTER}" if category in _UNSHOWABLE_CATEGORIES else character


def fitted(raw: str, encoding: str) -> str:
    """`clean(raw)` with a question mark for each letter that `encoding` lacks; its width is then what will be shown."""
    shown = clean(raw)
    return shown if shown.isascii() else shown.encode(encoding, "replace").decode(encoding, "replace")


def safe_text(raw: str, style: str = "", *, encoding: str = "utf-8") -> Text:
    """`raw` as Rich text: nothing in it is markup, its web and file addresses are links, and long words fold."""
    text = Text(fitted(raw, encoding), style=style, overflow="fold")
    for found in _URL.finditer(text.plain):
        address = found.group().rstrip(".,;:)")
        text.stylize(Style(link=address), found.start(), found.start() + len(address))
    return text
