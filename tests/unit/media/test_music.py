"""Music is repeated, ducked during speech, and at a fixed distance from the voice. Other files are rejected."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from pressrun.errors import SettingsError
from pressrun.media.loudness import add_music
from pressrun.media.music import ATTACK, DUCKING, RELEASE, decode_music, join_words, music_path, music_pieces
from pressrun.media.sound import RATE, MusicBed, Sound, write_wav

MUXERS = {"mp3": "libmp3lame", "flac": "flac", "ogg": "libopus", "opus": "libopus", "m4a": "aac", "aiff": "pcm_s16be"}


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A steady tone, longer than the videos of these tests."""
    path = tmp_path / "song.wav"
    write_wav(path, make_tone(16))
    return path


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    """Six seconds of noise, which must be repeated."""
    path = tmp_path / "loop.wav"
    samples = np.random.default_rng(3).normal(size=6 * 22050) * 3000
    write_wav(path, Sound(samples.astype(np.int16).tobytes(), 22050))
    return path


def make_tone(seconds: float, level: float = 0.1, pitch: float = 330) -> Sound:
    times = np.arange(round(seconds * 22050)) / 22050
    samples = np.sin(2 * np.pi * pitch * times) * level * 32767
    return Sound(samples.astype(np.int16).tobytes(), 22050)


def make_bed(song: Path, seconds: float, *speech: tuple[float, float]) -> MusicBed:
    return MusicBed(song, (6 if song.stem == "loop" else 16) * RATE, 0.0, speech, seconds)


def play(bed: MusicBed) -> np.ndarray:
    """Return one channel of the music for the duration of the video."""
    pieces, count = [], 0
    for piece in music_pieces(bed):
        pieces.append(piece[0])
        count += piece.shape[1]
        if count >= bed.seconds * RATE:
            break
    return np.concatenate(pieces)[:round(bed.seconds * RATE)]


def level(samples: np.ndarray, start: float, end: float) -> float:
    """Return the level in dB between two times in seconds."""
    part = samples[round(start * RATE):round(end * RATE)]
    return float(20 * np.log10(np.sqrt(np.mean(part**2)) + 1e-9))


def test_music_is_twelve_decibels_quieter_during_speech(song: Path) -> None:
    samples = play(make_bed(song, 12, (4.0, 8.0)))
    loud, quiet, again = level(samples, 1.0, 3.5), level(samples, 4.0, 8.0), level(samples, 8.0 + RELEASE, 10.5)
    assert loud - quiet == pytest.approx(DUCKING, abs=0.3)
    assert again == pytest.approx(loud, abs=0.5)


def test_ducking_is_smooth(song: Path) -> None:
    samples = play(make_bed(song, 12, (4.0, 8.0)))
    steps = [level(samples, at, at + 0.05) for at in np.arange(3.0, 9.5, 0.05)]
    assert max(abs(after - before) for before, after in pairwise(steps)) < 3.0
    assert level(samples, 4.0 - ATTACK / 2 - 0.02, 4.0 - ATTACK / 2 + 0.02) == pytest.approx(steps[0] - 6, abs=1)


def test_music_fades_in_and_out(song: Path) -> None:
    samples = play(make_bed(song, 5))
    assert abs(samples[:20]).max() < 1e-3
    assert abs(samples[-20:]).max() < 1e-3
    assert level(samples, 0.0, 0.05) < level(samples, 0.2, 0.25) < level(samples, 1, 2)


def test_the_level_does_not_change_where_the_file_repeats(loop: Path) -> None:
    samples = play(make_bed(loop, 20))
    levels = [level(samples, at, at + 0.25) for at in np.arange(1.0, 18.0, 0.25)]
    assert max(levels) - min(levels) < 1.5


def test_nothing_clicks_where_the_file_repeats(loop: Path) -> None:
    write_wav(loop, make_tone(6))
    steps = np.abs(np.diff(play(make_bed(loop, 20))))
    assert steps.max() < 2 * steps[RATE:3 * RATE].max()


