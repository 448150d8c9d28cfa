"""A look at a video before the long part: one sheet with a picture of each card, and a small draft of the whole.

Both come from the code that renders, in one pass: the pictures of the sheet are frames of the draft.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.media.encode import encode_pictures, join
from pressrun.media.frames import Scenes, frames_of
from pressrun.media.loudness import rough_gain
from pressrun.media.output import preview_options
from pressrun.media.resolution import Shape, even
from pressrun.media.sound import Sound
from pressrun.media.typeset import ellipsized
from pressrun.store.atomic import atomic_output

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressrun.media.cards import Look

DRAFT_SIDE = 480
"""Pixels of the shorter side of the draft."""
DRAFT_FPS = 8
"""Pictures per second of the draft at most: a word is still lit within 125 ms of its sound."""
COLUMNS = 3
TILE = 480
"""Pixels of the width of a picture on the sheet; a tall one is as wide as leaves its height at this."""
GAP, LABEL = 20, 40
"""Pixels between pictures, and of the line with time and name below each."""
LETTERS = 20
PAPER, INK = (24, 25, 30), (232, 232, 236)


@dataclass(frozen=True)
class Tile:
    """A picture of the sheet: the frame it shows, and what stands below it."""

    frame: int
    label: str


def draft_shape(shape: Shape) -> Shape:
    """The same proportions with a shorter side of `DRAFT_SIDE` pixels; a smaller picture stays as it is."""
    share = DRAFT_SIDE / min(shape.width, shape.height)
    return Shape(even(shape.width * share), even(shape.height * share)) if share < 1 else shape


def tiles_of(scenes: Scenes, names: Sequence[str]) -> list[Tile]:
    """One picture per card, where its first caption stands with half of its words spoken."""
    tiles: list[Tile] = []
    for card, time in enumerate(scenes.times):
        inside = [cue for cue in scenes.cues if cue.start >= time.faded and cue.start < time.end]
        words = inside[0].words if inside else ()
        at = (words[len(words) // 2].start if words else (time.faded + time.end) / 2) + 0.05
        frame = min(max(int(at * scenes.fps), 0), scenes.frames - 1)
        seconds = int(time.start)
        name = names[card] if card < len(names) else ""
        tiles.append(Tile(frame, f"{seconds // 60}:{seconds % 60:02}  {name}".rstrip()))
    return tiles


def make_draft(
    path: Path, scenes: Scenes, sound: Sound, tiles: Sequence[Tile], shown: Callable[[int], None] | None = None,
) -> list[Image]:
    """Writes the draft to `path` and returns the pictures of `tiles`. Raises as `encode_pictures` does."""
    wanted = {tile.frame for tile in tiles}
    pictures: dict[int, Image] = {}

    def frames() -> Iterator[Any]:
        for number, frame in enumerate(frames_of(replace(scenes, rough=True))):
            if number in wanted:
                pictures[number] = frame.reformat(format="rgb24", src_colorspace="ITU709").to_image()
            yield frame

    segment = path.with_name(f"{path.stem}.pictures.part.mp4")
    coding, heard = preview_options(scenes.fps)
    try:
        encode_pictures(segment, coding, scenes.shape, scenes.fps, frames(), shown)
        with atomic_output(path) as part:
            join(part, [segment], scenes.fps, sound, rough_gain(sound), heard, {"fflags": "+bitexact"})
    finally:
        segment.unlink(missing_ok=True)
    return [pictures[tile.frame] for tile in tiles]


def contact_sheet(look: Look, rows: Sequence[tuple[Sequence[Image], Sequence[Tile]]]) -> Image:
    """The pictures of each film in rows of their own, each with its label."""
    from PIL import Image

    placed: list[tuple[Image.Image, str, int, int]] = []
    y = GAP
    for pictures, tiles in rows:
        if not pictures:
            continue
        width, height, columns = _grid(pictures[0])
        for number, (picture, tile) in enumerate(zip(pictures, tiles, strict=True)):
            x = GAP + (number % columns) * (width + GAP)
            top = y + number // columns * (height + LABEL + GAP)
            placed.append((picture.resize((width, height), Image.Resampling.LANCZOS), tile.label, x, top))
        y += math.ceil(len(pictures) / columns) * (height + LABEL + GAP)
    sheet = Image.new("RGB", (COLUMNS * (TILE + GAP) + GAP, y), PAPER)
    for picture, label, x, top in placed:
        sheet.paste(picture, (x, top))
        _write(sheet, look, label, x, top + picture.height, picture.width)
    return sheet


def _grid(picture: Image) -> tuple[int, int, int]:
    """Width and height of a tile, and how many stand side by side."""
    scale = TILE / max(picture.width, picture.height)
    width, height = round(picture.width * scale), round(picture.height * scale)
    return width, height, max((COLUMNS * (TILE + GAP)) // (width + GAP), 1)


def _write(sheet: Image, look: Look, label: str, x: int, top: int, width: int) -> None:
    from PIL import ImageDraw

    from pressrun.media.look import shaping

    face = look.fonts.pick(label, bold=False)
    font = face.at(LETTERS, bold=False)
    text = ellipsized(face.drawable(label), font.getlength, width)
    place = (x, top + LABEL / 2)
    ImageDraw.Draw(sheet).text(place, text, font=font, fill=INK, anchor="lm", **shaping(text, look.right_to_left))
