"""The registry of a kind of services."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pressrun.services.registry import Registry


def test_a_service_is_imported_when_it_is_requested_and_not_before() -> None:
    code = """
import sys
from pressrun.services.voices import VOICES
assert "espeak" in VOICES and list(VOICES)[-1] == "edge"
before = "pressrun.services.voices.espeak" in sys.modules
print(before, VOICES["espeak"].NAME, "pressrun.services.voices.gtts" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "espeak", "False"]


def test_it_is_a_dictionary_to_those_who_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    registry: Registry[object] = Registry("pressrun.services.covers", "openlibrary", "drawn")
    mine = object()
    monkeypatch.setitem(registry, "mine", mine)
    assert (list(registry), len(registry), registry["mine"]) == (["openlibrary", "drawn", "mine"], 3, mine)
    monkeypatch.undo()
    assert ("mine" in registry, registry.get("mine")) == (False, None)
    with pytest.raises(KeyError):
        registry["mine"]
