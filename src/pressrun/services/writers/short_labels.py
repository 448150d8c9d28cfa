"""Title and description of the short, made of the script: they name what is in the short and nothing else."""

from __future__ import annotations

from pressrun.model.script import Script
from pressrun.services.languages import split_sentences
from pressrun.services.writers.limits import fit_description, fit_title

SHORTS_TAG = "#Shorts"


def short_title(script: Script) -> str:
    """100 characters at most, with `SHORTS_TAG` where it fits beside the title of the video or of the book."""
    return fit_title(f"{script.title} {SHORTS_TAG}", f"{script.book_title} {SHORTS_TAG}", script.title)


def short_description(script: Script, related_url: str) -> str:
    """The first sentence of the short, then the long video: its title, and its address where others can open it."""
    first = next(iter(split_sentences(script.short, script.language)), script.short)
    address = [related_url] if related_url.startswith(("https://", "http://")) else []
    return fit_description("\n".join((first, "", script.title, *address)))
