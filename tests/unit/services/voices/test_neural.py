"""Speech of a neural model: parts that survive a kill, exact times, joins without clicks. The model here is a tone."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pressrun.errors import VoiceError
from pressrun.services.protocols import Context
from pressrun.services.voices import neural
from pressrun.services.voices.neural import Encoded, NeuralVoice
from pressrun.services.voices.text_units import Unit, has_letters

RATE_HZ = 24_000
LETTER = 2400
"""Samples of a letter at speed 1: 0.1 s."""


class Tone:
    """A voice that says each letter as 0.1 s of a tone, with 0.2 s of silence before and after."""

    def __init__(self) -> None:
        self.spoken: list[int] = []
        self.at_once = self.most_at_once = 0
        self.failing = False
        self._lock = threading.Lock()

    def voice(self, **changed: Any) -> NeuralVoice:
        made = NeuralVoice(("tone",), "en", RATE_HZ, 1.0, 40, self.encode, self.synthesise)
        return replace(made, **changed)

    def encode(self, units: tuple[Unit, ...]) -> Encoded:
        owners = [index for index, unit in enumerate(units) for each in unit.spoken if has_letters(each)]
        return Encoded(tuple(range(1, len(owners) + 1)), tuple(owners))

    def synthesise(self, tokens: Sequence[int], speed: float) -> tuple[Any, Sequence[int]]:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
            if self.failing and len(self.spoken) == 2:
                raise VoiceError("stopped", remedy="")
        time.sleep(0.02)
        step = round(LETTER / speed)
        sound = 0.5 * np.sin(2 * np.pi * 440 * np.arange(step * len(tokens)) / RATE_HZ)
        silence = np.zeros(4800)
        with self._lock:
            self.at_once -= 1
            self.spoken.append(len(tokens))
        return np.concatenate([silence, sound, silence]), [4800 + step * n for n in range(len(tokens))]


@pytest.fixture
def tone() -> Tone:
    return Tone()


TEXT = "Ab cde. Fg hi! Jkl."


def context(folder: Path, **settings: Any) -> Context:
    return Context(folder, settings, folder / "parts", 4)


def test_words_start_where_their_first_token_does(tone: Tone, tmp_path: Path) -> None:
    speech = neural.speak(TEXT, 165, tone.voice(), context(tmp_path))
    assert [word.text for word in speech.words] == TEXT.split()
    first = speech.words[0].start
    assert speech.words[1].start - first == pytest.approx(0.2, abs=0.001)
    samples = np.frombuffer(speech.pcm, "<i2")
    for word in speech.words[::2]:
        at = round(word.start * RATE_HZ)
        assert abs(samples[max(at - 480, 0) : at]).max(initial=0) < 2000
        assert abs(samples[at : at + 480]).max() > 5000
    assert speech.timing == "voice"


def test_a_try_after_a_failure_speaks_only_the_missing_parts(tone: Tone, tmp_path: Path) -> None:
    tone.failing = True
    with pytest.raises(VoiceError, match="stopped"):
        neural.prepare([TEXT], tone.voice(), lambda *_: None, replace(context(tmp_path), workers=1))
    tone.failing = False
    broken = neural.speak(TEXT, 165, tone.voice(), context(tmp_path))
    assert len(tone.spoken) == 3
    assert neural.speak(TEXT, 165, Tone().voice(), Context(tmp_path, {})) == broken


def test_a_damaged_part_is_spoken_again(tone: Tone, tmp_path: Path) -> None:
    whole = neural.speak(TEXT, 165, tone.voice(), context(tmp_path))
    for path, data in zip(sorted((tmp_path / "parts").iterdir()), (b"", b"{}\n12", b"\xff\n"), strict=True):
        path.write_bytes(data)
    assert neural.speak(TEXT, 165, tone.voice(), context(tmp_path)) == whole
    assert len(tone.spoken) == 6


def test_two_parts_are_spoken_at_once(tone: Tone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neural.os, "cpu_count", lambda: 8)
    progress: list[float] = []
    text = " ".join(f"Sentence {'ab' * (n + 1)}." for n in range(8))
    neural.prepare([text], tone.voice(), lambda done, *_: progress.append(done), context(tmp_path))
    assert tone.most_at_once == neural.AT_ONCE == 2
    assert progress == list(range(9))


def test_a_part_depends_on_everything_that_shapes_its_sound(tone: Tone, tmp_path: Path) -> None:
    for changed in ({}, {"speed": 1.2}, {"key": ("other",)}, {"language": "fr"}):
        neural.speak("Ab.", 165, tone.voice(**changed), context(tmp_path))
    neural.speak("Ab.", 250, tone.voice(), context(tmp_path))
    assert len(tone.spoken) == 4


def test_a_long_sentence_is_split_at_clauses(tone: Tone, tmp_path: Path) -> None:
    text = "abcdefgh ijklmn opqrst, " * 4 + "end."
    neural.speak(text, 165, tone.voice(), context(tmp_path))
    assert len(tone.spoken) >= 3
    assert max(tone.spoken) <= 40


def test_a_word_longer_than_the_model_allows_is_spoken_in_pieces(tone: Tone, tmp_path: Path) -> None:
    speech = neural.speak("a" * 100, 165, tone.voice(), context(tmp_path))
    assert tone.spoken == [40, 40, 20]
    assert [word.text for word in speech.words] == ["a" * 100]


def test_joins_have_no_clicks(tone: Tone, tmp_path: Path) -> None:
    samples = np.frombuffer(neural.speak(TEXT, 165, tone.voice(), context(tmp_path)).pcm, "<i2").astype(int)
    within = 0.5 * 32767 * 2 * np.pi * 440 / RATE_HZ
    assert abs(np.diff(samples)).max() <= within * 1.05
    assert abs(samples[[0, -1]]).max() < 10


def test_a_higher_pitch_keeps_the_pace_and_the_times(tone: Tone, tmp_path: Path) -> None:
    plain = neural.speak("Abcd efgh.", 165, tone.voice(), context(tmp_path))
    high = neural.speak("Abcd efgh.", 165, tone.voice(), context(tmp_path, voice_pitch=4.0))
    assert len(high.pcm) == pytest.approx(len(plain.pcm), rel=0.05)
    assert high.words[1].start == pytest.approx(plain.words[1].start, abs=0.03)

    def loudest_frequency(pcm: bytes) -> float:
        samples = np.frombuffer(pcm, "<i2")
        return float(np.argmax(abs(np.fft.rfft(samples))) * RATE_HZ / samples.size)

    assert loudest_frequency(high.pcm) / loudest_frequency(plain.pcm) == pytest.approx(2 ** (4 / 12), rel=0.02)


@pytest.mark.parametrize("text", ["", "…", " — ! "])
def test_a_text_without_a_letter_is_an_error(tone: Tone, text: str, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="nothing to speak"):
        neural.speak(text, 165, tone.voice(), context(tmp_path))


def test_the_output_added_to_a_graph_is_34_bytes_of_protocol_buffers() -> None:
    expected = b': b\x1e\n\x16/encoder/Clip_output_0\x12\x04\n\x02\x08\x01'
    assert neural.graph_output("/encoder/Clip_output_0") == expected
    assert len(expected) == 34
