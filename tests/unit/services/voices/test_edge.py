"""edge-tts as it is, before the voices of Microsoft Edge on this machine: word times, rates, and every error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.loopback import edge as service
from tests.loopback.speech import Speech, Trouble

from pressrun.errors import NetworkError, ServiceUnavailableError, VoiceError
from pressrun.services.choice import choose_service
from pressrun.services.protocols import Context
from pressrun.services.voices import VOICES, edge
from pressrun.settings import ItemSettings, RunSettings, Settings

TEXT = "The hut stood beside the pond, and nobody came & went. Then he rested!"


def test_word_times_are_those_of_the_service(speech: Speech, context: Context) -> None:
    made = edge.speak("The hut stood beside the pond.", "en", 165, context)
    (asked,) = speech.asked
    assert (asked.text, asked.more["rate"]) == ("The hut stood beside the pond.", 0)
    assert "AriaNeural" in asked.language
    assert asked.more["options"]["metadataoptions"]["wordBoundaryEnabled"] == "true"
    assert made.timing == "voice"
    expected = [start for _, start, _ in service.word_times("The hut stood beside the pond.")]
    shift = made.words[0].start - expected[0]
    for word, start in zip(made.words, expected, strict=True):
        assert word.start - shift == pytest.approx(start, abs=0.002)
    assert made.words[0].start == pytest.approx(0.03, abs=0.02)  # the silence before a part is trimmed


def test_the_rate_is_applied_by_the_service(speech: Speech, context: Context) -> None:
    edge.speak(TEXT, "en", 198, context)
    edge.speak(TEXT, "en", 1000, context)
    assert [each.more["rate"] for each in speech.asked] == [20, 20, 100, 100]


def test_parts_are_stored_with_their_word_times(speech: Speech, context: Context) -> None:
    edge.prepare([TEXT], "en", 165, lambda *_: None, context)
    before = len(speech.asked)
    made = edge.speak(TEXT, "en", 165, context)
    assert len(speech.asked) == before == 2
    assert made.timing == "voice"
    assert " ".join(word.text for word in made.words) == TEXT


@pytest.mark.parametrize(
    ("language", "settings", "voice"),
    [
        ("de", {}, "de-DE, KatjaNeural"), ("de-AT", {"voice_gender": "male"}, "de-DE, ConradNeural"),
        ("en", {"edge_voice": "en-GB-SoniaNeural"}, "en-GB, SoniaNeural"),
        ("fr", {"edge_voice": "en-GB-SoniaNeural"}, "fr-FR, DeniseNeural"),
    ],
)
def test_the_voice_follows_the_language_and_the_settings(
    speech: Speech, context: Context, language: str, settings: dict[str, str], voice: str
) -> None:
    edge.speak("One here.", language, 165, replace(context, settings=settings))
    assert voice in speech.asked[0].language


def test_auto_never_chooses_it(tmp_path: Path) -> None:
    readiness = edge.ready(Context(tmp_path, {"voice": "auto"}))
    assert (readiness.ready, readiness.configured) == (False, False)
    assert list(VOICES)[-1] == "edge"
    chosen = choose_service("voice", Settings(ItemSettings(voice="edge"), RunSettings(), frozenset()), tmp_path)
    assert chosen.reason == "as set; it needs no key; the text goes to Microsoft"
    item = ItemSettings(voice="edge", language="eo")
    with pytest.raises(ServiceUnavailableError, match='no voice for the language "eo"') as caught:
        choose_service("voice", Settings(item, RunSettings(), frozenset()), tmp_path)
    assert "edge_voice" in caught.value.remedy


@pytest.mark.parametrize(
    ("what", "error", "words"),
    [
        (429, NetworkError, "rejected the request with HTTP 429, 5 times"), (400, VoiceError, "HTTP 400"),
        ("hang up", VoiceError, "produced no audio"), ("no sound", VoiceError, "produced no audio"),
        (403, VoiceError, "HTTP 403"),
    ],
)
def test_every_error_ends_as_one_line_with_a_remedy(
    speech: Speech, context: Context, what: int | str, error: type[VoiceError], words: str
) -> None:
    speech.troubles = [Trouble(what)]
    with pytest.raises(error, match=words) as caught:
        edge.speak("The hut stood beside the pond.", "en", 165, context)
    assert caught.value.remedy
    assert "\n" not in caught.value.message


def test_nobody_there_and_a_strange_certificate_are_network_errors(
    speech: Speech, context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Speech() as other:
        monkeypatch.setenv("SSL_CERT_FILE", str(other.certificate))
        with pytest.raises(NetworkError, match="untrusted certificate"):
            edge.speak("One here.", "en", 165, context)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(NetworkError, match=r"speech\.platform\.bing\.com does not answer"):
        edge.speak("One here.", "en", 165, context)
