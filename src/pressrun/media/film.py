"""A script and its narration as scenes: which cards there are, when each stands, and the captions over them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.errors import BrokenFileError
from pressrun.media import cards
from pressrun.media.caption_pictures import lettering
from pressrun.media.captions import cues_of
from pressrun.media.cards import Look
from pressrun.media.excerpts import key_line_of, main_title
from pressrun.media.fonts import Fonts
from pressrun.media.frames import Scenes
from pressrun.media.resolution import Shape
from pressrun.media.timeline import card_times
from pressrun.model.script import Narration, Script

if TYPE_CHECKING:
    from PIL.Image import Image

THUMBNAIL = Shape(1280, 720)
THUMBNAIL_QUALITY = 92
REMEDY = "Remove it so that the stage tts makes it again."


def video_scenes(script: Script, narration: Narration, look: Look, fps: int) -> Scenes:
    """The long video: title card under the hook, a card per scene, end card under the close.

    Raises `BrokenFileError` when the narration does not fit the script, `MissingGlyphsError` for letters no font has.
    """
    if not script.scenes:
        raise BrokenFileError("script.json has no scenes", remedy="Remove it so that the stage process makes it again.")
    expected = len(script.scenes) + 2
    if len(narration.passages) != expected:
        raise BrokenFileError(
            f"words.json has {len(narration.passages)} passages where script.json has {expected} parts", remedy=REMEDY
        )
    name = main_title(script.book_title, cards.NAME)
    running = " · ".join(part for part in (name, script.author) if part)
    total = len(script.scenes)
    key_lines = [key_line_of(scene.narration, scene.heading) for scene in script.scenes]
    headings = tuple(scene.heading for scene in script.scenes)
    look.fonts.require([script.book_title, running, *headings, *key_lines, *_words(narration)])
    drawn: list[Callable[[], Image]] = [
        partial(cards.title_card, look, script.book_title, script.author),
        *(
            partial(cards.scene_card, look, number, total, heading, key_line, running)
            for number, (heading, key_line) in enumerate(zip(headings, key_lines, strict=True), 1)
        ),
        partial(cards.end_card, look, script.book_title, script.author, headings),
    ]
    return _scenes(narration, look, drawn, fps)


def short_scenes(script: Script, narration: Narration, look: Look, fps: int) -> Scenes:
    """The short: one tall card, large captions. Raises as `video_scenes` does."""
    if len(narration.passages) != 1:
        raise BrokenFileError(f"short_words.json has {len(narration.passages)} passages instead of 1", remedy=REMEDY)
    look.fonts.require([script.book_title, script.author, *_words(narration)])
    return _scenes(narration, look, [partial(cards.short_card, look, script.book_title, script.author)], fps)


def save_thumbnail(path: Path, script: Script, look: Look) -> None:
    """A JPEG of 1280x720."""
    from dataclasses import replace

    picture = cards.thumbnail_picture(replace(look, shape=THUMBNAIL), script.book_title, script.author)
    picture.save(path, "JPEG", quality=THUMBNAIL_QUALITY, subsampling=0, optimize=True)


def dropped_symbols(fonts: Fonts, script: Script, narration: Narration) -> str:
    """Pictures and symbols that stand in the texts and that no font can draw."""
    headings = [scene.heading for scene in script.scenes]
    return fonts.undrawable([script.book_title, script.author, *headings, *_words(narration)])


def _scenes(narration: Narration, look: Look, drawn: list[Callable[[], Image]], fps: int) -> Scenes:
    letters = lettering(look)
    if not all(passage.words for passage in narration.passages):
        raise BrokenFileError("words.json has a passage without words", remedy=REMEDY)
    cues = cues_of(narration.passages, letters.measure, letters.line_width)
    return Scenes(
        look.shape, drawn, card_times(narration.passages, narration.duration), cues, letters, narration.duration, fps
    )


def _words(narration: Narration) -> list[str]:
    return [word.text for passage in narration.passages for word in passage.words]
