"""`ai_provider` chooses the model that writes, uses the scripts of the rows, or is rejected at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import AuthenticationError, SettingsError
from pressrun.kinds.ideas.rows import Reading, Rows, ValidationLevel, read_list
from pressrun.python.writers import writer_settings

WITH_SCRIPT = {"idea_title": "Bees", "script_content": "Bees fly."}
WITHOUT_SCRIPT = {"idea_title": "Rockets", "description": "How rockets fly to the moon."}


def read(*rows: dict[str, Any]) -> Rows:
    return read_list(rows, Reading(validation=ValidationLevel.PERMISSIVE))


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"PRESSRUN_{name}", raising=False)


def test_a_provider_with_a_key_writes_with_its_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pressrun.toml").write_text('llm_models = "gemini:a, openai:b, gemini:c"\n')
    monkeypatch.setenv("GEMINI_API_KEY", "a-key-of-a-test")
    rows = read(WITHOUT_SCRIPT)
    assert writer_settings("auto", rows, tmp_path) == {}
    assert writer_settings("none", rows, tmp_path) == {"writer": "extractive"}
    assert writer_settings("Gemini", rows, tmp_path) == {"writer": "llm", "llm_models": "gemini:a, gemini:c"}


def test_without_a_key_the_rows_bring_their_scripts_or_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "pressrun.toml").write_text('llm_models = "gemini:a, openai:b"\n')
    assert writer_settings("openai", read(WITH_SCRIPT), tmp_path) == {"writer": "extractive"}
    with pytest.raises(AuthenticationError, match="openai cannot write the scripts of row 2: there is") as caught:
        writer_settings("openai", read(WITH_SCRIPT, WITHOUT_SCRIPT), tmp_path)
    assert "OPENAI_API_KEY" in caught.value.remedy
    elsewhere = writer_settings("openai", read(WITHOUT_SCRIPT), tmp_path, own_worker=False)
    assert elsewhere == {"writer": "llm", "llm_models": "openai:b"}


def test_a_provider_without_a_model_uses_scripts_and_an_unknown_one_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "pressrun.toml").write_text('llm_models = "gemini:a"\n')
    assert writer_settings("openai", read(WITH_SCRIPT), tmp_path) == {"writer": "extractive"}
    with pytest.raises(SettingsError, match='found "openai"; it must be auto, none, or a provider of llm_models'):
        writer_settings("openai", read(WITHOUT_SCRIPT), tmp_path)
    with pytest.raises(SettingsError, match='found "acme"; it must be auto, none, or a provider of llm_models: gemini'):
        writer_settings("acme", read(WITH_SCRIPT), tmp_path)
