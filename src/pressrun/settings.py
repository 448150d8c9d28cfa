"""Every setting, declared once. The order of precedence: flags > environment > pressrun.toml > defaults.

Two groups. `ItemSettings` shape what is made; they are frozen into the run folder, and a change of one makes the
stages stale that read it. `RunSettings` shape how a batch runs and change nothing that is made. pydantic checks
what is more than a word, and is imported only then: neither `--help` nor a stage pays for it.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le

from pressrun.errors import SettingsError
from pressrun.service_settings import ServiceSettings, duration, setting

SETTINGS_FILE = "pressrun.toml"
ENVIRONMENT_PREFIX = "PRESSRUN_"
QUEUE = "queue"
"""What reads a setting of the workers of the queue alone."""
SERVICE_KINDS = ("source", "transcriber", "writer", "voice", "cover", "publisher")

Privacy = Literal["private", "unlisted", "public"]

DURATION_FORMS = "90, 90s, 10m or 1h"
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(s|m|h)?", re.IGNORECASE)
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class ItemSettings(ServiceSettings):
    """What is made. Times in seconds."""

    language: str = setting("auto", 'Language of the text, as "en"; auto detects it')
    target_seconds: Annotated[float, Ge(20), Le(1800)] = duration(120.0, "Length the script aims at, in seconds")
    shorts: bool = setting(True, "Make a short of each book too")
    short_seconds: Annotated[float, Ge(10), Le(180)] = duration(45.0, "Length the short aims at, in seconds")
    speech_rate: Annotated[int, Ge(80), Le(350)] = setting(165, "Words per minute of the voice")
    voice_gender: Literal["neutral", "female", "male"] = setting(
        "neutral", "A woman's or a man's voice; neutral is the service's own"
    )
    voice_pitch: Annotated[float, Ge(-12), Le(12)] = setting(0.0, "Semitones that the voice is higher or lower")
    scene_pause: Annotated[float, Ge(0), Le(10)] = duration(0.6, "Silence between two scenes, in seconds")
    music: str = setting("", "Sound file to play under the voice")
    format: Literal["mp4", "mov", "webm"] = setting("mp4", "Container of the video")
    video_codec: Literal["auto", "h264", "h265", "vp9", "av1"] = setting("auto", "How pictures are coded")
    audio_codec: Literal["auto", "aac", "opus"] = setting("auto", "How sound is coded")
    quality: str = setting("standard", "draft, standard, high, or a number as the encoder counts (crf)")
    resolution: str = setting("1080p", "720p, 1080p, 4K, or WIDTHxHEIGHT in pixels")
    fps: Annotated[int, Ge(5), Le(60)] = setting(30, "Pictures per second of the video")
    style: str = setting("modern", "Look of the pictures")
    font_dir: str = setting("", "Folder with fonts to use before the one that comes along")
    privacy: Privacy = setting("private", "Who may see what is published: private, unlisted or public")
    source: str = setting("auto", "Where the material comes from")
    transcriber: str = setting("auto", "What writes down material that has sound alone")
    writer: str = setting("auto", "What writes the script")
    voice: str = setting("auto", "What speaks it")
    cover: str = setting("auto", "Where the picture of the book comes from")
    publisher: str = setting("auto", "Where it is published")
    publish_to: str = setting(
        "", "Bucket to publish to, as s3://bucket/folder, gs://, az:// or file://", "publisher:bucket"
    )
    publish_at: str = setting("", "When a video becomes public, as 2026-12-24T18:00+01:00", "publisher:youtube")


@dataclass(frozen=True)
class RunSettings:
    """How a batch runs. Times in seconds."""

    network: Literal["auto", "on", "off"] = setting("auto", "Whether services on the network may be chosen by auto")
    workers: Annotated[int, Ge(1), Le(16)] = setting(1, "Books at once")
    renders: Annotated[int, Ge(0), Le(16)] = setting(
        0, "Stages at once that need the processor, as render; 0 for as many as it has room for"
    )
    delay: Annotated[float, Ge(0), Le(86400)] = duration(5.0, "Pause between books that ran, in seconds")
    timeout: Annotated[float, Gt(0), Le(604800)] = duration(3600.0, "Time one book may take, in seconds")
    retries: Annotated[int, Ge(0), Le(20)] = setting(0, "Total tries of a stage; 0 leaves it to the stage (3)")
    uploads_per_day: Annotated[int, Ge(0), Le(1_000_000)] = setting(
        100, "Uploads that YouTube allows in a day; 0 for no limit", "publisher:youtube"
    )
    keep_intermediate: bool = setting(True, "Keep sound and video in the run folder of a published book")
    grace: Annotated[float, Ge(0), Le(60)] = duration(1.0, "Time a stopped stage has to end by itself, in seconds")
    runs: str = setting(
        "", "Where workers of the queue share run folders: a folder, or a bucket as s3://bucket/folder", QUEUE
    )


@dataclass(frozen=True)
class Settings:
    item: ItemSettings
    run: RunSettings
    explicit: frozenset[str]
    """Names that a flag, the environment or the file set; the others stand at their defaults."""

    def services(self) -> dict[str, str]:
        return {kind: str(getattr(self.item, kind)) for kind in SERVICE_KINDS}


def setting_fields() -> dict[str, Any]:
    """Name -> dataclass field, of all groups."""
    return {each.name: each for group in (ItemSettings, RunSettings) for each in fields(group)}


def flag_fields() -> dict[str, Any]:
    """The same of those that have a flag: all but the settings of outside services and of the queue."""
    service_names = {each.name for each in fields(ServiceSettings)}
    return {
        name: each
        for name, each in setting_fields().items()
        if name not in service_names and each.metadata["of"] != QUEUE
    }


def applies(name: str, services: Mapping[str, str]) -> bool:
    """Whether the setting `name` is read at all where `services` (kind -> name) are in use."""
    kind, _, service = str(setting_fields()[name].metadata["of"]).partition(":")
    return not service or services.get(kind) == service


def is_duration(name: str) -> bool:
    """Whether the setting `name` is a span of time."""
    return "duration" in setting_fields()[name].metadata


def parse_duration(text: str) -> float:
    """Seconds of `90`, `90s`, `10m` or `1h`. Raises `ValueError` with a sentence for anything else."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a duration; write {DURATION_FORMS}")
    return float(found[1]) * _UNITS[(found[2] or "s").lower()]


