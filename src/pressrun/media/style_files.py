"""Style files read and checked: every key and value that is wrong is named with its file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le

from pressrun.errors import SettingsError
from pressrun.media.palette import READABLE, Colour, Palette, contrast, mixed
from pressrun.media.style import STYLES, Captions, Layout, Motif, Motion, Style, TypeScale

SHIPPED = Path(__file__).parent / "styles"
FOLDER = "styles"
"""In the workspace."""
BASE = "modern"
"""What a style stands on that does not say it."""
MOST_LAYERS = 5
"""Styles that may stand on each other."""
GROUPS = {"type": TypeScale, "layout": Layout, "captions": Captions, "motion": Motion}


@dataclass(frozen=True)
class Origin:
    """Where a table was read, for errors."""

    place: str

    def error(self, key: str, problem: str, remedy: str) -> SettingsError:
        return SettingsError(f"{self.place}, {key}: {problem}", remedy=remedy)


def read_style(setting: str, workspace: Path | None) -> Style:
    """See `style_named`."""
    if not setting.lstrip().startswith("{"):
        return _named(setting, workspace, 0)
    origin = Origin(f"{workspace / 'pressrun.toml' if workspace else 'pressrun.toml'}, [style]")
    try:
        table = json.loads(setting)
    except ValueError as error:
        raise SettingsError(
            f"style: {setting[:60]!r} is neither a name nor a table: {error}", remedy="Set it to the name of a style."
        ) from None
    name = table.pop("name", BASE)
    if not isinstance(name, str):
        raise origin.error("name", f"found {name!r}; a name is text", 'Write name = "modern", for one.')
    return _changed(_named(name, workspace, 0), table, origin)


def _named(name: str, workspace: Path | None, depth: int) -> Style:
    own = _own_styles(workspace)
    if name in STYLES:
        if name in own:
            raise SettingsError(
                f"{own[name]} has the name of a style that comes along",
                remedy="Rename the file, and set style to match.",
            )
        return _from_file(SHIPPED / f"{name}.toml", workspace, depth)
    if name not in own:
        known = ", ".join(style_names(workspace))
        place = f", and no file {FOLDER}/{name}.toml in the workspace" if re.fullmatch(r"[\w-]+", name) else ""
        raise SettingsError(
            f'style: there is no style "{name}"{place}', remedy=f"Set style to one of: {known}."
        )
    return _from_file(own[name], workspace, depth)


def style_names(workspace: Path | None) -> tuple[str, ...]:
    """Those that come along, then those of the workspace."""
    return (*sorted(STYLES), *sorted(_own_styles(workspace)))


def _own_styles(workspace: Path | None) -> dict[str, Path]:
    folder = workspace / FOLDER if workspace else None
    return {path.stem: path for path in sorted(folder.glob("*.toml"))} if folder and folder.is_dir() else {}


def _from_file(path: Path, workspace: Path | None, depth: int) -> Style:
    origin = Origin(str(path))
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}", remedy="Mend the file, or choose another style."
        ) from None
    comes_along = path.parent == SHIPPED
    base = table.pop("like", BASE if not comes_along else None)
    if base is None:
        style = Style(path.stem, ())
    elif not isinstance(base, str):
        raise origin.error("like", f"found {base!r}; a name is text", 'Write like = "modern", for one.')
    elif depth >= MOST_LAYERS:
        raise origin.error(
            "like", "the styles stand on each other without an end", "Let one be like one that comes along."
        )
    else:
        style = _named(base, workspace, depth + 1)
    style = replace(style, name=path.stem, files=style.files if comes_along else (*style.files, path))
    return _changed(style, table, origin)


def _changed(style: Style, table: Mapping[str, Any], origin: Origin) -> Style:
    """`style` with what `table` says in place of its own."""
    allowed = ("like", "motifs", "palettes", *GROUPS)
    for key in table:
        if key not in allowed:
            raise origin.error(key, "there is no such key", _nearest(key, allowed))
    for name in GROUPS:
        if name in table:
            style = replace(style, **{name: _group(getattr(style, name), table[name], name, origin)})
    if "motifs" in table:
        style = replace(style, motifs=_value(tuple[Motif, ...], table["motifs"], "motifs", origin))
    if "palettes" in table:
        style = replace(style, palettes=_palettes(table["palettes"], style, origin))
    if "captions" in table or "palettes" in table:
        _check_captions(style, origin)
    return style


def _check_captions(style: Style, origin: Origin) -> None:
    for number, palette in enumerate(style.palettes, 1):
        for what, found, least in caption_contrasts(style.captions, palette):
            if found < least:
                raise origin.error(
                    "captions", f"{what} has a contrast of {found:.1f} with the colours of palette {number}, and "
                    f"{least:g} is needed to be read", "Choose colours that differ more, or more opacity.",
                )


def caption_contrasts(captions: Captions, palette: Palette) -> list[tuple[str, float, float]]:
    """(what on what, its contrast, the least it needs) of the captions, over whatever picture lies under them."""
    text, panel, lit, lit_text = (
        getattr(palette, name) for name in (captions.text, captions.panel, captions.lit, captions.lit_text)
    )
    through = [mixed(under, panel, captions.opacity) for under in ((0, 0, 0), (255, 255, 255))]
    return [
        (f"text ({captions.text}) on panel ({captions.panel})", min(contrast(text, each) for each in through), 4.5),
        (f"lit_text ({captions.lit_text}) on lit ({captions.lit})", contrast(lit_text, lit), 4.5),
        (f"lit ({captions.lit}) on panel ({captions.panel})", contrast(lit, panel), 3.0),
    ]


def _group(current: Any, table: object, name: str, origin: Origin) -> Any:
    """A dataclass with the fields that `table` names replaced."""
    assert is_dataclass(current)
    known = [each.name for each in fields(current)]
    if not isinstance(table, dict):
        raise origin.error(name, f"found {table!r}; it is a table", f"Write [{name}] and its keys below.")
    hints = get_type_hints(type(current), include_extras=True)
    given = {}
    for key, value in table.items():
        if key not in known:
            raise origin.error(f"{name}.{key}", "there is no such key", _nearest(key, known))
        given[key] = _value(hints[key], value, f"{name}.{key}", origin)
    return replace(current, **given)  # type: ignore[type-var]


def _palettes(tables: object, style: Style, origin: Origin) -> tuple[Palette, ...]:
    """Colours that a palette leaves out are those of the first palette of the style below."""
    if not isinstance(tables, list) or not tables:
        raise origin.error("palettes", "it is a list of tables", "Write [[palettes]] and its colours below.")
    made = []
    known = [each.name for each in fields(Palette)]
    below = {name: getattr(style.palettes[0], name) for name in known} if style.palettes else {}
    for number, table in enumerate(tables, 1):
        where = f"palettes, number {number}"
        if not isinstance(table, dict):
            raise origin.error(where, f"found {table!r}; it is a table", "Write [[palettes]] and its colours below.")
        for key in table:
            if key not in known:
                raise origin.error(f"{where}, {key}", "there is no such key", _nearest(key, known))
        given = {key: _value(Colour, value, f"{where}, {key}", origin) for key, value in table.items()}
        if missing := [name for name in known if name not in given and name not in below]:
            raise origin.error(where, f"{missing[0]} is missing", f'Add {missing[0]} = "#rrggbb".')
        palette = Palette(**(below | given))
        for front, back, least in READABLE:
            if (found := contrast(getattr(palette, front), getattr(palette, back))) < least:
                raise origin.error(
                    where, f"{front} on {back} has a contrast of {found:.1f}, and {least:g} is needed to be read",
                    f"Make {front} and {back} differ more in brightness.",
                )
        made.append(palette)
    return tuple(made)


def _value(hint: Any, value: object, key: str, origin: Origin) -> Any:
    """`value` as the type `hint` demands, or a `SettingsError`."""
    if hint == Colour:
        if isinstance(value, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            return tuple(bytes.fromhex(value[1:]))
        raise origin.error(key, f"found {value!r}; a colour is needed", 'Write it as "#1f4bd8": red, green, blue.')
    if get_origin(hint) is tuple:
        return _several(hint, value, key, origin)
    if get_origin(hint) is Literal:
        if value in get_args(hint) and isinstance(value, str):
            return value
        raise origin.error(key, f"found {value!r}", f"Use one of: {', '.join(get_args(hint))}.")
    plain, *bounds = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    right = isinstance(value, (int, float) if plain is float else plain) and isinstance(value, bool) == (plain is bool)
    if not right:
        kind = {bool: "true or false", str: "text", int: "a whole number", float: "a number"}[plain]
        raise origin.error(key, f"found {value!r}; it is {kind}", f"Write {kind}.")
    low = next((each.ge for each in bounds if isinstance(each, Ge)), value)
    high = next((each.le for each in bounds if isinstance(each, Le)), value)
    if not low <= value <= high:  # type: ignore[operator]
        raise origin.error(key, f"found {value}; it is {low} to {high}", f"Use a number from {low} to {high}.")
    return value


def _several(hint: Any, value: object, key: str, origin: Origin) -> tuple[Any, ...]:
    kinds = get_args(hint)
    endless = kinds[-1] is Ellipsis
    if not isinstance(value, list) or not value or not (endless or len(value) == len(kinds)):
        wanted = "a list" if endless else f"a list of {len(kinds)}"
        raise origin.error(key, f"found {value!r}; it is {wanted}", "Write it in square brackets, as [124, 40].")
    return tuple(_value(kinds[0], each, key, origin) for each in value)


def _nearest(key: str, known: tuple[str, ...] | list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, known, n=1)
    return f'Did you mean "{near[0]}"?' if near else f"The keys here are: {', '.join(known)}."
