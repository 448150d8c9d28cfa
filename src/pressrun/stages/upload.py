"""Publishes the video, its captions and its thumbnail, once."""

from __future__ import annotations

from pressrun.errors import ServiceUnavailableError
from pressrun.media.chapters import chapter_lines, chapters_of
from pressrun.model.script import Narration, Script
from pressrun.services.protocols import Package, Publisher
from pressrun.services.writers.limits import fitting_description
from pressrun.stages.work import Work


def run(work: Work) -> None:
    """Makes `upload.json`: the receipt of what was published, now or by a try that died before it could say so."""
    publisher = publisher_of(work)
    script = work.load("script.json", Script)
    chapters = chapters_of(work.load("words.json", Narration))
    package = Package(
        kind="video",
        video=work.folder / f"video.{work.settings['format']}",
        captions=(work.folder / "captions.srt", work.folder / "captions.vtt"),
        thumbnail=work.folder / "thumbnail.jpg",
        script=script,
        privacy=str(work.settings["privacy"]),
        title=script.title,
        description=fitting_description(script.description, chapter_lines(chapters)),
        chapters=chapters,
    )
    publish_once(work, publisher, package, "upload.json")


def publisher_of(work: Work) -> Publisher:
    """The publisher chosen for this item. Raises `ServiceUnavailableError` for a name that is none."""
    from pressrun.services.publishers import PUBLISHERS

    name = str(work.services["publisher"])
    if name not in PUBLISHERS:
        known = ", ".join(sorted(PUBLISHERS))
        raise ServiceUnavailableError(f'There is no publisher "{name}"', remedy=f"Set publisher to one of: {known}.")
    return PUBLISHERS[name]


def publish_once(work: Work, publisher: Publisher, package: Package, receipt: str) -> None:
    """Asks the place for the marker first, publishes only what it does not have, and saves the receipt."""
    published = publisher.find(work.marker, package, work.context)
    if published is not None:
        work.note(f"Already published: {published.url}")
    else:
        published = publisher.publish(package, work.marker, work.progress, work.context)
    work.save(receipt, published)
