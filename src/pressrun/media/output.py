"""The format of the finished file: container, codecs, resolution, frame rate and quality, validated together.

The tables below list what can be played everywhere, which is less than what FFmpeg can write: a container takes a codec
if current browsers and the players of current systems open the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pressrun.errors import SettingsError
from pressrun.media.geometry import Shape
from pressrun.media.sound import RATE
from pressrun.model.picture_size import parse_size

AUTO = "auto"
Quality = Literal["draft", "standard", "high"]

VIDEO_CODECS: dict[str, tuple[str, ...]] = {
    "mp4": ("h264", "h265", "vp9", "av1"),
    "mov": ("h264", "h265"),
    "webm": ("vp9", "av1"),
}
"""Container -> video codecs, first the default (`auto`). WebM: its specification (webmproject.org, "WebM Container
Guidelines"). QuickTime: what Apple's players decode."""
AUDIO_CODECS: dict[str, tuple[str, ...]] = {"mp4": ("aac", "opus"), "mov": ("aac",), "webm": ("opus",)}
"""Container -> audio codecs. Opus is registered for MP4 (mp4ra.org), but not for MOV."""
QUALITIES: tuple[Quality, ...] = ("draft", "standard", "high")

_CRF: dict[str, tuple[int, int, int]] = {
    "h264": (29, 25, 20),
    "h265": (25, 21, 18),
    "vp9": (42, 32, 24),
    "av1": (45, 30, 22),
}
"""Constant rate factors of draft, standard and high. Each codec has its own scale."""
_MAX_CRF = {"h264": 51, "h265": 51, "vp9": 63, "av1": 63}
_PRESETS: dict[str, tuple[str, str, str]] = {
    "h264": ("ultrafast", "superfast", "medium"),
    "h265": ("ultrafast", "superfast", "medium"),
    "vp9": ("8", "5", "2"),
    "av1": ("12", "10", "7"),
}
"""x264 and x265 presets, libvpx `cpu-used` and SVT-AV1 presets for draft, standard and high."""
_SLOW_MOTION = (
    "bframes=7:b-adapt=0:direct=temporal:ipratio=2:pbratio=2.2:aq-strength=0.6:mbtree=0:rc-lookahead=0:scenecut=0"
    ":weightp=0"
)
"""x264 options for pictures that move slowly and evenly. What a lookahead would find out is known here: a segment has
no cuts and every frame resembles its neighbours. So the few frames that others refer to get the bits (`ipratio`,
`pbratio`), and the motion of the frames between is derived from theirs (`direct`)."""
_KEY_FRAME_SECONDS = 10
AUDIO_BIT_RATE = 160_000
"""Bits per second."""
_FAST_AAC = {"aac_coder": "fast", "aac_pns": "0", "aac_is": "0", "aac_tns": "0"}
"""The default search of FFmpeg's AAC encoder takes twice as long, for a gain that only matters at low bit rates."""

MIN_SIDE, MAX_SIDE = 120, 4096
"""Pixels. Captions cannot be read in smaller frames; larger ones exceed H.264 level 5.2 and most players."""


@dataclass(frozen=True)
class Output:
    """A valid combination of settings. `crf` is on the scale of the video encoder: lower is better and larger."""

    format: str
    video_codec: str
    audio_codec: str
    shape: Shape
    fps: int
    quality: Quality
    crf: int


@dataclass(frozen=True)
class EncoderSettings:
    """FFmpeg's name of an encoder, its private options, and the tag of its stream (empty: FFmpeg's choice)."""

    name: str
    options: dict[str, str]
    tag: str = ""
    bit_rate: int = 0
    """Bits per second of sound."""
    rate: int = RATE
    """Samples per second of sound."""
    layout: str = "stereo"


def parse_output(settings: Mapping[str, Any]) -> Output:
    """Return the output for the settings format, video_codec, audio_codec, resolution, fps and quality.

    Raises `SettingsError` if they are invalid or do not go together.
    """
    container = str(settings["format"])
    video = _choose_codec("video_codec", str(settings["video_codec"]), container, VIDEO_CODECS)
    audio = _choose_codec("audio_codec", str(settings["audio_codec"]), container, AUDIO_CODECS)
    quality, crf = _parse_quality(str(settings["quality"]), video)
    shape = parse_resolution(str(settings["resolution"]))
    return Output(container, video, audio, shape, int(settings["fps"]), quality, crf)


def parse_resolution(text: str) -> Shape:
    """Return the size for 720p, 1080p, 4K or WIDTHxHEIGHT.

    Raises `SettingsError` for anything else, odd numbers, and sides outside `MIN_SIDE` to `MAX_SIDE`.
    """
    remedy = "Use 720p, 1080p, 4K, or WIDTHxHEIGHT in even numbers of pixels, e.g. 1920x1080."
    size = parse_size(text)
    if size is None:
        raise SettingsError(f'resolution: invalid size "{text}"', remedy=remedy)
    width, height = size
    if width % 2 or height % 2:
        raise SettingsError(
            f"resolution: {width}x{height} has an odd number of pixels, which H.264 cannot encode", remedy=remedy
        )
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height)):
        raise SettingsError(
            f"resolution: {width}x{height} has a side outside {MIN_SIDE} to {MAX_SIDE} pixels", remedy=remedy
        )
    return Shape(width, height)


