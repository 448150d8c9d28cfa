"""Fonts: which there are, which letters they have, and what to say when some are missing.

A text is drawn with the first font that has all its letters: those of `font_dir` first, then the family the style asks
for, then DejaVu Sans; the DejaVu fonts come along. Symbols and pictures that no font has are left out of drawn text; a
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

from pressrun.errors import MissingGlyphsError, RenderError, SettingsError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SHIPPED = Path(__file__).parent / "fonts"
DEFAULT_FAMILY = "DejaVu Sans"
SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
BOLD_FROM = 600
"""Weight class (OpenType OS/2) from which a font counts as bold."""

_SHAPED = (
    (0x0590, 0x08FF), (0x0900, 0x109F), (0x1780, 0x18AF), (0x1900, 0x1CFF), (0xA840, 0xABFF), (0xFB1D, 0xFDFF),
    (0xFE70, 0xFEFF),
)
"""Blocks whose letters change shape, order or place beside each other."""
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, eq=False)
class Face:
    """One font file."""

    path: Path
    family: str
    """As name 1 of the file has it: "DejaVu Sans Condensed"."""
    bold: bool
    variable: bool
    """Whether its weight can be chosen, so that it serves as regular and as bold."""

    @property
    def letters(self) -> frozenset[int]:
        """Code points it has. Raises `RenderError` when the file cannot be read."""
        return _letters(self.path)

    def has(self, character: str) -> bool:
        return ord(character) in self.letters

    def missing(self, text: str) -> str:
        """The characters of `text` that must be drawn and that it does not have, each once."""
        return "".join(dict.fromkeys(each for each in text if _must_show(each) and not self.has(each)))

    def drawable(self, text: str) -> str:
        """`text` without what it has no glyph for, and without the blanks that this leaves doubled."""
        kept = [
            each for each in text if each.isspace() or each in _JOINERS or (self.has(each) and not _is_control(each))
        ]
        return " ".join("".join(kept).split())

    def at(self, size: int, *, bold: bool = False) -> FreeTypeFont:
        """The face at `size` pixels; `bold` matters to a variable font alone."""
        return _sized(self, size, bold)


@dataclass(frozen=True, eq=False)
class Fonts:
    """All fonts in order of preference."""

    faces: tuple[Face, ...]

    def pick(self, text: str, *, bold: bool = False, family: str = DEFAULT_FAMILY) -> Face:
        """The first face with all letters of `text`, of the family and the weight asked where there is one.

        Raises `MissingGlyphsError` naming the letters no face has, and `RenderError` where this Pillow cannot shape
        the script.
        """
        face, missing = _pick(self.faces, text, bold, family)
        if face is None:
            raise _missing_letters(missing, text)
        return face

    def require(self, texts: Iterable[str]) -> None:
        """Raises `MissingGlyphsError` naming every letter of `texts` that no font has, before anything is drawn."""
        missing = {text: _pick(self.faces, text, False, DEFAULT_FAMILY)[1] for text in texts}
        lacking = {text: letters for text, letters in missing.items() if letters}
        if lacking:
            raise _missing_letters("".join(dict.fromkeys("".join(lacking.values()))), next(iter(lacking)))

    def undrawable(self, texts: Iterable[str]) -> str:
        """Symbols of `texts` that will be left out when they are drawn, each once."""
        lost: dict[str, None] = {}
        for text in texts:
            face = self.pick(text)
            lost |= dict.fromkeys(
                each for each in text if not face.has(each) and not each.isspace() and not _is_control(each)
            )
        return "".join(lost)

    def has_family(self, family: str) -> bool:
        return any(face.family == family for face in self.faces)

    @cached_property
    def outside(self) -> tuple[Path, ...]:
        """Files that do not come along with the program."""
        return tuple(face.path for face in self.faces if face.path.parent != SHIPPED)


def load_fonts(font_dir: str, workspace: Path) -> Fonts:
    """The fonts of `font_dir` (empty: none; relative: from `workspace`) and the ones that come along.

    Raises `SettingsError` when the folder is missing or has no font, `RenderError` for a file that is no font.
    """
    found: list[Path] = []
    if font_dir:
        folder = workspace / Path(font_dir).expanduser()
        if not folder.is_dir():
            raise SettingsError(
                f"font_dir: there is no folder {folder}",
                remedy="Make it and put .ttf or .otf files into it, or unset font_dir.",
            )
        found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
        if not found:
            raise SettingsError(
                f"font_dir: {folder} has no font", remedy=f"Put files into it that end in {', '.join(SUFFIXES)}."
            )
    own = [_read(path.absolute()) for path in found]
    for face in own:
        _letters(face.path)  # A file that cannot be read is told now; those that come along are read when needed.
    return Fonts((*own, *(_read(path.absolute()) for path in sorted(SHIPPED.glob("*.ttf")))))


def require_shaping(text: str) -> None:
    """Raises `RenderError` when `text` needs its letters joined or reordered and this Pillow has no Raqm."""
    from PIL import features

    if not features.check("raqm") and any(any(a <= ord(each) <= b for a, b in _SHAPED) for each in text):
        raise RenderError(
            f"This Pillow cannot shape the script of {text[:40]!r}: it was built without Raqm",
            remedy="Install the wheel with: pip install --force-reinstall --only-binary :all: Pillow",
        )


def is_right_to_left(text: str, otherwise: bool = False) -> bool:
    """The direction of the first letter that has one."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return otherwise


