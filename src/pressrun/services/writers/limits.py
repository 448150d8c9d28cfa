"""Title, description and tags within what video sites accept: 100 characters, 5000 bytes, 500 characters together."""

from __future__ import annotations

from collections.abc import Iterable

from pressrun.services.foreign_text import HIDDEN

MAX_TITLE = 100
MAX_DESCRIPTION = 5000
MAX_TAGS = 500
_REFUSED: dict[int, str | None] = {**HIDDEN, ord("<"): "‹", ord(">"): "›"}


def acceptable(text: str) -> str:
    """`text` without the characters that YouTube refuses in titles and descriptions, and without hidden ones."""
    return text.translate(_REFUSED)


def fitting_title(*forms: str) -> str:
    """The first form that is short enough, else the last one cut at a word, with an ellipsis."""
    clean = [" ".join(acceptable(form).split()) for form in forms]
    return next((form for form in clean if len(form) <= MAX_TITLE), cut(clean[-1], MAX_TITLE))


def cut(text: str, length: int) -> str:
    """`text` in at most `length` characters, ended by an ellipsis where something is missing."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    at_word = head.rpartition(" ")[0]
    return (at_word if len(at_word) > length // 2 else head).rstrip(" ,;:-–—|") + "…"


def fitting_description(text: str, below: str = "") -> str:
    """`text`, cut where it is too long, and whole after it what stands `below`."""
    ending = f"\n\n{acceptable(below)}" if below else ""
    room = MAX_DESCRIPTION - len(ending.encode())
    data = acceptable(text).encode()
    if len(data) <= room:
        return (acceptable(text) + ending).lstrip("\n")
    return data[: room - len("…".encode())].decode(errors="ignore").rstrip() + "…" + ending


def fitting_tags(candidates: Iterable[str]) -> tuple[str, ...]:
    """Tags, each once, together within the limit. A tag with blanks counts two more: the site puts it in quotes."""
    chosen: dict[str, str] = {}
    left = MAX_TAGS
    for candidate in candidates:
        tag = " ".join(acceptable(candidate).replace(",", " ").replace('"', "").split())
        size = len(tag) + (2 if " " in tag else 0) + (1 if chosen else 0)
        if tag and len(tag) <= MAX_TITLE and tag.casefold() not in chosen and size <= left:
            chosen[tag.casefold()] = tag
            left -= size
    return tuple(chosen.values())
