"""The sound of a file for recognisers: one form of samples, and no other file opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.errors import SourceError
from pressrun.services.transcribers import decoding
from pressrun.services.transcribers.decoding import SAMPLE_RATE, decode_audio, media_seconds


def test_sound_of_any_rate_becomes_mono_at_16_000_samples(spoken: Path) -> None:
    seconds = len(b"".join(decode_audio(spoken))) / 2 / SAMPLE_RATE
    assert abs(seconds - media_seconds(spoken)) < 0.2
    assert seconds > 3


def test_input_that_is_not_a_media_is_named(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp3"
    for data in (b"no sound at all", b"", b"#EXTM3U\n#EXTINF:1,\nsecret.mp3\n#EXT-X-ENDLIST\n"):
        path.write_bytes(data)
        for read in (lambda: list(decode_audio(path)), lambda: media_seconds(path)):
            with pytest.raises(SourceError, match=r"talk\.mp3 cannot be decoded") as caught:
                read()
            assert caught.value.remedy


def test_a_file_without_sound_is_named(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "still.mp4"
    import av

    with av.open(path, "w") as file:
        stream = file.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        file.mux(stream.encode(av.VideoFrame.from_image(Image.new("RGB", (64, 36)))))
        file.mux(stream.encode(None))
    with pytest.raises(SourceError, match="neither text subtitles nor audio"):
        list(decode_audio(path))


def test_what_is_far_too_long_ends(spoken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_SECONDS", 1)
    with pytest.raises(SourceError, match="longer than"):
        list(decode_audio(spoken))
