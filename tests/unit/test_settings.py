"""Settings are read from flags, the environment and the file, and validated."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import SettingsError
from pressrun.settings import (
    SERVICE_KINDS,
    ItemSettings,
    RunSettings,
    Settings,
    as_plain,
    default_settings,
    duration_text,
    load_settings,
    parse_duration,
    setting_fields,
    with_values,
)

WRITTEN = "written as 90, 90s, 2min, 1:30 or 1h"


def loaded(root: Path, file: str = "", environment: dict[str, str] | None = None, **flags: Any) -> Settings:
    if file:
        (root / "pressrun.toml").write_text(file)
    return load_settings(root, flags, environment or {})


def load_error(root: Path, file: str = "", environment: dict[str, str] | None = None, **flags: Any) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        loaded(root, file, environment, **flags)
    assert caught.value.exit_code == 2
    assert caught.value.remedy
    return caught.value


def test_the_defaults_are_effective_if_nothing_is_set(tmp_path: Path) -> None:
    assert loaded(tmp_path) == default_settings()
    assert loaded(tmp_path).explicit == frozenset()
    assert loaded(tmp_path).item.privacy == "private"


def test_a_word_is_validated_without_importing_pydantic(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from pressrun.settings import load_settings
settings = load_settings(Path(sys.argv[1]), {"source": "youtube", "format": "webm"}, {})
print(settings.item.source, settings.item.format, "pydantic" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["youtube", "webm", "False"]


def test_flags_override_the_environment_and_the_environment_the_file(tmp_path: Path) -> None:
    file, environment = (
        'fps = 24\nprivacy = "unlisted"\nvoice = "espeak"',
        {"PRESSRUN_FPS": "25", "PRESSRUN_PRIVACY": "public"},
    )
    settings = loaded(tmp_path, file, environment, fps=50)
    assert (settings.item.fps, settings.item.privacy, settings.item.voice) == (50, "public", "espeak")


def test_an_invalid_flag_is_ignored(tmp_path: Path) -> None:
    assert loaded(tmp_path, "fps = 24", fps=None).item.fps == 24


def test_publish_to_implies_the_publisher_bucket(tmp_path: Path) -> None:
    settings = loaded(tmp_path, 'publisher = "youtube"', publish_to="s3://books")
    assert (settings.item.publisher, settings.item.publish_to) == ("bucket", "s3://books")
    assert loaded(tmp_path, publish_to="s3://books", publisher="auto").item.publisher == "auto"
    assert loaded(tmp_path, publish_to="").item.publisher == "youtube"


def test_publish_to_with_another_publisher_is_an_error(tmp_path: Path) -> None:
    error = load_error(tmp_path, publisher="youtube", publish_to="s3://books")
    assert error.message == "Option --publish-to: the publisher youtube does not publish to buckets"
    assert error.remedy == "Omit --publisher, or set it to bucket."


def test_a_setting_that_equals_its_default_is_still_explicit(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "fps = 30", {"PRESSRUN_DELAY": "5"}, privacy="private")
    assert settings.explicit == {"fps", "delay", "privacy"}


def test_values_of_the_environment_are_converted(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path, "", {"PRESSRUN_SHORTS": "no", "PRESSRUN_TARGET_SECONDS": "90.5", "PRESSRUN_RETRIES": "2"}
    )
    assert (settings.item.shorts, settings.item.target_seconds, settings.run.retries) == (False, 90.5, 2)


def test_values_of_a_row_override_the_workspace_and_are_validated(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"fps": 10, "style": "classic"}, {})
    changed = with_values(settings, {"style": "minimal", "voice_pitch": 2}, "Row 3")
    assert (changed.item.fps, changed.item.style, changed.item.voice_pitch) == (10, "minimal", 2.0)
    assert changed.explicit == {"fps", "style", "voice_pitch"}
    with pytest.raises(SettingsError, match='Row 3, setting voice_gender: found "robot"'):
        with_values(settings, {"voice_gender": "robot"}, "Row 3")


def test_other_environment_variables_are_ignored(tmp_path: Path) -> None:
    assert loaded(tmp_path, "", {"PRESSRUN_WORKSPACE": "x", "FPS": "1", "PRESSRUN_": "y"}) == default_settings()


@pytest.mark.parametrize(
    ("name", "value", "found", "allowed"),
    [
        ("privacy", "secret", '"secret"', '"private", "unlisted" or "public"'),
        ("fps", 4, "4", "a whole number from 5 to 60"),
        ("fps", "900", '"900"', "a whole number from 5 to 60"),
        ("fps", 29.97, "29.97", "a whole number from 5 to 60"),
        ("fps", True, "true", "a whole number from 5 to 60"),
        ("fps", [30], "[30]", "a whole number from 5 to 60"),
        ("shorts", "perhaps", '"perhaps"', "true or false"),
        ("target_seconds", 5, "5", f"a duration from 20s to 30m, {WRITTEN}"),
        ("target_seconds", float("nan"), "NaN", f"a duration from 20s to 30m, {WRITTEN}"),
        ("grace", "soon", '"soon"', f"a duration from 0s to 60s, {WRITTEN}"),
        ("timeout", 0, "0", f"a duration above 0s and at most 168h, {WRITTEN}"),
        ("timeout", True, "true", f"a duration above 0s and at most 168h, {WRITTEN}"),
        ("delay", float("inf"), "Infinity", f"a duration from 0s to 24h, {WRITTEN}"),
        ("delay", "25h", '"25h"', f"a duration from 0s to 24h, {WRITTEN}"),
        ("style", 3, "3", "text"),
        ("retries", -1, "-1", "a whole number from 0 to 20"),
    ],
)
def test_an_invalid_value_is_reported_with_its_origin_and_the_allowed_values(
    tmp_path: Path, name: str, value: Any, found: str, allowed: str
) -> None:
    error = load_error(tmp_path, **{name: value})
    assert error.message == f"Option --{name.replace('_', '-')}: found {found}; it must be {allowed}"
    assert error.remedy == f"{setting_fields()[name].metadata['help']}."


def test_an_invalid_environment_value_names_the_variable(tmp_path: Path) -> None:
    assert (
        'Environment variable PRESSRUN_SPEECH_RATE: found "9000"'
        in load_error(tmp_path, "", {"PRESSRUN_SPEECH_RATE": "9000"}).message
    )


def test_an_invalid_value_in_the_file_names_file_and_setting(tmp_path: Path) -> None:
    error = load_error(tmp_path, 'fps = "fast"')
    where = f"{tmp_path / 'pressrun.toml'}, setting fps"
    assert error.message == f'{where}: found "fast"; it must be a whole number from 5 to 60'


@pytest.mark.parametrize("table", ["pressrun", "tool.pressrun", "settings"])
def test_settings_in_a_table_are_reported_with_its_name(tmp_path: Path, table: str) -> None:
    error = load_error(tmp_path, f'[{table}]\nvoice = "espeak"\nfps = 30')
    assert error.message == f"{tmp_path / 'pressrun.toml'}: settings belong outside of tables; these are in [{table}]"
    assert error.remedy == f"Remove the line [{table}]."


@pytest.mark.parametrize(
    ("content", "reason"), [(b"voice = '\xff'", "byte 10 is not UTF-8"), (None, "is a directory")]
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "pressrun.toml"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, environment={})
    assert caught.value.message == f"{path} cannot be read: {reason}"


def test_an_unknown_name_suggests_the_closest_one(tmp_path: Path) -> None:
    error = load_error(tmp_path, 'privcy = "public"')
    assert 'unknown setting "privcy"' in error.message
    assert error.remedy == 'Did you mean "privacy"?'


def test_an_unknown_name_without_a_close_one_lists_all_settings(tmp_path: Path) -> None:
    error = load_error(tmp_path, "[zzz]\nx = 1")
    assert all(name in error.remedy for name in setting_fields())


@pytest.mark.parametrize("data", [b"fps = ", b"fps = 1\nfps = 2", b"\xff\xfef"])
def test_an_invalid_file_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "pressrun.toml").write_bytes(data)
    assert str(tmp_path / "pressrun.toml") in load_error(tmp_path).message


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "pressrun.toml").write_bytes(b"\xef\xbb\xbffps = 24\n")
    assert loaded(tmp_path).item.fps == 24


@pytest.mark.parametrize("group", [ItemSettings(), RunSettings(), default_settings()])
def test_settings_cannot_be_changed(group: Any) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(group, fields(group)[0].name, 1)


def test_every_setting_has_a_help_text_and_a_valid_default(tmp_path: Path) -> None:
    for name, each in setting_fields().items():
        assert each.metadata["help"]
        assert not each.metadata["help"].endswith(".")
        assert loaded(tmp_path, **{name: each.default}).explicit == {name}


def test_the_stored_form_has_all_item_settings_and_no_run_settings() -> None:
    plain = as_plain(ItemSettings(fps=24))
    assert plain["fps"] == 24
    assert set(plain) == {each.name for each in fields(ItemSettings)}


def test_each_kind_of_service_has_a_setting(tmp_path: Path) -> None:
    assert loaded(tmp_path, voice="espeak").services() == dict.fromkeys(SERVICE_KINDS, "auto") | {"voice": "espeak"}


@pytest.mark.parametrize("name", ["delay", "timeout", "grace", "target_seconds", "short_seconds"])
def test_a_duration_may_have_a_unit_in_every_source(tmp_path: Path, name: str) -> None:
    for settings in (
        loaded(tmp_path, **{name: "45s"}),
        loaded(tmp_path, "", {f"PRESSRUN_{name.upper()}": ".75m"}),
        loaded(tmp_path, f'{name} = "45"'),
        loaded(tmp_path, f"{name} = 45"),
    ):
        assert getattr(settings.item if hasattr(settings.item, name) else settings.run, name) == 45.0


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("90", 90), ("0", 0), ("1.5", 1.5), ("90s", 90), ("10m", 600), ("1h", 3600), (" 2 M ", 120), (".5h", 1800),
     ("2min", 120), ("2 Min.", 120), ("1:30", 90), ("0:45", 45), ("1:30:00", 5400), ("1h30m", 5400), ("90:00", 5400),
     ("1 h 30 min", 5400), ("1 hour 2 minutes 3 seconds", 3723), ("1,5 min", 90), ("30 secs", 30)],
)
def test_a_duration_without_a_unit_is_in_seconds(typed: str, seconds: float) -> None:
    assert parse_duration(typed) == seconds


@pytest.mark.parametrize("typed", ["", "soon", "5d", "-1", "1e3", "nan", "10 m s", "h"])
def test_an_invalid_duration_is_rejected_with_the_valid_forms(typed: str) -> None:
    with pytest.raises(ValueError, match="90s, 2min, 1:30 or 1h"):
        parse_duration(typed)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"), (0.5, "0.5s"), (60, "60s"), (120, "120s"), (180, "3m"), (301, "301s"), (1800, "30m"), (3600, "60m"),
        (86400, "24h"),
    ],
)
def test_a_duration_is_shown_in_a_form_that_can_be_parsed(seconds: float, shown: str) -> None:
    assert duration_text(seconds) == shown
    assert parse_duration(shown) == seconds