def test_a_file_too_long_to_keep_in_memory_repeats_the_same_way(
    loop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = play(make_bed(loop, 15))
    monkeypatch.setattr("pressrun.media.music.MAX_CACHED_SECONDS", 0)
    assert np.array_equal(play(make_bed(loop, 15)), cached)


def test_words_with_short_pauses_are_joined() -> None:
    assert join_words([(0.5, 0.9), (1.0, 1.4), (2.0, 2.5), (5.0, 5.5)]) == ((0.5, 2.5), (5.0, 5.5))


@pytest.mark.parametrize("amplitude", [0.003, 0.1, 0.9])
def test_quiet_and_loud_files_are_twenty_decibels_below_the_voice(tmp_path: Path, amplitude: float) -> None:
    write_wav(tmp_path / "song.wav", make_tone(8, amplitude))
    voice = make_tone(6, 0.2, pitch=440)
    bed = add_music(voice, tmp_path / "song.wav", [(0.5, 5.0)]).bed
    assert bed is not None
    spoken = np.frombuffer(voice.pcm, np.int16) / 32768
    # A single channel is distributed to both with equal power, so each is 3 dB lower.
    assert level(play(bed), 1, 4) - (level(spoken, 1, 2) - 3) == pytest.approx(-20, abs=0.5)


def test_without_words_music_is_never_ducked(song: Path) -> None:
    samples = play(make_bed(song, 8))
    assert level(samples, 1, 3) == pytest.approx(level(samples, 4, 6), abs=0.5)


@pytest.mark.parametrize("kind", MUXERS)
def test_common_sound_formats_are_accepted(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"song.{kind}"
    with av.open(str(path), "w") as file:
        stream = file.add_stream(MUXERS[kind], rate=48_000)
        stream.codec_context.layout = "stereo"
        frame = av.AudioFrame(format=stream.codec_context.format.name, layout="stereo", samples=960)
        frame.sample_rate = 48_000
        for number in range(50):
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.pts = number * 960
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    assert music_path(path.name, tmp_path) == path
    assert sum(piece.shape[1] for piece in decode_music(path)) == pytest.approx(48_000, abs=4000)


def test_an_empty_setting_is_not_a_music() -> None:
    assert music_path("  ", Path()) is None


def test_a_missing_file_is_reported_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"music: the file .*song\.mp3 does not exist"):
        music_path("song.mp3", tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text instead of sound\n" * 50,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:6,\nsong.wav\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile song.wav\n",
    ],
    ids=["empty", "text", "playlist", "list"],
)
def test_a_file_without_sound_is_rejected_whatever_its_name(tmp_path: Path, song: Path, content: bytes) -> None:
    path = tmp_path / "hit.mp3"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"hit\.mp3 cannot be used") as caught:
        music_path("hit.mp3", tmp_path)
    assert "MP3, WAV, FLAC" in caught.value.remedy


def test_a_truncated_file_is_used_as_far_as_it_goes(tmp_path: Path, song: Path) -> None:
    path = tmp_path / "cut.wav"
    path.write_bytes(song.read_bytes()[:100_000])
    assert add_music(make_tone(3), path, []).bed is not None


@pytest.mark.parametrize(
    ("sound", "reason"), [(make_tone(0.2), "lasts 0.20 s"), (replace(make_tone(3), pcm=bytes(3 * 44100)), "silent")]
)
def test_silence_and_very_short_files_are_rejected(tmp_path: Path, sound: Sound, reason: str) -> None:
    write_wav(tmp_path / "song.wav", sound)
    with pytest.raises(SettingsError, match=reason):
        add_music(make_tone(3), tmp_path / "song.wav", [])


def test_a_picture_is_rejected(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 64)).save(tmp_path / "song.png")
    with pytest.raises(SettingsError, match="cannot be used"):
        music_path("song.png", tmp_path)
