"""The variables of the queue have aliases, which apply if the variables themselves are not set."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun import BatchProcessor, redaction
from pressrun.errors import SettingsError
from pressrun.jobs.limits import Rates
from pressrun.jobs.variables import ALIASES, describe_variables, read_variable


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for names in ALIASES.items():
        for name in names:
            monkeypatch.delenv(name, raising=False)


def test_an_alias_applies_unless_the_variable_is_set() -> None:
    for name, alias in ALIASES.items():
        assert read_variable(name, {alias: " 7 "}) == (alias, "7")
        assert read_variable(name, {alias: "7", name: "8"}) == (name, "8")
        assert read_variable(name, {}) == (name, "")
    assert Rates.from_environment({"BATCH_PROCESSOR_RATE_LIMIT_USER": "7"}).per_user == 7
    with pytest.raises(SettingsError, match="variable BATCH_PROCESSOR_RATE_LIMIT_PROJECT: found 'many'"):
        Rates.from_environment({"BATCH_PROCESSOR_RATE_LIMIT_PROJECT": "many"})


def test_a_processor_takes_the_aliases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_SHEETS_CREDENTIALS_PATH", "service.json")
    monkeypatch.setenv("BATCH_PROCESSOR_MAX_WORKERS", "3")
    monkeypatch.setenv("BATCH_PROCESSOR_DB_URL", "postgresql://u:a-password@h/d")
    processor = BatchProcessor(workspace=tmp_path)
    assert (processor.credentials_path, processor.max_workers) == ("service.json", 3)
    assert redaction.secret_variable("database") == "BATCH_PROCESSOR_DB_URL"


def test_doctor_names_the_alias_and_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    from pressrun.cli.doctor import variables_check

    assert variables_check().run(lambda _: None) == "none is set, so the defaults apply"
    monkeypatch.setenv("BATCH_PROCESSOR_MAX_WORKERS", "3")
    monkeypatch.setenv("PRESSRUN_RATE_LIMIT_USER", "5")
    monkeypatch.setenv("BATCH_PROCESSOR_DB_URL", "postgresql://u:a-password@h/d")
    assert describe_variables() == [
        "PRESSRUN_MAX_WORKERS = 3 (from BATCH_PROCESSOR_MAX_WORKERS)", "PRESSRUN_RATE_LIMIT_USER = 5",
    ]  # fmt: skip
