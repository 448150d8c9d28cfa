"""docs/reference/settings.md describes exactly the settings and variables in the code."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from pressrun.media.style import STYLES
from pressrun.redaction import FILE_SUFFIX, SECRETS
from pressrun.service_settings import ServiceSettings
from pressrun.services.choice import REGISTRIES
from pressrun.services.covers import openlibrary
from pressrun.services.publishers.youtube.locations import API_VARIABLE, CLIENT_VARIABLE, TOKEN_VARIABLE
from pressrun.services.sheets import access
from pressrun.services.sources.youtube import ytdlp
from pressrun.services.transcribers import model_downloads
from pressrun.services.voices import listing
from pressrun.settings import ItemSettings, RunSettings, duration_text, is_duration

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
HEAD = "| setting | default | allowed | description |\n|---|---|---|---|\n"


def allowed(hint: Any, timed: bool) -> str:
    """Describe the values of a type; `timed` for a duration."""
    if get_origin(hint) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(hint))
    if hint in (bool, str):
        return {bool: "`true`, `false`", str: "text"}[hint]
    plain, *bounds = get_args(hint)
    kind = "duration" if timed else {int: "whole number", float: "number"}[plain]
    low = {type(bound).__name__: shown_bound(next(iter(vars_of(bound).values())), timed) for bound in bounds}
    lowest = f"{low['Ge']} to " if "Ge" in low else f"above {low['Gt']}, to "
    return f"{kind}, {lowest}{low['Le']}"


def shown_bound(bound: float, timed: bool) -> str:
    return f"`{duration_text(bound)}`" if timed else str(bound)


def vars_of(bound: Any) -> dict[str, Any]:
    return {each.name: getattr(bound, each.name) for each in fields(bound)}


def shown(default: Any, timed: bool) -> str:
    if timed:
        return f"`{duration_text(default)}`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`" if default != "" else "none"


def own_fields(group: type) -> list[Any]:
    """Return the fields of a group without inherited ones, which have their own table."""
    return [each for each in fields(group) if each.name in group.__annotations__]


def table_of(group: type) -> str:
    hints = get_type_hints(group, include_extras=True)
    rows = [
        f"| `{each.name}` | {shown(each.default, is_duration(each.name))} "
        f"| {allowed(hints[each.name], is_duration(each.name))} | {each.metadata['help']} |\n"
        for each in own_fields(group)
    ]
    return HEAD + "".join(rows)


def service_table() -> str:
    rows = [f"| `{kind}` | {', '.join(f'`{name}`' for name in registry)} |\n" for kind, registry in REGISTRIES.items()]
    return "| kind | services |\n|---|---|\n" + "".join(rows)


@pytest.mark.parametrize("group", [ItemSettings, ServiceSettings, RunSettings])
def test_the_table_of_a_group_matches_the_code(group: type) -> None:
    assert table_of(group) in TEXT


def test_the_services_are_those_that_can_be_selected() -> None:
    assert service_table() in TEXT


def test_the_styles_are_complete() -> None:
    (sentence,) = re.findall(r"Styles: ([^.]*)\.", TEXT)
    assert set(re.findall(r"`(\w+)`", sentence)) == set(STYLES)


def test_every_variable_is_read_by_the_program() -> None:
    known = {f"PRESSRUN_{each.name.upper()}" for group in (ItemSettings, RunSettings) for each in fields(group)}
    known |= {"PRESSRUN_WORKSPACE", "PRESSRUN_PIPELINE", "PRESSRUN_UPLOAD_LEDGER"}
    known |= {TOKEN_VARIABLE, CLIENT_VARIABLE, API_VARIABLE, openlibrary.ADDRESS_VARIABLE, ytdlp.PLUGINS_VARIABLE}
    known |= {listing.ADDRESS_VARIABLE, model_downloads.ADDRESS_VARIABLE}
    known |= {access.TOKEN_VARIABLE, access.CLIENT_VARIABLE, access.API_VARIABLE}
    keys = {name for secret in SECRETS.values() for name in secret.variables}
    known |= keys | {name + FILE_SUFFIX for name in keys}
    assert set(re.findall(r"PRESSRUN_[A-Z_]+", TEXT)) <= known


def test_every_variable_of_a_key_is_listed_with_its_purpose() -> None:
    table = TEXT.partition("### Keys and cookies")[2]
    for secret in SECRETS.values():
        names = ", ".join(f"`{name}`" for name in secret.variables)
        assert f"| {names} | {secret.description} |" in table