def _choose_codec(setting: str, wanted: str, container: str, table: dict[str, tuple[str, ...]]) -> str:
    if wanted == AUTO:
        return table[container][0]
    if wanted in table[container]:
        return wanted
    fitting = [name for name, codecs in table.items() if wanted in codecs]
    other = f", or format to {_join_or(fitting)} for {wanted}" if fitting else ""
    raise SettingsError(
        f"{setting} {wanted} cannot be used in format {container}",
        remedy=f"Set {setting} to {_join_or([*table[container], AUTO])}{other}. "
        f"Valid combinations: {_list_combinations()}.",
    )


def _list_combinations() -> str:
    return "; ".join(
        f"{name} with {_join_or(VIDEO_CODECS[name])} and {_join_or(AUDIO_CODECS[name])}" for name in VIDEO_CODECS
    )


def _join_or(names: list[str] | tuple[str, ...]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _parse_quality(text: str, codec: str) -> tuple[Quality, int]:
    """Return the quality and its rate factor. A number is the rate factor at the speed of "standard"."""
    word = text.strip().lower()
    for index, name in enumerate(QUALITIES):
        if word == name:
            return name, _CRF[codec][index]
    max_crf = _MAX_CRF[codec]
    if word.isascii() and word.isdigit() and 1 <= int(word) <= max_crf:
        return "standard", int(word)
    raise SettingsError(
        f'quality: invalid value "{text}"',
        remedy=f"Use {_join_or(QUALITIES)}, or for {codec} a number from 1 (best) to {max_crf}, e.g. {_CRF[codec][1]}.",
    )


def video_encoder(output: Output, fps: int, threads: int) -> EncoderSettings:
    """Return the encoder for the video of `output`. The same settings result in the same bytes."""
    preset = _PRESETS[output.video_codec][QUALITIES.index(output.quality)]
    keys, crf, exact = str(fps * _KEY_FRAME_SECONDS), str(output.crf), {"flags": "+bitexact"}
    if output.video_codec == "h264":
        tuning = "" if output.quality == "high" else f"{_SLOW_MOTION}:"
        options = {"preset": preset, "crf": crf, "x264-params": f"{tuning}keyint={keys}:threads={threads}"}
        return EncoderSettings("libx264", options | exact)
    if output.video_codec == "h265":
        # Apple's players open H.265 only with this tag. `info=0` omits the SEI with the version of the encoder.
        params = f"keyint={keys}:pools={threads}:frame-threads=1:log-level=error:info=0"
        return EncoderSettings("libx265", {"preset": preset, "crf": crf, "x265-params": params} | exact, "hvc1")
    if output.video_codec == "vp9":
        # libvpx has no speed above 5 with the deadline "good"; faster ones need "realtime".
        deadline = "realtime" if output.quality == "draft" else "good"
        options = {"crf": crf, "b": "0", "g": keys, "deadline": deadline, "cpu-used": preset}
        options |= {"row-mt": "1", "tile-columns": "2", "threads": str(threads)}
        return EncoderSettings("libvpx-vp9", options | exact)
    options = {"preset": preset, "crf": crf, "g": keys, "svtav1-params": f"lp={threads}:scd=0"}
    return EncoderSettings("libsvtav1", options | exact)


def audio_encoder(output: Output) -> EncoderSettings:
    """Return the encoder for the sound of `output`, 48 kHz stereo."""
    exact = {"flags": "+bitexact"}
    if output.audio_codec == "opus":
        return EncoderSettings("libopus", {"application": "audio", "vbr": "on"} | exact, bit_rate=AUDIO_BIT_RATE)
    return EncoderSettings("aac", _FAST_AAC | exact, bit_rate=AUDIO_BIT_RATE)


def draft_encoders(fps: int) -> tuple[EncoderSettings, EncoderSettings]:
    """Return the encoders for pictures and sound of a draft: the fastest that every player opens."""
    exact = {"flags": "+bitexact"}
    options = f"keyint={fps * _KEY_FRAME_SECONDS}:threads=1:bframes=0:aq-mode=0:scenecut=0:weightp=0"
    return (
        EncoderSettings("libx264", {"preset": "ultrafast", "crf": "32", "x264-params": options} | exact),
        # A sixth of the samples of the final sound are enough for a voice.
        EncoderSettings("aac", _FAST_AAC | exact, bit_rate=40_000, rate=16_000, layout="mono"),
    )


def container_options(output: Output) -> dict[str, str]:
    """Return the options of the file: without dates, and with the index first so that it plays while it downloads."""
    exact = {"fflags": "+bitexact"}
    return exact if output.format == "webm" else exact | {"movflags": "+faststart"}
