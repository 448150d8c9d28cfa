"""Audio levels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from pressrun.errors import RenderError
from pressrun.media.loudness import TARGET, gain_for, levelled, loudness, rough_gain, with_music
from pressrun.media.output import audio_options, checked_output
from pressrun.media.sound import Sound, silence, write_wav
from pressrun.settings import ItemSettings, as_plain


@pytest.mark.parametrize("level", [0.02, 0.3, 0.95])
def test_quiet_and_loud_voices_come_out_at_the_target(level: float, tone: Callable[..., Sound]) -> None:
    sound = tone(4, level)
    assert loudness(sound, gain_for(sound)) == pytest.approx(TARGET, abs=0.3)


def test_the_length_is_kept_and_nothing_clips(tone: Callable[..., Sound]) -> None:
    import numpy as np

    sound = tone(2, 0.9)
    frames = list(levelled(sound, 12.0))
    assert sum(frame.samples for frame in frames) == pytest.approx(2 * 48_000, abs=64)
    assert max(float(np.abs(frame.to_ndarray()).max()) for frame in frames) < 0.9


def test_silence_is_an_error_and_not_a_very_loud_noise() -> None:
    with pytest.raises(RenderError, match="silent"):
        gain_for(Sound(silence(2, 22050), 22050))


def test_of_a_long_sound_some_parts_tell_how_hard_the_limiter_works() -> None:
    import numpy as np

    # Loud and hard on the limiter in its last third, and softer before.
    samples = np.frombuffer(noisy(60).pcm, np.int16) * np.repeat([0.4, 0.5, 1.0], 20 * 22050)
    sound = Sound(samples.astype(np.int16).tobytes(), 22050)
    assert loudness(sound, gain_for(sound)) == pytest.approx(TARGET, abs=0.3)


@pytest.mark.parametrize("level", [0.02, 0.9])
def test_a_draft_is_about_as_loud(level: float) -> None:
    import numpy as np

    sound = Sound((np.frombuffer(noisy(5).pcm, np.int16) * level).astype(np.int16).tobytes(), 22050)
    assert loudness(sound, rough_gain(sound)) == pytest.approx(TARGET, abs=4)
    with pytest.raises(RenderError, match="silent"):
        rough_gain(Sound(silence(2, 22050), 22050))


@pytest.mark.parametrize(("name", "codec"), [("mp4", "aac"), ("mp4", "opus"), ("webm", "opus")])
@pytest.mark.parametrize("music", [False, True])
def test_the_finished_file_is_as_loud_as_it_should_be_and_its_true_peak_stays_below_minus_one(
    tmp_path: Path, tone: Callable[..., Sound], name: str, codec: str, music: bool
) -> None:
    sound = noisy(8)
    if music:
        write_wav(tmp_path / "song.wav", tone(3, 0.8))
        sound = with_music(sound, tmp_path / "song.wav", [(0.5, 3), (5.5, 7)])
    coding = audio_options(checked_output(as_plain(ItemSettings()) | {"format": name, "audio_codec": codec}))
    path = tmp_path / f"film.{name}"
    with av.open(str(path), "w") as file:
        stream = file.add_stream(coding.encoder, rate=48_000, options=coding.options)
        stream.codec_context.layout, stream.bit_rate = "stereo", coding.bit_rate
        for frame in levelled(sound, gain_for(sound)):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    measured, peak = metered(path)
    assert measured == pytest.approx(TARGET, abs=0.5)
    assert peak < -1.0


def noisy(seconds: float) -> Sound:
    """Syllables of hiss and tone with sharp beginnings: hard on a limiter."""
    import numpy as np

    times = np.arange(round(seconds * 22050)) / 22050
    hiss = np.random.default_rng(5).normal(size=times.size) * np.exp(-((times * 5) % 1) * 9)
    voiced = np.sin(2 * np.pi * 180 * times) + 0.6 * np.sin(2 * np.pi * 5512 * times + 0.8)
    samples = np.clip((0.5 * hiss + 0.35 * voiced) * ((times % 2) < 1.6), -1, 1)
    return Sound((samples * 20_000).astype(np.int16).tobytes(), 22050)


def metered(path: Path) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dB of a file, by FFmpeg's EBU R 128 meter."""
    import math

    integrated, peak = -70.0, 1e-9
    with av.open(str(path)) as file:
        graph = av.filter.Graph()
        source = graph.add_abuffer(template=file.streams.audio[0])
        meter = graph.add("ebur128", "metadata=1:peak=true")
        graph.link_nodes(source, meter, graph.add("abuffersink")).configure()
        for frame in (*file.decode(audio=0), None):
            graph.push(frame)
            while True:
                try:
                    found = graph.pull().metadata
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
                integrated = float(found.get("lavfi.r128.I", integrated))
                peak = max(peak, float(found.get("lavfi.r128.true_peak", peak)))
    return integrated, 20 * math.log10(peak)
