"""Build title and description of the short from the script; they name only what is in the short."""

from __future__ import annotations

from pressrun.model.script import Script
from pressrun.services.languages import split_sentences
from pressrun.services.writers.limits import fit_description, fit_title

SHORTS_TAG = "#Shorts"


def short_title(script: Script) -> str:
    """Return at most 100 characters, with `SHORTS_TAG` if it fits next to the title of the video or of the book."""
    return fit_title(f"{script.title} {SHORTS_TAG}", f"{script.book_title} {SHORTS_TAG}", script.title)


def short_description(script: Script, related_url: str) -> str:
    """Return the first sentence of the short, then the title of the long video and its address if that is public."""
    first = next(iter(split_sentences(script.short, script.language)), script.short)
    address = [related_url] if related_url.startswith(("https://", "http://")) else []
    return fit_description("\n".join((first, "", script.title, *address)))
