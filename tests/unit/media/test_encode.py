"""The encoder: what it writes is whole, tagged, the same every time, and clear when the disk is full."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest

from pressrun.errors import NoSpaceError, RenderError
from pressrun.media import cards
from pressrun.media.caption_pictures import lettering
from pressrun.media.captions import cues_of
from pressrun.media.cards import Look
from pressrun.media.encode import encode
from pressrun.media.frames import Scenes, frames_of
from pressrun.media.probe import probe
from pressrun.media.resolution import Shape
from pressrun.media.sound import Sound
from pressrun.media.timeline import card_times
from pressrun.model.script import Passage

FPS = 10


@pytest.fixture
def scenes(look: Look, passage_of: Callable[..., Passage]) -> Scenes:
    look = replace(look, shape=Shape(160, 120))
    passages = [passage_of("One two three.", 0.2), passage_of("Four five.", 1.8)]
    letters = lettering(look)
    drawn = [
        lambda: cards.title_card(look, "Walden", "Thoreau"),
        lambda: cards.end_card(look, "Walden", "Thoreau", ("One",)),
    ]
    cues = cues_of(passages, letters.measure, letters.line_width)
    return Scenes(look.shape, drawn, card_times(passages, 3.0), cues, letters, 3.0, FPS)


def write(path: Path, scenes: Scenes, sound: Sound) -> Path:
    encode(path, scenes.shape, FPS, frames_of(scenes), sound, 2)
    return path


def test_the_file_has_both_streams_the_right_length_and_the_colours_named(
    tmp_path: Path, scenes: Scenes, tone: Callable[..., Sound]
) -> None:
    path = write(tmp_path / "a.mp4", scenes, tone(3.0))
    found = probe(path)
    assert (found.width, found.height, found.frames, found.fps) == (160, 120, 30, 10)
    assert (found.video_codec, found.audio_codec, found.audio_rate, found.channels) == ("h264", "aac", 48_000, 2)
    assert found.duration == pytest.approx(3.0, abs=1 / FPS)
    with av.open(str(path)) as file:
        frame = next(file.decode(video=0))
        assert (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range) == (1, 1, 1, 1)
        assert frame.format.name == "yuv420p"
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, scenes: Scenes, tone: Callable[..., Sound]) -> None:
    first, second = (write(tmp_path / name, scenes, tone(3.0)).read_bytes() for name in ("a.mp4", "b.mp4"))
    assert first == second


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
    with pytest.raises(RenderError, match="cannot be encoded"):
        write(tmp_path / "nowhere" / "a.mp4", scenes, tone(3.0))


def test_a_file_that_is_no_video_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(RenderError, match=r"a\.mp4 is not a media file"):
        probe(tmp_path / "a.mp4")
