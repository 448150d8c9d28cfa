"""The short: a tall video, of at most a minute unless asked otherwise, with a text of its own, made and published."""

from __future__ import annotations

from pressrun.media.captions import as_srt
from pressrun.media.film import short_scenes
from pressrun.media.resolution import parse_resolution
from pressrun.model.script import Narration, Script
from pressrun.services.protocols import Package, Published
from pressrun.services.writers.short_labels import short_description, short_title
from pressrun.stages.render import gallery_of, look_of, sound_of, write_film, write_text
from pressrun.stages.upload import publish_once, publisher_of
from pressrun.stages.work import Work


def run(work: Work) -> None:
    """Makes `short.mp4` (or .mov, .webm), `short.srt` and, by publishing them, `short.json`.

    Raises as render and upload do.
    """
    script, narration = work.load("script.json", Script), work.load("short_words.json", Narration)
    sound = sound_of(work, "short_voice.wav", narration)
    publisher = publisher_of(work)
    related = work.load("upload.json", Published).url
    look = look_of(work, script, parse_resolution(str(work.settings["resolution"])).turned)
    scenes = short_scenes(script, narration, look, int(work.settings["fps"]), gallery_of(work, script))
    name = f"short.{work.settings['format']}"
    write_film(work, name, scenes, sound)
    write_text(work, "short.srt", as_srt(scenes.cues))
    package = Package(
        kind="short",
        video=work.folder / name,
        captions=(work.folder / "short.srt",),
        thumbnail=None,
        script=script,
        privacy=str(work.settings["privacy"]),
        title=short_title(script),
        description=short_description(script, related),
        related_url=related,
    )
    publish_once(work, publisher, package, "short.json")