def duration_text(seconds: float) -> str:
    """Seconds as `parse_duration` reads them, in the largest unit that keeps them short: `45s`, `60m`, `24h`."""
    for unit, least in (("h", 10 * 3600), ("m", 180)):
        if seconds >= least and seconds % _UNITS[unit] == 0:
            return f"{seconds / _UNITS[unit]:g}{unit}"
    return f"{seconds:g}s"


def allowed(name: str) -> str:
    """What the setting `name` may be, as it stands after "it must be"."""
    hint = _type_hints()[name]
    if get_origin(hint) is Literal:
        *most, last = (f'"{choice}"' for choice in get_args(hint))
        return f"{', '.join(most)} or {last}"
    if hint is bool:
        return "true or false"
    if hint is str:
        return "text"
    plain, *bounds = get_args(hint)
    timed = is_duration(name)
    lowest, highest = (duration_text(bound) if timed else f"{bound:g}" for bound in map(_bound, bounds))
    span = f"above {lowest} and at most {highest}" if isinstance(bounds[0], Gt) else f"from {lowest} to {highest}"
    if timed:
        return f"a duration {span}, written as {DURATION_FORMS}"
    return f"a {'whole number' if plain is int else 'number'} {span}"


def _bound(limit: Ge | Gt | Le) -> float:
    (value,) = (getattr(limit, each.name) for each in fields(limit))
    return float(value)


_PLACED = "bucket"
"""The publisher that `publish_to` is a place of."""


def default_settings() -> Settings:
    return Settings(ItemSettings(), RunSettings(), frozenset())


