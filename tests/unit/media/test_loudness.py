"""Sound has the target loudness and does not clip, with and without music."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from pressrun.errors import RenderError
from pressrun.media.loudness import TARGET_LOUDNESS, add_music, estimate_gain, find_gain, level_sound
from pressrun.media.output import audio_encoder, parse_output
from pressrun.media.sound import Sound, silence, write_wav
from pressrun.settings import ItemSettings, as_plain


def loudness_at(sound: Sound, gain: float) -> float:
    return measure_loudness(level_sound(sound, gain))[0]


@pytest.mark.parametrize("level", [0.02, 0.3, 0.95])
def test_quiet_and_loud_voices_get_the_target_loudness(level: float, tone: Callable[..., Sound]) -> None:
    sound = tone(4, level)
    assert loudness_at(sound, find_gain(sound)) == pytest.approx(TARGET_LOUDNESS, abs=0.3)


def test_levelled_sound_has_the_same_length_and_does_not_clip(tone: Callable[..., Sound]) -> None:
    sound = tone(2, 0.9)
    frames = list(level_sound(sound, 12.0))
    assert sum(frame.samples for frame in frames) == pytest.approx(2 * 48_000, abs=64)
    assert max(float(np.abs(frame.to_ndarray()).max()) for frame in frames) < 0.9


def test_silence_is_an_error_instead_of_very_loud_noise() -> None:
    with pytest.raises(RenderError, match="silent"):
        find_gain(Sound(silence(2, 22050), 22050))


def test_the_gain_of_a_long_sound_is_found_from_parts_of_it() -> None:
    # The last third is loud and hard on the limiter.
    samples = np.frombuffer(make_noise(60).pcm, np.int16) * np.repeat([0.4, 0.5, 1.0], 20 * 22050)
    sound = Sound(samples.astype(np.int16).tobytes(), 22050)
    assert loudness_at(sound, find_gain(sound)) == pytest.approx(TARGET_LOUDNESS, abs=0.3)


@pytest.mark.parametrize("level", [0.02, 0.9])
def test_the_loudness_of_a_draft_is_close_to_the_target(level: float) -> None:
    sound = Sound((np.frombuffer(make_noise(5).pcm, np.int16) * level).astype(np.int16).tobytes(), 22050)
    assert loudness_at(sound, estimate_gain(sound)) == pytest.approx(TARGET_LOUDNESS, abs=4)
    with pytest.raises(RenderError, match="silent"):
        estimate_gain(Sound(silence(2, 22050), 22050))


@pytest.mark.parametrize(("name", "codec"), [("mp4", "aac"), ("mp4", "opus"), ("webm", "opus")])
@pytest.mark.parametrize("music", [False, True])
def test_a_finished_file_has_the_target_loudness_and_a_true_peak_below_minus_one(
    tmp_path: Path, tone: Callable[..., Sound], name: str, codec: str, music: bool
) -> None:
    sound = make_noise(8)
    if music:
        write_wav(tmp_path / "song.wav", tone(3, 0.8))
        sound = add_music(sound, tmp_path / "song.wav", [(0.5, 3), (5.5, 7)])
    encoder = audio_encoder(parse_output(as_plain(ItemSettings()) | {"format": name, "audio_codec": codec}))
    path = tmp_path / f"film.{name}"
    with av.open(str(path), "w") as file:
        stream = file.add_stream(encoder.name, rate=48_000, options=encoder.options)
        stream.codec_context.layout, stream.bit_rate = "stereo", encoder.bit_rate
        for frame in level_sound(sound, find_gain(sound)):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    measured, peak = measure_file(path)
    assert measured == pytest.approx(TARGET_LOUDNESS, abs=0.5)
    assert peak < -1.0


def make_noise(seconds: float) -> Sound:
    """Return syllables of hiss and tone with sharp beginnings, which are hard on a limiter."""
    times = np.arange(round(seconds * 22050)) / 22050
    hiss = np.random.default_rng(5).normal(size=times.size) * np.exp(-((times * 5) % 1) * 9)
    voiced = np.sin(2 * np.pi * 180 * times) + 0.6 * np.sin(2 * np.pi * 5512 * times + 0.8)
    samples = np.clip((0.5 * hiss + 0.35 * voiced) * ((times % 2) < 1.6), -1, 1)
    return Sound((samples * 20_000).astype(np.int16).tobytes(), 22050)


def measure_loudness(frames: Iterable[av.AudioFrame]) -> tuple[float, float]:
    """Return integrated loudness in LUFS and true peak in dB, by FFmpeg's EBU R 128 meter."""
    graph, integrated, peak = None, -70.0, 1e-9
    for frame in (*frames, None):
        if graph is None:
            assert frame is not None
            graph = av.filter.Graph()
            source = graph.add_abuffer(
                sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name,
                time_base=Fraction(1, frame.sample_rate),
            )
            meter = graph.add("ebur128", "metadata=1:peak=true")
            graph.link_nodes(source, meter, graph.add("abuffersink")).configure()
        graph.push(frame)
        while True:
            try:
                found = graph.pull().metadata
            except (av.error.BlockingIOError, av.error.EOFError):
                break
            integrated = float(found.get("lavfi.r128.I", integrated))
            peak = max(peak, float(found.get("lavfi.r128.true_peak", peak)))
    return integrated, 20 * math.log10(peak)


def measure_file(path: Path) -> tuple[float, float]:
    with av.open(str(path)) as file:
        return measure_loudness(file.decode(audio=0))
