"""Read and validate style files. Every error names the file and the key."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le

from pressrun.error_reports import reason_text
from pressrun.errors import SettingsError
from pressrun.media.palette import MIN_CONTRASTS, Colour, Palette, contrast, mix
from pressrun.media.style import STYLES, Captions, Layout, Motif, Motion, Style, TypeScale

BUILT_IN_FOLDER = Path(__file__).parent / "styles"
FOLDER = "styles"
"""In the workspace."""
DEFAULT_BASE = "modern"
"""The style that a style file extends if it has no `like`."""
MAX_DEPTH = 5
"""How many styles may extend one another."""
GROUPS = {"type": TypeScale, "layout": Layout, "captions": Captions, "motion": Motion}
"""The tables of a style file."""
PALETTES_REMEDY = "Write [[palettes]] and its colours below it."


@dataclass(frozen=True)
class Origin:
    """The file or table that is being read, for error messages."""

    place: str

    def error(self, key: str, problem: str, remedy: str) -> SettingsError:
        return SettingsError(f"{self.place}, {key}: {problem}", remedy=remedy)


def load_style(setting: str, workspace: Path | None = None) -> Style:
    """Return the style for the setting: a name, or the `[style]` table of `pressrun.toml` as JSON.

    Raises `SettingsError` if the style is unknown, or with the file and the key that is invalid.
    """
    if not setting.lstrip().startswith("{"):
        return _load_by_name(setting, workspace, 0)
    origin = Origin(f"{workspace / 'pressrun.toml' if workspace else 'pressrun.toml'}, [style]")
    try:
        table = json.loads(setting)
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            f"style: {setting[:60]!r} is neither a name nor a table: {error}", remedy="Set it to the name of a style."
        ) from None
    name = table.pop("name", DEFAULT_BASE)
    if not isinstance(name, str):
        raise origin.error("name", f"found {name!r}, expected text", 'Write the name of a style, e.g. name = "modern".')
    return _apply_table(_load_by_name(name, workspace, 0), table, origin)


def style_names(workspace: Path | None) -> tuple[str, ...]:
    """Return the names of the built-in styles, then those of the workspace."""
    return (*sorted(STYLES), *sorted(_find_files(workspace)))


def _find_files(workspace: Path | None) -> dict[str, Path]:
    """Return the style files of the workspace by name."""
    folder = workspace / FOLDER if workspace else None
    return {path.stem: path for path in sorted(folder.glob("*.toml"))} if folder and folder.is_dir() else {}


def _load_by_name(name: str, workspace: Path | None, depth: int) -> Style:
    own = _find_files(workspace)
    if name in STYLES:
        if name in own:
            raise SettingsError(
                f"{own[name]} has the name of a built-in style",
                remedy="Rename the file, and set style to its new name.",
            )
        return _load_built_in(name)
    if name not in own:
        known = ", ".join(style_names(workspace))
        # Only for names that could be file names: a setting may contain anything.
        place = f", and the workspace has no file {FOLDER}/{name}.toml" if re.fullmatch(r"[\w-]+", name) else ""
        raise SettingsError(f'style: unknown style "{name}"{place}', remedy=f"Set style to one of: {known}.")
    return _load_file(own[name], workspace, depth)


@cache
def _load_built_in(name: str) -> Style:
    return _load_file(BUILT_IN_FOLDER / f"{name}.toml", None, 0)


def _load_file(path: Path, workspace: Path | None, depth: int) -> Style:
    origin = Origin(str(path))
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(
            f"{path} cannot be read: {reason_text(error)}", remedy="Fix the file, or use another style."
        ) from None
    built_in = path.parent == BUILT_IN_FOLDER
    base = table.pop("like", DEFAULT_BASE if not built_in else None)
    if base is None:
        style = Style(path.stem, ())
    elif not isinstance(base, str):
        raise origin.error("like", f"found {base!r}, expected text", 'Write the name of a style, e.g. like = "modern".')
    elif depth >= MAX_DEPTH:
        raise origin.error(
            "like", "the styles extend each other in a cycle", "Let one of them extend a built-in style."
        )
    else:
        style = _load_by_name(base, workspace, depth + 1)
    style = replace(style, name=path.stem, files=style.files if built_in else (*style.files, path))
    return _apply_table(style, table, origin)


def _apply_table(style: Style, table: Mapping[str, Any], origin: Origin) -> Style:
    """Return `style` with the values of `table`."""
    allowed = ("like", "motifs", "palettes", *GROUPS)
    for key in table:
        if key not in allowed:
            raise origin.error(key, "unknown key", _suggest(key, allowed))
    for name in GROUPS:
        if name in table:
            style = replace(style, **{name: _parse_group(getattr(style, name), table[name], name, origin)})
    if "motifs" in table:
        style = replace(style, motifs=_parse_value(tuple[Motif, ...], table["motifs"], "motifs", origin))
    if "palettes" in table:
        style = replace(style, palettes=_parse_palettes(table["palettes"], style, origin))
    if "captions" in table or "palettes" in table:
        _check_captions(style, origin)
    return style


def _check_captions(style: Style, origin: Origin) -> None:
    for number, palette in enumerate(style.palettes, 1):
        for pair, found, required in _caption_contrasts(style.captions, palette):
            if found < required:
                raise origin.error(
                    "captions", f"{pair} has a contrast of {found:.1f} with the colours of palette {number}, but "
                    f"{required:g} is required", "Choose colours that differ more, or more opacity.",
                )


def _caption_contrasts(captions: Captions, palette: Palette) -> list[tuple[str, float, float]]:
    """Return (pair of colours, contrast, required contrast) of the captions, over any picture."""
    text, panel, lit, lit_text = (
        getattr(palette, name) for name in (captions.text, captions.panel, captions.lit, captions.lit_text)
    )
    # The panel is translucent. Black and white are the extremes of what can be under it.
    blends = [mix(under, panel, captions.opacity) for under in ((0, 0, 0), (255, 255, 255))]
    return [
        (f"text ({captions.text}) on panel ({captions.panel})", min(contrast(text, each) for each in blends), 4.5),
        (f"lit_text ({captions.lit_text}) on lit ({captions.lit})", contrast(lit_text, lit), 4.5),
        (f"lit ({captions.lit}) on panel ({captions.panel})", contrast(lit, panel), 3.0),
    ]


def _parse_group(current: Any, table: object, name: str, origin: Origin) -> Any:
    """Return the dataclass `current` with the values of `table`."""
    if not isinstance(table, dict):
        raise origin.error(name, f"found {table!r}, expected a table", f"Write [{name}] and its keys below it.")
    assert is_dataclass(current)
    known = tuple(field.name for field in fields(current))
    hints = get_type_hints(type(current), include_extras=True)
    values = {}
    for key, value in table.items():
        if key not in known:
            raise origin.error(f"{name}.{key}", "unknown key", _suggest(key, known))
        values[key] = _parse_value(hints[key], value, f"{name}.{key}", origin)
    return replace(current, **values)  # type: ignore[type-var]


def _parse_palettes(tables: object, style: Style, origin: Origin) -> tuple[Palette, ...]:
    """Return the palettes. Colours that one leaves out are those of the first palette of `style`."""
    if not isinstance(tables, list) or not tables:
        raise origin.error("palettes", "expected a list of tables", PALETTES_REMEDY)
    palettes = []
    known = [field.name for field in fields(Palette)]
    base = {name: getattr(style.palettes[0], name) for name in known} if style.palettes else {}
    for number, table in enumerate(tables, 1):
        where = f"palettes, number {number}"
        if not isinstance(table, dict):
            raise origin.error(where, f"found {table!r}, expected a table", PALETTES_REMEDY)
        for key in table:
            if key not in known:
                raise origin.error(f"{where}, {key}", "unknown key", _suggest(key, known))
        colours = {key: _parse_value(Colour, value, f"{where}, {key}", origin) for key, value in table.items()}
        if missing := [name for name in known if name not in colours and name not in base]:
            raise origin.error(where, f"{missing[0]} is missing", f'Add {missing[0]} = "#rrggbb".')
        palette = Palette(**(base | colours))
        for front, back, required in MIN_CONTRASTS:
            if (found := contrast(getattr(palette, front), getattr(palette, back))) < required:
                raise origin.error(
                    where, f"{front} on {back} has a contrast of {found:.1f}, but {required:g} is required",
                    f"Make {front} and {back} differ more in brightness.",
                )
        palettes.append(palette)
    return tuple(palettes)


def _parse_value(hint: Any, value: object, key: str, origin: Origin) -> Any:
    """Return `value` as the type `hint`. Raises `SettingsError` if it has another type or is out of range."""
    if hint == Colour:
        if isinstance(value, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            return tuple(bytes.fromhex(value[1:]))
        remedy = 'Write red, green and blue in hexadecimal, e.g. "#1f4bd8".'
        raise origin.error(key, f"found {value!r}, expected a colour", remedy)
    if get_origin(hint) is tuple:
        return _parse_list(hint, value, key, origin)
    if get_origin(hint) is Literal:
        if value in get_args(hint) and isinstance(value, str):
            return value
        raise origin.error(key, f"found {value!r}", f"Use one of: {', '.join(get_args(hint))}.")
    plain, *bounds = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    # bool is a subclass of int in Python, but `true` is not a number.
    valid = isinstance(value, (int, float) if plain is float else plain) and isinstance(value, bool) == (plain is bool)
    if not valid:
        kind = {bool: "true or false", str: "text", int: "a whole number", float: "a number"}[plain]
        raise origin.error(key, f"found {value!r}, expected {kind}", f"Write {kind}.")
    low = next((bound.ge for bound in bounds if isinstance(bound, Ge)), value)
    high = next((bound.le for bound in bounds if isinstance(bound, Le)), value)
    if not low <= value <= high:  # type: ignore[operator]
        raise origin.error(key, f"found {value}, expected {low} to {high}", f"Use a number from {low} to {high}.")
    return value


def _parse_list(hint: Any, value: object, key: str, origin: Origin) -> tuple[Any, ...]:
    kinds = get_args(hint)
    any_length = kinds[-1] is Ellipsis
    if not isinstance(value, list) or not value or not (any_length or len(value) == len(kinds)):
        expected = "a list" if any_length else f"a list of {len(kinds)}"
        raise origin.error(
            key, f"found {value!r}, expected {expected}", "Write it in square brackets, e.g. [124, 40]."
        )
    return tuple(_parse_value(kinds[0], each, key, origin) for each in value)


def _suggest(key: str, known: tuple[str, ...] | list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, known, n=1)
    return f'Did you mean "{near[0]}"?' if near else f"Valid keys: {', '.join(known)}."
