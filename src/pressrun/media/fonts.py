"""Load fonts and choose one that has all letters of a text.

A text is drawn with the first font that has all its letters: those of `font_dir` first, then the family of the style,
then DejaVu Sans. The DejaVu fonts are bundled. Symbols and emoji that no font has are omitted from drawn text, but a
missing letter is an error.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressrun.error_reports import reason_text
from pressrun.errors import MissingGlyphsError, RenderError, SettingsError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

BUNDLED_FOLDER = Path(__file__).parent / "fonts"
DEFAULT_FAMILY = "DejaVu Sans"
SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
MIN_BOLD_WEIGHT = 600
"""Weight class (OpenType OS/2) from which a font counts as bold."""

_SHAPED_BLOCKS = (
    (0x0590, 0x08FF), (0x0900, 0x109F), (0x1780, 0x18AF), (0x1900, 0x1CFF), (0xA840, 0xABFF), (0xFB1D, 0xFDFF),
    (0xFE70, 0xFEFF),
)
"""Unicode blocks whose letters change shape, order or position beside each other."""
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, eq=False)
class Face:
    """One font file."""

    path: Path
    family: str
    """Name 1 of the file, e.g. "DejaVu Sans Condensed"."""
    bold: bool
    variable: bool
    """Whether its weight can be chosen, so that it is both regular and bold."""

    @property
    def code_points(self) -> frozenset[int]:
        """Return the characters it has. Raises `RenderError` if the file cannot be read."""
        return _read_code_points(self.path)

    def has(self, character: str) -> bool:
        return ord(character) in self.code_points

    def missing(self, text: str) -> str:
        """Return the letters, marks and digits of `text` that it does not have, each once."""
        return "".join(dict.fromkeys(each for each in text if _is_required(each) and not self.has(each)))

    def drawable(self, text: str) -> str:
        """Return `text` without the characters it has no glyph for, and without doubled spaces."""
        kept = [
            each for each in text if each.isspace() or each in _JOINERS or (self.has(each) and not _is_control(each))
        ]
        return " ".join("".join(kept).split())

    def at(self, size: int, *, bold: bool = False) -> FreeTypeFont:
        """Return the face at `size` pixels. `bold` only affects variable fonts."""
        return _load_sized(self, size, bold)


@dataclass(frozen=True, eq=False)
class Fonts:
    """All available fonts."""

    faces: tuple[Face, ...]

    def pick(self, text: str, *, bold: bool = False, family: str = DEFAULT_FAMILY) -> Face:
        """Return the first face with all letters of `text`, preferably of the family and the weight.

        Raises `MissingGlyphsError` with the missing letters, and `RenderError` if this Pillow cannot shape the script.
        """
        face, missing = _pick(self.faces, text, bold, family)
        if face is None:
            raise _missing_letters_error(missing, text)
        return face

    def require(self, texts: Iterable[str]) -> None:
        """Check `texts` before anything is drawn. Raises `MissingGlyphsError` with all letters that no font has."""
        missing = {text: letters for text in texts if (letters := _pick(self.faces, text, False, DEFAULT_FAMILY)[1])}
        if missing:
            raise _missing_letters_error("".join(dict.fromkeys("".join(missing.values()))), next(iter(missing)))

    def undrawable(self, texts: Iterable[str]) -> str:
        """Return the symbols of `texts` that will be omitted, each once."""
        omitted: dict[str, None] = {}
        for text in texts:
            face = self.pick(text)
            omitted |= dict.fromkeys(
                each for each in text if not face.has(each) and not each.isspace() and not _is_control(each)
            )
        return "".join(omitted)

    def has_family(self, family: str) -> bool:
        return any(face.family == family for face in self.faces)

    @cached_property
    def custom_files(self) -> tuple[Path, ...]:
        """Return the font files of the user."""
        return tuple(face.path for face in self.faces if face.path.parent != BUNDLED_FOLDER)


def load_fonts(font_dir: str, workspace: Path) -> Fonts:
    """Return the fonts of `font_dir` (may be empty, or relative to `workspace`) and the bundled ones.

    Raises `SettingsError` if the folder is missing or has no fonts, and `RenderError` for a file that is not a font.
    """
    found: list[Path] = []
    if font_dir:
        folder = workspace / Path(font_dir).expanduser()
        if not folder.is_dir():
            raise SettingsError(
                f"font_dir: the folder {folder} does not exist",
                remedy="Create it and put .ttf or .otf files into it, or unset font_dir.",
            )
        found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
        if not found:
            raise SettingsError(
                f"font_dir: the folder {folder} has no fonts",
                remedy=f"Put font files into it ({', '.join(SUFFIXES)}), or unset font_dir.",
            )
    own = [_read_face(path.absolute()) for path in found]
    for face in own:
        # A broken file of the user is reported now. The bundled ones are read when they are needed.
        _read_code_points(face.path)
    return Fonts((*own, *(_read_face(path.absolute()) for path in sorted(BUNDLED_FOLDER.glob("*.ttf")))))


def require_shaping(text: str) -> None:
    """Raise `RenderError` if the letters of `text` must be joined or reordered and this Pillow has no Raqm."""
    from PIL import features

    if not features.check("raqm") and any(any(a <= ord(each) <= b for a, b in _SHAPED_BLOCKS) for each in text):
        raise RenderError(
            f"This Pillow was built without Raqm and cannot shape the script of {text[:40]!r}",
            remedy="Install the wheel: pip install --force-reinstall --only-binary :all: Pillow",
        )


def is_right_to_left(text: str, default: bool = False) -> bool:
    """Return the direction of the first letter that has one."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return default


