"""Fit titles, descriptions and tags within the limits of video sites, label shorts, and credit the source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pressrun.model.script import Script, Transcript
from pressrun.services.languages import split_sentences
from pressrun.services.untrusted_text import HIDDEN, remove_addresses, to_one_line

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


SHORTS_TAG = "#Shorts"


def short_title(script: Script) -> str:
    """Return at most 100 characters, with `SHORTS_TAG` if it fits next to the title of the video or of the book."""
    return fit_title(f"{script.title} {SHORTS_TAG}", f"{script.book_title} {SHORTS_TAG}", script.title)


def short_description(script: Script, related_url: str) -> str:
    """Return the first sentence of the short, then the title of the long video and its address if that is public."""
    first = next(iter(split_sentences(script.short, script.language)), script.short)
    address = [related_url] if related_url.startswith(("https://", "http://")) else []
    return fit_description("\n".join((first, "", script.title, *address)))


LABELS = {
    "en": "Made from", "de": "Grundlage", "fr": "D’après", "es": "A partir de", "it": "Basato su", "pt": "A partir de",
    "nl": "Gemaakt naar", "ru": "По материалам", "ar": "المصدر", "ja": "出典", "zh": "来源",
}
"""Label per language; other languages use English."""
MAX_NAME = 300
"""Maximum characters of a title or channel name."""


def add_credit(script: Script, transcript: Transcript) -> Script:
    """Return `script` with title, owner and address of the material in its description, within the limit.

    Local files are not credited: their names are private.
    """
    if not (line := credit_line(transcript)) or transcript.source_url in script.description:
        return script
    return replace(script, description=fit_description(script.description, below=line))


def credit_line(transcript: Transcript) -> str:
    """Return the credit line, followed by the address; empty if the material has no public address.

    Title and owner are untrusted text, so web addresses in them are removed.
    """
    url = transcript.source_url
    if not url.startswith(("https://", "http://")) or any(map(str.isspace, url)):
        return ""
    label = LABELS.get(transcript.language, LABELS["en"])
    names = (remove_addresses(to_one_line(name)) for name in (transcript.source, transcript.source_author))
    named = ", ".join(truncate(name, MAX_NAME) for name in names if name)
    return f"{label}: {named}\n{url}" if named else f"{label}: {url}"
