"""List the files of a sources folder with the title and author each one claims."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Literal

from pressrun.services.sources.source_language import language_of_name

Kind = Literal["text", "captions", "media"]

SUFFIXES: dict[str, Kind] = {
    **dict.fromkeys((".txt", ".md", ".html", ".htm", ".rtf", ".epub", ".pdf"), "text"),
    **dict.fromkeys((".srt", ".vtt", ".ass"), "captions"),
    **dict.fromkeys((".mp4", ".mkv", ".webm", ".mov", ".mp3", ".m4a", ".wav", ".ogg", ".flac"), "media"),
    **dict.fromkeys((".opus", ".oga", ".m4b", ".m4v", ".mka"), "media"),
}
_PACKAGE_SUFFIX = ".epub"
_SIGNATURES = {".epub": b"PK\x03\x04", ".pdf": b"%PDF-"}
HEAD_BYTES = 8192
"""Bytes of a text that are read to find its title."""

_SEPARATOR = re.compile(r"\s+[-–—|]\s+|_-_|--|__|(?:\s|_|-|\.)by(?:\s|_|-|\.)", re.IGNORECASE)
_LANGUAGE_SUFFIX = re.compile(r"\.[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?(?:\.[a-z]+)?$")
_BRACKETS = re.compile(r"[(\[{（【]([^)\]}）】]*)[)\]}）】]")
_TRAILING_NOISE = re.compile(
    r"[\s_\-.]+(summary|notes?|audiobook|full audiobook|transcript|captions|subtitles|text|full text)$", re.IGNORECASE
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^(title|author)[ \t]*:[ \t]*(.+?)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$|^(\S.*)\n=+[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Claim:
    """One reading of the title and author of a file; `author` is None if it names none."""

    title: str
    author: str | None


@dataclass(frozen=True)
class Entry:
    """A file of the folder. `location` is relative to the folder, with forward slashes."""

    location: str
    kind: Kind
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Unusable:
    """A file or linked folder that cannot be used, and why."""

    location: str
    problem: Literal["suffix", "link", "broken link", "content"]
    claims: tuple[Claim, ...] = ()
    """Titles and authors by the name; the file is not read."""


@dataclass(frozen=True)
class Catalogue:
    """What a folder contains, by location. Hidden files and names that are not UTF-8 are left out."""

    entries: tuple[Entry, ...] = ()
    unusable: tuple[Unusable, ...] = ()


def list_materials(folder: Path) -> Catalogue:
    """Return the files of `folder` and its subfolders; of a missing folder, nothing."""
    root = folder.resolve()
    entries: list[Entry] = []
    unusable: list[Unusable] = []
    for place, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        # Some programs keep a book as a folder that only looks like a file.
        packages = [name for name in subfolders if name.lower().endswith(_PACKAGE_SUFFIX) and _is_utf8(name)]
        subfolders[:] = [name for name in subfolders if name not in packages]
        unusable += [
            Unusable(path.relative_to(root).as_posix(), "content", _claims_of_name(path, root))
            for path in (Path(place, name) for name in packages)
        ]
        links = [name for name in subfolders if Path(place, name).is_symlink()]
        for name in (*names, *links):
            path = Path(place, name)
            if name.startswith(".") or not _is_utf8(str(path)):
                continue
            location = path.relative_to(root).as_posix()
            kind = SUFFIXES.get(path.suffix.lower())
            if path.is_symlink() and not is_inside(path, root):
                if not (path.is_dir() and path.resolve().is_relative_to(root)):
                    problem: Literal["link", "broken link"] = "link" if path.exists() else "broken link"
                    unusable.append(Unusable(location, problem, _claims_of_name(path, root)))
            elif kind and is_inside(path, root) and not _has_its_signature(path):
                unusable.append(Unusable(location, "content", _claims_of_name(path, root)))
            elif kind and is_inside(path, root):
                entries.append(Entry(location, kind, _read_claims(path, kind, root)))
            elif path.is_file():
                unusable.append(Unusable(location, "suffix", _claims_of_name(path, root)))
    by_location = attrgetter("location")
    return Catalogue(tuple(sorted(entries, key=by_location)), tuple(sorted(unusable, key=by_location)))


def is_inside(path: Path, root: Path) -> bool:
    """Return whether `path`, with links resolved, is a file inside `root` (already resolved)."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return real.is_file() and real.is_relative_to(root)


