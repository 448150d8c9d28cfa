"""What holds for every service of every kind."""

from __future__ import annotations

import inspect
import socket
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pressrun.services.choice import REGISTRIES
from pressrun.services.protocols import (
    Checkable,
    Context,
    Cover,
    Publisher,
    Readiness,
    Service,
    Source,
    Transcriber,
    Voice,
    Writer,
)
from pressrun.settings import ItemSettings, as_plain

PROTOCOLS: dict[str, type] = {
    "source": Source,
    "transcriber": Transcriber,
    "writer": Writer,
    "voice": Voice,
    "cover": Cover,
    "publisher": Publisher,
}

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


def signature(function: Callable[..., Any]) -> tuple[list[tuple[str, object]], object]:
    """Return names and annotations of the parameters, without `self`, and the annotation of the result."""
    found = inspect.signature(function)
    parameters = [(each.name, each.annotation) for each in found.parameters.values() if each.name != "self"]
    return parameters, found.return_annotation


@every_service
def test_it_has_the_constants_and_functions_of_its_protocol(kind: str, name: str, service: Service) -> None:
    protocol = PROTOCOLS[kind]
    for base in protocol.__mro__:
        for constant, annotation in vars(base).get("__annotations__", {}).items():
            assert type(getattr(service, constant)).__name__ == annotation, f"{kind} {name}: {constant}"
    functions = [each for each in dir(protocol) if not each.startswith("_") and callable(getattr(protocol, each))]
    assert "ready" in functions
    for function in functions:
        expected = signature(getattr(protocol, function))
        assert signature(getattr(service, function)) == expected, f"{kind} {name}: {function}"


@every_service
def test_it_can_be_checked_if_it_needs_the_network(kind: str, name: str, service: Service) -> None:
    if service.NEEDS_NETWORK:
        assert isinstance(service, Checkable), f"the {kind} {name} has no check"
    if isinstance(service, Checkable):
        assert signature(service.check) == signature(Checkable.check)


@every_service
def test_a_check_in_a_module_of_its_package_is_its_check(kind: str, name: str, service: Service) -> None:
    package = str(getattr(service, "__name__", ""))
    for folder in getattr(service, "__path__", ()):
        for path in Path(folder).glob("*.py"):
            if "\ndef check(" in path.read_text(encoding="utf-8"):
                module = import_module(package if path.stem == "__init__" else f"{package}.{path.stem}")
                assert getattr(service, "check", None) is module.check, f"the {kind} {name} hides {module.__name__}"


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
             "pydantic", "rich", "click", "yt_dlp", "pocketsphinx", "faster_whisper", "edge_tts", "aiohttp")
    code = """
import sys
from pressrun.services.choice import REGISTRIES
assert all(service.NAME for registry in REGISTRIES.values() for service in registry.values())
print(*[name for name in sys.argv[1:] if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
