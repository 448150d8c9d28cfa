"""List the files of a sources folder with the title and author each one claims."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["text", "captions", "media"]

SUFFIXES: dict[str, Kind] = {
    **dict.fromkeys((".txt", ".md", ".html", ".htm", ".rtf"), "text"),
    **dict.fromkeys((".srt", ".vtt", ".ass"), "captions"),
    **dict.fromkeys((".mp4", ".mkv", ".webm", ".mov", ".mp3", ".m4a", ".wav", ".ogg", ".flac"), "media"),
}
HEAD_BYTES = 8192
"""Bytes of a text that are read to find its title."""

_SEPARATOR = re.compile(r"\s+[-–—|]\s+|_-_|--|__|(?:\s|_|-)by(?:\s|_|-)", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[{（【]([^)\]}）】]*)[)\]}）】]")
_LANGUAGE_SUFFIX = re.compile(r"\.[a-z]{2,3}(-[A-Za-z]{2,4})?$")
_TRAILING_NOISE = re.compile(
    r"[\s_\-]+(summary|notes?|audiobook|full audiobook|transcript|captions|subtitles|text|full text)$", re.IGNORECASE
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^(title|author)[ \t]*:[ \t]*(.+?)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$|^(\S.*)\n=+[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Claim:
    """One reading of what a file is about; `author` None means that this reading knows none."""

    title: str
    author: str | None


@dataclass(frozen=True)
class Entry:
    """A file of the folder. `location` is relative to the folder, with forward slashes."""

    location: str
    kind: Kind
    claims: tuple[Claim, ...]


def list_materials(folder: Path) -> list[Entry]:
    """The usable files of `folder` and its subfolders, by location; an absent folder holds none.

    Hidden files, links that leave the folder and names that are not UTF-8 are left out.
    """
    root = folder.resolve()
    entries = []
    for place, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in names:
            kind = SUFFIXES.get(Path(name).suffix.lower())
            path = Path(place, name)
            if kind and not name.startswith(".") and _is_utf8(str(path)) and is_inside(path, root):
                entries.append(Entry(path.relative_to(root).as_posix(), kind, _read_claims(path, kind, root)))
    return sorted(entries, key=lambda entry: entry.location)


def is_inside(path: Path, root: Path) -> bool:
    """Return whether `path`, with links resolved, is a file inside `root` (already resolved)."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return real.is_file() and real.is_relative_to(root)


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_claims(path: Path, kind: Kind, root: Path) -> tuple[Claim, ...]:
    claims: list[Claim] = []
    if kind == "text":
        claims += _claims_from_text(path)
    claims += _claims_from_name(_LANGUAGE_SUFFIX.sub("", path.stem))
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
    """Title and author, in both orders, around every separator."""
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
