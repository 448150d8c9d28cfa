"""Declare every setting once, and load them: flags override the environment, pressrun.toml and the defaults.

There are two groups. `ItemSettings` affect the output. They are stored in the run folder, and changing one makes the
stages stale that use it. `RunSettings` only affect how a batch runs. pydantic validates all values except plain words
and is only imported when needed, because `--help` and each stage process would pay for the import.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le

from pressrun.error_reports import reason_text
from pressrun.errors import SettingsError
from pressrun.service_settings import ServiceSettings, duration, setting

SETTINGS_FILE = "pressrun.toml"
ENVIRONMENT_PREFIX = "PRESSRUN_"
QUEUE = "queue"
"""`of` of the settings that only workers of the queue use."""
SERVICE_KINDS = ("source", "transcriber", "writer", "voice", "cover", "publisher")

Privacy = Literal["private", "unlisted", "public"]

DURATION_FORMS = "90, 90s, 2min, 1:30 or 1h"
MAX_DURATION_LENGTH = 40
"""Characters of a duration, so that a whole text in its place is rejected quickly."""
_NUMBER = r"(\d+(?:[.,]\d*)?|[.,]\d+)"
_PLAIN = re.compile(_NUMBER)
_WITH_UNITS = re.compile(
    rf"(?:{_NUMBER}\s*(?:hours|hour|hrs|hr|h)\.?)?\s*(?:{_NUMBER}\s*(?:minutes|minute|mins|min|m)\.?)?\s*"
    rf"(?:{_NUMBER}\s*(?:seconds|second|secs|sec|s)\.?)?"
)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d(?:[.,]\d*)?)")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class ItemSettings(ServiceSettings):
    """Settings that affect the output. Times are in seconds."""

    language: str = setting("auto", 'Language code of the text, e.g. "en"; auto detects it')
    audio_track: str = setting(
        "auto", "Audio track to transcribe: auto, a number from 1, or one channel of it, e.g. 1:left",
        "transcriber:whisper",
    )
    all_tracks: bool = setting(False, "Transcribe every audio track", "transcriber:whisper")
    target_seconds: Annotated[float, Ge(20), Le(1800)] = duration(120.0, "Target length of the video, in seconds")
    shorts: bool = setting(True, "Also make a short of each book")
    short_seconds: Annotated[float, Ge(10), Le(180)] = duration(45.0, "Target length of the short, in seconds")
    speech_rate: Annotated[int, Ge(80), Le(350)] = setting(165, "Speaking rate in words per minute")
    voice_gender: Literal["neutral", "female", "male"] = setting(
        "neutral", "Gender of the voice; neutral uses the service's default voice"
    )
    voice_pitch: Annotated[float, Ge(-12), Le(12)] = setting(0.0, "Raise or lower the voice by this many semitones")
    scene_pause: Annotated[float, Ge(0), Le(10)] = duration(0.6, "Pause between scenes, in seconds")
    music: str = setting("", "Audio file for background music")
    format: Literal["mp4", "mov", "webm"] = setting("mp4", "Container format of the video")
    video_codec: Literal["auto", "h264", "h265", "vp9", "av1"] = setting("auto", "Video codec")
    audio_codec: Literal["auto", "aac", "opus"] = setting("auto", "Audio codec")
    quality: str = setting("standard", "draft, standard, high, or a CRF value of the encoder")
    resolution: str = setting("1080p", "720p, 1080p, 4K, or WIDTHxHEIGHT in pixels")
    fps: Annotated[int, Ge(5), Le(60)] = setting(30, "Frames per second")
    style: str = setting("modern", "Visual style")
    font_dir: str = setting("", "Folder of fonts to use before the bundled one")
    privacy: Privacy = setting("private", "Visibility of published videos: private, unlisted or public")
    source: str = setting("auto", "Service that finds source material")
    transcriber: str = setting("auto", "Service that transcribes audio sources")
    writer: str = setting("auto", "Script writer")
    voice: str = setting("auto", "Text-to-speech service")
    cover: str = setting("auto", "Service that provides the book cover")
    publisher: str = setting("auto", "Where to publish")
    publish_to: str = setting(
        "", "URL of the bucket to publish to: s3://bucket/folder, gs://, az:// or file://", "publisher:bucket"
    )
    publish_at: str = setting("", "When a video becomes public, e.g. 2026-12-24T18:00+01:00", "publisher:youtube")


@dataclass(frozen=True)
class RunSettings:
    """Settings that affect how a batch runs. Times are in seconds."""

    network: Literal["auto", "on", "off"] = setting(
        "auto", "Whether auto may choose online services; on skips the connection check"
    )
    workers: Annotated[int, Ge(1), Le(16)] = setting(1, "Books to process at once")
    renders: Annotated[int, Ge(0), Le(16)] = setting(
        0, "Maximum CPU-heavy stages (e.g. render) at once; 0 fits them to the processors"
    )
    delay: Annotated[float, Ge(0), Le(86400)] = duration(5.0, "Pause after each processed book, in seconds")
    timeout: Annotated[float, Gt(0), Le(604800)] = duration(3600.0, "Time limit per book, in seconds")
    retries: Annotated[int, Ge(0), Le(20)] = setting(0, "Maximum attempts per stage; 0 uses the stage's own limit (3)")
    uploads_per_day: Annotated[int, Ge(0), Le(1_000_000)] = setting(
        100, "Daily limit of YouTube uploads; 0 for no limit", "publisher:youtube"
    )
    keep_intermediate: bool = setting(True, "Keep audio and video in the run folder after publishing")
    grace: Annotated[float, Ge(0), Le(60)] = duration(
        1.0, "Time a stopped stage has to exit before it is killed, in seconds"
    )
    runs: str = setting(
        "", "Where queue workers share run folders: a folder, or a bucket such as s3://bucket/folder", QUEUE
    )


@dataclass(frozen=True)
class Settings:
    """The effective settings."""

    item: ItemSettings
    run: RunSettings
    explicit: frozenset[str]
    """Names of the settings that a flag, the environment or the file sets. The others have their defaults."""

    def services(self) -> dict[str, str]:
        """Return the setting of each kind of service."""
        return {kind: str(getattr(self.item, kind)) for kind in SERVICE_KINDS}


def setting_fields() -> dict[str, Any]:
    """Return name -> dataclass field for the settings of both groups."""
    return {field.name: field for group in (ItemSettings, RunSettings) for field in fields(group)}


def flag_fields() -> dict[str, Any]:
    """Return name -> dataclass field for the settings that have a flag: not those of external services or the queue."""
    service_names = {field.name for field in fields(ServiceSettings)}
    return {
        name: field
        for name, field in setting_fields().items()
        if name not in service_names and field.metadata["of"] != QUEUE
    }


def is_setting_used(name: str, services: Mapping[str, str]) -> bool:
    """Return whether the setting `name` has any effect with these services (kind -> name)."""
    kind, _, service = str(setting_fields()[name].metadata["of"]).partition(":")
    return not service or services.get(kind) == service


def is_duration(name: str) -> bool:
    """Return whether the setting `name` is a duration."""
    return "duration" in setting_fields()[name].metadata


def parse_duration(text: str) -> float:
    """Return the seconds of a duration: `90`, `90s`, `2min`, `1:30`, `1 h 30 min`, `1:30:00` and the like.

    Raises `ValueError` for any other text.
    """
    word = text.strip().lower()
    parts: tuple[str | None, ...] = ()
    if len(word) > MAX_DURATION_LENGTH:
        word = ""
    elif plain := _PLAIN.fullmatch(word):
        parts = (None, None, plain[1])
    elif found := _CLOCK.fullmatch(word) or _WITH_UNITS.fullmatch(word):
        parts = found.groups()
    if not any(parts):
        raise ValueError(f"{text[:MAX_DURATION_LENGTH]!r} is not a duration; use {DURATION_FORMS}")
    hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in parts)
    return hours * 3600 + minutes * 60 + seconds


def duration_text(seconds: float) -> str:
    """Return seconds in a form that `parse_duration` reads, in the largest suitable unit: `45s`, `60m`, `24h`."""
    for unit, minimum in (("h", 10 * 3600), ("m", 180)):
        if seconds >= minimum and seconds % _UNITS[unit] == 0:
            return f"{seconds / _UNITS[unit]:g}{unit}"
    return f"{seconds:g}s"


def _allowed_values(name: str) -> str:
    """Describe the values of the setting `name`, to follow "it must be"."""
    hint = _type_hints()[name]
    if get_origin(hint) is Literal:
        *most, last = (f'"{choice}"' for choice in get_args(hint))
        return f"{', '.join(most)} or {last}"
    if hint is bool:
        return "true or false"
    if hint is str:
        return "text"
    number_type, *bounds = get_args(hint)
    timed = is_duration(name)
    low, high = (duration_text(bound) if timed else f"{bound:g}" for bound in map(_bound, bounds))
    limits = f"above {low} and at most {high}" if isinstance(bounds[0], Gt) else f"from {low} to {high}"
    if timed:
        return f"a duration {limits}, written as {DURATION_FORMS}"
    return f"a {'whole number' if number_type is int else 'number'} {limits}"


def _bound(limit: Ge | Gt | Le) -> float:
    (value,) = (getattr(limit, field.name) for field in fields(limit))
    return float(value)


_BUCKET = "bucket"
"""The publisher that `publish_to` belongs to."""


def default_settings() -> Settings:
    return Settings(ItemSettings(), RunSettings(), frozenset())


def load_settings(
    workspace: Path, flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the effective settings of `workspace`. Flags that are None are ignored.

    Raises `SettingsError` with the file, variable or flag, the setting, the value found and the values allowed.
    """
    env = os.environ if environment is None else environment
    known = setting_fields()
    given: dict[str, tuple[Any, str]] = {}
    for name, value in _read_file(workspace / SETTINGS_FILE).items():
        given[name] = (value, f"{workspace / SETTINGS_FILE}, setting {name}")
    for name in known:
        if (variable := ENVIRONMENT_PREFIX + name.upper()) in env:
            given[name] = (env[variable], f"Environment variable {variable}")
    for name, value in _with_implied_publisher(flags or {}).items():
        given[name] = (value, f"Option --{name.replace('_', '-')}")
    values = _validate(given)
    item = ItemSettings(**{field.name: values[field.name] for field in fields(ItemSettings) if field.name in values})
    run = RunSettings(**{field.name: values[field.name] for field in fields(RunSettings) if field.name in values})
    return Settings(item, run, frozenset(values))


