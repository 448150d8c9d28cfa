"""The sound of a file for recognisers: one form of samples, and no other file opened."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.unit.services.transcribers.media import onsets, tones, write_media

from pressrun.errors import SourceError
from pressrun.services.transcribers import decoding
from pressrun.services.transcribers.decoding import (
    SAMPLE_RATE,
    Damage,
    choose_channel,
    choose_tracks,
    decode_audio,
    media_seconds,
)
from pressrun.services.transcribers.probing import probe_media


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


BEEPS = (0.5, 3.0, 7.5)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.wav", "pcm_s16le"), ("a.mp3", "libmp3lame"), ("a.m4a", "aac"), ("a.mka", "aac"),
                        ("a.flac", "flac"), ("a.opus", "libopus"), ("a.webm", "libopus")],
)
def test_the_delay_of_an_encoder_does_not_move_the_audio(tmp_path: Path, name: str, codec: str) -> None:
    path = write_media(tmp_path / name, [tones(8, BEEPS)], codec)
    assert onsets(b"".join(decode_audio(path))) == pytest.approx(BEEPS, abs=0.02)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_a_late_start_and_a_gap_are_silent(tmp_path: Path, name: str) -> None:
    path = write_media(tmp_path / name, [tones(16, (0.5, 12.0))], start=4.087, gap=(2.0, 9.0))
    assert onsets(b"".join(decode_audio(path))) == pytest.approx([4.587, 16.087], abs=0.04)


def test_damaged_packets_are_silent_and_counted(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mkv", [tones(8, BEEPS)], "libopus")
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 3, len(data) // 3 + 200):
        data[at] ^= 0x5A
    path.write_bytes(data)
    damage = Damage()
    heard = onsets(b"".join(decode_audio(path, damage=damage)))
    assert heard[0] == pytest.approx(0.5, abs=0.04)
    assert heard[-1] == pytest.approx(7.5, abs=0.04)


def test_a_clock_that_is_restarted_drops_nothing(tmp_path: Path) -> None:
    block = np.ones(SAMPLE_RATE, np.int16)
    times = (0.0, 1.0, 500_000.0, 500_001.0, 2.0, None)
    container = SimpleNamespace(format=SimpleNamespace(name="matroska,webm"), start_time=0, duration=6_000_000)
    pieces = decoding._follow_clock(iter([(time, block) for time in times]), container)
    assert sum(piece.size for piece in pieces) == 6 * SAMPLE_RATE


def test_inverted_stereo_is_heard_and_counted(tmp_path: Path) -> None:
    sound = tones(2, (0.5,))
    path = write_media(tmp_path / "a.wav", [np.stack((sound, -sound))], "pcm_s16le")
    damage = Damage()
    assert onsets(b"".join(decode_audio(path, damage=damage))) == pytest.approx([0.5], abs=0.02)
    assert damage.inverted_samples >= 0.1 * SAMPLE_RATE


def test_a_track_and_a_channel_can_be_chosen(tmp_path: Path) -> None:
    left, right, second = tones(2, (0.2,)), tones(2, (0.8,)), tones(2, (1.4,))
    path = write_media(tmp_path / "a.mka", [np.stack((left, right)), second], "pcm_s16le")
    media = probe_media(path)
    for setting, expected in (("auto", [0.2, 0.8]), ("1:left", [0.2]), ("1:2", [0.8]), ("2", [1.4])):
        (track,) = choose_tracks(media, path.name, setting, False, "")
        channel = choose_channel(media, path.name, setting, track)
        assert onsets(b"".join(decode_audio(path, track, channel))) == pytest.approx(expected, abs=0.02), setting
    assert choose_tracks(media, path.name, "auto", True, "") == (1, 2)
    for setting in ("3", "0", "x", "-1"):
        with pytest.raises(SourceError, match=f"no audio track {setting}; it has 2"):
            choose_tracks(media, path.name, setting, False, "")
    with pytest.raises(SourceError, match=r"audio track 2 of .* no channel right; it has 1"):
        choose_channel(media, path.name, "2:right", 2)


def test_what_cannot_be_transcribed_is_named_before_anything_is_decoded(tmp_path: Path) -> None:
    whole = write_media(tmp_path / "a.m4a", [tones(2, (0.5,))]).read_bytes()
    index = whole.index(b"moov") - 4
    path = tmp_path / "talk.m4a"
    for data, says in (
        (b"", "it is empty"),
        (whole[:index], "it has no index, because its recording or copying was interrupted"),
        (whole.replace(b"mp4a", b"enca", 1), "is protected by DRM"),
        (bytes(5000), "cannot be decoded"),
    ):
        path.write_bytes(data)
        with pytest.raises(SourceError, match=says) as caught:
            probe_media(path)
        assert caught.value.remedy
        assert "talk.m4a" in caught.value.message


def test_a_file_that_was_cut_off_is_decoded_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mp3", [tones(8, BEEPS)], "libmp3lame")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert onsets(b"".join(decode_audio(path))) == pytest.approx(BEEPS[:2], abs=0.02)
