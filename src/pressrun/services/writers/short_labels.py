"""Title and description of the short, made of the script: they name what is in the short and nothing else."""

from __future__ import annotations

from pressrun.model.script import Script
from pressrun.services.languages import sentences
from pressrun.services.writers.limits import fitting_description, fitting_title

MARK = "#Shorts"


def short_title(script: Script) -> str:
    """100 characters at most, with `MARK` where it fits beside the title of the video or of the book."""
    return fitting_title(f"{script.title} {MARK}", f"{script.book_title} {MARK}", script.title)


def short_description(script: Script, related_url: str) -> str:
    """The first sentence of the short, then the long video: its title, and its address where others can open it."""
    first = next(iter(sentences(script.short, script.language)), script.short)
    address = [related_url] if related_url.startswith(("https://", "http://")) else []
    return fitting_description("\n".join((first, "", script.title, *address)))
