"""Create docs/pictures/style-NAME.jpg: rendered frames of a video and its short in a style.

`.venv/bin/python examples/style_pictures.py` creates those of all built-in styles. To show one of your own, add its
name and its workspace: `.venv/bin/python examples/style_pictures.py mine books`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from pressrun.media.film import Film, make_short_film, make_video_film
from pressrun.media.fonts import load_fonts
from pressrun.media.frames import Painter, Span
from pressrun.media.geometry import Shape
from pressrun.media.look import make_look
from pressrun.media.pictures import Gallery
from pressrun.media.style import STYLES, Style
from pressrun.media.style_files import load_style
from pressrun.model.script import Narration, Passage, Scene, Script, Word

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
WIDE, TALL = Shape(1280, 720), Shape(720, 1280)
CELL, GAP = (448, 252), 8
PACE = 0.32
"""Seconds per word."""
FPS = 10
MAX_PICTURE_BYTES = 150_000

SCRIPT = Script(
    title="The Art of War", book_title="The Art of War", author="Sun Tzu", language="en", direction="ltr",
    hook="The oldest book about winning says little about fighting. It asks what a victory costs.",
    scenes=(
        Scene("Know the ground", "A plan begins with the ground. Mountains, rivers and weather decide before any army "
              "does. Who has not walked the field has not begun to plan."),
        Scene("Win before you fight", "The best commander wins without a battle. The costs of a long war ruin both "
              "sides, and the one who keeps his strength decides the peace."),
        Scene("Speed is a kindness", "A short campaign spares the people. Nobody has ever gained by a war that "
              "lasted for years."),
    ),
    close="Look at the ground before you plan the road. That was the Art of War.", description="", tags=(),
    short="The best commander wins without a battle. A plan begins with the ground, with rivers and with weather. "
          "Who has not walked the field has not begun to plan. A short campaign spares the people of both sides, "
          "and nobody has ever gained by a war that lasted for years.", target_seconds=30.0,
)


def main() -> int:
    names, workspace = (sys.argv[1:2] or list(STYLES)), Path(*sys.argv[2:3])
    with tempfile.TemporaryDirectory() as folder:
        gallery = Gallery(tuple(landscape(Path(folder) / f"{number}.jpg", number) for number in range(3)))
        for name in names:
            style = load_style(name, workspace)
            path = PICTURES / f"style-{style.name}.jpg" if name in STYLES else Path(f"style-{style.name}.jpg")
            save(contact_sheet(style, gallery, workspace), path)
            print(f"{path} ({path.stat().st_size // 1000} kB)")
    return 0


def contact_sheet(style: Style, gallery: Gallery, workspace: Path) -> Image.Image:
    """Return a sheet with six frames of the video, half of them with pictures, and two of the short."""
    fonts = load_fonts("", workspace)
    parts = (SCRIPT.hook, *(scene.narration for scene in SCRIPT.scenes), SCRIPT.close)
    spoken = narration(parts)
    wide = make_look(WIDE, style, fonts, SCRIPT.book_title, False)
    drawn, pictured = (make_video_film(SCRIPT, spoken, wide, FPS, each) for each in (Gallery(), gallery))
    tall = make_look(TALL, style, fonts, SCRIPT.book_title, False)
    short = narration((SCRIPT.short,))
    shorts = [make_short_film(SCRIPT, short, tall, FPS, each) for each in (gallery, Gallery())]
    cells = [
        frame(drawn, 0), frame(pictured, 0), frame(drawn, 1), frame(pictured, 1), frame(pictured, 2), frame(drawn, 4)
    ]
    width, height = CELL
    tall_height = 3 * height + 2 * GAP
    tall_width = round(tall_height * 9 / 16)
    sheet = Image.new("RGB", (2 * (width + tall_width) + 3 * GAP, tall_height), (255, 255, 255))
    for number, cell in enumerate(cells):
        place = (number % 2 * (width + GAP), number // 2 * (height + GAP))
        sheet.paste(cell.resize(CELL, Image.Resampling.LANCZOS), place)
    for number, (film, card) in enumerate(zip(shorts, (0, 1), strict=True)):
        cell = frame(film, card).resize((tall_width, tall_height), Image.Resampling.LANCZOS)
        sheet.paste(cell, (2 * (width + GAP) + number * (tall_width + GAP), 0))
    return sheet


def frame(film: Film, card: int) -> Image.Image:
    """Return the frame in the middle of a card, with its caption."""
    time = film.times[card]
    number = int((time.faded + 0.55 * (time.end - time.faded)) * FPS)
    (made,) = (each.to_image() for each in Painter(film).frames(Span(card, number, number + 1)))
    return made


def narration(parts: tuple[str, ...]) -> Narration:
    """Return the parts as if spoken at an even pace."""
    passages, at = [], 0.4
    for part in parts:
        words = []
        for word in part.split():
            words.append(Word(word, at, at + PACE * 0.9))
            at += PACE * (2.4 if word[-1] in ".!?" else 1)
        passages.append(Passage("", part, words[0].start, words[-1].end, tuple(words)))
        at += 0.5
    return Narration("en", "ltr", at, "voice", tuple(passages))


def landscape(path: Path, seed: int) -> Path:
    """Save something like a photograph, a sky with ranges of hills that fade with distance, and return its path."""
    width, height = 1800, 1200
    chance = np.random.default_rng(seed + 4)
    skies = (((92, 140, 196), (236, 226, 205)), ((66, 70, 122), (246, 170, 122)), ((150, 176, 186), (240, 240, 232)))
    lands = ((34, 66, 58), (58, 32, 58), (40, 58, 74))
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    down /= height
    top, low = (np.array(each, np.float32) for each in skies[seed % 3])
    picture = top + (low - top) * np.clip(down / 0.55, 0, 1)[..., None] ** 1.3
    mist = np.array(skies[seed % 3][1], np.float32)
    for row in range(7):
        ridge = 0.4 + row * 0.085 + sum(
            chance.uniform(0.004, 0.045) / (wave + 1) ** 0.8
            * np.sin(across * (wave + 1) ** 1.4 * chance.uniform(0.003, 0.006) + chance.uniform(0, 6))
            for wave in range(8)
        )
        rough = Image.fromarray(chance.integers(0, 255, (height // 4, width // 4)).astype(np.uint8))
        grain = np.asarray(rough.resize((width, height), Image.Resampling.BICUBIC), np.float32)[..., None] - 127
        nearness = (row + 1) / 7
        colour = mist + (np.array(lands[seed % 3], np.float32) - mist) * nearness**0.7 + grain * 0.1 * nearness
        inside = np.clip((down - ridge) * height / 2 + 0.5, 0, 1)[..., None]
        haze = np.clip((down - ridge) * 3, 0, 1)[..., None] * (1 - nearness) * 0.5
        picture = picture * (1 - inside) + (colour + (mist - colour) * haze) * inside
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(path, quality=92)
    return path


def save(picture: Image.Image, path: Path) -> None:
    for quality in range(88, 40, -4):
        picture.save(path, "JPEG", quality=quality, optimize=True)
        if path.stat().st_size <= MAX_PICTURE_BYTES:
            return


if __name__ == "__main__":
    sys.exit(main())
