"""What the finished file is: container, codecs, size, pictures per second and quality, checked together.

The tables below hold what is safe to play, which is less than what FFmpeg can write: a container takes a codec here
when current browsers and the players of current systems open the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pressrun.errors import SettingsError
from pressrun.media.resolution import Shape, parse_resolution
from pressrun.media.sound import RATE

AUTO = "auto"
Quality = Literal["draft", "standard", "high"]

VIDEO_CODECS: dict[str, tuple[str, ...]] = {
    "mp4": ("h264", "h265", "vp9", "av1"),
    "mov": ("h264", "h265"),
    "webm": ("vp9", "av1"),
}
"""Container -> video codecs, the first being what `auto` takes. WebM by its specification (webmproject.org, "WebM
Container Guidelines"); QuickTime by what Apple's players decode."""
AUDIO_CODECS: dict[str, tuple[str, ...]] = {"mp4": ("aac", "opus"), "mov": ("aac",), "webm": ("opus",)}
"""Opus in MP4 is registered (mp4ra.org) and in MOV it is not."""
QUALITIES: tuple[Quality, ...] = ("draft", "standard", "high")

_CRF: dict[str, tuple[int, int, int]] = {
    "h264": (29, 25, 20),
    "h265": (25, 21, 18),
    "vp9": (42, 32, 24),
    "av1": (45, 30, 22),
}
"""Constant rate factor of draft, standard and high: each codec counts on a scale of its own."""
_LARGEST_CRF = {"h264": 51, "h265": 51, "vp9": 63, "av1": 63}
_SPEEDS: dict[str, tuple[str, str, str]] = {
    "h264": ("ultrafast", "superfast", "medium"),
    "h265": ("ultrafast", "superfast", "medium"),
    "vp9": ("8", "5", "2"),
    "av1": ("12", "10", "7"),
}
"""x264 and x265 presets, libvpx `cpu-used`, SVT-AV1 presets, of draft, standard and high."""
_SLOW_MOTION = (
    "bframes=7:b-adapt=0:direct=temporal:ipratio=2:pbratio=2.2:aq-strength=0.6:mbtree=0:rc-lookahead=0:scenecut=0"
    ":weightp=0"
)
"""x264 for pictures that move slowly and evenly. What looking ahead would find out is known here: nothing is cut inside
a segment and every frame resembles its neighbours, so the few frames that others refer to get the bits (`ipratio`,
`pbratio`), and the motion of those between follows from theirs (`direct`)."""
_KEY_SECONDS = 10
AUDIO_BITS = 160_000
_QUICK_AAC = {"aac_coder": "fast", "aac_pns": "0", "aac_is": "0", "aac_tns": "0"}
"""The default search of the AAC encoder costs twice as much for a gain that serves only low rates."""


@dataclass(frozen=True)
class Output:
    """Settings that go together. `crf` counts as the video codec's encoder does: lower is better and larger."""

    format: str
    video_codec: str
    audio_codec: str
    shape: Shape
    fps: int
    quality: Quality
    crf: int

    @property
    def suffix(self) -> str:
        """Of the file name, with its dot."""
        return f".{self.format}"


@dataclass(frozen=True)
class Coding:
    """An encoder as FFmpeg names it, its private options, and the tag its stream gets ("" leaves it to FFmpeg)."""

    encoder: str
    options: dict[str, str]
    tag: str = ""
    bit_rate: int = 0
    rate: int = RATE
    """Samples per second, of sound."""
    layout: str = "stereo"


def checked_output(settings: Mapping[str, Any]) -> Output:
    """The output that `settings` ask for: format, video_codec, audio_codec, resolution, fps and quality.

    Raises `SettingsError` that says what goes with what.
    """
    container = str(settings["format"])
    video = _codec("video_codec", str(settings["video_codec"]), container, VIDEO_CODECS)
    audio = _codec("audio_codec", str(settings["audio_codec"]), container, AUDIO_CODECS)
    quality, crf = _quality(str(settings["quality"]), video)
    shape = parse_resolution(str(settings["resolution"]))
    return Output(container, video, audio, shape, int(settings["fps"]), quality, crf)


def _codec(setting: str, wanted: str, container: str, table: dict[str, tuple[str, ...]]) -> str:
    if wanted == AUTO:
        return table[container][0]
    if wanted in table[container]:
        return wanted
    fitting = [name for name, codecs in table.items() if wanted in codecs]
    other = f", or format to {_either(fitting)} for {wanted}" if fitting else ""
    raise SettingsError(
        f"{setting} {wanted} does not go into format {container}",
        remedy=f"Set {setting} to {_either([*table[container], AUTO])}{other}. What goes with what: {_pairs()}.",
    )


def _pairs() -> str:
    return "; ".join(
        f"{name} with {_either(VIDEO_CODECS[name])} and {_either(AUDIO_CODECS[name])}" for name in VIDEO_CODECS
    )


def _either(names: list[str] | tuple[str, ...]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _quality(text: str, codec: str) -> tuple[Quality, int]:
    """A named quality, or a number, whose encoder works at the speed of "standard"."""
    word = text.strip().lower()
    for index, name in enumerate(QUALITIES):
        if word == name:
            return name, _CRF[codec][index]
    largest = _LARGEST_CRF[codec]
    if word.isascii() and word.isdigit() and 1 <= int(word) <= largest:
        return "standard", int(word)
    raise SettingsError(
        f'quality: "{text}" is none',
        remedy=f"Use {_either(QUALITIES)}, or for {codec} a number from 1 (best) to {largest}, as {_CRF[codec][1]}.",
    )


def codec_options(output: Output, fps: int, threads: int) -> Coding:
    """How FFmpeg's encoder for the video of `output` is set up. The same options give the same bytes."""
    speed = _SPEEDS[output.video_codec][QUALITIES.index(output.quality)]
    keys, crf, exact = str(fps * _KEY_SECONDS), str(output.crf), {"flags": "+bitexact"}
    if output.video_codec == "h264":
        tuning = "" if output.quality == "high" else f"{_SLOW_MOTION}:"
        options = {"preset": speed, "crf": crf, "x264-params": f"{tuning}keyint={keys}:threads={threads}"}
        return Coding("libx264", options | exact)
    if output.video_codec == "h265":
        # Apple's players open H.265 only under this tag. The information SEI would name the build of the encoder.
        params = f"keyint={keys}:pools={threads}:frame-threads=1:log-level=error:info=0"
        return Coding("libx265", {"preset": speed, "crf": crf, "x265-params": params} | exact, "hvc1")
    if output.video_codec == "vp9":
        # Its "good" work knows no speed above 5; what is quicker is called "realtime".
        deadline = "realtime" if output.quality == "draft" else "good"
        rates = {"crf": crf, "b": "0", "g": keys, "deadline": deadline, "cpu-used": speed}
        return Coding("libvpx-vp9", rates | {"row-mt": "1", "tile-columns": "2", "threads": str(threads)} | exact)
    options = {"preset": speed, "crf": crf, "g": keys, "svtav1-params": f"lp={threads}:scd=0"}
    return Coding("libsvtav1", options | exact)


def audio_options(output: Output) -> Coding:
    """The same for its sound, at 48 kHz stereo."""
    exact = {"flags": "+bitexact"}
    if output.audio_codec == "opus":
        return Coding("libopus", {"application": "audio", "vbr": "on"} | exact, bit_rate=AUDIO_BITS)
    return Coding("aac", _QUICK_AAC | exact, bit_rate=AUDIO_BITS)


def preview_options(fps: int) -> tuple[Coding, Coding]:
    """Pictures and sound of a draft to look at once: the quickest that every player opens."""
    exact = {"flags": "+bitexact"}
    quickest = f"keyint={fps * _KEY_SECONDS}:threads=1:bframes=0:aq-mode=0:scenecut=0:weightp=0"
    return (
        Coding("libx264", {"preset": "ultrafast", "crf": "32", "x264-params": quickest} | exact),
        # A sixth of the samples of the final sound; enough for a voice.
        Coding("aac", _QUICK_AAC | exact, bit_rate=40_000, rate=16_000, layout="mono"),
    )


def container_options(output: Output) -> dict[str, str]:
    """For the file as a whole: nothing in it depends on the day, and it plays before all of it has come."""
    exact = {"fflags": "+bitexact"}
    return exact if output.format == "webm" else exact | {"movflags": "+faststart"}
