"""Sound from elsewhere: read from MP3 and WAV, freed of the silence around it, joined without a click."""

from __future__ import annotations

import numpy as np
import pytest
from tests.loopback.sounds import RATE, as_mp3, as_wav, tones

from pressrun.services.voices.sound import (
    LEAD_SECONDS,
    TAIL_SECONDS,
    NoSoundError,
    change_tempo,
    decode,
    join,
    trim,
)

WORDS = "He counted every nail"


def loudest_step(samples: np.ndarray) -> int:
    return int(np.abs(np.diff(samples.astype(np.int32))).max())


@pytest.mark.parametrize("coded", [as_mp3, as_wav], ids=["mp3", "wav"])
def test_mp3_and_wav_are_read_at_the_rate_that_is_asked(coded: object) -> None:
    data = coded(tones(WORDS))  # type: ignore[operator]
    for rate in (RATE, 48_000):
        samples = decode(data, rate)
        assert samples.dtype == np.int16
        assert samples.size / rate == pytest.approx(tones(WORDS).size / RATE, abs=0.1)


@pytest.mark.parametrize(
    "data",
    [b"", b"not a sound at all", b"#EXTM3U\nfile:///etc/passwd\n", b"RIFF\0\0", as_mp3(np.zeros(RATE, np.int16))],
    ids=["empty", "text", "playlist", "cut", "silence"],
)
def test_input_that_is_not_a_sound_or_silent_reports_it(data: bytes) -> None:
    with pytest.raises(NoSoundError):
        decode(data, RATE)


@pytest.mark.parametrize("quiet", [0.0, 0.5])
def test_silence_around_a_part_is_cut_off_to_a_margin(quiet: float) -> None:
    zeros = np.zeros(round(quiet * RATE), np.int16)
    bare = tones(WORDS)
    sounding = np.flatnonzero(bare)
    heard = (sounding[-1] - sounding[0]) / RATE
    made = trim(np.concatenate([zeros, bare, zeros]), RATE)
    assert made.size / RATE == pytest.approx(heard + LEAD_SECONDS + TAIL_SECONDS, abs=0.025)
    assert made[0] == made[-1] == 0


def test_the_delay_of_the_encoder_goes_with_it() -> None:
    straight, coded = trim(tones(WORDS), RATE), trim(decode(as_mp3(tones(WORDS)), RATE), RATE)
    assert coded.size / RATE == pytest.approx(straight.size / RATE, abs=0.025)


def test_parts_are_joined_without_a_click() -> None:
    # Cut off in the middle of a loud tone, at both ends: nothing could be worse.
    at = np.arange(RATE // 2) / RATE
    raw = [(12_000 * np.cos(2 * np.pi * pitch * at)).astype(np.int16) for pitch in (220, 331, 277)]
    parts = [trim(each, RATE) for each in raw]
    pcm, starts = join(parts, [0.4, 0.0, 0.4], RATE)
    samples = np.frombuffer(pcm, np.int16)
    inside = max(map(loudest_step, raw))
    for part, start in zip(parts, starts, strict=True):
        first = round(start * RATE)
        assert (samples[first:first + part.size] == part).all()
        for edge in (first, first + part.size):
            around = samples[max(edge - 24, 0):edge + 24]
            assert loudest_step(around) < inside / 4
    assert loudest_step(samples) <= inside * 1.01
    assert loudest_step(np.concatenate(raw)) > 3 * inside


def test_the_pause_between_two_parts_is_as_long_as_asked() -> None:
    parts = [trim(tones(WORDS), RATE)] * 2
    pcm, (first, second) = join(parts, [0.5, 0.5], RATE)
    assert first == 0.0
    assert second - parts[0].size / RATE == pytest.approx(0.5 - LEAD_SECONDS - TAIL_SECONDS, abs=1e-3)
    assert len(pcm) == 2 * (2 * parts[0].size + round((0.5 - LEAD_SECONDS - TAIL_SECONDS) * RATE))


@pytest.mark.parametrize("tempo", [0.8, 1.1, 1.25])
def test_another_tempo_changes_the_length_and_not_the_pitch(tempo: float) -> None:
    at = np.arange(RATE) / RATE
    tone = (8000 * np.sin(2 * np.pi * 300 * at)).astype(np.int16)
    made = change_tempo(tone, RATE, tempo)
    assert made.size / tone.size == pytest.approx(1 / tempo, rel=0.03)
    middle = made[2000:2000 + 8192].astype(float) * np.hanning(8192)
    assert np.fft.rfft(middle).__abs__().argmax() * RATE / 8192 == pytest.approx(300, abs=4)
    assert change_tempo(tone, RATE, tempo).tobytes() == made.tobytes()


def test_its_own_tempo_leaves_the_sound_unchanged() -> None:
    tone = tones(WORDS)
    assert change_tempo(tone, RATE, 1.0) is tone


def test_a_voice_goes_an_octave_up_and_keeps_its_pace() -> None:
    hum = np.rint(8000 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)).astype(np.int16)
    higher = change_tempo(hum, RATE, 1.0, 12)
    assert higher.size == pytest.approx(hum.size, rel=0.03)
    spectrum = np.abs(np.fft.rfft(higher.astype(float)))
    assert spectrum.argmax() * RATE / higher.size == pytest.approx(400, rel=0.03)
