"""The output: what goes together is taken, what does not is refused with what does."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import av
import pytest

from pressrun.errors import SettingsError
from pressrun.media.output import (
    AUDIO_CODECS,
    QUALITIES,
    VIDEO_CODECS,
    Output,
    audio_options,
    checked_output,
    codec_options,
    container_options,
)
from pressrun.settings import ItemSettings, as_plain

EVERY_VIDEO, EVERY_AUDIO = ("h264", "h265", "vp9", "av1"), ("aac", "opus")
GOOD = [
    (name, video, audio) for name in VIDEO_CODECS for video, audio in product(VIDEO_CODECS[name], AUDIO_CODECS[name])
]
EVERY = list(product(VIDEO_CODECS, EVERY_VIDEO, EVERY_AUDIO))


def output(**changed: Any) -> Output:
    return checked_output(as_plain(ItemSettings()) | changed)


def test_the_defaults_are_what_everything_plays() -> None:
    made = output()
    assert (made.format, made.video_codec, made.audio_codec, made.suffix) == ("mp4", "h264", "aac", ".mp4")
    assert (made.shape.width, made.shape.height, made.fps, made.quality) == (1920, 1080, 30, "standard")


@pytest.mark.parametrize(("name", "video", "audio"), EVERY)
def test_codecs_are_taken_or_refused_by_the_container(name: str, video: str, audio: str) -> None:
    if (name, video, audio) in GOOD:
        made = output(format=name, video_codec=video, audio_codec=audio)
        assert (made.video_codec, made.audio_codec) == (video, audio)
        return
    with pytest.raises(SettingsError, match=f"does not go into format {name}") as caught:
        output(format=name, video_codec=video, audio_codec=audio)
    assert "mov with h264 or h265 and aac; webm with vp9 or av1 and opus" in caught.value.remedy


def test_no_opus_in_mov_names_the_format_that_has_it() -> None:
    with pytest.raises(SettingsError, match="audio_codec opus does not go into format mov") as caught:
        output(format="mov", audio_codec="opus")
    assert "Set audio_codec to aac or auto, or format to mp4 or webm for opus" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "expected"), [("mp4", ("h264", "aac")), ("mov", ("h264", "aac")), ("webm", ("vp9", "opus"))]
)
def test_a_format_alone_is_enough(name: str, expected: tuple[str, str]) -> None:
    made = output(format=name)
    assert (made.video_codec, made.audio_codec) == expected


def test_a_better_quality_has_a_lower_rate_factor_with_every_codec() -> None:
    for codec in EVERY_VIDEO:
        factors = [output(video_codec=codec, quality=name).crf for name in QUALITIES]
        assert factors == sorted(factors, reverse=True)


def test_a_number_is_the_rate_factor_itself() -> None:
    assert output(quality=" 23 ").crf == 23
    assert output(quality="60", video_codec="av1").crf == 60


@pytest.mark.parametrize("quality", ["best", "", "-3", "0", "52", "18.5", "²"])
def test_any_other_quality_is_refused_with_what_there_is(quality: str) -> None:
    with pytest.raises(SettingsError, match="quality") as caught:
        output(quality=quality)
    assert "draft, standard or high, or for h264 a number from 1 (best) to 51" in caught.value.remedy


def test_a_size_that_cannot_be_is_refused_here_too() -> None:
    with pytest.raises(SettingsError, match="resolution"):
        output(resolution="huge")


@pytest.mark.parametrize(("name", "video", "audio"), GOOD)
def test_every_pair_gives_a_file_that_opens_and_is_the_same_each_time(
    tmp_path: Path, name: str, video: str, audio: str
) -> None:
    made = output(format=name, video_codec=video, audio_codec=audio, resolution="192x128", fps=10, quality="draft")
    first, second = (written(tmp_path / f"{number}.{name}", made) for number in range(2))
    assert first.read_bytes() == second.read_bytes()
    with av.open(str(first)) as file:
        stream = file.streams.video[0]
        assert stream.codec_context.name in {video, {"h265": "hevc", "av1": "libdav1d"}.get(video, video)}
        assert file.streams.audio[0].codec_context.name.removeprefix("lib") == audio
        assert sum(1 for _ in file.decode(stream)) == 10
        if video == "h265":
            assert stream.codec_context.codec_tag == "hvc1"


def written(path: Path, made: Output) -> Path:
    """A second of a grey picture and of silence, coded as `made` says."""
    pictures, sound = codec_options(made, made.fps, 2), audio_options(made)
    with av.open(str(path), "w", options=container_options(made)) as file:
        video = file.add_stream(pictures.encoder, rate=made.fps, options=pictures.options)
        video.width, video.height, video.pix_fmt = made.shape.width, made.shape.height, "yuv420p"
        if pictures.tag:
            video.codec_context.codec_tag = pictures.tag
        audio = file.add_stream(sound.encoder, rate=48_000, options=sound.options)
        audio.codec_context.layout, audio.bit_rate = "stereo", sound.bit_rate
        frame = av.VideoFrame(made.shape.width, made.shape.height, "yuv420p")
        for number in range(made.fps):
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
