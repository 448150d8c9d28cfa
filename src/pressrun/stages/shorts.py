"""shorts: create and publish the short, a vertical video with its own text, by default of at most a minute."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pressrun.errors import BrokenFileError
from pressrun.media.captions import as_srt
from pressrun.media.film import Film, make_short_film
from pressrun.media.output import parse_resolution
from pressrun.media.sound import Sound
from pressrun.model.script import Narration, Script
from pressrun.model.stage_protocol import Reads, StageEvent
from pressrun.services.protocols import Package, Published
from pressrun.services.writers.publishing_text import short_description, short_title
from pressrun.stages.cover import RECORD, add_cover
from pressrun.stages.render import load_gallery, load_look, load_sound, write_film, write_text
from pressrun.stages.upload import publish_once, select_publisher
from pressrun.stages.work import EventPipe, Work
from pressrun.store.run_folder import file_sha256

CAPTIONS, RECEIPT = "short.srt", "short.json"
INPUTS = ".short.json"
"""A digest of the inputs of the last short. While they are the same, publishing it again does not render it again."""
_NEEDS = ("script.json", "short_voice.wav", "short_words.json", RECORD)
_SETTINGS = (
    "resolution", "fps", "style", "font_dir", "format", "video_codec", "audio_codec", "quality", "music",
)


def run(work: Work) -> None:
    """Create `short.mp4` (or .mov, .webm) and `short.srt`, publish them, and write `short.json`.

    Raises the same errors as render and upload.
    """
    publisher = select_publisher(work)
    related = work.load("upload.json", Published).url
    script = work.load("script.json", Script)
    name = f"short.{work.settings['format']}"
    _render(work, script, name)
    work.finish_computing()
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


def _render(work: Work, script: Script, name: str) -> None:
    """Render the film and its captions, unless they exist and their inputs have not changed."""
    events = _RecordedReads(work.events)
    film, sound = _make_film(replace(work, events=events), script)
    inputs = _input_digest(work, events.reads)
    if inputs | {"products": _products(work, name)} == _last_inputs(work):
        return
    write_film(work, name, film, sound)
    write_text(work, CAPTIONS, as_srt(film.cues))
    work.save(INPUTS, inputs | {"products": _products(work, name)})


def _make_film(work: Work, script: Script) -> tuple[Film, Sound]:
    narration = work.load("short_words.json", Narration)
    sound = load_sound(work, "short_voice.wav", narration)
    look = load_look(work, script, parse_resolution(str(work.settings["resolution"])).short_shape)
    gallery = add_cover(work, load_gallery(work, script))
    return make_short_film(script, narration, look, int(work.settings["fps"]), gallery), sound


class _RecordedReads(EventPipe):
    """Pass events on, and record the files that the stage declares to read."""

    def __init__(self, events: EventPipe) -> None:
        super().__init__(None)
        self._events = events
        self.reads: list[list[str]] = []

    def send(self, event: StageEvent) -> None:
        if isinstance(event, Reads):
            self.reads.append([event.path, event.sha256])
        self._events.send(event)


def _input_digest(work: Work, reads: list[list[str]]) -> dict[str, Any]:
    """Return a digest of everything that the film depends on."""
    inputs = {
        "version": work.version,
        "settings": {name: work.settings[name] for name in _SETTINGS},
        "needs": {name: file_sha256(work.folder / name) for name in _NEEDS},
        "reads": sorted(reads),
    }
    return {"made_of": hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()}


def _products(work: Work, name: str) -> dict[str, str]:
    paths = [work.folder / each for each in (name, CAPTIONS)]
    return {path.name: file_sha256(path) for path in paths if path.is_file()}


def _last_inputs(work: Work) -> dict[str, Any]:
    with suppress(BrokenFileError):
        return work.load(INPUTS, dict[str, Any])
    return {}
