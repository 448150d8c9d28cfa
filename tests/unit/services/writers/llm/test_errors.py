"""What goes wrong with a model ends as one sentence with a remedy, retryable or not, without a key in it."""

from __future__ import annotations

import time
import traceback
from typing import Any

import pytest
from tests.loopback.language_model import KEYS, Refusal, Trouble

from pressrun.errors import AuthenticationError, NetworkError, PressrunError, QuotaExceededError, ScriptError
from pressrun.services.writers.llm import errors, providers

WriterSession = Any


def failure(session: WriterSession) -> PressrunError:
    with pytest.raises(PressrunError) as caught:
        session.write()
    error = caught.value
    assert error.remedy.endswith(".")
    assert "\n" not in error.message
    assert not any(key in f"{error.message}{error.remedy}{session.told}" for key in KEYS.values())
    return error


def test_a_wrong_key_is_named_by_its_variable(openai: WriterSession, gemini: WriterSession) -> None:
    openai.server.refused_keys = set(KEYS.values())
    for models, variable in (
        ("openai:gpt-6-luna", "PRESSRUN_OPENAI_API_KEY"), ("gemini:gemini-3.8-flash", "PRESSRUN_GEMINI_API_KEY")
    ):
        openai.settings["llm_models"] = models
        error = failure(openai)
        assert isinstance(error, AuthenticationError)
        assert not error.retryable
        assert variable in error.remedy


def test_no_key_is_in_the_traceback_either(openai: WriterSession) -> None:
    from pressrun.redaction import redact

    openai.server.refused_keys = set(KEYS.values())
    error = failure(openai)
    assert not any(key in redact("".join(traceback.format_exception(error))) for key in KEYS.values())


@pytest.mark.parametrize("status", [500, 503])
def test_an_error_of_the_provider_is_retryable(each: WriterSession, status: int) -> None:
    each.server.replies = [Trouble(status)]
    error = failure(each)
    assert isinstance(error, NetworkError)
    assert f"(status {status})" in error.message
    assert len(each.server.asked) == 1


def test_too_many_requests_are_retryable_after_the_time_the_provider_names(openai: WriterSession) -> None:
    openai.server.replies = [Trouble(429, "rate_limit_exceeded", headers={"Retry-After": "1"})]
    clock = time.monotonic()
    error = failure(openai)
    assert error.retryable
    assert "rate-limits requests" in error.message
    assert 1 <= time.monotonic() - clock < 3


def test_a_provider_that_names_an_hour_is_not_waited_for(
    openai: WriterSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "MAX_RETRY_WAIT", 0.1)
    openai.server.replies = [Trouble(429, "rate_limit_exceeded", headers={"Retry-After": "3600"})]
    clock = time.monotonic()
    assert failure(openai).retryable
    assert time.monotonic() - clock < 2


def test_a_quota_that_is_used_up_is_not_tried_again(openai: WriterSession) -> None:
    openai.server.replies = [Trouble(429, "insufficient_quota")]
    error = failure(openai)
    assert isinstance(error, QuotaExceededError)
    assert not error.retryable


def test_a_model_that_does_not_exist_is_named(each: WriterSession) -> None:
    each.server.replies = [Trouble(404, "model_not_found")]
    error = failure(each)
    assert isinstance(error, ScriptError)
    assert "has no model" in error.message
    assert "llm_models" in error.remedy


def test_a_refusal_is_said_to_be_one(each: WriterSession) -> None:
    each.server.replies = [Refusal()]
    error = failure(each)
    assert isinstance(error, ScriptError)
    assert "refused to write about this source" in error.message


def test_an_answer_that_is_not_a_script_is_asked_again_and_then_fails(each: WriterSession) -> None:
    each.server.replies = ["no JSON", '{"title": "only"}', "[]"]
    error = failure(each)
    assert isinstance(error, ScriptError)
    assert len(each.server.asked) == 3


def test_a_lost_connection_is_retryable(each: WriterSession) -> None:
    each.server.replies = [Trouble()]
    error = failure(each)
    assert isinstance(error, NetworkError)
    assert "cannot be reached" in error.message


def test_an_answer_that_never_comes_is_given_up(each: WriterSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressrun.services.writers.llm.client.REPLY_TIMEOUT", 0.4)
    each.server.replies = [Trouble(200, silent=30)]
    clock = time.monotonic()
    error = failure(each)
    assert isinstance(error, NetworkError)
    assert "in time" in error.message
    assert time.monotonic() - clock < 5


def test_a_peer_that_has_gone_is_noticed_within_fifteen_seconds() -> None:
    assert providers.KEEPALIVE_IDLE + providers.KEEPALIVE_PROBES * providers.KEEPALIVE_INTERVAL <= 15
    assert providers.CONNECT_TIMEOUT < 15


def test_all_that_were_asked_are_named_and_one_that_may_come_back_makes_it_retryable(
    openai: WriterSession, gemini: WriterSession
) -> None:
    openai.settings["llm_models"] = "openai:gpt-6-luna, gemini:gemini-3.8-flash"
    openai.server.replies = [Trouble(401, "invalid_api_key"), Trouble(500)]
    error = failure(openai)
    assert error.retryable
    assert error.message == (
        "No model wrote the script: OpenAI did not accept the key for openai:gpt-6-luna (status 401); "
        "Gemini had a server error for gemini:gemini-3.8-flash (status 500)"
    )


def test_what_to_do_is_said_for_each_of_them(openai: WriterSession, gemini: WriterSession) -> None:
    openai.settings["llm_models"] = "openai:gpt-6-luna, gemini:gemini-3.8-flash"
    openai.server.refused_keys = set(KEYS.values())
    assert failure(openai).remedy == (
        "Check the key in PRESSRUN_OPENAI_API_KEY or OPENAI_API_KEY. "
        "Check the key in PRESSRUN_GEMINI_API_KEY or GEMINI_API_KEY."
    )


def test_a_proxy_of_the_environment_is_used(openai: WriterSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "other.example")
    assert "cannot be reached" in failure(openai).message
    assert openai.server.asked == []
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    openai.write()