def load_settings(
    workspace: Path, flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings in force in `workspace`. Flags that are None count as not given.

    Raises `SettingsError`, which names the file, variable or flag, the setting, what was found and what is allowed.
    """
    env = os.environ if environment is None else environment
    known = setting_fields()
    given: dict[str, tuple[Any, str]] = {}
    for name, value in _read_file(workspace / SETTINGS_FILE).items():
        given[name] = (value, f"{workspace / SETTINGS_FILE}, setting {name}")
    for name in known:
        if (variable := ENVIRONMENT_PREFIX + name.upper()) in env:
            given[name] = (env[variable], f"Environment variable {variable}")
    for name, value in _whole(flags or {}).items():
        given[name] = (value, f"Option --{name.replace('_', '-')}")
    checked = _check(given)
    item = ItemSettings(**{each.name: checked[each.name] for each in fields(ItemSettings) if each.name in checked})
    run = RunSettings(**{each.name: checked[each.name] for each in fields(RunSettings) if each.name in checked})
    return Settings(item, run, frozenset(checked))


def with_values(settings: Settings, values: Mapping[str, Any], origin: str) -> Settings:
    """`settings` with `values` of what is made in their place, now explicit.

    Raises `SettingsError` as `load_settings` does; `origin` says where they come from.
    """
    checked = _check({name: (value, f"{origin}, setting {name}") for name, value in values.items()})
    return replace(settings, item=replace(settings.item, **checked), explicit=settings.explicit | checked.keys())


def _whole(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that are given, with the publisher that a place to publish to says without words.

    Raises `SettingsError` for a place and a publisher that knows no places.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    if not given.get("publish_to"):
        return given
    if given.get("publisher", _PLACED) not in (_PLACED, "auto"):
        raise SettingsError(
            f"Option --publish-to: the publisher {given['publisher']} publishes to no bucket",
            remedy=f"Leave --publisher out, or make it {_PLACED}.",
        )
    return {"publisher": _PLACED, **given}


def _read_file(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}", remedy="Mend the file, or move it away to use the defaults."
        ) from error
    if isinstance(look := table.get("style"), dict):
        # A look of one's own, [style]: kept whole in the setting, so that a change of it makes the pictures anew.
        table["style"] = json.dumps(look, ensure_ascii=False, sort_keys=True, default=str)
    return table


def _check(given: Mapping[str, tuple[Any, str]]) -> dict[str, Any]:
    """The values as their types demand, or a `SettingsError` that names the first that is wrong."""
    known = setting_fields()
    for name, (_, origin) in given.items():
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"The settings are: {', '.join(sorted(known))}."
            raise SettingsError(f'{origin}: there is no setting "{name}"', remedy=hint)
    if not given:
        return {}
    checked: dict[str, Any] = {}
    hints = _type_hints()
    for name, (value, origin) in given.items():
        try:
            checked[name] = value if _is_one_of(hints[name], value) else _as(hints[name], _plain_number(name, value))
        except ValueError:  # pydantic's own errors are of that kind
            raise SettingsError(
                f"{origin}: found {_shown(value)}; it must be {allowed(name)}",
                remedy=f"{known[name].metadata['help']}.",
            ) from None
    return checked


def _is_one_of(hint: Any, value: Any) -> bool:
    """Whether `value` is a plain text where any will do, or one of the words that are allowed."""
    if not (isinstance(value, str) and value.isascii()):
        return False
    return hint is str or (get_origin(hint) is Literal and value in get_args(hint))


def _as(hint: Any, value: Any) -> Any:
    """`value` as pydantic makes it fit; raises `ValueError` where it does not."""
    from pydantic import TypeAdapter

    return TypeAdapter(hint).validate_python(value)


def _plain_number(name: str, value: Any) -> Any:
    """`value`, in seconds where it is a duration with a unit. Raises `ValueError` for one that cannot be read."""
    if isinstance(value, bool) and _type_hints()[name] is not bool:
        raise ValueError("true and false are no numbers")
    return parse_duration(value) if is_duration(name) and isinstance(value, str) else value


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _type_hints() -> dict[str, Any]:
    from typing import get_type_hints

    return {
        name: hint
        for group in (ItemSettings, RunSettings)
        for name, hint in get_type_hints(group, include_extras=True).items()
    }


def as_plain(settings: ItemSettings) -> dict[str, Any]:
    """The settings as `item.json` keeps them."""
    return asdict(settings)
