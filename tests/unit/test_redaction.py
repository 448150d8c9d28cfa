"""Secrets are read from the environment and removed from text."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from pressrun import redaction
from pressrun.errors import SettingsError

CANARY = "canary-5f0c2e9a77"


@pytest.fixture(autouse=True)
def no_registered_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_registered", set())


@pytest.mark.parametrize("name", redaction.SECRETS)
def test_every_variable_of_a_secret_is_read(name: str) -> None:
    for variable in redaction.SECRETS[name].variables:
        found = redaction.find_secret(name, {variable: f" {CANARY}\n"})
        assert found is not None
        assert found.reveal() == CANARY


def test_secret_text_hides_its_value() -> None:
    text = redaction.SecretText(CANARY)
    assert CANARY not in f"{text} {text!r} {[text]}"
    assert text.reveal() == CANARY


def test_a_secret_can_be_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(CANARY + "\n")
    found = redaction.find_secret("openai", {"OPENAI_API_KEY_FILE": str(tmp_path / "key")})
    assert found is not None
    assert found.reveal() == CANARY


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_missing_or_empty_file_is_an_error_that_names_the_variable(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY_FILE"):
        redaction.find_secret("openai", {"OPENAI_API_KEY_FILE": str(tmp_path / "key")})


def test_an_unset_secret_has_no_value() -> None:
    assert redaction.find_secret("gemini", {}) is None


def test_registered_secrets_are_redacted() -> None:
    redaction.SecretText(CANARY)
    redaction.register("first-cookie-line\nsecond-cookie-line\n\nab")
    shown = redaction.redact(f"401 for {CANARY} with second-cookie-line, ab")
    assert shown == "401 for [hidden] with [hidden], ab"


def test_the_longer_of_two_overlapping_secrets_is_redacted_first() -> None:
    redaction.register(CANARY, CANARY + "-and-more")
    assert redaction.redact(CANARY + "-and-more") == "[hidden]"


def test_a_stream_redacts_a_secret_written_in_pieces() -> None:
    redaction.register(CANARY)
    target = io.StringIO()
    stream = redaction.RedactedStream(target)
    for piece in ("key ", CANARY[:6], CANARY[6:], " was wrong\nand then ", CANARY):
        stream.write(piece)
    stream.close()
    assert target.getvalue() == "key [hidden] was wrong\nand then [hidden]"


def test_an_unreadable_file_is_reported_with_its_reason(tmp_path: Path) -> None:
    place = tmp_path / "key"
    with pytest.raises(SettingsError) as caught:
        redaction.find_secret("openai", {"OPENAI_API_KEY_FILE": str(place)})
    assert caught.value.message == (
        f"Environment variable OPENAI_API_KEY_FILE: {place} cannot be read: No such file or directory"
    )
    place.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="not UTF-8 text"):
        redaction.find_secret("openai", {"OPENAI_API_KEY_FILE": str(place)})
