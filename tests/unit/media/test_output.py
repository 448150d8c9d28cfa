"""Valid output settings are accepted. Invalid ones are rejected with a list of the valid ones."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import av
import pytest

from pressrun.errors import SettingsError
from pressrun.media.geometry import Shape
from pressrun.media.output import (
    AUDIO_CODECS,
    QUALITIES,
    VIDEO_CODECS,
    Output,
    audio_encoder,
    container_options,
    parse_output,
    parse_resolution,
    video_encoder,
)
from pressrun.settings import ItemSettings, as_plain

VIDEO_NAMES, AUDIO_NAMES = ("h264", "h265", "vp9", "av1"), ("aac", "opus")
VALID = [
    (name, video, audio) for name in VIDEO_CODECS for video, audio in product(VIDEO_CODECS[name], AUDIO_CODECS[name])
]
COMBINATIONS = list(product(VIDEO_CODECS, VIDEO_NAMES, AUDIO_NAMES))


def make_output(**changed: Any) -> Output:
    return parse_output(as_plain(ItemSettings()) | changed)


def test_the_defaults_play_everywhere() -> None:
    output = make_output()
    assert (output.format, output.video_codec, output.audio_codec) == ("mp4", "h264", "aac")
    assert (output.shape.width, output.shape.height, output.fps, output.quality) == (1920, 1080, 30, "standard")


@pytest.mark.parametrize(("name", "video", "audio"), COMBINATIONS)
def test_a_codec_is_accepted_only_in_a_format_that_has_it(name: str, video: str, audio: str) -> None:
    if (name, video, audio) in VALID:
        output = make_output(format=name, video_codec=video, audio_codec=audio)
        assert (output.video_codec, output.audio_codec) == (video, audio)
        return
    with pytest.raises(SettingsError, match=f"cannot be used in format {name}") as caught:
        make_output(format=name, video_codec=video, audio_codec=audio)
    assert "mov with h264 or h265 and aac; webm with vp9 or av1 and opus" in caught.value.remedy


def test_opus_in_mov_is_rejected_with_the_formats_that_have_it() -> None:
    with pytest.raises(SettingsError, match="audio_codec opus cannot be used in format mov") as caught:
        make_output(format="mov", audio_codec="opus")
    assert "Set audio_codec to aac or auto, or format to mp4 or webm for opus" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "expected"), [("mp4", ("h264", "aac")), ("mov", ("h264", "aac")), ("webm", ("vp9", "opus"))]
)
def test_the_codecs_follow_from_the_format(name: str, expected: tuple[str, str]) -> None:
    output = make_output(format=name)
    assert (output.video_codec, output.audio_codec) == expected


def test_a_better_quality_has_a_lower_rate_factor_with_every_codec() -> None:
    for codec in VIDEO_NAMES:
        factors = [make_output(video_codec=codec, quality=name).crf for name in QUALITIES]
        assert factors == sorted(factors, reverse=True)


def test_a_number_is_the_rate_factor() -> None:
    assert make_output(quality=" 23 ").crf == 23
    assert make_output(quality="60", video_codec="av1").crf == 60


@pytest.mark.parametrize("quality", ["best", "", "-3", "0", "52", "18.5", "²"])
def test_any_other_quality_is_rejected_with_the_valid_values(quality: str) -> None:
    with pytest.raises(SettingsError, match="quality") as caught:
        make_output(quality=quality)
    assert "draft, standard or high, or for h264 a number from 1 (best) to 51" in caught.value.remedy


def test_an_invalid_resolution_is_rejected_with_the_output() -> None:
    with pytest.raises(SettingsError, match="resolution"):
        make_output(resolution="huge")


@pytest.mark.parametrize(("name", "video", "audio"), VALID)
def test_every_valid_combination_gives_a_file_that_opens_and_always_has_the_same_bytes(
    tmp_path: Path, name: str, video: str, audio: str
) -> None:
    small = {"resolution": "192x128", "fps": 10, "quality": "draft"}
    output = make_output(format=name, video_codec=video, audio_codec=audio, **small)
    first, second = (write_file(tmp_path / f"{number}.{name}", output) for number in range(2))
    assert first.read_bytes() == second.read_bytes()
    with av.open(str(first)) as file:
        stream = file.streams.video[0]
        assert stream.codec_context.name in {video, {"h265": "hevc", "av1": "libdav1d"}.get(video, video)}
        assert file.streams.audio[0].codec_context.name.removeprefix("lib") == audio
        assert sum(1 for _ in file.decode(stream)) == 10
        if video == "h265":
            assert stream.codec_context.codec_tag == "hvc1"


def write_file(path: Path, output: Output) -> Path:
    """Write a second of a grey picture and of silence."""
    pictures, sound = video_encoder(output, output.fps, 2), audio_encoder(output)
    with av.open(str(path), "w", options=container_options(output)) as file:
        video = file.add_stream(pictures.name, rate=output.fps, options=pictures.options)
        video.width, video.height, video.pix_fmt = output.shape.width, output.shape.height, "yuv420p"
        if pictures.tag:
            video.codec_context.codec_tag = pictures.tag
        audio = file.add_stream(sound.name, rate=48_000, options=sound.options)
        audio.codec_context.layout, audio.bit_rate = "stereo", sound.bit_rate
        frame = av.VideoFrame(output.shape.width, output.shape.height, "yuv420p")
        for number in range(output.fps):
            for plane in frame.planes:
                plane.update(bytes([64 + 8 * number]) * plane.buffer_size)
            frame.pts = number
            file.mux(video.encode(frame))
        quiet = av.AudioFrame(format=audio.codec_context.format.name, layout="stereo", samples=960)
        quiet.sample_rate = 48_000
        for plane in quiet.planes:
            plane.update(bytes(plane.buffer_size))
        for number in range(50):
            quiet.pts = number * 960
            file.mux(audio.encode(quiet))
        file.mux(video.encode(None))
        file.mux(audio.encode(None))
    return path


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("720p", (1280, 720)), ("1080P", (1920, 1080)), ("4K", (3840, 2160)), (" 320x180 ", (320, 180)),
        ("640 × 480", (640, 480)),
    ],
)
def test_resolutions_may_be_names_or_numbers(text: str, size: tuple[int, int]) -> None:
    assert parse_resolution(text) == Shape(*size)


@pytest.mark.parametrize(
    "text", ["", "1080", "big", "321x180", "320x181", "10x10", "9000x100", "-320x180", "320x", "99999999x2"]
)
def test_any_other_resolution_is_rejected_with_the_valid_values(text: str) -> None:
    with pytest.raises(SettingsError, match="resolution") as caught:
        parse_resolution(text)
    assert "1920x1080" in caught.value.remedy
