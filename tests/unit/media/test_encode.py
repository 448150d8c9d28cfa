"""Encoded files are complete and tagged, and have the same bytes every time. A full disk is reported."""

from __future__ import annotations

import errno
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import pytest
from tests.media_info import read_media_info

from pressrun.errors import NoSpaceError, RenderError
from pressrun.media.encode import encode_pictures, join_segments
from pressrun.media.film import Film
from pressrun.media.frames import frames_of
from pressrun.media.output import Output, audio_encoder, container_options, parse_output, video_encoder
from pressrun.media.segments import render_film
from pressrun.media.sound import Sound
from pressrun.settings import ItemSettings, as_plain


def make_output(**changed: object) -> Output:
    return parse_output(as_plain(ItemSettings()) | changed)


def render(path: Path, film: Film, sound: Sound, **changed: object) -> Path:
    render_film(path, path.with_name(f"{path.stem}-parts"), film, sound, make_output(**changed), 2)
    return path


def test_the_file_has_both_streams_the_right_length_and_colour_tags(
    tmp_path: Path, film: Film, tone: Callable[..., Sound]
) -> None:
    path = render(tmp_path / "a.mp4", film, tone(3.0))
    found = read_media_info(path)
    assert (found.width, found.height, found.frames, found.fps) == (160, 120, 30, 10)
    assert (found.video_codec, found.audio_codec, found.audio_rate, found.channels) == ("h264", "aac", 48_000, 2)
    assert found.duration == pytest.approx(3.0, abs=1 / film.fps)
    with av.open(str(path)) as file:
        frame = next(file.decode(video=0))
        assert (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range) == (1, 1, 1, 1)
        assert frame.format.name == "yuv420p"
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, film: Film, tone: Callable[..., Sound]) -> None:
    first, second = (render(tmp_path / name, film, tone(3.0)).read_bytes() for name in ("a.mp4", "b.mp4"))
    assert first == second


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "h264"), ("mp4", "h265"), ("mov", "h264"), ("webm", "vp9"), ("webm", "av1"), ("mp4", "av1")],
)
def test_times_are_exact_and_even_across_segments_in_every_codec(
    tmp_path: Path, film: Film, tone: Callable[..., Sound], container: str, codec: str
) -> None:
    path = render(tmp_path / f"a.{container}", film, tone(3.0), format=container, video_codec=codec)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        decoded = [float(frame.pts * stream.time_base) for frame in file.decode(stream)]
    assert decoded == pytest.approx([number / 10 for number in range(30)], abs=0.0006)
    with av.open(str(path)) as file:
        order = [packet.dts for packet in file.demux(video=0) if packet.dts is not None]
    assert all(before < after for before, after in pairwise(order))


def test_segments_are_joined_without_encoding_them_again(
    tmp_path: Path, film: Film, tone: Callable[..., Sound]
) -> None:
    encoder = video_encoder(make_output(), film.fps, 2)
    encode_pictures(tmp_path / "part.mp4", encoder, film.shape, film.fps, frames_of(film))
    audio, container = audio_encoder(make_output()), container_options(make_output())
    segments = [tmp_path / "part.mp4"] * 2
    join_segments(tmp_path / "a.mp4", segments, film.fps, tone(6.0), 0.0, audio, container)
    part, whole = (read_packets(tmp_path / name) for name in ("part.mp4", "a.mp4"))
    assert whole == part * 2
    assert read_media_info(tmp_path / "a.mp4").video_duration == 6.0


def read_packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as file:
        return [bytes(packet) for packet in file.demux(video=0) if packet.size]


def test_a_full_disk_is_reported_with_its_folder(
    tmp_path: Path, film: Film, tone: Callable[..., Sound], monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_no_space(*args: object, **options: object) -> object:
        raise av.error.FFmpegError(errno.ENOSPC, "No space left on device", str(tmp_path))

    monkeypatch.setattr("av.open", raise_no_space)
    with pytest.raises(NoSpaceError, match=tmp_path.name):
        render(tmp_path / "a.mp4", film, tone(3.0))


def test_a_missing_folder_is_a_clear_error(
    tmp_path: Path, film: Film, tone: Callable[..., Sound]
) -> None:
    encoder = video_encoder(make_output(), film.fps, 2)
    with pytest.raises(RenderError, match="cannot be encoded"):
        encode_pictures(tmp_path / "nowhere" / "a.mp4", encoder, film.shape, film.fps, frames_of(film))