def with_values(settings: Settings, values: Mapping[str, Any], origin: str) -> Settings:
    """Return `settings` with other values for some `ItemSettings`, which become explicit.

    `origin` names the source of the values in errors. Raises `SettingsError` as `load_settings` does.
    """
    checked = _validate({name: (value, f"{origin}, setting {name}") for name, value in values.items()})
    return replace(settings, item=replace(settings.item, **checked), explicit=settings.explicit | checked.keys())


def _with_implied_publisher(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flags that are not None; --publish-to implies the publisher.

    Raises `SettingsError` if another publisher is given as well.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    if not given.get("publish_to"):
        return given
    if given.get("publisher", _BUCKET) not in (_BUCKET, "auto"):
        raise SettingsError(
            f"Option --publish-to: the publisher {given['publisher']} does not publish to buckets",
            remedy=f"Omit --publisher, or set it to {_BUCKET}.",
        )
    return {"publisher": _BUCKET, **given}


def _read_file(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(
            f"{path} cannot be read: {reason_text(error)}", remedy="Fix the file, or move it away to use the defaults."
        ) from error
    if isinstance(look := table.get("style"), dict):
        # A custom style, [style]: the whole table is the value, so that changing any part of it makes stages stale.
        table["style"] = json.dumps(look, ensure_ascii=False, sort_keys=True, default=str)
    return table


def _table_name(name: str, value: object) -> str:
    """Return the header of a table that contains settings, e.g. `tool.pressrun`, or an empty string."""
    if not isinstance(value, dict):
        return ""
    if not value.keys().isdisjoint(setting_fields()):
        return name
    return next((found for inner, each in value.items() if (found := _table_name(f"{name}.{inner}", each))), "")


def _validate(given: Mapping[str, tuple[Any, str]]) -> dict[str, Any]:
    """Return the values converted to their types. Raises `SettingsError` for the first that is invalid."""
    known = setting_fields()
    for name, (value, origin) in given.items():
        if name not in known:
            if table := _table_name(name, value):
                raise SettingsError(
                    f"{origin.partition(',')[0]}: settings belong outside of tables; these are in [{table}]",
                    remedy=f"Remove the line [{table}].",
                )
            from difflib import get_close_matches

            close = get_close_matches(name, known, n=1)
            hint = f'Did you mean "{close[0]}"?' if close else f"The settings are: {', '.join(sorted(known))}."
            raise SettingsError(f'{origin}: unknown setting "{name}"', remedy=hint)
    if not given:
        return {}
    checked: dict[str, Any] = {}
    hints = _type_hints()
    for name, (value, origin) in given.items():
        try:
            if not _is_valid_word(hints[name], value):
                value = _convert(hints[name], _to_seconds(name, value))
            checked[name] = value
        except ValueError:  # also the base class of pydantic's errors
            raise SettingsError(
                f"{origin}: found {_to_json(value)}; it must be {_allowed_values(name)}",
                remedy=f"{known[name].metadata['help']}.",
            ) from None
    return checked


def _is_valid_word(hint: Any, value: Any) -> bool:
    """Return whether `value` is valid without pydantic: ASCII text for a text setting, or one of the allowed words."""
    if not (isinstance(value, str) and value.isascii()):
        return False
    return hint is str or (get_origin(hint) is Literal and value in get_args(hint))


def _convert(hint: Any, value: Any) -> Any:
    """Return `value` converted by pydantic. Raises `ValueError` if it does not match."""
    return _type_adapter(hint).validate_python(value)


@cache
def _type_adapter(hint: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(hint)


def _to_seconds(name: str, value: Any) -> Any:
    """Return a text duration in seconds, and any other value unchanged. Raises `ValueError` if it is invalid."""
    if isinstance(value, bool) and _type_hints()[name] is not bool:
        raise ValueError("true and false are not numbers")
    return parse_duration(value) if is_duration(name) and isinstance(value, str) else value


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


@cache
def _type_hints() -> dict[str, Any]:
    from typing import get_type_hints

    return {
        name: hint
        for group in (ItemSettings, RunSettings)
        for name, hint in get_type_hints(group, include_extras=True).items()
    }


def as_plain(settings: ItemSettings) -> dict[str, Any]:
    """Return the settings in the form stored in `item.json`."""
    return asdict(settings)
