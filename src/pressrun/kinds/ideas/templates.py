"""Templates: looks and sound of a house, as JSON files of the workspace, `templates/TEMPLATE_ID.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, field_validator

from pressrun.errors import TemplateError
from pressrun.kinds.problems import shown
from pressrun.kinds.validation import (
    COLOUR_PATTERN,
    NAME_PATTERN,
    StrictModel,
    field_names,
    problems_of,
    reject_duplicate_keys,
)

FOLDER = "templates"
"""In the workspace."""
MUSIC_FOLDER = "music"
"""In the workspace; the only place that a template takes sound from."""
LARGEST_FILE = 1024 * 1024

Colour = Annotated[str, Field(pattern=COLOUR_PATTERN)]
LogoPosition = Literal["top-left", "top-right", "bottom-left", "bottom-right", "none"]


def is_plain_name(name: str) -> bool:
    """Whether `name` is that of a file in a folder, and nothing that leads out of it."""
    return name.isprintable() and not re.search(r'[/\\:*?"<>|]', name) and not name.startswith(".") and len(name) < 200


def _style_name(name: str) -> str:
    if not name or not is_plain_name(name) or name.startswith("{"):
        raise ValueError("the name of a style")
    return name


StyleName = Annotated[str, AfterValidator(_style_name)]


class TemplateStyle(StrictModel):
    name: StyleName | None = Field(default=None, description="Style that it changes", examples=["modern"])
    colors: list[Colour] = Field(default=[], max_length=5, description="Of the brand, the main one first, as #RRGGBB")
    font_family: str | None = Field(default=None, min_length=1, max_length=100, description="Of headings and text")
    logo_position: LogoPosition | None = Field(default=None, description="Corner of the logo")

    @field_validator("logo_position", mode="before")
    @classmethod
    def _spelled_otherwise(cls, value: object) -> object:
        return value.lower().replace("_", "-").replace(" ", "-") if isinstance(value, str) else value


class VoiceSettings(StrictModel):
    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="Of speech; 1 is as usual")
    pitch: float = Field(default=0.0, ge=-12, le=12, description="Higher or lower than usual, in semitones")
    gender: Literal["female", "male", "neutral"] | None = Field(default=None, description="Of the voice")


class TemplateAudio(StrictModel):
    background_music: str | None = Field(default=None, description="Name of a file in the workspace's folder music")
    voice_settings: VoiceSettings = VoiceSettings()

    @field_validator("background_music")
    @classmethod
    def _is_a_name(cls, value: str | None) -> str | None:
        if value and not is_plain_name(value):
            raise ValueError("the name of a file in the folder music, without a path")
        return value or None


class TemplateSettings(StrictModel):
    style: TemplateStyle = TemplateStyle()
    audio: TemplateAudio = TemplateAudio()


class Template(StrictModel):
    """A template file, checked."""

    template_id: str = Field(pattern=NAME_PATTERN, examples=["tpl_spring"])
    name: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=5000)
    settings: TemplateSettings = TemplateSettings()


def read_template(template_id: str, workspace: Path) -> Template:
    """The template of the workspace.

    Raises `TemplateError` where there is none, and with the path of the field where its file is wrong.
    """
    if not re.fullmatch(NAME_PATTERN, template_id, re.ASCII):
        raise TemplateError(
            f"{shown(template_id)} cannot be a template_id", remedy="Use letters, digits, - and _, as tpl_spring."
        )
    path = workspace / FOLDER / f"{template_id}.json"
    where = f"{FOLDER}/{path.name}"
    template = template_of(_load(path, where, workspace), where)
    if template.template_id != template_id:
        raise TemplateError(
            f"{where}, template_id: found {shown(template.template_id)}", remedy=f'Make it "{template_id}".'
        )
    music = template.settings.audio.background_music
    if music and not (workspace / MUSIC_FOLDER / music).is_file():
        raise TemplateError(
            f"{where}, settings.audio.background_music: there is no file {MUSIC_FOLDER}/{music} in the workspace",
            remedy=f"Put it into the folder {MUSIC_FOLDER}, or name one that is there.",
        )
    return template


def warnings_about(template: Template) -> tuple[str, ...]:
    """What the template asks for and does not get."""
    position = template.settings.style.logo_position
    if position in (None, "none"):
        return ()
    return (f"The template {template.template_id} places a logo {position}; logos are not drawn yet",)


def template_of(data: Any, where: str = "template") -> Template:
    """`data` as a template. Raises `TemplateError` with `where` and the path of the first field that is wrong."""
    try:
        return Template.model_validate(data)
    except ValidationError as error:
        first = problems_of(error, field_names(Template.model_json_schema()))[0]
        raise TemplateError(f"{where}, {first}", remedy="Mend the file.") from None


def list_templates(workspace: Path) -> Iterator[str]:
    """The ids of the templates of the workspace, in order."""
    for path in sorted((workspace / FOLDER).glob("*.json")):
        if re.fullmatch(NAME_PATTERN, path.stem, re.ASCII):
            yield path.stem


def _load(path: Path, where: str, workspace: Path) -> Any:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise TemplateError(f"{where} is larger than {LARGEST_FILE} bytes", remedy="Put only a template into it.")
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=reject_duplicate_keys)
    except FileNotFoundError:
        there = ", ".join(list_templates(workspace)) or "none"
        raise TemplateError(f"There is no template {path.stem}", remedy=f"There are: {there}.") from None
    except json.JSONDecodeError as error:
        raise TemplateError(
            f"{where}, line {error.lineno}, column {error.colno}: {error.msg}", remedy="Mend the file."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise TemplateError(f"{where} cannot be read: {error}", remedy="Mend the file.") from None
