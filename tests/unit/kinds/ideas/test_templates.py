"""Templates: files of the workspace, checked with the path of what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.size import examples

from pressrun.errors import TemplateError
from pressrun.kinds.ideas.templates import (
    MAX_FILE_BYTES,
    Template,
    list_templates,
    parse_template,
    read_template,
    template_warnings,
)

WHOLE = {
    "template_id": "tpl_spring", "name": "Spring", "description": "Fresh",
    "settings": {
        "style": {"colors": ["#1F4BD8", "#ffbd4a"], "font_family": "DejaVu Serif", "logo_position": "top_right"},
        "audio": {"background_music": "spring.mp3", "voice_settings": {"speed": 1.1, "pitch": -2}},
    },
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "spring.mp3").touch()
    return tmp_path


def write(workspace: Path, data: Any, name: str = "tpl_spring") -> None:
    text = data if isinstance(data, str) else json.dumps(data)
    (workspace / "templates" / f"{name}.json").write_text(text, encoding="utf-8")


def complaint(workspace: Path, data: Any) -> str:
    write(workspace, data)
    with pytest.raises(TemplateError) as caught:
        read_template("tpl_spring", workspace)
    assert caught.value.remedy
    return caught.value.message


def changed(path: str, value: Any) -> dict[str, Any]:
    """`WHOLE` with `value` at `path`."""
    data: dict[str, Any] = json.loads(json.dumps(WHOLE))
    *parents, last = path.split(".")
    part = data
    for parent in parents:
        part = part[parent]
    part[last] = value
    return data


def test_a_template_of_every_field_is_read(workspace: Path) -> None:
    write(workspace, WHOLE)
    template = read_template("tpl_spring", workspace)
    assert template.settings.style.logo_position == "top-right"
    assert template.settings.audio.voice_settings.pitch == -2
    assert list(list_templates(workspace)) == ["tpl_spring"]
    assert template_warnings(template) == ("The template tpl_spring places a logo top-right; logos are not drawn yet",)


def test_all_but_the_id_may_be_left_out() -> None:
    template = parse_template({"template_id": "tpl_plain"})
    assert template.settings.audio.voice_settings.speed == 1
    assert template_warnings(template) == ()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("settings.style.colors", ["#1F4BD8", "blue"], '[1]: found "blue"; expected a colour, e.g. #1F4BD8'),
        ("settings.style.colours", [], "colours: found an unknown field; expected a known field, e.g. colors"),
        ("settings.style.logo_position", "middle", 'settings.style.logo_position: found "middle"; expected top-left,'),
        ("settings.style.name", '{"like": "modern"}', "settings.style.name: found "),
        ("settings.audio.voice_settings.speed", 3, "speed: found 3; expected a number of at most 2"),
        ("settings.audio.voice_settings.speed", "1", 'speed: found "1"; expected a number'),
        ("settings.audio.voice_settings.pitch", True, "pitch: found true; expected a number"),
        ("settings.audio.background_music", "winter.mp3", "there is no file music/winter.mp3 in the workspace"),
        ("settings.audio", [], "settings.audio: found a list; expected an object"),
        ("name", None, "name: found nothing; expected text"),
        ("template_id", "tpl_other", 'template_id: found "tpl_other"'),
    ],
)
def test_what_is_wrong_is_named_with_its_path(workspace: Path, path: str, value: Any, said: str) -> None:
    message = complaint(workspace, changed(path, value))
    assert message.startswith("templates/tpl_spring.json, ")
    assert said in message


@pytest.mark.parametrize(
    "name",
    ["../secret.mp3", "/etc/passwd", "..", ".hidden.mp3", "a/b.mp3", "a\\b.mp3", "C:x.mp3", "a\x00.mp3", "a\n.mp3"],
)
def test_music_is_the_name_of_a_file_and_never_a_path(workspace: Path, name: str) -> None:
    assert "without a path" in complaint(workspace, changed("settings.audio.background_music", name))


@pytest.mark.parametrize("name", ["../tpl_spring", "", ".", "tpl spring", "tpl_spring.json", "a/b", "x" * 101, "tpl\n"])
def test_an_id_is_a_name_and_never_a_path(workspace: Path, name: str) -> None:
    with pytest.raises(TemplateError, match="Invalid template_id"):
        read_template(name, workspace)


def test_a_template_that_is_not_there_is_named_with_those_that_are(workspace: Path) -> None:
    write(workspace, WHOLE)
    with pytest.raises(TemplateError, match="There is no template tpl_summer") as caught:
        read_template("tpl_summer", workspace)
    assert caught.value.remedy == "Use one of: tpl_spring."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"template_id": "tpl_spring",\n', "line 2, column 1"),
        ('{"name": "a", "name": "b"}', 'duplicate key "name"'),
        ("[]", "top level: found a list; expected an object"),
        ("[" * 100_000, "templates/tpl_spring.json"),
        ('{"template_id": "tpl_spring", "name": "\\ud800"}', "name: found"),
        (" " * (MAX_FILE_BYTES + 1), "is larger than"),
    ],
    ids=range(6),
)
def test_a_file_that_is_not_a_template_is_rejected_with_a_message(workspace: Path, text: str, said: str) -> None:
    assert said in complaint(workspace, text)


_ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("style", "audio", "x")), inner),
    max_leaves=5,
)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(("settings", "settings.style", "settings.style.colors", "name", "settings.audio")), _ANY)
def test_anything_in_any_place_is_a_template_or_rejected_with_a_message(path: str, value: Any) -> None:
    try:
        template: Template | None = parse_template(changed(path, value))
    except TemplateError as error:
        template, words = None, f"{error} {error.remedy}"
        words.encode()
    assert template is None or template.template_id == "tpl_spring"
