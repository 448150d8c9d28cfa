"""Which models are asked, with which keys, and what is said where none can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.loopback.language_model import KEYS

from pressrun.errors import AuthenticationError, NetworkError, SettingsError
from pressrun.services.choice import choose_services
from pressrun.services.writers import llm
from pressrun.services.writers.llm.models import configured_models, parse_models
from pressrun.settings import load_settings

WriterSession = Any


def test_without_a_key_it_says_which_variables_to_set(session: WriterSession) -> None:
    readiness = llm.ready(session.context)
    assert not readiness.ready
    assert not readiness.configured
    assert "PRESSRUN_GEMINI_API_KEY or GEMINI_API_KEY" in readiness.remedy
    assert "llm_url" in readiness.remedy


def test_with_a_key_it_names_the_model(each: WriterSession) -> None:
    readiness = llm.ready(each.context)
    assert (readiness.ready, readiness.configured) == (True, True)
    assert readiness.reason == f"it writes with {each.settings['llm_models']}"


def test_auto_takes_the_model_where_there_is_a_key(
    openai: WriterSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writer() -> str:
        chosen = choose_services(load_settings(tmp_path, {"network": "on", "publisher": "folder"}), tmp_path)
        return next(choice.name for choice in chosen if choice.kind == "writer")

    assert writer() == "llm"
    monkeypatch.delenv("PRESSRUN_OPENAI_API_KEY")
    assert writer() == "extractive"


def test_missing_libraries_are_reported_only_to_those_who_set_it_up(
    session: WriterSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llm, "LIBRARIES", ("no_such_library",))
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-for-anybody")
    readiness = llm.ready(session.context)
    assert (readiness.ready, readiness.configured) == (False, False)
    assert 'pip install "pressrun[llm]"' in readiness.remedy
    monkeypatch.setenv("PRESSRUN_OPENAI_API_KEY", "a-key-for-pressrun")
    assert llm.ready(session.context).configured


def test_models_are_asked_in_their_order_each_with_each_of_its_keys() -> None:
    settings = {"llm_models": " openai:a , custom:meta/llama:7b, gemini:c ", "llm_url": "http://127.0.0.1:1/v1"}
    environment = {"OPENAI_API_KEY": "key-number-one, key-number-two,"}
    found = configured_models(settings, environment)
    assert list(map(str, found)) == ["openai:a", "openai:a with key 2", "custom:meta/llama:7b"]
    assert [each.key and each.key.reveal() for each in found] == ["key-number-one", "key-number-two", None]
    assert [each.url for each in found] == ["", "", "http://127.0.0.1:1/v1"]
    assert "key-number" not in repr(found)


def test_custom_without_an_address_is_skipped() -> None:
    assert configured_models({"llm_models": "custom:x", "llm_url": ""}, {"PRESSRUN_LLM_API_KEY": "a-key-of-mine"}) == []


@pytest.mark.parametrize("setting", ["gpt-6-luna", "openai:", ":x", "claude:y", "openai;x", "", " , "])
def test_a_wrong_list_of_models_is_rejected(setting: str) -> None:
    with pytest.raises(SettingsError, match="llm_models"):
        parse_models(setting)


def test_a_check_asks_for_the_name_of_the_model_only(each: WriterSession) -> None:
    assert llm.check(each.context) == f"{each.settings['llm_models']} is available"
    assert len(each.server.described) == 1
    assert each.server.asked == []
    assert each.notes == []


def test_a_check_names_a_wrong_key_an_unknown_model_and_a_server_that_is_not_there(
    openai: WriterSession, gemini: WriterSession
) -> None:
    openai.settings["llm_models"] = "openai:old, gemini:gemini-3.8-flash"
    openai.server.unknown_models = {"old"}
    assert llm.check(openai.context) == "gemini:gemini-3.8-flash is available"
    assert openai.notes == ["OpenAI has no model old. Correct its name in llm_models."]
    openai.server.refused_keys = set(KEYS.values())
    with pytest.raises(AuthenticationError, match="OpenAI did not accept the key") as caught:
        llm.check(openai.context)
    assert "canary" not in f"{caught.value.message}{caught.value.remedy}"
    openai.settings |= {"llm_models": "custom:x", "llm_url": "http://127.0.0.1:9/v1"}
    with pytest.raises(NetworkError):
        llm.check(openai.context)


def test_a_server_on_this_machine_needs_no_internet(custom: WriterSession) -> None:
    assert llm.ready(custom.context).near
    custom.settings["llm_url"] = "https://models.example/v1"
    assert not llm.ready(custom.context).near
