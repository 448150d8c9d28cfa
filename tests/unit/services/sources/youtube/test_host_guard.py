"""The host guard: which hosts are asked, on the first request and on those that follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.loopback.video_site import Clip, Trouble, VideoSite

from pressrun.errors import SourceError
from pressrun.services.sources import youtube
from pressrun.services.sources.youtube.host_guard import HostBlockedError, host_guard

Make = Callable[..., Clip]
USUAL = host_guard("youtube.com, youtu.be, *.googlevideo.com")


@pytest.mark.parametrize(
    "url",
    ["https://youtube.com/x", "https://www.YouTube.com:443/x", "https://r4---sn.googlevideo.com/v", "http://youtu.be./x"],
)
def test_listed_hosts_and_those_below_them_are_asked(url: str) -> None:
    USUAL.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://notyoutube.com/", "https://youtube.com.example.org/", "https://example.org/youtube.com",
        "https://youtube.com@example.org/", "ftp://youtube.com/x", "file:///etc/passwd", "data:text/plain,x",
        "//youtube.com", "https://127.0.0.1/", "http://[::1]/", "",
    ],
)
def test_all_others_are_refused(url: str) -> None:
    with pytest.raises(HostBlockedError):
        USUAL.check(url)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:10.0.0.1", "100.64.0.1"],
)
def test_a_listed_name_must_not_stand_for_an_address_nearby(address: str) -> None:
    with pytest.raises(HostBlockedError, match="not a public address"):
        USUAL.check_address("www.youtube.com", address)
    USUAL.check_address("www.youtube.com", "142.250.74.206")


def test_an_address_nearby_is_asked_where_the_list_names_it_itself() -> None:
    guard = host_guard("127.0.0.1, localhost, press.example")
    guard.check_address("127.0.0.1", "127.0.0.1")
    guard.check_address("localhost", "::1")
    with pytest.raises(HostBlockedError):
        guard.check_address("press.example", "127.0.0.1")


def test_a_name_below_a_listed_address_is_another_host() -> None:
    with pytest.raises(HostBlockedError):
        host_guard("127.0.0.1").check("http://evil.127.0.0.1/")


def test_this_machine_alone_is_nearby() -> None:
    assert host_guard("127.0.0.1, localhost").is_local
    assert not host_guard("127.0.0.1, youtube.com").is_local
    assert not host_guard("").is_local


def test_a_redirect_to_another_host_is_not_followed(session: Any, clip: Make) -> None:
    with VideoSite() as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        match = session.find(clip())
        for path in ("/watch", "/captions"):
            session.site.troubles[:] = [Trouble(path, "elsewhere", f"{elsewhere}/watch/one")]
            with pytest.raises(SourceError, match="localhost is not among the source_hosts") as caught:
                youtube.fetch(match.chosen, session.folder, session.context())
            assert "source_hosts" in caught.value.remedy
        assert other.asked == []


def test_a_redirect_to_a_listed_host_is_followed(session: Any, clip: Make) -> None:
    match = session.find(clip())
    target = f"{session.site.url}/captions/one.de.vtt"
    session.site.troubles.append(Trouble("/captions/one.en.vtt", "elsewhere", target, 1))
    youtube.fetch(match.chosen, session.folder, session.context())
    assert session.site.asked[-1] == "/captions/one.de.vtt"


def test_a_film_on_another_host_is_not_asked_for(session: Any, clip: Make) -> None:
    with VideoSite() as other:
        match = session.find(clip(captions=()))
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        session.site.troubles.append(Trouble("/media", "elsewhere", f"{elsewhere}/media/one.mp4"))
        with pytest.raises(SourceError, match="localhost is not among"):
            youtube.fetch(match.chosen, session.folder, session.context())
        assert other.asked == []


def test_a_search_on_a_host_that_is_not_listed_sends_nothing(session: Any, clip: Make) -> None:
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 is not among the source_hosts"):
        session.find(clip(), source_hosts="youtube.com")
    assert session.site.asked == []


def test_a_listed_name_that_stands_for_this_machine_is_not_connected_to(
    session: Any, clip: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    monkeypatch.setenv("LOOPBACK_VIDEO_SITE", session.site.url.replace("127.0.0.1", "press.example"))
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more: real("127.0.0.1", *more))
    with pytest.raises(SourceError, match=r"press\.example resolves to 127\.0\.0\.1"):
        session.find(clip(), source_hosts="press.example")
    assert session.site.asked == []
