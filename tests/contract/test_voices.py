"""What holds for every voice that needs no network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pressrun.errors import VoiceError
from pressrun.services.protocols import Context, Voice
from pressrun.services.voices import VOICES

OFFLINE = [pytest.param(voice, id=name) for name, voice in VOICES.items() if not voice.NEEDS_NETWORK]
CONTEXT = Context(Path(), {})
TEXT = "The hut stood beside the pond, and nobody came."

pytestmark = pytest.mark.parametrize("voice", OFFLINE)


def test_every_word_of_the_text_has_its_time_in_order(voice: Voice) -> None:
    speech = voice.speak(TEXT, "en", 165, CONTEXT)
    seconds = len(speech.pcm) / 2 / speech.sample_rate
    assert " ".join(word.text for word in speech.words) == TEXT
    assert speech.timing in ("voice", "alignment", "sentence")
    times = [time for word in speech.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] <= seconds + 0.01
    assert 1 < seconds < 10


def test_a_higher_rate_is_faster(voice: Voice) -> None:
    slow, fast = (len(voice.speak(TEXT, "en", rate, CONTEXT).pcm) for rate in (120, 240))
    assert fast < 0.8 * slow


def test_a_new_process_gives_the_same_sound(voice: Voice) -> None:
    code = (
        "import hashlib, sys; from pathlib import Path; from pressrun.services.protocols import Context;"
        "from pressrun.services.voices import VOICES; voice = VOICES[sys.argv[1]];"
        "said = [voice.speak(text, 'en', 165, Context(Path(), {})) for text in sys.argv[2:]];"
        "print([(hashlib.sha256(each.pcm).hexdigest(), each.words) for each in said])"
    )
    command = [sys.executable, "-c", code, voice.NAME, TEXT, "Another sentence."]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2))
    assert first == second
    assert len(first) > 100


@pytest.mark.parametrize(("text", "language"), [("Bonjour.", "xx"), ("…", "en"), ("", "en")])
def test_what_cannot_be_spoken_is_a_clear_error(voice: Voice, text: str, language: str) -> None:
    with pytest.raises(VoiceError) as caught:
        voice.speak(text, language, 165, CONTEXT)
    assert caught.value.message
    assert caught.value.remedy