@lru_cache(maxsize=4096)
def _pick(faces: tuple[Face, ...], text: str, bold: bool, family: str) -> tuple[Face | None, str]:
    """Return the face for `text`, or None and the letters that the best face does not have."""
    require_shaping(text)
    ordered = sorted(
        faces,
        key=lambda face: (
            face.path.parent == BUNDLED_FOLDER,
            face.family != family,
            face.family != DEFAULT_FAMILY,
            not face.variable and face.bold != bold,
        ),
    )
    fewest: str | None = None
    for face in ordered:
        missing = face.missing(text)
        if not missing:
            return face, ""
        if fewest is None or len(missing) < len(fewest):
            fewest = missing
    return None, fewest or ""


def _is_required(character: str) -> bool:
    # Variation selectors and the keycap are marks by category, but invisible.
    selector = 0xFE00 <= ord(character) <= 0xFE0F or character == "\u20e3"
    return unicodedata.category(character)[0] in "LMN" and not selector


def _is_control(character: str) -> bool:
    return unicodedata.category(character)[0] == "C" or 0xFE00 <= ord(character) <= 0xFE0F


def _missing_letters_error(missing: str, text: str) -> MissingGlyphsError:
    shown = " ".join(missing[:20]) + (f" and {len(missing) - 20} more" if len(missing) > 20 else "")
    return MissingGlyphsError(
        f"No font has these letters: {shown} (in the text {text[:40]!r})",
        remedy="Put a font that has them, e.g. one of the Noto fonts, into a folder, and set font_dir to that folder, "
        'e.g. font_dir = "fonts" in pressrun.toml.',
    )


@lru_cache(maxsize=64)
def _read_face(path: Path) -> Face:
    with _open_font(path) as font:
        family = str(font["name"].getDebugName(1) or "") if "name" in font else ""
        weight = font["OS/2"].usWeightClass if "OS/2" in font else 400
        variable = "fvar" in font and any(axis.axisTag == "wght" for axis in font["fvar"].axes)
    return Face(path, family, weight >= MIN_BOLD_WEIGHT, variable)


@lru_cache(maxsize=64)
def _read_code_points(path: Path) -> frozenset[int]:
    with _open_font(path) as font:
        # The names of the glyphs are not needed, and reading them takes longer than everything else.
        font.setGlyphOrder([f"glyph{number}" for number in range(font["maxp"].numGlyphs)])
        return frozenset(font.getBestCmap() or ())


@contextmanager
def _open_font(path: Path) -> Iterator[Any]:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            yield font
    except (TTLibError, OSError, KeyError, ValueError, AssertionError) as error:
        raise RenderError(
            f"The font {path} cannot be read: {reason_text(error)}", remedy="Remove or replace it."
        ) from error


@lru_cache(maxsize=256)
def _load_sized(face: Face, size: int, bold: bool) -> FreeTypeFont:
    from PIL import ImageFont

    try:
        font = ImageFont.truetype(str(face.path), max(size, 1))
        if face.variable:
            axes = font.get_variation_axes()
            weight = 700 if bold else 400
            font.set_variation_by_axes(
                [weight if axis["name"] in (b"Weight", "Weight") else axis["default"] or 0 for axis in axes]
            )
    except OSError as error:
        raise RenderError(
            f"The font {face.path} cannot be used for drawing: {reason_text(error)}", remedy="Remove or replace it."
        ) from error
    return font
