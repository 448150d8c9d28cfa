"""Recognise what a text is, whatever its file is called."""

from __future__ import annotations

import json
import re
from typing import Literal

from pressrun.errors import SourceError

Form = Literal["plain", "markdown", "html", "rtf", "srt", "vtt", "ass"]

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{1,2}(?:[.,:]\d{1,3})?"
TIME_LINE = re.compile(rf"^[ \t]*({_TIME})[ \t]*-+>[ \t]*({_TIME})(?:[ \t].*)?$", re.MULTILINE)
"""The line of a caption that says when it is shown."""
_CUES_AT_START = re.compile(rf"\A\s*(?:\S[^\n]{{0,60}}\n)?[ \t]*{_TIME}[ \t]*-+>[ \t]*{_TIME}", re.MULTILINE)
_HTML = re.compile(
    r"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|article|section|main|div|p|h[1-6]"
    r"|table|ul|ol|blockquote)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_BLOCK = re.compile(r"<(?:p|div|h[1-6]|li|body|section|article|td)\b[^<>]{0,500}>", re.IGNORECASE)
_MARKDOWN = (
    re.compile(r"^ {0,3}#{1,6}[ \t]+\S", re.MULTILINE),
    re.compile(r"^ {0,3}(?:`{3,}|~{3,}[ \t]*[\w+-]+[ \t]*$)", re.MULTILINE),
    re.compile(r"\*\*[^\s*][^*\n]{0,300}\*\*"),
    re.compile(r"\[[^\[\]\n]{1,300}\]\([^()\s]{1,500}\)"),
    re.compile(r"^ {0,3}\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)+\|?[ \t]*$", re.MULTILINE),
    re.compile(r"!?\[\[[^\[\]\n]{1,300}\]\]"),
    re.compile(r"^ {0,3}> \[!\w+\]", re.MULTILINE),
)
_LATEX = re.compile(r"\A\s*(?:%[^\n]*\n\s*)*\\(?:documentclass|begin\{document\}|input\b)")
_SIGNATURES = (
    (b"%PDF-", "a PDF", "Export its text as .txt."),
    (b"PK\x03\x04", "a ZIP archive, such as an EPUB or a Word document", "Export its text as .txt, .html or .rtf."),
    (b"\xd0\xcf\x11\xe0", "an old Word document", "Save it as .txt or .rtf."),
    (b"\x89PNG", "a picture", "Replace it with a text."),
    (b"\xff\xd8\xff", "a picture", "Replace it with a text."),
    (b"GIF8", "a picture", "Replace it with a text."),
    (b"\x1f\x8b", "a compressed file", "Unpack it first."),
    (b"ID3", "a sound", "Give it the suffix .mp3."),
    (b"BOOKMOBI", "a Kindle book", "Export its text as .txt."),
    (b"ITOLITLS", "a help file", "Export its text as .txt."),
)


def reject_other_files(data: bytes, name: str) -> None:
    """Raise `SourceError` if the first bytes of a "text" belong to another kind of file."""
    found = next(
        ((what, remedy) for mark, what, remedy in _SIGNATURES if data.startswith(mark) or data[60:68] == mark), None
    )
    if found and not (data.startswith(b"ID3") and b"\0" not in data[:64]):
        raise SourceError(f"{name} is {found[0]}, not a text", remedy=found[1])


def detect_form(text: str, suffix: str, name: str) -> Form:
    """Return what a text is: its content decides, then the suffix of its file.

    Raises `SourceError` for a text that is no prose, such as JSON or LaTeX.
    """
    head = text[:20_000]
    start = head.lstrip("\ufeff \t\n")
    if start.startswith("{\\rtf"):
        return "rtf"
    if re.match(r"WEBVTT(?:\s|$)", start):
        return "vtt"
    if start.startswith("[Script Info]") or re.search(r"^Dialogue: ?\d+,\d:\d\d:\d\d", head, re.MULTILINE):
        return "ass"
    if suffix in (".srt", ".vtt"):
        return "vtt" if suffix == ".vtt" and not _CUES_AT_START.match(head) else "srt"
    if _CUES_AT_START.match(start) and len(TIME_LINE.findall(head)) >= 1:
        return "srt"
    if _LATEX.match(start):
        raise SourceError(
            f"{name} is LaTeX, which is not read", remedy="Convert it, e.g. with pandoc, to Markdown or plain text."
        )
    if start[:1] in "{[" and _is_json(text):
        raise SourceError(f"{name} is JSON, not a text", remedy="Put the text itself into the file.")
    if _HTML.match(start) or len(_HTML_BLOCK.findall(head)) >= 3:
        return "html"
    if suffix in (".html", ".htm", ".xhtml"):
        return "html" if "<" in head else "plain"
    if suffix in (".md", ".markdown"):
        return "markdown"
    return "markdown" if any(pattern.search(head) for pattern in _MARKDOWN) else "plain"


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False
