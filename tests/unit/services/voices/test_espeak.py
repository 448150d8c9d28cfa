"""The voice that is built in: sound, a time for every word, and clear words where it cannot speak."""

from __future__ import annotations

import subprocess
import sys
from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from pressrun.errors import VoiceError
from pressrun.services.protocols import Context, Speech
from pressrun.services.voices import VOICES, espeak

CONTEXT = Context(Path(), {})
STARTS_AFTER_SILENCE = "Ten, seven, nine, people, garden, water, mornings, apples, silence, bread."
HARD = (
    "It was the best of times; it was the worst -- in 1984, Dr. Smith's \"well-known\" cost was $3.50 and 20%. "
    "Don't stop! Wait… naïve \U0001f642 yes, * [x] \\n."
)


def spoken(text: str, language: str = "en", rate: int = 165) -> Speech:
    return espeak.speak(text, language, rate, CONTEXT)


def seconds(speech: Speech) -> float:
    return len(speech.pcm) / 2 / speech.sample_rate


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", HARD),
        ("ar", "مرحبا بالعالم، هذا كتاب جديد من 120 صفحة."),
        ("zh", "习惯是小小的积累，（2024年）AI的时代。"),
        ("th", "สวัสดีครับ ผมชื่อจอห์น"),
        ("ja", "東京は日本の首都です。2024年に『坊っちゃん』を読んだ。AIとNew Yorkへ行きました。"),
        ("de", "Über 100 Straßen."),
        ("pt-BR", "Uma casa pequena."),
    ],
)
def test_every_word_has_a_time_of_its_own_inside_the_sound(language: str, text: str) -> None:
    speech = spoken(text, language)
    assert "".join(word.text for word in speech.words) == "".join(text.split())
    assert all(word.start < word.end for word in speech.words)
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(speech.words))
    assert speech.words[0].start >= 0
    assert speech.words[-1].end <= seconds(speech)


def test_words_of_a_spaced_script_are_the_text_between_spaces() -> None:
    assert [word.text for word in spoken(HARD).words] == HARD.split()


@pytest.mark.parametrize("rate", [120, 165, 250])
def test_a_word_after_a_pause_is_timed_within_100_ms_of_its_sound(rate: int) -> None:
    speech = spoken(STARTS_AFTER_SILENCE, rate=rate)
    samples = array("h", speech.pcm)
    step = speech.sample_rate // 200
    loud = [max(map(abs, samples[at:at + step])) > 400 for at in range(0, len(samples), step)]
    for before, word in pairwise(speech.words):
        first = next(at for at in range(round(before.end * 200) + 4, len(loud)) if loud[at]) / 200
        assert abs(first - word.start) < 0.1, word


def test_a_word_ends_before_the_pause_that_follows_it() -> None:
    speech = spoken("Garden. Water.")
    assert speech.words[1].start - speech.words[0].end > 0.1


def test_the_same_texts_give_the_same_sound_in_every_process() -> None:
    program = (
        "import sys; from pathlib import Path; from pressrun.services.protocols import Context\n"
        "from pressrun.services.voices import espeak\n"
        "for text in ('A small house.', 'Some sea shells.'):\n"
        "    sys.stdout.buffer.write(espeak.speak(text, 'en', 165, Context(Path(), {})).pcm)"
    )
    command = [sys.executable, "-c", program]
    first, second = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert len(first) > 50_000
    assert first == second


def test_a_higher_rate_is_faster() -> None:
    assert seconds(spoken(STARTS_AFTER_SILENCE, rate=300)) < 0.7 * seconds(spoken(STARTS_AFTER_SILENCE, rate=150))


def test_an_unknown_language_is_named_with_a_remedy() -> None:
    with pytest.raises(VoiceError, match='does not support the language "xx"') as caught:
        spoken("Hello", "xx")
    assert "language" in caught.value.remedy


@pytest.mark.parametrize("text", ["", "  ", "… — !", "\U0001f642"])
def test_a_text_without_a_letter_is_an_error(text: str) -> None:
    with pytest.raises(VoiceError, match="nothing to speak"):
        spoken(text)


def test_the_voice_is_ready_without_a_network() -> None:
    voice = VOICES["espeak"]
    assert voice.ready(CONTEXT).ready
    assert not voice.NEEDS_NETWORK


@pytest.mark.parametrize("language", ["en", "pt-BR", "de"])
def test_a_woman_sounds_higher_than_a_man_in_every_language(language: str) -> None:
    woman, man = (
        espeak.speak("One two three.", language, 165, Context(Path(), {"voice_gender": each})).pcm
        for each in ("female", "male")
    )
    assert tone(woman) > 1.15 * tone(man)


def test_the_voice_can_be_higher_or_lower_and_takes_as_long() -> None:
    low, usual, high = (
        espeak.speak("One two three.", "en", 165, Context(Path(), {"voice_pitch": each})).pcm for each in (-8, 0, 8)
    )
    assert tone(low) < tone(usual) < tone(high)
    assert len(low) == pytest.approx(len(high), rel=0.05)


def tone(pcm: bytes) -> float:
    """Hertz at which the voice swings, the middle of its loud parts."""
    import numpy as np

    samples = np.frombuffer(pcm, np.int16).astype(float)
    parts = [samples[at : at + 2048] for at in range(0, len(samples) - 2048, 1024)]
    loud = [each for each in parts if abs(each).max() > 3000]
    shortest, longest = 22_050 // 400, 22_050 // 60
    periods = [shortest + np.correlate(each, each, "full")[2047:][shortest:longest].argmax() for each in loud]
    return 22_050 / float(np.median(periods))
