from __future__ import annotations

import io
from pathlib import Path

import pytest

from pressrun import secrets
from pressrun.errors import SettingsError

CANARY = "canary-5f0c2e9a77"


@pytest.fixture(autouse=True)
def _forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_remembered", set())


@pytest.mark.parametrize("name", secrets.SECRETS)
def test_every_variable_of_a_secret_is_read(name: str) -> None:
    for variable in secrets.SECRETS[name].variables:
        found = secrets.find(name, {variable: f" {CANARY}\n"})
        assert found is not None
        assert found.reveal() == CANARY


def test_a_secret_shows_itself_only_when_it_is_asked_for() -> None:
    text = secrets.SecretText(CANARY)
    assert CANARY not in f"{text} {text!r} {[text]}"
    assert text.reveal() == CANARY


def test_a_secret_can_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(CANARY + "\n")
    found = secrets.find("openai", {"OPENAI_API_KEY_FILE": str(tmp_path / "key")})
    assert found is not None
    assert found.reveal() == CANARY


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_file_without_a_value_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY_FILE"):
        secrets.find("openai", {"OPENAI_API_KEY_FILE": str(tmp_path / "key")})


def test_a_secret_that_is_nowhere_is_none() -> None:
    assert secrets.find("gemini", {}) is None


def test_what_was_read_is_taken_out_of_every_text() -> None:
    secrets.SecretText(CANARY)
    secrets.remember("first-cookie-line\nsecond-cookie-line\n\nab")
    told = secrets.redact(f"401 for {CANARY} with second-cookie-line, ab")
    assert told == "401 for [hidden] with [hidden], ab"


def test_the_longer_of_two_secrets_goes_first() -> None:
    secrets.remember(CANARY, CANARY + "-and-more")
    assert secrets.redact(CANARY + "-and-more") == "[hidden]"


def test_a_stream_hides_a_secret_that_comes_in_pieces() -> None:
    secrets.remember(CANARY)
    target = io.StringIO()
    stream = secrets.RedactedStream(target)
    for piece in ("key ", CANARY[:6], CANARY[6:], " was wrong\nand then ", CANARY):
        stream.write(piece)
    stream.close()
    assert target.getvalue() == "key [hidden] was wrong\nand then [hidden]"


def test_a_file_that_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    place = tmp_path / "key"
    with pytest.raises(SettingsError) as caught:
        secrets.find("openai", {"OPENAI_API_KEY_FILE": str(place)})
    assert caught.value.message == (
        f"Environment variable OPENAI_API_KEY_FILE: {place} cannot be read: No such file or directory"
    )
    place.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="it is no text in UTF-8"):
        secrets.find("openai", {"OPENAI_API_KEY_FILE": str(place)})
