"""A script and its narration as scenes: which shots there are, what each shows, and the captions over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.errors import BrokenFileError
from pressrun.media import cards
from pressrun.media.caption_pictures import lettering
from pressrun.media.captions import cues_of
from pressrun.media.cards import Look, SceneText
from pressrun.media.clips import Footage
from pressrun.media.covers import cover_of
from pressrun.media.excerpts import key_line_of, main_title
from pressrun.media.fonts import Fonts
from pressrun.media.frames import Scenes
from pressrun.media.grounds import Ground, Slot, clip_ground, drawn_ground, photo_ground
from pressrun.media.pictures import Gallery, is_clip, read_picture
from pressrun.media.resolution import Shape
from pressrun.media.shot import Shot
from pressrun.media.timeline import CardTime, card_times
from pressrun.model.script import Narration, Passage, Script

if TYPE_CHECKING:
    from PIL.Image import Image

THUMBNAIL = Shape(1280, 720)
THUMBNAIL_QUALITY = 92
SHORT_SHOT = 5.0
"""Seconds a picture of the short stands at least."""
REMEDY = "Remove it so that the stage tts makes it again."
NO_PICTURES = Gallery()

_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’»」』)]*$")


def video_scenes(
    script: Script, narration: Narration, look: Look, fps: int, gallery: Gallery = NO_PICTURES
) -> Scenes:
    """The long video: title card under the hook, a card per scene, end card under the close.

    Raises `BrokenFileError` when the narration does not fit the script, `MissingGlyphsError` for letters no font has;
    the shots raise `RenderError` for a picture of `gallery` that is broken.
    """
    if not script.scenes:
        raise BrokenFileError("script.json has no scenes", remedy="Remove it so that the stage process makes it again.")
    total = len(script.scenes)
    if len(narration.passages) != total + 2:
        raise BrokenFileError(
            f"words.json has {len(narration.passages)} passages where script.json has {total + 2} parts", remedy=REMEDY
        )
    name = main_title(script.book_title, cards.NAME)
    running = " · ".join(part for part in (name, script.author) if part)
    headings = tuple(scene.heading for scene in script.scenes)
    key_lines = [key_line_of(scene.narration, scene.heading) for scene in script.scenes]
    look.fonts.require([script.book_title, running, *headings, *key_lines, *_words(narration)])
    times = card_times(narration.passages, narration.duration)
    slots = [_slot(number, times) for number in range(total + 2)]
    files = spread(gallery.files, total + 1)
    cover = partial(_cover, look, script, gallery)

    def title() -> Shot:
        ground = _ground(look, slots[0], files[0]) if files[0] else drawn_ground(look, slots[0], cover())
        return cards.title_card(look, ground, script.book_title, script.author)

    def scene(number: int) -> Shot:
        text = SceneText(number, total, headings[number - 1], key_lines[number - 1], running)
        return cards.scene_card(look, _ground(look, slots[number], files[number]), text)

    def end() -> Shot:
        ground = drawn_ground(look, slots[-1], cover())
        return cards.end_card(look, ground, script.book_title, script.author, headings)

    shots: list[Callable[[], Shot]] = [title, *(partial(scene, number) for number in range(1, total + 1)), end]
    return _scenes(narration, look, shots, times, fps)


def short_scenes(
    script: Script, narration: Narration, look: Look, fps: int, gallery: Gallery = NO_PICTURES
) -> Scenes:
    """The short: a tall card whose picture changes between sentences, large captions. Raises as `video_scenes` does."""
    if len(narration.passages) != 1:
        raise BrokenFileError(f"short_words.json has {len(narration.passages)} passages instead of 1", remedy=REMEDY)
    look.fonts.require([script.book_title, script.author, *_words(narration)])
    times = card_times(_stretches(narration.passages[0]), narration.duration)
    files = spread(gallery.files, len(times))

    def shot(number: int) -> Shot:
        slot = _slot(number, times)
        if number == 0 and not files[0]:
            ground = drawn_ground(look, slot, _cover(look, script, gallery))
        else:
            ground = _ground(look, slot, files[number])
        return cards.short_card(look, ground, script.book_title, script.author)

    return _scenes(narration, look, [partial(shot, number) for number in range(len(times))], times, fps)


def save_thumbnail(path: Path, script: Script, look: Look, gallery: Gallery = NO_PICTURES) -> None:
    """A JPEG of 1280x720 with the first picture of `gallery`, else the ornament of the style."""
    look = replace(look, shape=THUMBNAIL)
    slot = Slot(0, 0.6, 0.0, cards.THUMBNAIL_SHARE, cuts=True)
    ground = _ground(look, slot, gallery.files[0] if gallery.files else None)
    picture = cards.thumbnail_picture(look, ground, script.book_title, script.author)
    picture.save(path, "JPEG", quality=THUMBNAIL_QUALITY, subsampling=0, optimize=True)


def dropped_symbols(fonts: Fonts, script: Script, narration: Narration) -> str:
    """Pictures and symbols that stand in the texts and that no font can draw."""
    headings = [scene.heading for scene in script.scenes]
    return fonts.undrawable([script.book_title, script.author, *headings, *_words(narration)])


def spread(files: Sequence[Path], places: int) -> list[Path | None]:
    """The files in their order over so many places, each at most once and the first at the first; None between."""
    made: list[Path | None] = [None] * places
    used = min(len(files), places)
    for number in range(used):
        made[number * places // used] = files[number]
    return made


def _slot(number: int, times: Sequence[CardTime]) -> Slot:
    return Slot(number, number / max(len(times) - 1, 1), times[number].end - times[number].start)


def _cover(look: Look, script: Script, gallery: Gallery) -> Image | None:
    if gallery.bare and gallery.cover is None:
        return None
    return cover_of(look, script.book_title, script.author, gallery.cover)


def _ground(look: Look, slot: Slot, file: Path | None) -> Ground:
    if file is None:
        return drawn_ground(look, slot)
    if is_clip(file):
        return clip_ground(look, slot, Footage(file))
    return photo_ground(look, slot, read_picture(file, (look.shape.width, look.shape.height), look.palette.light))


def _stretches(passage: Passage) -> list[Passage]:
    """The passage cut after sentences, each part long enough for a picture of its own."""
    parts: list[Passage] = []
    first = 0
    words = passage.words
    for at, word in enumerate(words):
        ends = _SENTENCE_END.search(word.text) and word.end - words[first].start >= SHORT_SHOT
        if ends and words[-1].end - word.end >= SHORT_SHOT:
            parts.append(replace(passage, start=words[first].start, end=word.end, words=words[first:at + 1]))
            first = at + 1
    return [*parts, replace(passage, start=words[first].start if first else passage.start, words=words[first:])]


def _scenes(
    narration: Narration, look: Look, shots: Sequence[Callable[[], Shot]], times: Sequence[CardTime], fps: int
) -> Scenes:
    letters = lettering(look)
    if not all(passage.words for passage in narration.passages):
        raise BrokenFileError("words.json has a passage without words", remedy=REMEDY)
    cues = cues_of(narration.passages, letters.measure, letters.line_width)
    return Scenes(look.shape, shots, times, cues, letters, narration.duration, fps)


def _words(narration: Narration) -> list[str]:
    return [word.text for passage in narration.passages for word in passage.words]
