"""Every trouble of a site has its own sentence, its remedy, and says whether it passes by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.loopback.video_site import Clip, Trouble

from pressrun.errors import AuthenticationError, NetworkError, OutdatedLibraryError, SourceError
from pressrun.services.sources import youtube
from pressrun.services.sources.youtube import ytdlp

Make = Callable[..., Clip]
CASES: list[tuple[str, type[Exception], str, str]] = [
    ("429", NetworkError, "asks to slow down (HTTP 429)", "Wait an hour"),
    ("500", NetworkError, "server error (HTTP 500)", "run the same command again"),
    ("hang up", NetworkError, "the connection failed", "Check the network"),
    ("Sign in to confirm you’re not a bot", AuthenticationError, "asks to sign in", "PRESSRUN_COOKIES_FILE"),
    ("Sign in to confirm your age", SourceError, "signed-in adults", "PRESSRUN_COOKIES_FILE"),
    ("geo", SourceError, "not shown in your country", "PRESSRUN_PROXY"),
    ("The uploader has not made this video available in your country", SourceError, "not shown", "PRESSRUN_PROXY"),
    ("451", SourceError, "not shown in your country (HTTP 451)", "PRESSRUN_PROXY"),
    ("403", SourceError, "denies access (HTTP 403)", "pip install -U yt-dlp"),
    ("404", SourceError, "it was removed (HTTP 404)", "--from search"),
    ("Private video. Sign in if you've been granted access", SourceError, "removed or is private", "--from search"),
    ("Video unavailable. This video has been removed by the uploader", SourceError, "removed", "--from search"),
    ("Join this channel to get access to members-only content", SourceError, "paying members", "--from search"),
    ("changed", OutdatedLibraryError, "no longer understands the site", "pip install -U yt-dlp"),
]


@pytest.mark.parametrize(("how", "kind", "says", "remedy"), CASES, ids=[case[0][:25] for case in CASES])
def test_a_page_with_an_error(
    session: Any, clip: Make, how: str, kind: type[Exception], says: str, remedy: str
) -> None:
    match = session.find(clip())
    session.site.troubles.append(Trouble("/watch", how))
    with pytest.raises(kind) as caught:
        youtube.fetch(match.chosen, session.folder, session.context())
    error = caught.value
    assert type(error) is kind
    assert says in error.message  # type: ignore[attr-defined]
    assert remedy in error.remedy  # type: ignore[attr-defined]
    assert error.retryable == (kind is NetworkError)  # type: ignore[attr-defined]
    assert "\n" not in error.message  # type: ignore[attr-defined]
    assert "yt-dlp/issues" not in error.message  # type: ignore[attr-defined]


def test_a_page_without_a_film_for_the_generic_extractor_is_one_yt_dlp_does_not_understand(
    session: Any, clip: Make
) -> None:
    match = session.find(clip(plain=True))
    session.site.troubles.append(Trouble("/page", "changed"))
    with pytest.raises(OutdatedLibraryError):
        youtube.fetch(match.chosen, session.folder, session.context())


def test_captions_that_the_site_will_not_give_now(session: Any, clip: Make) -> None:
    match = session.find(clip())
    session.site.troubles.append(Trouble("/captions", "429"))
    with pytest.raises(NetworkError, match="slow down"):
        youtube.fetch(match.chosen, session.folder, session.context())


def test_a_site_that_says_nothing_is_given_up(session: Any, clip: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ytdlp.SOCKET_TIMEOUT < 15
    monkeypatch.setattr(ytdlp, "SOCKET_TIMEOUT", 0.3)
    session.site.troubles.append(Trouble("/search", "slow"))
    begun = time.monotonic()
    with pytest.raises(NetworkError, match="the connection failed"):
        session.find(clip())
    assert time.monotonic() - begun < 5


def test_no_network_at_all(session: Any, clip: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOPBACK_VIDEO_SITE", "http://127.0.0.1:9")
    with pytest.raises(NetworkError, match=r"the connection failed \(Connection refused\)") as caught:
        session.find(clip())
    assert caught.value.retryable


def test_a_name_that_is_unknown(session: Any, clip: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NetworkError, match=r"the connection failed \(Name or service not known\)$"):
        session.find(clip())
