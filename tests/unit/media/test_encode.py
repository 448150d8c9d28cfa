"""The encoder: what it writes is whole, tagged, the same every time, and clear when the disk is full."""

from __future__ import annotations

import errno
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import pytest

from pressrun.errors import NoSpaceError, RenderError
from pressrun.media.encode import encode_pictures, join
from pressrun.media.frames import Scenes, frames_of
from pressrun.media.output import Output, audio_options, checked_output, codec_options, container_options
from pressrun.media.probe import probe
from pressrun.media.segments import make_film
from pressrun.media.sound import Sound
from pressrun.settings import ItemSettings, as_plain


def output(**changed: object) -> Output:
    return checked_output(as_plain(ItemSettings()) | changed)


def write(path: Path, scenes: Scenes, sound: Sound, **changed: object) -> Path:
    make_film(path, path.with_name(f"{path.stem}-parts"), scenes, sound, output(**changed), 2)
    return path


def test_the_file_has_both_streams_the_right_length_and_the_colours_named(
    tmp_path: Path, scenes: Scenes, tone: Callable[..., Sound]
) -> None:
    path = write(tmp_path / "a.mp4", scenes, tone(3.0))
    found = probe(path)
    assert (found.width, found.height, found.frames, found.fps) == (160, 120, 30, 10)
    assert (found.video_codec, found.audio_codec, found.audio_rate, found.channels) == ("h264", "aac", 48_000, 2)
    assert found.duration == pytest.approx(3.0, abs=1 / scenes.fps)
    with av.open(str(path)) as file:
        frame = next(file.decode(video=0))
        assert (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range) == (1, 1, 1, 1)
        assert frame.format.name == "yuv420p"
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, scenes: Scenes, tone: Callable[..., Sound]) -> None:
    first, second = (write(tmp_path / name, scenes, tone(3.0)).read_bytes() for name in ("a.mp4", "b.mp4"))
    assert first == second


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "h264"), ("mp4", "h265"), ("mov", "h264"), ("webm", "vp9"), ("webm", "av1"), ("mp4", "av1")],
)
def test_times_are_exact_and_even_across_segments_in_every_codec(
    tmp_path: Path, scenes: Scenes, tone: Callable[..., Sound], container: str, codec: str
) -> None:
    path = write(tmp_path / f"a.{container}", scenes, tone(3.0), format=container, video_codec=codec)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        decoded = [float(frame.pts * stream.time_base) for frame in file.decode(stream)]
    assert decoded == pytest.approx([number / 10 for number in range(30)], abs=0.0006)
    with av.open(str(path)) as file:
        order = [packet.dts for packet in file.demux(video=0) if packet.dts is not None]
    assert all(before < after for before, after in pairwise(order))


def test_segments_are_joined_without_coding_them_again(
    tmp_path: Path, scenes: Scenes, tone: Callable[..., Sound]
) -> None:
    coding = codec_options(output(), scenes.fps, 2)
    encode_pictures(tmp_path / "part.mp4", coding, scenes.shape, scenes.fps, frames_of(scenes))
    heard, file = audio_options(output()), container_options(output())
    join(tmp_path / "a.mp4", [tmp_path / "part.mp4", tmp_path / "part.mp4"], scenes.fps, tone(6.0), 0.0, heard, file)
    part, whole = (packets(tmp_path / name) for name in ("part.mp4", "a.mp4"))
    assert whole == part * 2
    assert probe(tmp_path / "a.mp4").video_duration == 6.0


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as file:
        return [bytes(packet) for packet in file.demux(video=0) if packet.size]


def test_a_full_disk_is_named(
    tmp_path: Path, scenes: Scenes, tone: Callable[..., Sound], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **named: object) -> object:
        raise av.error.FFmpegError(errno.ENOSPC, "No space left on device", str(tmp_path))

    monkeypatch.setattr("av.open", full)
    with pytest.raises(NoSpaceError, match=tmp_path.name):
        write(tmp_path / "a.mp4", scenes, tone(3.0))


def test_a_folder_that_is_not_there_is_a_clear_error(
    tmp_path: Path, scenes: Scenes, tone: Callable[..., Sound]
) -> None:
    coding = codec_options(output(), scenes.fps, 2)
    with pytest.raises(RenderError, match="cannot be encoded"):
        encode_pictures(tmp_path / "nowhere" / "a.mp4", coding, scenes.shape, scenes.fps, frames_of(scenes))


def test_a_file_that_is_no_video_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(RenderError, match=r"a\.mp4 is not a media file"):
        probe(tmp_path / "a.mp4")
