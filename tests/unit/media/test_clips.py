"""Clips show the picture for a time, start again at their end, and have clear errors."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import pytest

from pressrun.errors import RenderError
from pressrun.media.clips import Footage


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of red and one of blue, 64x48 at 10 frames per second."""
    path = tmp_path_factory.mktemp("clips") / "two colours.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            picture = np.zeros((48, 64, 3), np.uint8)
            picture[..., 0 if number < 10 else 2] = 220
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        file.mux(stream.encode())
    return path


def test_a_clip_shows_the_picture_for_a_time_and_starts_again(clip: Path) -> None:
    footage = Footage(clip)
    try:
        assert (footage.size, round(footage.duration, 1)) == ((64, 48), 2.0)
        seen = [np.asarray(footage.at(time))[24, 32] for time in (0.3, 1.5, 1.99, 2.3, 3.5)]
    finally:
        footage.close()
    assert [int(colour.argmax()) for colour in seen] == [0, 2, 2, 0, 2]


def test_a_clip_without_video_is_reported_by_name(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("aac", rate=22050)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 22050
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    with pytest.raises(RenderError, match=r"sound\.mp4 has no video"):
        Footage(path)


def test_playlists_and_other_files_named_mp4_are_rejected(tmp_path: Path) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(b"x")
    path = tmp_path / "list.mp4"
    for text in (f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n", f"ffconcat version 1.0\nfile '{secret}'\n", "words", ""):
        path.write_text(text)
        with pytest.raises(RenderError, match=r"list\.mp4 cannot be read") as caught:
            Footage(path)
        assert "MP4 with H.264" in caught.value.remedy


def test_a_sound_file_named_mov_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "voice.mov"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0" * 800)
    with pytest.raises(RenderError, match=r"voice\.mov cannot be read"):
        Footage(path)


def test_a_truncated_clip_is_reported_by_name(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(clip.read_bytes()[:400])
    with pytest.raises(RenderError, match=r"cut\.mp4"):
        Footage(path)
