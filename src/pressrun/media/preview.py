"""Preview a video before the slow render: a contact sheet with a picture of each card, and a small draft of the whole.

Both come from the code that renders, in one pass: the pictures of the sheet are frames of the draft.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.media.encode import encode_pictures, join_segments
from pressrun.media.film import Film
from pressrun.media.frames import frames_of
from pressrun.media.geometry import Shape, nearest_even
from pressrun.media.look import Look, shaping_options
from pressrun.media.loudness import estimate_gain
from pressrun.media.output import draft_encoders
from pressrun.media.sound import Sound
from pressrun.media.typeset import truncate
from pressrun.store.atomic import atomic_output

if TYPE_CHECKING:
    from PIL.Image import Image

DRAFT_SIDE = 480
"""Length of the shorter side of the draft in pixels."""
MAX_DRAFT_FPS = 8
"""At this frame rate a word is still highlighted within 125 ms of its sound."""
COLUMNS = 3
TILE_SIDE = 480
"""Length of the longer side of a picture on the sheet in pixels."""
GAP, LABEL_HEIGHT = 20, 40
"""Pixels between pictures, and height of the line with time and name below each."""
FONT_SIZE = 20
BACKGROUND_COLOUR, TEXT_COLOUR = (24, 25, 30), (232, 232, 236)


@dataclass(frozen=True)
class Tile:
    """A picture on the contact sheet: the number of its frame, and the label below it."""

    frame: int
    label: str


def draft_shape(shape: Shape) -> Shape:
    """Return the shape of the draft: the same proportions, and a shorter side of at most `DRAFT_SIDE` pixels."""
    share = DRAFT_SIDE / min(shape.width, shape.height)
    return Shape(nearest_even(shape.width * share), nearest_even(shape.height * share)) if share < 1 else shape


def choose_tiles(film: Film, names: Sequence[str]) -> list[Tile]:
    """Return one picture per card, from the middle of its first caption. `names` are the labels of the cards."""
    tiles: list[Tile] = []
    for card, time in enumerate(film.times):
        cues = [cue for cue in film.cues if time.faded <= cue.start < time.end]
        words = cues[0].words if cues else ()
        at = (words[len(words) // 2].start if words else (time.faded + time.end) / 2) + 0.05
        frame = min(max(int(at * film.fps), 0), film.frame_count - 1)
        seconds = int(time.start)
        name = names[card] if card < len(names) else ""
        tiles.append(Tile(frame, f"{seconds // 60}:{seconds % 60:02}  {name}".rstrip()))
    return tiles


def make_draft(
    path: Path, film: Film, sound: Sound, tiles: Sequence[Tile], on_frame: Callable[[int], None] | None = None,
) -> list[Image]:
    """Write the draft to `path` and return the pictures of `tiles`.

    `on_frame(n)` is called when n frames are done. Raises as `encode_pictures` does.
    """
    wanted = {tile.frame for tile in tiles}
    pictures: dict[int, Image] = {}

    def frames() -> Iterator[Any]:
        for number, frame in enumerate(frames_of(replace(film, rough=True))):
            if number in wanted:
                pictures[number] = frame.reformat(format="rgb24", src_colorspace="ITU709").to_image()
            yield frame

    segment = path.with_name(f"{path.stem}.pictures.part.mp4")
    video, audio = draft_encoders(film.fps)
    try:
        encode_pictures(segment, video, film.shape, film.fps, frames(), on_frame)
        with atomic_output(path) as part:
            join_segments(part, [segment], film.fps, sound, estimate_gain(sound), audio, {"fflags": "+bitexact"})
    finally:
        segment.unlink(missing_ok=True)
    return [pictures[tile.frame] for tile in tiles]


def make_contact_sheet(look: Look, rows: Sequence[tuple[Sequence[Image], Sequence[Tile]]]) -> Image:
    """Return the pictures of all films on one sheet, RGB. Each film starts a new row, each picture has its label."""
    from PIL import Image

    placed: list[tuple[Image.Image, str, int, int]] = []
    y = GAP
    for pictures, tiles in rows:
        if not pictures:
            continue
        width, height, columns = _tile_layout(pictures[0])
        for number, (picture, tile) in enumerate(zip(pictures, tiles, strict=True)):
            x = GAP + (number % columns) * (width + GAP)
            top = y + number // columns * (height + LABEL_HEIGHT + GAP)
            placed.append((picture.resize((width, height), Image.Resampling.LANCZOS), tile.label, x, top))
        y += math.ceil(len(pictures) / columns) * (height + LABEL_HEIGHT + GAP)
    sheet = Image.new("RGB", (COLUMNS * (TILE_SIDE + GAP) + GAP, y), BACKGROUND_COLOUR)
    for picture, label, x, top in placed:
        sheet.paste(picture, (x, top))
        _draw_label(sheet, look, label, x, top + picture.height, picture.width)
    return sheet


def _tile_layout(picture: Image) -> tuple[int, int, int]:
    """Return width and height of a tile in pixels, and the number of columns."""
    scale = TILE_SIDE / max(picture.width, picture.height)
    width, height = round(picture.width * scale), round(picture.height * scale)
    return width, height, max((COLUMNS * (TILE_SIDE + GAP)) // (width + GAP), 1)


def _draw_label(sheet: Image, look: Look, label: str, x: int, top: int, width: int) -> None:
    from PIL import ImageDraw

    face = look.fonts.pick(label, bold=False)
    font = face.at(FONT_SIZE, bold=False)
    text = truncate(face.drawable(label), font.getlength, width)
    place = (x, top + LABEL_HEIGHT / 2)
    options = shaping_options(text, look.right_to_left)
    ImageDraw.Draw(sheet).text(place, text, font=font, fill=TEXT_COLOUR, anchor="lm", **options)
