"""Read EPUB books: their chapters in reading order, and their title and author."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote
from xml.etree import ElementTree

from pressrun.errors import SourceError

MAX_TEXT_BYTES = 40 * 1024 * 1024
"""Unpacked size of all chapters together; markup takes about half of it."""
MAX_PACKAGE_BYTES = 4 * 1024 * 1024
"""Unpacked size of the file that lists the chapters."""
CHAPTER_BREAK = "\f"
"""Separates the chapters, so that an element that one of them leaves open ends with it."""

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbncx+xml+html")
_BODY = re.compile(r"<body\b([^>]*)>(.*?)(?:</body\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_EPUB_TYPE = re.compile(r"""\sepub:type\s*=\s*(["'])(.*?)\1""", re.DOTALL)
_SILENT_TYPES = frozenset((
    "footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "noteref", "pagebreak", "page-list",
    "toc", "toc-brief", "landmarks", "loi", "lot", "index", "bibliography", "cover", "titlepage", "halftitlepage",
    "copyright-page", "imprint", "imprimatur", "colophon", "other-credits", "errata",
))  # fmt: skip
"""Parts that nobody reads aloud, by their `epub:type`."""
_XML_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


@dataclass(frozen=True)
class EpubInfo:
    """What an EPUB says about itself; empty texts if it does not."""

    title: str = ""
    author: str = ""
    language: str = ""


@dataclass(frozen=True)
class _Package:
    info: EpubInfo
    chapters: tuple[str, ...]
    """Names inside the archive, in reading order."""


def read_epub_info(path: Path) -> EpubInfo:
    """Return title, author and language. Of a file that is not an EPUB, nothing."""
    try:
        with _open(path, path.name) as archive:
            return _read_package(archive, path.name).info
    except (SourceError, OSError):
        return EpubInfo()


def read_epub_start(path: Path, length: int) -> str:
    """Return about the first `length` characters of text without markup. Of a file that is not an EPUB, nothing."""
    text = ""
    try:
        with _open(path, path.name) as archive:
            for chapter in _read_package(archive, path.name).chapters:
                page = _body(_decode(_read(archive, chapter, MAX_TEXT_BYTES, path.name)))
                text += unescape(_TAG.sub(" ", page))
                if len(text) >= length:
                    break
    except (SourceError, OSError):
        return ""
    return text[:length]


def read_epub(path: Path, name: str) -> str:
    """Return the chapters as HTML in reading order, separated by `CHAPTER_BREAK`. Errors call the file `name`.

    The table of contents, the title page and notes are left out as far as the book marks them. Raises `SourceError` if
    the file is not an EPUB, is protected, or has no text.
    """
    with _open(path, name) as archive:
        chapters = _read_package(archive, name).chapters
        protected = _protected(archive)
        if any(chapter in protected for chapter in chapters):
            raise SourceError(
                f"{name} is protected against copying (DRM), so its text cannot be read",
                remedy="Use a copy without protection, or a text of the book.",
            )
        pages, left = [], MAX_TEXT_BYTES
        for chapter in chapters:
            data = _read(archive, chapter, left, name)
            left -= len(data)
            pages.append(_body(_decode(data)))
    text = CHAPTER_BREAK.join(filter(None, pages))
    if not any(map(str.isalpha, re.sub(r"<[^>]*>", "", text))):
        raise SourceError(
            f"{name} has no text, perhaps only pictures of its pages", remedy="Put a text of the book into the folder."
        )
    return text


@contextmanager
def _open(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    """Open the archive, and turn what goes wrong inside it into `SourceError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except zipfile.BadZipFile:
        raise SourceError(f"{name} is not an EPUB, or it is damaged", remedy="Put another copy in its place.") from None
    except (KeyError, ElementTree.ParseError, RuntimeError, ValueError, EOFError, zlib.error) as error:
        raise SourceError(
            f"{name} is a damaged EPUB: {' '.join(str(error).split())}", remedy="Put another copy in its place."
        ) from error


def _read(archive: zipfile.ZipFile, member: str, limit: int, name: str) -> bytes:
    """Return a member. The limit holds for what is really unpacked, whatever the archive says about it."""
    with archive.open(member) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise SourceError(
            f"{name} unpacks to more than {limit // 1024 // 1024} MB of text",
            remedy="Keep the part of the text that the video is about.",
        )
    return data


def _read_package(archive: zipfile.ZipFile, name: str) -> _Package:
    container = ElementTree.fromstring(_read(archive, _CONTAINER, MAX_PACKAGE_BYTES, name))
    root = next((each.get("full-path") or "" for each in container.iter() if _local(each) == "rootfile"), "")
    package = ElementTree.fromstring(_read(archive, root, MAX_PACKAGE_BYTES, name))
    pages: dict[str, str] = {}
    order: list[str] = []
    texts: dict[str, str] = {}
    for each in package.iter():
        kind = _local(each)
        if kind == "item" and each.get("media-type") in _PAGES and "nav" not in (each.get("properties") or "").split():
            pages[each.get("id") or ""] = normpath(join(dirname(root), unquote(each.get("href") or "")))
        elif kind == "itemref" and each.get("linear") != "no":
            order.append(each.get("idref") or "")
        elif kind in ("title", "creator", "language") and each.text:
            texts.setdefault(kind, " ".join(each.text.split()))
    info = EpubInfo(texts.get("title", ""), texts.get("creator", ""), texts.get("language", ""))
    known = set(archive.namelist())
    return _Package(info, tuple(pages[each] for each in dict.fromkeys(order) if pages.get(each) in known))


def _protected(archive: zipfile.ZipFile) -> set[str]:
    """Return the members that are encrypted. Obfuscated fonts are listed too and do no harm."""
    if _ENCRYPTION not in archive.namelist():
        return set()
    tree = ElementTree.fromstring(archive.read(_ENCRYPTION))
    return {unquote(each.get("URI") or "") for each in tree.iter() if _local(each) == "CipherReference"}


def _local(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    found = _XML_ENCODING.match(data)
    try:
        return data.decode(found[1].decode() if found else "utf-8", "replace").lstrip("\ufeff")
    except LookupError:
        return data.decode("utf-8", "replace")


def _body(page: str) -> str:
    """Return the body of a page as a section, without the parts that `epub:type` marks as silent."""
    found = _BODY.search(page)
    attributes, inside = (found[1], found[2]) if found else ("", page)
    section = f"<section{attributes}>{inside}</section>".replace(CHAPTER_BREAK, " ")
    return _EPUB_TYPE.sub(lambda each: ' hidden="hidden"' if _SILENT_TYPES & {*each[2].split()} else "", section)
