"""Audio levels."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pressrun.errors import RenderError
from pressrun.media.loudness import TARGET, gain_for, levelled, loudness
from pressrun.media.sound import Sound, silence


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
