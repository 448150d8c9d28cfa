"""Open Library on this machine, with an address as a user would set it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.loopback.covers import Library

from pressrun.services.protocols import Context


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    with Library() as library:
        for name, value in library.environment.items():
            monkeypatch.setenv(name, value)
        yield library


@pytest.fixture
def context(tmp_path: Path) -> Context:
    (tmp_path / "run").mkdir()
    return Context(tmp_path, {})
