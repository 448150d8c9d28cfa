"""Templates: the look and sound of a brand, as JSON files `templates/TEMPLATE_ID.json` in the workspace."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, field_validator

from pressrun.error_reports import reason_text
from pressrun.errors import TemplateError
from pressrun.kinds.problems import quote
from pressrun.kinds.validation import (
    COLOUR_PATTERN,
    NAME_PATTERN,
    StrictModel,
    field_names,
    find_problems,
    reject_duplicate_keys,
)

FOLDER = "templates"
"""In the workspace."""
MUSIC_FOLDER = "music"
"""In the workspace. A template can only use music from here."""
MAX_FILE_BYTES = 1024 * 1024
_FIX = "Correct the file."

Colour = Annotated[str, Field(pattern=COLOUR_PATTERN)]
LogoPosition = Literal["top-left", "top-right", "bottom-left", "bottom-right", "none"]


def is_plain_name(name: str) -> bool:
    """Return whether `name` is a plain file name, which cannot lead out of its folder."""
    return name.isprintable() and not re.search(r'[/\\:*?"<>|]', name) and not name.startswith(".") and len(name) < 200


def _style_name(name: str) -> str:
    if not name or not is_plain_name(name) or name.startswith("{"):
        raise ValueError("the name of a style")
    return name


StyleName = Annotated[str, AfterValidator(_style_name)]


class TemplateStyle(StrictModel):
    name: StyleName | None = Field(default=None, description="Style to change", examples=["modern"])
    colors: list[Colour] = Field(default=[], max_length=5, description="Brand colours as #RRGGBB, the main one first")
    font_family: str | None = Field(default=None, min_length=1, max_length=100, description="Font of headings and text")
    logo_position: LogoPosition | None = Field(default=None, description="Corner of the logo")

    @field_validator("logo_position", mode="before")
    @classmethod
    def _normalize_position(cls, value: object) -> object:
        return value.lower().replace("_", "-").replace(" ", "-") if isinstance(value, str) else value


class VoiceSettings(StrictModel):
    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="Speed of speech; 1 is normal")
    pitch: float = Field(default=0.0, ge=-12, le=12, description="Change of pitch in semitones")
    gender: Literal["female", "male", "neutral"] | None = Field(default=None, description="Gender of the voice")


class TemplateAudio(StrictModel):
    background_music: str | None = Field(default=None, description="Name of a file in the folder music")
    voice_settings: VoiceSettings = VoiceSettings()

    @field_validator("background_music")
    @classmethod
    def _check_name(cls, value: str | None) -> str | None:
        if value and not is_plain_name(value):
            raise ValueError("the name of a file in the folder music, without a path")
        return value or None


class TemplateSettings(StrictModel):
    style: TemplateStyle = TemplateStyle()
    audio: TemplateAudio = TemplateAudio()


class Template(StrictModel):
    """A validated template."""

    template_id: str = Field(pattern=NAME_PATTERN, examples=["tpl_spring"])
    name: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=5000)
    settings: TemplateSettings = TemplateSettings()


def read_template(template_id: str, workspace: Path) -> Template:
    """Return a template of the workspace.

    Raises `TemplateError` if the template is missing or invalid, with the path of the invalid field.
    """
    if not re.fullmatch(NAME_PATTERN, template_id, re.ASCII):
        raise TemplateError(
            f"Invalid template_id {quote(template_id)}", remedy="Use letters, digits, - and _, e.g. tpl_spring."
        )
    path = workspace / FOLDER / f"{template_id}.json"
    where = f"{FOLDER}/{path.name}"
    template = parse_template(_load(path, where, workspace), where)
    if template.template_id != template_id:
        raise TemplateError(
            f"{where}, template_id: found {quote(template.template_id)}", remedy=f'Change it to "{template_id}".'
        )
    music = template.settings.audio.background_music
    if music and not (workspace / MUSIC_FOLDER / music).is_file():
        raise TemplateError(
            f"{where}, settings.audio.background_music: there is no file {MUSIC_FOLDER}/{music} in the workspace",
            remedy=f"Put the file into the folder {MUSIC_FOLDER}, or name an existing one.",
        )
    return template


def template_warnings(template: Template) -> tuple[str, ...]:
    """Return warnings about settings of the template that have no effect."""
    position = template.settings.style.logo_position
    if position in (None, "none"):
        return ()
    return (f"The template {template.template_id} places a logo {position}; logos are not drawn yet",)


def parse_template(data: Any, where: str = "template") -> Template:
    """Return `data` as a template. Raises `TemplateError` with `where` and the path of the first invalid field."""
    try:
        return Template.model_validate(data)
    except ValidationError as error:
        first = find_problems(error, field_names(Template.model_json_schema()))[0]
        raise TemplateError(f"{where}, {first}", remedy=_FIX) from None


def list_templates(workspace: Path) -> Iterator[str]:
    """Yield the ids of the templates of the workspace in alphabetical order."""
    for path in sorted((workspace / FOLDER).glob("*.json")):
        if re.fullmatch(NAME_PATTERN, path.stem, re.ASCII):
            yield path.stem


def _load(path: Path, where: str, workspace: Path) -> Any:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise TemplateError(f"{where} is larger than {MAX_FILE_BYTES} bytes", remedy="Put only a template into it.")
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=reject_duplicate_keys)
    except FileNotFoundError:
        known = list(list_templates(workspace))
        remedy = f"Use one of: {', '.join(known)}." if known else f"Put {path.name} into the folder {FOLDER}."
        raise TemplateError(f"There is no template {path.stem}", remedy=remedy) from None
    except json.JSONDecodeError as error:
        raise TemplateError(f"{where}, line {error.lineno}, column {error.colno}: {error.msg}", remedy=_FIX) from None
    except (OSError, ValueError, RecursionError) as error:
        raise TemplateError(f"{where} cannot be read: {reason_text(error)}", remedy=_FIX) from None
