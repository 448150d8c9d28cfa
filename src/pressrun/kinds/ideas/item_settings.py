"""Turn a request, its template and a row into the settings of one item.

Precedence: the row, then the overrides of the request, then its template. Anything that none of them sets is left out,
so the settings of the server apply.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pressrun.errors import SettingsError, TemplateError
from pressrun.kinds.ideas.request import BulkJobRequest, TemplateChoice
from pressrun.kinds.ideas.rows.model import DEFAULT_PLATFORMS, DEFAULT_SECONDS
from pressrun.kinds.ideas.rows.values import SHORT_PLATFORMS
from pressrun.kinds.ideas.templates import FOLDER, MUSIC_FOLDER, Template, read_template
from pressrun.settings import ItemSettings

TEMPLATE_STYLE = "template_style"
"""Key beside the settings of a batch: colours and font of its template, which change the style of each row."""


def load_template(choice: TemplateChoice | None, workspace: Path, font_dir: str = "") -> Template | None:
    """Return the requested template, checked against the styles and music of the workspace and the fonts in `font_dir`.

    Without a template, only the overrides are checked, and None is returned.
    Raises `TemplateError` for an invalid template, and `SettingsError` if an override names an unknown style.
    """
    from pressrun.media.fonts import load_fonts
    from pressrun.media.style_files import load_style

    if choice is None:
        return None
    if choice.overrides.style:
        load_style(choice.overrides.style, workspace)
    if choice.template_id is None:
        return None
    template = read_template(choice.template_id, workspace)
    style = template.settings.style
    try:
        load_style(_brand_style(style.model_dump(), choice.overrides.style or "", workspace), workspace)
    except SettingsError as error:
        raise TemplateError(
            f"{FOLDER}/{template.template_id}.json, settings.style: {error.message}", remedy=error.remedy
        ) from None
    if style.font_family and not load_fonts(font_dir, workspace).has_family(style.font_family):
        raise TemplateError(
            f"{FOLDER}/{template.template_id}.json, settings.style.font_family: unknown font {style.font_family}",
            remedy="Use a bundled font, e.g. DejaVu Serif, or put the font file into the folder set as font_dir.",
        )
    return template


def batch_settings(request: BulkJobRequest, template: Template | None = None) -> dict[str, Any]:
    """Return the settings of all rows, as plain data stored with the batch. `item_settings` adds those of a row."""
    settings = request.output.settings()
    if request.output.output_bucket:
        settings |= {"publisher": "bucket", "publish_to": request.output.output_bucket}
    if template:
        settings |= _template_settings(template)
    if request.template:
        overrides = request.template.overrides
        settings |= {"style": overrides.style} if overrides.style else {}
        settings |= {"voice_gender": overrides.voice} if overrides.voice else {}
    return settings


def item_settings(batch: Mapping[str, Any], data: Mapping[str, Any], workspace: Path | None) -> dict[str, Any]:
    """Return the settings of one item: those of its batch, changed by `data`, its ten columns.

    Raises `SettingsError` for an unknown style.
    """
    settings = {name: value for name, value in batch.items() if name != TEMPLATE_STYLE}
    settings["target_seconds"] = float(data.get("duration_seconds") or DEFAULT_SECONDS)
    settings["shorts"] = bool(SHORT_PLATFORMS.intersection(data.get("platform_preferences") or DEFAULT_PLATFORMS))
    if voice := data.get("voice_preference"):
        settings["voice_gender"] = voice
    if style := data.get("style_override"):
        settings["style"] = style
    if brand := batch.get(TEMPLATE_STYLE):
        settings["style"] = _brand_style(brand, str(settings.get("style", "")), workspace)
    return settings


def _template_settings(template: Template) -> dict[str, Any]:
    style, audio = template.settings.style, template.settings.audio
    voice = audio.voice_settings
    settings: dict[str, Any] = {}
    if style.name:
        settings["style"] = style.name
    if style.colors or style.font_family:
        settings[TEMPLATE_STYLE] = style.model_dump(include={"colors", "font_family"})
    if audio.background_music:
        settings["music"] = f"{MUSIC_FOLDER}/{audio.background_music}"
    if voice.speed != 1:
        settings["speech_rate"] = round(ItemSettings().speech_rate * voice.speed)
    if voice.pitch:
        settings["voice_pitch"] = voice.pitch
    if voice.gender:
        settings["voice_gender"] = voice.gender
    return settings


def _brand_style(brand: Mapping[str, Any], name: str, workspace: Path | None) -> str:
    """Return the value of the setting `style` for the style `name` with the colours and the font of a template."""
    from pressrun.media.brand import brand_palette
    from pressrun.media.style_files import load_style

    name = name or brand.get("name") or ItemSettings().style
    table: dict[str, Any] = {"name": name}
    if brand["colors"]:
        colours = [(int(each[1:3], 16), int(each[3:5], 16), int(each[5:7], 16)) for each in brand["colors"]]
        table["palettes"] = [
            {part: "#{:02x}{:02x}{:02x}".format(*colour) for part, colour in asdict(palette).items()}
            for palette in (brand_palette(each, colours) for each in load_style(name, workspace).palettes[:1])
        ]
    if font := brand["font_family"]:
        table["type"] = {"heading_font": font, "text_font": font, "thumbnail_font": font}
    return json.dumps(table, ensure_ascii=False, sort_keys=True)
