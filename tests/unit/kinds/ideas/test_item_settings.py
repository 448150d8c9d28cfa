"""What a request, its template and a row make of the settings of one item."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import SettingsError, TemplateError
from pressrun.jobs.states import priority_number
from pressrun.kinds.ideas.item_settings import (
    TEMPLATE_STYLE,
    batch_settings,
    item_settings,
    load_template,
)
from pressrun.kinds.ideas.request import TemplateChoice, parse_request, read_rows
from pressrun.kinds.ideas.templates import Template, parse_template
from pressrun.media.style_files import load_style
from pressrun.settings import ItemSettings, default_settings, with_values

HOUSE = {
    "style": {"name": "minimal", "colors": ["#1F4BD8"], "font_family": "DejaVu Serif", "logo_position": "none"},
    "audio": {"background_music": "a.mp3", "voice_settings": {"speed": 1.2, "pitch": 2, "gender": "neutral"}},
}


def made(
    row: dict[str, Any], house: dict[str, Any] | None = None, overrides: Any = None, **more: Any
) -> dict[str, Any]:
    body = {"title": "Spring", "input_source": {"type": "rows", "rows": [{"title": "Bees", "script": "A"} | row]}}
    choice = {"template": {"template_id": "tpl_a", "overrides": overrides or {}}} if house is not None else {}
    request = parse_request(body | choice | more)
    template = parse_template({"template_id": "tpl_a", "settings": house}) if house is not None else None
    row = read_rows(request).accepted[0]
    return item_settings(batch_settings(request, template), row.idea.idea_data(), None)


def test_what_nobody_asks_for_is_left_to_the_server() -> None:
    assert made({}) == {"target_seconds": 300.0, "shorts": True}
    assert made({"platforms": "youtube"})["shorts"] is False


def test_every_name_is_a_setting_and_every_value_passes_its_check() -> None:
    found = made({"duration_seconds": 90, "platforms": "tiktok"}, HOUSE, output={"output_bucket": "gs://videos"})
    assert set(found) <= {each.name for each in fields(ItemSettings)}
    item = with_values(default_settings(), found, "Row 1").item
    assert (item.target_seconds, item.shorts, item.speech_rate, item.voice_pitch) == (90, True, 198, 2)
    assert (item.publisher, item.publish_to, item.music) == ("bucket", "gs://videos", "music/a.mp3")


def test_the_row_goes_before_the_overrides_and_those_before_the_template() -> None:
    overrides = {"style": "classic", "voice": "male"}
    row = {"style": "corporate", "voice": "female"}

    def looks(settings: dict[str, Any]) -> tuple[str, str]:
        return json.loads(settings["style"])["name"], settings["voice_gender"]

    assert looks(made({}, HOUSE)) == ("minimal", "neutral")
    assert looks(made({}, HOUSE, overrides)) == ("classic", "male")
    assert looks(made(row, HOUSE, overrides)) == ("corporate", "female")


def test_the_colours_and_the_font_of_a_template_stay_in_whatever_style_a_row_asks_for() -> None:
    for name in ("modern", "classic"):
        style = load_style(made({"style": name}, HOUSE)["style"])
        assert style.type.heading_font == "DejaVu Serif"
        assert style.palettes != load_style(name).palettes
        assert style.layout == load_style(name).layout


def test_a_style_without_options_stays_a_name() -> None:
    assert made({}, {"style": {"name": "minimal"}})["style"] == "minimal"
    assert made({"style": "classic"}, {})["style"] == "classic"


def test_the_settings_of_a_batch_are_plain_data_that_make_the_same_items_later() -> None:
    body = {"title": "A", "input_source": {"type": "rows", "rows": [{"title": "B", "script": "C"}]}}
    request = parse_request(body | {"template": {"template_id": "tpl_a"}})
    template = parse_template({"template_id": "tpl_a", "settings": HOUSE})
    row = read_rows(request).accepted[0]
    settings = batch_settings(request, template)
    stored = json.loads(json.dumps(settings))
    assert stored[TEMPLATE_STYLE] == {"colors": ["#1F4BD8"], "font_family": "DejaVu Serif"}
    data = row.idea.idea_data()
    assert item_settings(stored, data, None) == item_settings(settings, data, None)


@pytest.mark.parametrize(
    ("output", "asked"),
    [
        ({}, {}),
        ({"resolution": "720p"}, {"resolution": "720p"}),
        ({"format": "webm"}, {"format": "webm", "video_codec": "auto", "audio_codec": "auto"}),
    ],
)
def test_what_a_request_does_not_ask_for_is_as_the_server_is_set(output: dict[str, Any], asked: dict[str, Any]) -> None:
    body = {"title": "A", "input_source": {"type": "rows", "rows": [{"title": "B", "script": "C"}]}, "output": output}
    assert batch_settings(parse_request(body)) == asked


def test_a_row_with_few_columns_has_the_defaults_of_the_others() -> None:
    assert item_settings({}, {"idea_title": "Bees"}, None) == {"target_seconds": 300.0, "shorts": True}


def chosen(workspace: Path, style: dict[str, Any], overrides: dict[str, Any] | None = None) -> Template | None:
    (workspace / "templates").mkdir(exist_ok=True)
    data = {"template_id": "tpl_a", "settings": {"style": style}}
    (workspace / "templates" / "tpl_a.json").write_text(json.dumps(data), encoding="utf-8")
    return load_template(
        TemplateChoice.model_validate({"template_id": "tpl_a", "overrides": overrides or {}}), workspace
    )


def test_a_template_is_tried_with_the_styles_and_fonts_of_the_workspace(tmp_path: Path) -> None:
    assert load_template(None, tmp_path) is None
    assert chosen(tmp_path, HOUSE["style"])
    with pytest.raises(TemplateError, match=r"settings\.style: style: unknown style .house.") as caught:
        chosen(tmp_path, {"name": "house"})
    assert "modern" in caught.value.remedy
    with pytest.raises(TemplateError, match=r"settings\.style\.font_family: unknown font Comic"):
        chosen(tmp_path, {"font_family": "Comic"})
    with pytest.raises(SettingsError, match="unknown style"):
        chosen(tmp_path, {}, {"style": "house"})
    (tmp_path / "styles").mkdir()
    (tmp_path / "styles" / "house.toml").write_text('like = "classic"\n', encoding="utf-8")
    assert chosen(tmp_path, {"name": "house", "colors": ["#ff0000"]})


def test_words_of_priority_have_their_place_among_the_numbers() -> None:
    assert [priority_number(each) for each in ("high", "normal", "low", 1, 10)] == [1, 5, 9, 1, 10]
