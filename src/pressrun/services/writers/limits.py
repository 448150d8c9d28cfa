"""Limit title, description and tags for video sites: 100 characters, 5000 bytes, and 500 characters together."""

from __future__ import annotations

from collections.abc import Iterable

from pressrun.services.foreign_text import HIDDEN

MAX_TITLE = 100
MAX_DESCRIPTION = 5000
MAX_TAGS = 500
_REPLACED_CHARACTERS: dict[int, str | None] = {**HIDDEN, ord("<"): "‹", ord(">"): "›"}


def replace_forbidden(text: str) -> str:
    """Return `text` without hidden characters, and with substitutes for those YouTube rejects."""
    return text.translate(_REPLACED_CHARACTERS)


def fit_title(*forms: str) -> str:
    """Return the first form that is short enough, or the last one truncated at a word with an ellipsis."""
    clean = [" ".join(replace_forbidden(form).split()) for form in forms]
    return next((form for form in clean if len(form) <= MAX_TITLE), truncate(clean[-1], MAX_TITLE))


def truncate(text: str, length: int) -> str:
    """Return `text` in at most `length` characters, with an ellipsis if it was truncated."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    at_word = head.rpartition(" ")[0]
    return (at_word if len(at_word) > length // 2 else head).rstrip(" ,;:-–—|") + "…"


def fit_description(text: str, below: str = "") -> str:
    """Return `text`, truncated if necessary so that all of `below` fits after it."""
    ending = f"\n\n{replace_forbidden(below)}" if below else ""
    room = MAX_DESCRIPTION - len(ending.encode())
    data = replace_forbidden(text).encode()
    if len(data) <= room:
        return (replace_forbidden(text) + ending).lstrip("\n")
    return data[: room - len("…".encode())].decode(errors="ignore").rstrip() + "…" + ending


def fit_tags(candidates: Iterable[str]) -> tuple[str, ...]:
    """Return unique tags within the limit. A tag with spaces counts two more: the site puts it in quotes."""
    chosen: dict[str, str] = {}
    left = MAX_TAGS
    for candidate in candidates:
        tag = " ".join(replace_forbidden(candidate).replace(",", " ").replace('"', "").split())
        size = len(tag) + (2 if " " in tag else 0) + (1 if chosen else 0)
        if tag and len(tag) <= MAX_TITLE and tag.casefold() not in chosen and size <= left:
            chosen[tag.casefold()] = tag
            left -= size
    return tuple(chosen.values())
