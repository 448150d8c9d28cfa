"""What holds for every service of every kind."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pressrun.services.choice import REGISTRIES
from pressrun.services.protocols import Context, Readiness, Service
from pressrun.settings import ItemSettings, as_plain

ALL = [
    pytest.param(kind, name, service, id=f"{kind}-{name}")
    for kind, registry in REGISTRIES.items()
    for name, service in registry.items()
]
every_service = pytest.mark.parametrize(("kind", "name", "service"), ALL)


@every_service
def test_it_is_registered_under_its_own_name(kind: str, name: str, service: Service) -> None:
    assert name == service.NAME
    assert name == name.casefold()
    assert name != "auto"
    assert isinstance(service.NEEDS_NETWORK, bool)
    assert getattr(service, "__doc__", ""), f"the {kind} {name} does not say what it is"


@every_service
def test_ready_is_quick_honest_and_asks_the_network_nothing(
    kind: str, name: str, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError(f"the {kind} {name} opened a connection in ready")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    readiness = service.ready(Context(tmp_path, as_plain(ItemSettings())))
    assert isinstance(readiness, Readiness)
    assert readiness.reason
    assert readiness.ready or readiness.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_service_imports_its_library_only_when_it_is_used() -> None:
    heavy = ("av", "PIL", "numpy", "sumy", "nltk", "rapidfuzz", "pysubs2", "py3langid", "sentencex", "espeakng_loader",
             "pydantic", "rich", "click", "yt_dlp", "pocketsphinx", "faster_whisper")
    code = """
import sys
from pressrun.services.choice import REGISTRIES
assert all(service.NAME for registry in REGISTRIES.values() for service in registry.values())
print(*[name for name in sys.argv[1:] if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
