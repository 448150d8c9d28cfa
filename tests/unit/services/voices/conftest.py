"""Voices on this machine, reached as a user behind a proxy would reach them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.loopback.speech import Speech

from pressrun.services.protocols import Context
from pressrun.services.voices import online


@pytest.fixture
def speech(monkeypatch: pytest.MonkeyPatch) -> Iterator[Speech]:
    monkeypatch.setattr(online, "FIRST_RETRY_DELAY", 0.02)
    monkeypatch.setattr(online, "MAX_JITTER", 0.02)
    with Speech() as speech:
        for name, value in speech.environment.items():
            monkeypatch.setenv(name, value)
        yield speech


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(tmp_path, {}, tmp_path / "tts.parts", 4)
