"""Answers that are none of YouTube's, as the page of a hotel's network: an error with its remedy, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from tests.loopback.youtube_api import Fault

from pressrun.errors import NetworkError
from pressrun.services.publishers.youtube import authorization, extras, http, publishing

NONSENSE = (b"<html>Please sign in</html>", b"{}", b"[1]", b'{"items": [3]}', b"")
MARKER = "item-upload-1"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_RETRY_DELAY", 0.01)
    monkeypatch.setattr(extras, "RETRY_DELAY", 0.01)


def always(name: str, content: bytes, status: int = 200, when: str = "before") -> list[Fault]:
    return [Fault(name, nth, when, status=status, content=content) for nth in range(1, 20)]


def finds(place: Any) -> Any:
    return publishing.find(MARKER, place.package(), place.context())


def publishes(place: Any) -> Any:
    return publishing.publish(place.package(), MARKER, lambda *_: None, place.context())


@pytest.mark.parametrize("content", [NONSENSE[0], NONSENSE[2], NONSENSE[3]])
@pytest.mark.parametrize("name", ["channels", "uploads", "videos", "token"])
def test_while_the_channel_is_looked_through_it_is_an_error_that_may_pass(
    place: Any, name: str, content: bytes
) -> None:
    publishing.publish(place.package("short"), "another", lambda *_: None, place.context())
    place.record_file.unlink()
    (place.run.parent / "token.json").write_text(place.server.token_file())
    place.server.seen.clear()
    place.server.faults = always(name, content)
    with pytest.raises(NetworkError, match=r"^YouTube (did not list|did not return a new token)") as caught:
        finds(place)
    assert caught.value.remedy
    place.server.faults = []
    assert finds(place) is None


@pytest.mark.parametrize("content", NONSENSE)
def test_for_a_session_it_is_an_error_that_may_pass(place: Any, content: bytes) -> None:
    place.server.faults = always("start", content)
    with pytest.raises(NetworkError) as caught:
        publishes(place)
    assert caught.value.remedy
    place.server.faults = []
    publishes(place)
    assert len(place.server.videos) == 1


@pytest.mark.parametrize("content", NONSENSE)
def test_after_the_last_byte_the_server_is_asked_what_became_of_it(place: Any, content: bytes) -> None:
    place.server.faults = always("chunk", content, when="after")[2:3]
    published = publishes(place)
    assert published.url.endswith("video000001")
    assert len(place.server.videos) == 1
    assert place.names().count("ask") == 1


@pytest.mark.parametrize("content", NONSENSE)
def test_where_every_answer_is_such_the_next_try_finds_the_video(place: Any, content: bytes) -> None:
    place.server.faults = [*always("chunk", content, when="after")[2:], *always("ask", content)]
    with pytest.raises(NetworkError, match="did not accept the video"):
        publishes(place)
    place.server.faults = []
    assert finds(place) is None, "publish goes on with what was begun"
    assert publishes(place).url.endswith("video000001")
    assert len(place.server.videos) == 1


@pytest.mark.parametrize("content", NONSENSE[:3])
def test_of_what_belongs_to_a_video_it_is_a_note(place: Any, content: bytes) -> None:
    place.server.faults = always("thumbnail", content)
    publishes(place)
    assert len(place.server.videos) == 1
    assert all("thumbnail" in note for note in place.notes)


@pytest.mark.parametrize("content", NONSENSE[:3])
def test_the_name_of_the_channel_is_asked_in_vain(place: Any, content: bytes) -> None:
    place.server.faults = always("channels", content)
    with pytest.raises((NetworkError, authorization.AuthenticationError)) as caught:
        authorization.channel_name()
    assert caught.value.remedy
