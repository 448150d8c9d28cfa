"""Whether a host is there: it must answer itself, and nobody waits long for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from tests.loopback.speech import HOST, Speech

from pressrun.services import network


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (*network.PROXY_VARIABLES, *network.CERTIFICATE_VARIABLES, "SSL_CERT_FILE", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    network.host_responds.cache_clear()
    yield
    network.host_responds.cache_clear()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of something that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_host_behind_a_proxy_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with Speech() as speech:
        for name, value in speech.environment.items():
            monkeypatch.setenv(name, value)
        assert network.has_route()
        assert network.host_responds(HOST)


def test_a_host_that_the_proxy_does_not_reach_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with Speech() as speech:
        for name, value in speech.environment.items():
            monkeypatch.setenv(name, value)
        assert not network.host_responds("elsewhere.example")


def test_another_server_in_the_place_of_a_host_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    with Speech() as speech:
        monkeypatch.setenv("HTTPS_PROXY", speech.environment["HTTPS_PROXY"])
        assert not network.host_responds(HOST), "its certificate is trusted by nobody"


def test_a_proxy_that_says_nothing_is_waited_for_shortly(monkeypatch: pytest.MonkeyPatch, silent: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://ann:secret@{silent}")
    monkeypatch.setattr(network, "PROBE_TIMEOUT", 0.3)
    begun = time.monotonic()
    assert not network.host_responds(HOST)
    assert time.monotonic() - begun < 2


def test_a_name_that_cannot_be_resolved_is_waited_for_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> None:
        time.sleep(3)
        raise socket.gaierror("Temporary failure in name resolution")

    monkeypatch.setattr(network, "PROBE_TIMEOUT", 0.3)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    begun = time.monotonic()
    assert not network.host_responds(HOST)
    assert time.monotonic() - begun < 2


def test_a_proxy_gets_its_password_and_one_that_speaks_no_http_is_asked_whether_it_is_there(
    monkeypatch: pytest.MonkeyPatch, silent: str
) -> None:
    assert network._parse_proxy("http://ann:p%40ss@host:3128") == (
        "http", "host", 3128, {"Proxy-Authorization": "Basic YW5uOnBAc3M="}
    )
    assert network._parse_proxy("host:3128") == ("http", "host", 3128, {})
    monkeypatch.setenv("ALL_PROXY", f"socks5://{silent}")
    assert network.host_responds(HOST)


@pytest.mark.parametrize("host", ["127.0.0.1", "192.168.1.20", "::1", "localhost", "box.local"])
def test_hosts_nearby_need_no_internet(host: str) -> None:
    assert network.is_near(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "example.org", "localhost.example.org", ""])
def test_other_hosts_do(host: str) -> None:
    assert not network.is_near(host)


def test_a_proxy_that_cannot_be_read_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://host:port")
    assert not network.host_responds(HOST)
