"""A server with OpenAI's speech interface: what it is asked, who sees which key, and what its refusals become."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.loopback.speech import KEY, Speech, Trouble

from pressrun import redaction
from pressrun.errors import AuthenticationError, NetworkError, PressrunError, QuotaExceededError, VoiceError
from pressrun.services.protocols import Context, Readiness
from pressrun.services.voices import openai
from pressrun.settings import ItemSettings, as_plain

TEXT = "The hut stood beside the pond, and nobody came. Then he rested!"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    for secret in redaction.SECRETS.values():
        for variable in secret.variables:
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PRESSRUN_SPEECH_API_KEY", KEY)


def at(speech: Speech, context: Context, **changed: Any) -> Context:
    settings = {"speech_url": speech.url, "speech_model": "small", "speech_voice": "anna"}
    return replace(context, settings=settings | changed)


def readiness(context: Context, **changed: Any) -> Readiness:
    return openai.ready(replace(context, settings=as_plain(ItemSettings(**changed))))


def test_a_sentence_is_a_request_with_model_and_voice(speech: Speech, context: Context) -> None:
    made = openai.speak(TEXT, "fr", 165, at(speech, context))
    assert sorted(speech.texts) == ["The hut stood beside the pond, and nobody came.", "Then he rested!"]
    asked = speech.asked[0].more
    assert (asked["model"], asked["voice"], asked["response_format"]) == ("small", "anna", "wav")
    assert asked["authorization"] == f"Bearer {KEY}"
    assert made.sample_rate == openai.SAMPLE_RATE
    assert " ".join(word.text for word in made.words) == TEXT


def test_another_voice_is_requested_again_and_the_same_is_not(speech: Speech, context: Context) -> None:
    for voice, asked in (("anna", 2), ("anna", 2), ("berta", 4)):
        openai.speak(TEXT, "fr", 165, at(speech, context, speech_voice=voice))
        assert len(speech.asked) == asked


def test_a_woman_s_voice_is_requested_by_its_name(speech: Speech, context: Context) -> None:
    openai.speak("Yes.", "en", 165, at(speech, context, voice_gender="female", speech_voice_female="berta"))
    assert speech.asked[0].more["voice"] == "berta"


@pytest.mark.parametrize("ending", ["", "/", "/audio/speech"])
def test_the_address_may_be_written_in_full(speech: Speech, context: Context, ending: str) -> None:
    assert openai.speak("Yes.", "en", 165, at(speech, context, speech_url=speech.url + ending)).words


def test_a_server_of_one_s_own_needs_no_key_and_never_sees_that_of_openai(
    speech: Speech, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PRESSRUN_SPEECH_API_KEY")
    monkeypatch.setenv("OPENAI_API_KEY", "canary-openai-key")
    speech.key = ""
    assert openai.speak("Yes.", "en", 165, at(speech, context)).words
    assert speech.asked[0].more["authorization"] == ""
    official = openai._key("")
    assert official is not None
    assert official.reveal() == "canary-openai-key"


@pytest.mark.parametrize(
    ("what", "code", "error", "words"),
    [
        (401, "", AuthenticationError, "does not accept the key"), (403, "", AuthenticationError, "key"),
        (402, "", QuotaExceededError, "requires payment"),
        (429, "insufficient_quota", QuotaExceededError, "requires payment"),
        (429, "", NetworkError, "HTTP 429, 5 times"), (500, "", NetworkError, "HTTP 500"),
        (404, "", VoiceError, "HTTP 404"), (400, "", VoiceError, "The server says no"),
        ("hang up", "", NetworkError, "does not answer"), ("no sound", "", NetworkError, "invalid audio"),
    ],
)
def test_every_error_ends_as_one_line_with_a_remedy(
    speech: Speech, context: Context, what: int | str, code: str, error: type[PressrunError], words: str
) -> None:
    speech.troubles = [Trouble(what, headers={"code": code} if code else {})]
    with pytest.raises(error, match=words) as caught:
        openai.speak("Yes.", "en", 165, at(speech, context))
    assert caught.value.remedy
    assert "\n" not in caught.value.message
    assert caught.value.retryable is (error is NetworkError)


def test_audio_that_is_too_short_for_its_text_is_requested_again(speech: Speech, context: Context) -> None:
    complete = openai.speak(TEXT, "en", 165, at(speech, replace(context, parts=None)))
    speech.troubles = [Trouble("short", times=2, of="hut")]
    made = openai.speak(TEXT, "en", 165, at(speech, context))
    assert len(made.pcm) == len(complete.pcm)
    assert speech.refused == [TEXT[:47]] * 2


def test_audio_that_stays_too_short_is_an_error_and_is_not_stored(speech: Speech, context: Context) -> None:
    speech.troubles = [Trouble("short", of="hut")]
    with pytest.raises(NetworkError, match=r"returned only 0\.\d s of audio for 47 characters, 5 times") as caught:
        openai.speak(TEXT, "en", 165, at(speech, context))
    assert caught.value.retryable
    speech.troubles = []
    assert openai.speak(TEXT, "en", 165, at(speech, context)).words


SENTENCES = tuple(
    f"The {name} stood beside the pond that {name} had found, and nobody came to see it." for name in
    ("hut", "old wagon", "boat", "grey heron", "lamp", "stone bridge")
)


def test_a_sentence_that_was_cut_off_is_noticed_beside_the_others(speech: Speech, context: Context) -> None:
    speech.troubles = [Trouble("part", times=2, of="heron")]
    openai.prepare(SENTENCES, "en", 165, lambda *_: None, at(speech, context))
    assert speech.refused == [SENTENCES[3]] * 2
    assert sorted(speech.texts) == sorted([*SENTENCES, SENTENCES[3], SENTENCES[3]])
    openai.prepare(SENTENCES, "en", 165, lambda *_: None, at(speech, context))
    assert len(speech.texts) == 8, "the complete one is stored"


def test_a_sentence_that_is_always_cut_off_is_an_error(speech: Speech, context: Context) -> None:
    speech.troubles = [Trouble("part", of="heron")]
    with pytest.raises(NetworkError, match="far less audio for 90 characters") as caught:
        openai.prepare(SENTENCES, "en", 165, lambda *_: None, at(speech, context))
    assert caught.value.retryable
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": {"message": "Model kokoro is not loaded", "code": 7}}', "Model kokoro is not loaded"),
        (b'{"detail": [{"loc": ["body"], "msg": "voice: unknown"}]}', "voice: unknown"),
        (b'{"status": "busy"}', '{"status": "busy"}'),
        (b"<!DOCTYPE html><style>p {}</style><h1>502</h1> <p>Bad&nbsp;gateway</p>", "502 Bad gateway"),
        (b"Too many requests", "Too many requests"),
        (b'{"error": "key canary-speech-key has expired"}', "has expired"),
    ],
)
def test_a_message_with_status_200_is_shown(speech: Speech, context: Context, body: bytes, message: str) -> None:
    speech.troubles = [Trouble(body)]
    with pytest.raises(NetworkError) as caught:
        openai.speak("Yes.", "en", 165, at(speech, context))
    assert message in caught.value.message
    assert "returned invalid audio: it says" in caught.value.message
    assert "canary" not in caught.value.message


def test_a_server_that_repeats_the_key_does_not_make_us_show_it(
    speech: Speech, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_SPEECH_API_KEY", "canary-wrong-key")
    with pytest.raises(AuthenticationError) as caught:
        openai.speak("Yes.", "en", 165, at(speech, context))
    assert "canary" not in caught.value.message
    assert redaction.HIDDEN in caught.value.message


def test_silence_is_noticed(speech: Speech, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    assert openai.TIMEOUT < 15
    monkeypatch.setattr(openai, "TIMEOUT", 0.3)
    speech.troubles = [Trouble("silence")]
    with pytest.raises(NetworkError, match="does not answer in time"):
        openai.speak("Yes.", "en", 165, at(speech, context))


def test_it_is_chosen_only_where_it_is_set_up(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not readiness(context).ready
    assert readiness(context, speech_url="http://localhost:8880/v1").ready
    monkeypatch.setenv("OPENAI_API_KEY", "canary-openai-key")
    assert not readiness(context).ready
    assert readiness(context, voice="openai").ready
    monkeypatch.delenv("OPENAI_API_KEY")
    named = readiness(context, voice="openai")
    assert (named.ready, named.configured) == (False, True)


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://localhost:8880/v1", True), ("http://127.0.0.1/v1", True), ("http://192.168.1.7/v1", True),
        ("http://box.local/v1", True), ("https://api.openai.com/v1", False), ("https://voices.example.org", False),
    ],
)
def test_a_server_near_by_needs_no_internet(context: Context, url: str, near: bool) -> None:
    assert readiness(context, speech_url=url).near is near


@pytest.mark.parametrize("url", ["localhost:8880", "ftp://host/v1", "http://", "http://user:secret@host/v1", "http://[::1"])
def test_an_address_that_cannot_be_is_reported_beforehand(context: Context, url: str) -> None:
    found = readiness(context, speech_url=url)
    assert (found.ready, found.configured) == (False, True)
    assert "secret" not in found.reason + found.remedy
