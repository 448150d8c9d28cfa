"""Which services are used: the first that is ready, or exactly the one that was asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pressrun.errors import PressrunError, ServiceUnavailableError, SettingsError
from pressrun.model.plan import ServiceChoice
from pressrun.services import choice
from pressrun.services.protocols import Readiness
from pressrun.settings import SERVICE_KINDS, ItemSettings, RunSettings, Settings


def settings(network: str = "off", **item: Any) -> Settings:
    return Settings(replace(ItemSettings(), **item), RunSettings(network=network), frozenset(item))  # type: ignore[arg-type]


def service(name: str, ready: bool, **more: Any) -> Any:
    state = Readiness(ready, f"{name} says so", "" if ready else f"set up {name}")
    return SimpleNamespace(NAME=name, NEEDS_NETWORK=False, ready=lambda _: state, **more)


@pytest.fixture
def voices(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = {"first": service("first", False), "second": service("second", True), "third": service("third", True)}
    monkeypatch.setitem(choice.REGISTRIES, "voice", registry)


def chosen(asked: Settings, workspace: Path, kind: str) -> ServiceChoice:
    return next(each for each in choice.choose_services(asked, workspace) if each.kind == kind)


def test_one_service_of_each_kind_is_chosen_with_a_reason(tmp_path: Path) -> None:
    found = choice.choose_services(settings(), tmp_path)
    assert [each.kind for each in found] == list(SERVICE_KINDS)
    assert all(each.reason and each.name in choice.REGISTRIES[each.kind] for each in found)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("voices")
def test_auto_takes_the_first_that_is_ready(tmp_path: Path) -> None:
    assert chosen(settings(), tmp_path, "voice") == ServiceChoice("voice", "second", "second says so")


@pytest.mark.usefixtures("voices")
def test_a_named_service_is_taken_even_where_auto_takes_another(tmp_path: Path) -> None:
    assert chosen(settings(voice="third"), tmp_path, "voice").name == "third"


@pytest.mark.usefixtures("voices")
def test_a_named_service_that_is_not_ready_is_an_error_and_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailableError, match="voice first cannot be used: first says so") as caught:
        choice.choose_services(settings(voice="first"), tmp_path)
    assert caught.value.remedy == "set up first"
    assert caught.value.exit_code == 2


@pytest.mark.usefixtures("voices")
def test_a_name_that_does_not_exist_is_an_error_that_lists_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match='unknown voice "fourth"') as caught:
        choice.choose_services(settings(voice="fourth"), tmp_path)
    assert caught.value.remedy == "Use one of: auto, first, second, third."


def test_auto_without_any_that_is_ready_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(choice.REGISTRIES, "voice", {"first": service("first", False)})
    with pytest.raises(ServiceUnavailableError, match=r"No voice can be used: first \(first says so\)") as caught:
        choice.choose_services(settings(), tmp_path)
    assert caught.value.remedy == "set up first"


def test_a_language_that_does_not_exist_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match='"klingon" is no language code'):
        choice.choose_services(settings(language="klingon"), tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("style", "fancy", "fancy"),
        ("resolution", "huge", "huge"),
        ("font_dir", "no-such-folder", "no-such-folder"),
        ("language", "klingon", "klingon"),
    ],
)
def test_a_setting_that_a_stage_would_refuse_is_refused_before_anything_runs(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    with pytest.raises(PressrunError, match=said) as refused:
        choice.choose_services(settings(**{name: value}), tmp_path)
    assert refused.value.exit_code == 2
    assert refused.value.remedy


@pytest.fixture
def online_first(monkeypatch: pytest.MonkeyPatch) -> None:
    online = service("online", True, HOST="voice.example")
    online.NEEDS_NETWORK = True
    monkeypatch.setitem(choice.REGISTRIES, "voice", {"online": online, "offline": service("offline", True)})


@pytest.mark.usefixtures("online_first")
@pytest.mark.parametrize(
    ("network", "routed", "answers", "expected"),
    [
        ("off", True, True, "offline"),
        ("auto", False, True, "offline"),
        ("auto", True, False, "offline"),
        ("auto", True, True, "online"),
        ("on", False, False, "online"),
    ],
)
def test_auto_takes_a_service_on_the_network_only_where_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: str, routed: bool, answers: bool, expected: str
) -> None:
    monkeypatch.setattr(choice, "has_route", lambda: routed)
    monkeypatch.setattr(choice, "host_responds", lambda host: answers and host == "voice.example")
    found = {each.kind: each.name for each in choice.choose_services(settings(network), tmp_path, ask_network=True)}
    assert found["voice"] == expected


@pytest.mark.usefixtures("online_first")
def test_a_dry_run_does_not_ask_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(host: str) -> bool:
        raise AssertionError(f"asked {host}")

    monkeypatch.setattr(choice, "has_route", lambda: True)
    monkeypatch.setattr(choice, "host_responds", refuse)
    assert chosen(settings("auto"), tmp_path, "voice").name == "online"


def test_auto_never_passes_by_a_service_that_is_set_up_and_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = SimpleNamespace(
        NAME="bucket", NEEDS_NETWORK=False, ready=lambda _: Readiness(False, "its token is gone", "sign in", True)
    )
    monkeypatch.setitem(choice.REGISTRIES, "publisher", {"bucket": broken, "folder": service("folder", True)})
    with pytest.raises(ServiceUnavailableError, match="bucket is configured but cannot be used: its token is gone"):
        choice.choose_services(settings(), tmp_path)


def test_auto_takes_a_last_resort_only_where_nothing_else_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = SimpleNamespace(
        NAME="folder", NEEDS_NETWORK=False, ready=lambda _: Readiness(True, "it is empty", last_resort=True)
    )
    monkeypatch.setitem(choice.REGISTRIES, "source", {"folder": empty, "other": service("other", True)})
    assert chosen(settings(), tmp_path, "source").name == "other"
    monkeypatch.setitem(choice.REGISTRIES, "source", {"folder": empty, "other": service("other", False)})
    assert chosen(settings(), tmp_path, "source").name == "folder"
