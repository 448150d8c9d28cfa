"""Build a film from a script and its narration: the shots, their times, and the captions over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.errors import BrokenFileError
from pressrun.media import cards
from pressrun.media.backgrounds import (
    Background,
    CardSlot,
    make_clip_background,
    make_drawn_background,
    make_photo_background,
)
from pressrun.media.caption_pictures import CaptionFonts, make_caption_fonts
from pressrun.media.captions import Cue, cues_of
from pressrun.media.cards import SceneText
from pressrun.media.clips import Footage
from pressrun.media.covers import make_cover
from pressrun.media.fonts import Fonts
from pressrun.media.geometry import Shape
from pressrun.media.look import Look
from pressrun.media.pictures import Gallery, is_clip, read_picture
from pressrun.media.shots import CardTime, Shot, card_times, count_frames
from pressrun.media.text import SENTENCE_END, key_line, main_title
from pressrun.model.script import Narration, Passage, Script

if TYPE_CHECKING:
    from PIL.Image import Image

THUMBNAIL_SHAPE = Shape(1280, 720)
THUMBNAIL_QUALITY = 92
MIN_SHORT_SHOT_SECONDS = 5.0
"""How long a picture of the short is shown at least."""
REMEDY = "Remove it so that the stage tts creates it again."
NO_PICTURES = Gallery()


@dataclass(frozen=True)
class Film:
    """Everything that a video shows. `cards` returns the shot of each card, drawn when it is needed."""

    shape: Shape
    cards: Sequence[Callable[[], Shot]]
    times: Sequence[CardTime]
    cues: Sequence[Cue]
    caption_fonts: CaptionFonts
    duration: float
    """Seconds."""
    fps: int
    rough: bool = False
    """For a draft, in which motion may jitter a little."""

    @property
    def frame_count(self) -> int:
        return count_frames(self.duration, self.fps)


def make_video_film(
    script: Script, narration: Narration, look: Look, fps: int, gallery: Gallery = NO_PICTURES
) -> Film:
    """Return the long video: title card for the hook, a card per scene, end card for the close.

    Raises `BrokenFileError` if the narration does not match the script, and `MissingGlyphsError` for letters that no
    font has. A card raises `RenderError` if its picture is broken.
    """
    if not script.scenes:
        raise BrokenFileError(
            "script.json has no scenes", remedy="Remove it so that the stage process creates it again."
        )
    total = len(script.scenes)
    if len(narration.passages) != total + 2:
        raise BrokenFileError(
            f"words.json has {len(narration.passages)} passages, but script.json has {total + 2} parts", remedy=REMEDY
        )
    name = main_title(script.book_title, cards.MAX_TITLE_CHARS)
    running_title = " · ".join(part for part in (name, script.author) if part)
    headings = tuple(scene.heading for scene in script.scenes)
    key_lines = [key_line(scene.narration, scene.heading) for scene in script.scenes]
    look.fonts.require([script.book_title, running_title, *headings, *key_lines, *_words(narration)])
    times = card_times(narration.passages, narration.duration)
    slots = [_slot(number, times) for number in range(total + 2)]
    files = spread(gallery.files, total + 1)
    cover = partial(_cover, look, script, gallery)

    def title() -> Shot:
        file = files[0]
        background = _background(look, slots[0], file) if file else make_drawn_background(look, slots[0], cover())
        return cards.draw_title_card(look, background, script.book_title, script.author)

    def scene(number: int) -> Shot:
        text = SceneText(number, total, headings[number - 1], key_lines[number - 1], running_title)
        return cards.draw_scene_card(look, _background(look, slots[number], files[number]), text)

    def end() -> Shot:
        background = make_drawn_background(look, slots[-1], cover())
        return cards.draw_end_card(look, background, script.book_title, script.author, headings)

    shots: list[Callable[[], Shot]] = [title, *(partial(scene, number) for number in range(1, total + 1)), end]
    return _make_film(narration, look, shots, times, fps)


def make_short_film(
    script: Script, narration: Narration, look: Look, fps: int, gallery: Gallery = NO_PICTURES
) -> Film:
    """Return the short: a tall card whose picture changes between sentences. Raises as `make_video_film` does."""
    if len(narration.passages) != 1:
        raise BrokenFileError(f"short_words.json has {len(narration.passages)} passages instead of 1", remedy=REMEDY)
    look.fonts.require([script.book_title, script.author, *_words(narration)])
    times = card_times(_split_passage(narration.passages[0]), narration.duration)
    files = spread(gallery.files, len(times))

    def shot(number: int) -> Shot:
        slot = _slot(number, times)
        if number == 0 and not files[0]:
            background = make_drawn_background(look, slot, _cover(look, script, gallery))
        else:
            background = _background(look, slot, files[number])
        return cards.draw_short_card(look, background, script.book_title, script.author)

    return _make_film(narration, look, [partial(shot, number) for number in range(len(times))], times, fps)


def save_thumbnail(path: Path, script: Script, look: Look, gallery: Gallery = NO_PICTURES) -> None:
    """Write a JPEG of 1280x720 with the first picture of `gallery`, or else the ornament of the style."""
    look = replace(look, shape=THUMBNAIL_SHAPE)
    slot = CardSlot(0, 0.6, 0.0, cards.THUMBNAIL_TEXT_SHARE, always_crop=True)
    background = _background(look, slot, gallery.files[0] if gallery.files else None)
    picture = cards.draw_thumbnail(look, background, script.book_title, script.author)
    picture.save(path, "JPEG", quality=THUMBNAIL_QUALITY, subsampling=0, optimize=True)


def omitted_symbols(fonts: Fonts, script: Script, narration: Narration) -> str:
    """Return the symbols and emoji of the texts that no font can draw."""
    headings = [scene.heading for scene in script.scenes]
    return fonts.undrawable([script.book_title, script.author, *headings, *_words(narration)])


def spread(files: Sequence[Path], places: int) -> list[Path | None]:
    """Distribute the files over so many places in order, the first at the first place, with None between.

    No file is used twice. Files beyond the number of places are not used.
    """
    spread_files: list[Path | None] = [None] * places
    count = min(len(files), places)
    for number in range(count):
        spread_files[number * places // count] = files[number]
    return spread_files


def _slot(number: int, times: Sequence[CardTime]) -> CardSlot:
    return CardSlot(number, number / max(len(times) - 1, 1), times[number].end - times[number].start)


def _cover(look: Look, script: Script, gallery: Gallery) -> Image | None:
    if gallery.bare and gallery.cover is None:
        return None
    return make_cover(look, script.book_title, script.author, gallery.cover)


def _background(look: Look, slot: CardSlot, file: Path | None) -> Background:
    if file is None:
        return make_drawn_background(look, slot)
    if is_clip(file):
        return make_clip_background(look, slot, Footage(file))
    photo = read_picture(file, (look.shape.width, look.shape.height), look.palette.light)
    return make_photo_background(look, slot, photo)


def _split_passage(passage: Passage) -> list[Passage]:
    """Split the passage after sentences. Each part is long enough for a picture of its own."""
    parts: list[Passage] = []
    first = 0
    words = passage.words
    for at, word in enumerate(words):
        long_enough = word.end - words[first].start >= MIN_SHORT_SHOT_SECONDS
        if SENTENCE_END.search(word.text) and long_enough and words[-1].end - word.end >= MIN_SHORT_SHOT_SECONDS:
            parts.append(replace(passage, start=words[first].start, end=word.end, words=words[first:at + 1]))
            first = at + 1
    return [*parts, replace(passage, start=words[first].start if first else passage.start, words=words[first:])]


def _make_film(
    narration: Narration, look: Look, shots: Sequence[Callable[[], Shot]], times: Sequence[CardTime], fps: int
) -> Film:
    if not all(passage.words for passage in narration.passages):
        raise BrokenFileError("words.json has a passage without words", remedy=REMEDY)
    fonts = make_caption_fonts(look)
    cues = cues_of(narration.passages, fonts.measure, fonts.line_width)
    return Film(look.shape, shots, times, cues, fonts, narration.duration, fps)


def _words(narration: Narration) -> list[str]:
    return [word.text for passage in narration.passages for word in passage.words]
