"""The short: a tall video, of at most a minute unless asked otherwise, with a text of its own, made and published."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pressrun.errors import BrokenFileError
from pressrun.media.captions import as_srt
from pressrun.media.film import short_scenes
from pressrun.media.frames import Scenes
from pressrun.media.resolution import parse_resolution
from pressrun.media.sound import Sound
from pressrun.model.script import Narration, Script
from pressrun.services.protocols import Package, Published
from pressrun.services.writers.short_labels import short_description, short_title
from pressrun.stages.cover import RECORD, with_cover
from pressrun.stages.render import gallery_of, look_of, sound_of, write_film, write_text
from pressrun.stages.upload import publish_once, publisher_of
from pressrun.stages.work import EventPipe, Work
from pressrun.store.run_folder import file_sha256

CAPTIONS, RECEIPT = "short.srt", "short.json"
MADE_OF = ".short.json"
"""What the short was made of: while that is the same, publishing it again does not make it again."""
_NEEDS = ("script.json", "short_voice.wav", "short_words.json", RECORD)
_SETTINGS = (
    "resolution", "fps", "style", "font_dir", "format", "video_codec", "audio_codec", "quality", "music",
)


def run(work: Work) -> None:
    """Makes `short.mp4` (or .mov, .webm), `short.srt` and, by publishing them, `short.json`.

    Raises as render and upload do.
    """
    publisher = publisher_of(work)
    related = work.load("upload.json", Published).url
    script = work.load("script.json", Script)
    name = f"short.{work.settings['format']}"
    _make(work, script, name)
    work.computed()
    package = Package(
        kind="short",
        video=work.folder / name,
        captions=(work.folder / CAPTIONS,),
        thumbnail=None,
        script=script,
        privacy=str(work.settings["privacy"]),
        title=short_title(script),
        description=short_description(script, related),
        related_url=related,
    )
    publish_once(work, publisher, package, RECEIPT)


def _make(work: Work, script: Script, name: str) -> None:
    """The film and its captions, unless they are there as these inputs make them."""
    heard = _Heard(work.events)
    scenes, sound = _scenes(replace(work, events=heard), script)
    made_of = _made_of(work, heard.reads)
    if made_of | {"products": _products(work, name)} == _last_made_of(work):
        return
    write_film(work, name, scenes, sound)
    write_text(work, CAPTIONS, as_srt(scenes.cues))
    work.save(MADE_OF, made_of | {"products": _products(work, name)})


def _scenes(work: Work, script: Script) -> tuple[Scenes, Sound]:
    narration = work.load("short_words.json", Narration)
    sound = sound_of(work, "short_voice.wav", narration)
    look = look_of(work, script, parse_resolution(str(work.settings["resolution"])).turned)
    gallery = with_cover(work, gallery_of(work, script))
    return short_scenes(script, narration, look, int(work.settings["fps"]), gallery), sound


class _Heard(EventPipe):
    """Passes on what the stage says, and keeps what it said that it reads."""

    def __init__(self, events: EventPipe) -> None:
        super().__init__(None)
        self._events = events
        self.reads: list[list[str]] = []

    def send(self, kind: str, /, **fields: Any) -> None:
        if kind == "reads":
            self.reads.append([str(fields["path"]), str(fields["sha256"])])
        self._events.send(kind, **fields)


def _made_of(work: Work, reads: list[list[str]]) -> dict[str, Any]:
    """Everything that the film depends on, as one digest."""
    known = {
        "version": work.version,
        "settings": {name: work.settings[name] for name in _SETTINGS},
        "needs": {name: file_sha256(work.folder / name) for name in _NEEDS},
        "reads": sorted(reads),
    }
    return {"made_of": hashlib.sha256(json.dumps(known, sort_keys=True, default=str).encode()).hexdigest()}


def _products(work: Work, name: str) -> dict[str, str]:
    paths = [work.folder / each for each in (name, CAPTIONS)]
    return {path.name: file_sha256(path) for path in paths if path.is_file()}


def _last_made_of(work: Work) -> dict[str, Any]:
    with suppress(BrokenFileError):
        return work.load(MADE_OF, dict[str, Any])
    return {}
