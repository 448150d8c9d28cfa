"""upload: publish the video with its captions and thumbnail, exactly once."""

from __future__ import annotations

from pressrun.media.chapters import chapter_lines, make_chapters
from pressrun.model.script import Narration, Script
from pressrun.services.protocols import Package, Publisher
from pressrun.services.writers.publishing_text import fit_description
from pressrun.stages.work import Work


def run(work: Work) -> None:
    """Write `upload.json`, the receipt. An earlier attempt may have published and died before it wrote one."""
    publisher = select_publisher(work)
    script = work.load("script.json", Script)
    chapters = make_chapters(work.load("words.json", Narration))
    package = Package(
        kind="video",
        video=work.folder / f"video.{work.settings['format']}",
        captions=(work.folder / "captions.srt", work.folder / "captions.vtt"),
        thumbnail=work.folder / "thumbnail.jpg",
        script=script,
        privacy=str(work.settings["privacy"]),
        title=script.title,
        description=fit_description(script.description, chapter_lines(chapters)),
        chapters=chapters,
    )
    publish_once(work, publisher, package, "upload.json")


def select_publisher(work: Work) -> Publisher:
    """Return the publisher selected for this item. Raises `ServiceUnavailableError` if it is unknown."""
    from pressrun.services.publishers import PUBLISHERS

    return PUBLISHERS.require(str(work.services["publisher"]))


def publish_once(work: Work, publisher: Publisher, package: Package, receipt: str) -> None:
    """Publish the package unless the destination already has its marker, and save the receipt."""
    # An earlier attempt may have published and died before the receipt was written.
    published = publisher.find(work.marker, package, work.context)
    if published is not None:
        work.note(f"Already published: {published.url}")
    else:
        published = publisher.publish(package, work.marker, work.progress, work.context)
    work.save(receipt, published)
