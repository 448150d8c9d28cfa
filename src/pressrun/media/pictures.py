"""The user's own pictures and clips of a book: found, checked before anything is made, and read as RGB.

They lie in the workspace, in `images/<slug of the title>/`, and are used in the order of their names. A file whose
name is `cover` is the cover.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.errors import RenderError
from pressrun.media.palette import Colour
from pressrun.store.slug import slug

if TYPE_CHECKING:
    from PIL.Image import Image

FOLDER = "images"
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
CLIPS = (".mp4", ".mov")
COVER = "cover"
FORMATS = ("JPEG", "PNG", "WEBP")
"""Of Pillow."""
MOST_PIXELS = 80_000_000
"""Of a picture that must be decoded whole: 240 MB."""
MOST_PIXELS_REDUCED = 1_000_000_000
"""Of a JPEG, which can be decoded at an eighth of its size."""
REMEDY = "Save it anew as JPEG or PNG, or remove it from the folder."


@dataclass(frozen=True)
class Gallery:
    """What the user gave for a book: pictures and clips in their order, and the cover.

    Without one it is drawn, or, where the gallery is `bare` of covers, an ornament stands in its place.
    """

    files: tuple[Path, ...] = ()
    cover: Path | None = None
    bare: bool = False

    @property
    def all(self) -> tuple[Path, ...]:
        return (*self.files, self.cover) if self.cover else self.files


def is_clip(path: Path) -> bool:
    return path.suffix.lower() in CLIPS


def find_pictures(workspace: Path, title: str) -> tuple[Path, Gallery]:
    """The folder of the book, which need not be there, and what lies in it that can be shown, hidden files left out.

    Raises `RenderError` when the folder cannot be listed.
    """
    folder = workspace / FOLDER / slug(title)
    if not folder.is_dir():
        return folder, Gallery()
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in (*PICTURES, *CLIPS)]
    except OSError as error:
        raise RenderError(
            f"The folder {folder} cannot be read: {error.strerror}", remedy="Allow reading it, or move it away."
        ) from None
    usable = sorted((path for path in found if not path.name.startswith(".") and path.is_file()), key=_natural)
    covers = [path for path in usable if path.stem.lower() == COVER and not is_clip(path)]
    return folder, Gallery(tuple(path for path in usable if path not in covers[:1]), covers[0] if covers else None)


def _natural(path: Path) -> tuple[tuple[bool, int, str], ...]:
    """`2.jpg` before `10.jpg`."""
    parts = re.findall(r"\d+|\D+", path.name.casefold())
    return tuple((not each.isdecimal(), int(each) if each.isdecimal() else 0, each) for each in parts)


def check(gallery: Gallery) -> None:
    """Raises `RenderError`, which names the file and the remedy, for the first that cannot be used."""
    from pressrun.media.clips import Footage

    for path in gallery.all:
        if is_clip(path):
            Footage(path).close()
        else:
            read_picture(path, (64, 64))


def read_picture(path: Path, least: tuple[int, int], ground: Colour = (255, 255, 255)) -> Image:
    """The picture upright, in RGB, what is transparent in it on `ground`; of a large JPEG no more than it takes to
    fill `least` (width, height).

    Raises `RenderError` when it is no picture, broken, or too large to be decoded.
    """
    from PIL import Image, ImageOps

    with _explained(path), Image.open(path, formats=FORMATS) as opened:
        _reduce(opened, path, least)
        opened.load()
        upright = ImageOps.exif_transpose(opened)
        return _as_rgb(upright, ground)


def size_and_kind(path: Path) -> tuple[tuple[int, int], str]:
    """Width and height in pixels, and the ending that its format goes by, as ".jpg"; only its header is read.

    Raises `RenderError` when it is no picture.
    """
    from PIL import Image

    with _explained(path), Image.open(path, formats=FORMATS) as opened:
        return opened.size, ".jpg" if opened.format in ("JPEG", "MPO") else f".{str(opened.format).lower()}"


def _reduce(opened: Image, path: Path, least: tuple[int, int]) -> None:
    """Lets a JPEG be decoded smaller, and refuses what would not fit into memory."""
    width, height = opened.size
    # A progressive JPEG keeps all of its coefficients in memory, at whatever size it is decoded.
    # MPO is what some cameras write: a JPEG with further ones behind it.
    reducible = opened.format in ("JPEG", "MPO") and not opened.info.get("progressive")
    most = MOST_PIXELS_REDUCED if reducible else MOST_PIXELS
    if width * height > most:
        raise RenderError(
            f"The picture {path} has {width:,} x {height:,} pixels; at most {most // 1_000_000:,} million can be read",
            remedy="Save it smaller; 4,000 pixels across are plenty.",
        )
    if reducible:
        # Turned pictures are as wide as they say they are high: the longer side may be either.
        side = max(least)
        opened.draft(None, (side, side))


def _as_rgb(picture: Image, ground: Colour) -> Image:
    import numpy as np
    from PIL import Image

    if picture.mode.startswith(("I", "F")):
        # 16 bits a pixel, which convert() would cut off at 255.
        high = (np.asarray(picture).astype(np.uint32) >> 8).clip(0, 255)
        return Image.fromarray(high.astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, (*ground, 255)), clear).convert("RGB")
    return picture.convert("RGB")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns what Pillow raises into the project's own error. Its own limit of pixels is replaced by ours."""
    from PIL import Image, UnidentifiedImageError

    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    except UnidentifiedImageError:
        raise RenderError(f"The picture {path} is not one that can be read: {_content(path)}", remedy=REMEDY) from None
    except PermissionError:
        raise RenderError(f"The picture {path} may not be read", remedy="Allow reading it, or remove it.") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, ZeroDivisionError) as error:
        raise RenderError(f"The picture {path} is broken: {error}", remedy=REMEDY) from error
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _content(path: Path) -> str:
    """What a file holds that is no picture, as far as its first bytes say."""
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        return "it is empty"
    if start.lstrip().startswith((b"#EXTM3U", b"ffconcat")):
        return "it is a playlist"
    if start[4:8] == b"ftyp":
        return "it is a HEIC or AVIF picture, or a video"
    if all(byte >= 32 or byte in b"\t\r\n" for byte in start):
        return "it holds text"
    return "it is no JPEG, PNG or WebP"
