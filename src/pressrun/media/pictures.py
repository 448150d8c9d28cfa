"""Find, check and read the user's own pictures and clips of a book.

They are in the workspace, in `images/<title>/`, and are used in the order of their names. A file named `cover` is the
cover. The name of the folder may differ from the title in case, spaces, hyphens and punctuation.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.error_reports import reason_text
from pressrun.errors import RenderError
from pressrun.media.palette import Colour
from pressrun.store.slug import slug

if TYPE_CHECKING:
    from PIL.Image import Image

FOLDER = "images"
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
CLIPS = (".mp4", ".mov")
AVIF = (".avif",)
HEIC = (".heic", ".heif")
UNSUPPORTED = (
    ".gif", ".bmp", ".tif", ".tiff", ".svg", ".jxl", ".jp2", ".jfif", ".ico", ".psd", ".xcf", ".ai", ".eps", ".raw",
    ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", *AVIF, *HEIC,
    ".webm", ".mkv", ".avi", ".m4v", ".wmv", ".flv", ".mpg", ".mpeg", ".3gp",
)  # fmt: skip
"""Pictures and clips that cannot be used, unless Pillow reads AVIF and HEIC here. Other files are ignored."""
COVER = "cover"
FORMATS = ("JPEG", "PNG", "WEBP")
"""Pillow's names of the formats that it always reads."""
MAX_PIXELS = 80_000_000
"""Largest picture that is decoded at full size: 240 MB."""
MAX_REDUCIBLE_PIXELS = 1_000_000_000
"""Largest JPEG, which can be decoded at an eighth of its size."""
SMALL_JPEG_QUALITY = 82
"""At a few hundred pixels, letters show a lower quality."""
REMEDY = "Save it again as JPEG or PNG, or remove it from the folder."


@dataclass(frozen=True)
class Gallery:
    """The user's pictures and clips for a book, in order, and the cover.

    Without a cover one is drawn, or if the gallery is `bare`, an ornament takes its place.
    """

    files: tuple[Path, ...] = ()
    cover: Path | None = None
    bare: bool = False
    folders: tuple[Path, ...] = ()
    """Where they were looked for; these folders may not exist."""
    unsupported: tuple[Path, ...] = ()
    """Pictures and clips in a format that cannot be used."""

    @property
    def all(self) -> tuple[Path, ...]:
        """All files, including the cover."""
        return (*self.files, self.cover) if self.cover else self.files


def is_clip(path: Path) -> bool:
    return path.suffix.lower() in CLIPS


def find_pictures(workspace: Path, title: str) -> Gallery:
    """Return the pictures and clips of a book, without hidden files.

    Raises `RenderError` if a folder cannot be read.
    """
    folders = find_folders(workspace, title)
    found = [path for folder in folders for path in _list(folder) if not path.name.startswith(".") and path.is_file()]
    found.sort(key=_natural_order)
    usable = [path for path in found if is_clip(path) or is_picture(path)]
    covers = [path for path in usable if path.stem.lower() == COVER and not is_clip(path)]
    return Gallery(
        tuple(path for path in usable if path not in covers[:1]),
        covers[0] if covers else None,
        folders=folders,
        unsupported=tuple(path for path in found if path.suffix.lower() in UNSUPPORTED and path not in usable),
    )


def find_folders(workspace: Path, title: str) -> tuple[Path, ...]:
    """Return the folders of a book: those named like a run folder or like the title, which may not exist, and all whose
    name differs from them only in case, spaces, hyphens and punctuation."""
    root, key = workspace / FOLDER, folder_key(title)
    names = dict.fromkeys((slug(title), title))
    expected = [root / name for name in names if name.isprintable() and not {"/", "\\"} & set(name) and name[:1] != "."]
    others = [path for path in _list(root) if folder_key(path.name) == key and path.is_dir()]
    return tuple(dict.fromkeys((*expected, *sorted(others))))


def folder_key(name: str) -> str:
    """Return a title or folder name in the form in which both are compared."""
    return slug(name).casefold()


def is_picture(path: Path) -> bool:
    """Return whether the extension is that of a picture that can be read here."""
    suffix = path.suffix.lower()
    return suffix in PICTURES or (suffix in AVIF and _reads_avif()) or (suffix in HEIC and _reads_heic())


@cache
def _reads_avif() -> bool:
    from PIL import features

    return bool(features.check("avif"))


@cache
def _reads_heic() -> bool:
    """Return whether pillow-heif is installed. It is not required, because the library in it is under the LGPL."""
    return find_spec("pillow_heif") is not None


@cache
def _formats() -> tuple[str, ...]:
    """Return Pillow's names of the formats that can be read here."""
    if not _reads_heic():
        return (*FORMATS, "AVIF") if _reads_avif() else FORMATS
    import pillow_heif

    pillow_heif.register_heif_opener()
    return (*FORMATS, *(("AVIF",) if _reads_avif() else ()), "HEIF")