@lru_cache(maxsize=4096)
def _pick(faces: tuple[Face, ...], text: str, bold: bool, family: str) -> tuple[Face | None, str]:
    """The face for `text`, or None and the letters that the face with most of them lacks."""
    require_shaping(text)
    ordered = sorted(
        faces,
        key=lambda face: (
            face.path.parent == SHIPPED,
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


def _must_show(character: str) -> bool:
    # Variation selectors and their like are marks by category, and invisible by themselves.
    selector = 0xFE00 <= ord(character) <= 0xFE0F or character == "\u20e3"
    return unicodedata.category(character)[0] in "LMN" and not selector


def _is_control(character: str) -> bool:
    return unicodedata.category(character)[0] == "C" or 0xFE00 <= ord(character) <= 0xFE0F


def _missing_letters(missing: str, text: str) -> MissingGlyphsError:
    shown = " ".join(missing[:20]) + (f" and {len(missing) - 20} more" if len(missing) > 20 else "")
    return MissingGlyphsError(
        f"No font has these letters: {shown} (in the text {text[:40]!r})",
        remedy="Put a font that has them, such as one of the Noto fonts, into a folder, and name that folder in the "
        'setting font_dir, as font_dir = "fonts" in pressrun.toml.',
    )


@lru_cache(maxsize=64)
def _read(path: Path) -> Face:
    with _opened(path) as font:
        family = str(font["name"].getDebugName(1) or "") if "name" in font else ""
        weight = font["OS/2"].usWeightClass if "OS/2" in font else 400
        variable = "fvar" in font and any(axis.axisTag == "wght" for axis in font["fvar"].axes)
    return Face(path, family, weight >= BOLD_FROM, variable)


@lru_cache(maxsize=64)
def _letters(path: Path) -> frozenset[int]:
    with _opened(path) as font:
        # The names of the glyphs are of no use here, and reading them takes longer than all the rest.
        font.setGlyphOrder([f"glyph{number}" for number in range(font["maxp"].numGlyphs)])
        return frozenset(font.getBestCmap() or ())


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            yield font
    except (TTLibError, OSError, KeyError, ValueError, AssertionError) as error:
        raise RenderError(f"The font {path} cannot be read: {error}", remedy="Remove or replace that file.") from error


@lru_cache(maxsize=256)
def _sized(face: Face, size: int, bold: bool) -> FreeTypeFont:
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
            f"The font {face.path} cannot be drawn with: {error}", remedy="Remove or replace that file."
        ) from error
    return font