def _has_its_signature(path: Path) -> bool:
    """Return whether a file begins as its extension promises; true for kinds without a signature."""
    signature = _SIGNATURES.get(path.suffix.lower())
    if signature is None:
        return True
    try:
        with path.open("rb") as file:
            # Some programs write a few bytes before that of a PDF.
            return signature in file.read(1024)
    except OSError:
        return True


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_claims(path: Path, kind: Kind, root: Path) -> tuple[Claim, ...]:
    claims: list[Claim] = []
    if path.suffix.lower() == ".epub":
        from pressrun.services.sources.epub import read_epub_info

        info = read_epub_info(path)
        claims += [Claim(info.title, info.author or None)] if info.title else []
    elif kind == "text" and path.suffix.lower() != ".pdf":
        claims += _claims_from_text(path)
    return tuple(dict.fromkeys((*_with_parent(claims, path, root), *_claims_of_name(path, root))))


def _claims_of_name(path: Path, root: Path) -> tuple[Claim, ...]:
    """Return the claims of a file name, with and without a language at its end: "make.it" may be Italian or a title."""
    claims = _claims_from_name(path.stem)
    if language_of_name(path):
        claims += _claims_from_name(_LANGUAGE_SUFFIX.sub("", path.stem))
    return _with_parent(claims, path, root)


def _with_parent(claims: list[Claim], path: Path, root: Path) -> tuple[Claim, ...]:
    """Return the claims that have a title, and those without an author also with the name of the folder as one."""
    if path.parent != root:
        claims += [Claim(claim.title, path.parent.name) for claim in claims if claim.author is None]
    return tuple(dict.fromkeys(claim for claim in claims if claim.title.strip()))


def _claims_from_text(path: Path) -> list[Claim]:
    try:
        with path.open("rb") as file:
            data = file.read(HEAD_BYTES)
    except OSError:
        return []
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    head = data.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(head)
    # Without front matter the fields may be in the first lines, as in the texts of Project Gutenberg.
    block = front.group(1) if front else "\n".join(head.splitlines()[:30])
    fields = {key.lower(): value.strip("\"' ") for key, value in reversed(_FIELD.findall(block))}
    claims = [Claim(fields["title"], fields.get("author"))] if fields.get("title") else []
    if heading := _HEADING.search(head, front.end() if front else 0):
        text = (heading.group(1) or heading.group(2)).strip()
        claims += [Claim(text, fields.get("author")), *(_split(text) if "author" not in fields else [])]
    return claims


def _claims_from_name(stem: str) -> list[Claim]:
    bare = " ".join(_BRACKETS.sub(" ", stem).split())
    claims = []
    for name in dict.fromkeys((stem, bare, _TRAILING_NOISE.sub("", bare))):
        claims += [Claim(_spaced(name), None), *_split(name)]
    for content in _BRACKETS.findall(stem):
        claims.append(Claim(_spaced(bare), _spaced(content)))
    return claims


def _split(name: str) -> list[Claim]:
    """Return title and author in both orders, for every separator."""
    claims = []
    separators = list(_SEPARATOR.finditer(name))
    if not separators and "_" in name and name.count("-") == 1:
        separators = list(re.finditer("-", name))
    for separator in separators:
        left, right = _spaced(name[: separator.start()]), _spaced(name[separator.end() :])
        if left and right:
            claims += [Claim(left, right), Claim(right, left)]
    return claims


def _spaced(name: str) -> str:
    return name.replace("_", " ").replace("--", " ").strip(" -.")