def _list(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise RenderError(
            f"The folder {folder} cannot be read: {error.strerror}", remedy="Allow reading it, or move it away."
        ) from None


def _natural_order(path: Path) -> tuple[tuple[bool, int, str], ...]:
    """Return a sort key that puts `2.jpg` before `10.jpg`."""
    parts = re.findall(r"\d+|\D+", path.name.casefold())
    return tuple((not each.isdecimal(), int(each) if each.isdecimal() else 0, each) for each in parts)


def check_gallery(gallery: Gallery) -> None:
    """Open every file of the gallery. Raises `RenderError` for the first one that cannot be used."""
    from pressrun.media.clips import Footage

    for path in gallery.all:
        if is_clip(path):
            Footage(path).close()
        else:
            read_picture(path, (64, 64))


def read_picture(path: Path, min_size: tuple[int, int], ground: Colour = (255, 255, 255)) -> Image:
    """Return the picture upright and in RGB, with transparent parts on `ground`.

    A large JPEG is reduced, but not below `min_size` (width, height). Raises `RenderError` if the file is not a
    picture, broken, or too large to decode.
    """
    from PIL import Image, ImageOps

    with _translate_errors(path), Image.open(path, formats=_formats()) as opened:
        _reduce(opened, path, min_size)
        opened.load()
        upright = ImageOps.exif_transpose(opened)
        return _to_rgb(upright, ground)


def size_and_suffix(path: Path) -> tuple[tuple[int, int], str]:
    """Return width and height in pixels, and the suffix for its format, e.g. ".jpg". Only the header is read.

    Raises `RenderError` if the file is not a picture.
    """
    from PIL import Image

    with _translate_errors(path), Image.open(path, formats=_formats()) as opened:
        return opened.size, ".jpg" if opened.format in ("JPEG", "MPO") else f".{str(opened.format).lower()}"


def _reduce(opened: Image, path: Path, min_size: tuple[int, int]) -> None:
    """Decode a JPEG at a smaller size. Raises `RenderError` for a picture that would need too much memory."""
    width, height = opened.size
    # The decoder keeps all coefficients of a progressive JPEG in memory, whatever the size of the result.
    # MPO is what some cameras write: a JPEG with more JPEGs behind it.
    reducible = opened.format in ("JPEG", "MPO") and not opened.info.get("progressive")
    limit = MAX_REDUCIBLE_PIXELS if reducible else MAX_PIXELS
    if width * height > limit:
        raise RenderError(
            f"The picture {path} has {width:,} x {height:,} pixels; the limit is {limit // 1_000_000:,} million",
            remedy="Save it smaller; 4,000 pixels across are enough.",
        )
    if reducible:
        # Width and height of a rotated picture are swapped, so both sides must be large enough for either.
        side = max(min_size)
        opened.draft(None, (side, side))


def _to_rgb(picture: Image, ground: Colour) -> Image:
    import numpy as np
    from PIL import Image

    if picture.mode.startswith(("I", "F")):
        # 16 bits per pixel, which convert() would clip at 255.
        high = (np.asarray(picture).astype(np.uint32) >> 8).clip(0, 255)
        return Image.fromarray(high.astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, (*ground, 255)), clear).convert("RGB")
    return picture.convert("RGB")


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    """Turn errors of Pillow into `RenderError`, and replace its limit of pixels by ours."""
    from PIL import Image, UnidentifiedImageError

    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    except UnidentifiedImageError:
        raise RenderError(f"The picture {path} cannot be read: {_describe_content(path)}", remedy=REMEDY) from None
    except PermissionError:
        raise RenderError(
            f"The picture {path} cannot be read: permission denied", remedy="Allow reading it, or remove it."
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, ZeroDivisionError) as error:
        raise RenderError(f"The picture {path} is broken: {reason_text(error)}", remedy=REMEDY) from error
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _describe_content(path: Path) -> str:
    """Return what a file contains that is not a picture, judging by its first bytes."""
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        return "it is empty"
    if start.lstrip().startswith((b"#EXTM3U", b"ffconcat")):
        return "it is a playlist"
    if start[4:8] == b"ftyp":
        return "it is a HEIC picture, or a video"
    if all(byte >= 32 or byte in b"\t\r\n" for byte in start):
        return "it is a text file"
    return "it is not a JPEG, PNG or WebP file"


def small_jpeg(path: Path, width: int) -> tuple[bytes, int, int] | None:
    """Return a picture as a JPEG of at most `width` pixels across, with its width and height.

    Returns None if the file cannot be read as a picture.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=("JPEG", "PNG")) as picture:
            picture.draft("RGB", (width, width))
            picture.thumbnail((width, width * 4), Image.Resampling.LANCZOS)
            small = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    data = io.BytesIO()
    small.save(data, "JPEG", quality=SMALL_JPEG_QUALITY, optimize=True)
    return data.getvalue(), small.width, small.height
