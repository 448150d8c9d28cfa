"""The token: who has one is set up, and nobody else can read it."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pressrun import redaction
from pressrun.errors import AuthenticationError, NetworkError, SettingsError
from pressrun.services.publishers import youtube
from pressrun.services.publishers.youtube import http, token
from pressrun.services.publishers.youtube.http import open_service
from pressrun.services.publishers.youtube.locations import api_address


def token_file(place: Any) -> Path:
    return Path(place.run.parent / "token.json")


def look(place: Any) -> Any:
    return youtube.find("m", place.package(), place.context())


def test_who_has_a_token_is_set_up(place: Any) -> None:
    assert youtube.ready(place.context()).ready
    assert place.server.seen == []


def test_without_a_token_nothing_is_set_up_and_the_remedy_is_to_sign_in(place: Any) -> None:
    token_file(place).unlink()
    readiness = youtube.ready(place.context())
    assert (readiness.ready, readiness.configured) == (False, False)
    assert "pressrun auth youtube" in readiness.remedy
    with pytest.raises(AuthenticationError, match="token not found"):
        open_service()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"refresh_token": "", "client_id": "a", "client_secret": "b"}', "\udcff"]
)
def test_a_broken_token_is_set_up_and_cannot_be_used(place: Any, content: str) -> None:
    token_file(place).write_bytes(content.encode("utf-8", "surrogateescape"))
    readiness = youtube.ready(place.context())
    assert (readiness.ready, readiness.configured) == (False, True)
    assert "pressrun auth youtube" in readiness.remedy


def test_a_token_is_sent_to_no_server_over_a_plain_line(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    known = json.loads(token_file(place).read_text())
    token_file(place).write_text(json.dumps(known | {"token_uri": "http://token.example/"}))
    assert not youtube.ready(place.context()).ready
    monkeypatch.setenv("PRESSRUN_YOUTUBE_API", "http://api.example/")
    with pytest.raises(SettingsError, match=r"http://api\.example/"):
        api_address()
    monkeypatch.setenv("PRESSRUN_YOUTUBE_API", "https://api.example")
    assert api_address() == "https://api.example/"


def test_a_new_access_token_is_kept_and_used_by_the_next_process(place: Any) -> None:
    look(place)
    assert token_file(place).stat().st_mode & 0o777 == 0o600
    look(place)
    assert place.server.names().count("token") == 1
    assert list(token_file(place).parent.glob(".token*")) == []


def test_a_token_in_a_place_that_cannot_be_written_is_used_all_the_same(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(token, "write_private", refuse)
    assert look(place) is None
    assert place.server.names().count("token") == 1


def test_nothing_of_the_token_is_shown(place: Any) -> None:
    look(place)
    for value in ("refresh-canary-77c2", "access-canary-5b1d", "client-canary-01fe"):
        assert redaction.redact(f"a {value} b") == f"a {redaction.HIDDEN} b"


def test_a_token_that_was_withdrawn_names_the_way_back_and_the_seven_days(place: Any) -> None:
    place.server.token_reply = (400, {"error": "invalid_grant", "error_description": "Token has been expired."})
    with pytest.raises(AuthenticationError, match="expired") as caught:
        look(place)
    assert not caught.value.retryable
    assert "pressrun auth youtube" in caught.value.remedy
    assert "7 days" in caught.value.remedy


def test_a_token_with_a_broken_date_is_renewed(place: Any) -> None:
    known = json.loads(token_file(place).read_text())
    token_file(place).write_text(json.dumps(known | {"token": "old", "expiry": "yesterday"}))
    look(place)
    assert token.load().token == "access-canary-5b1d"


def test_a_time_to_publish_that_cannot_be_met_is_rejected_beforehand(place: Any) -> None:
    with pytest.raises(SettingsError, match="has passed"):
        youtube.ready(place.context(publish_at="2020-01-01T00:00Z"))
    with pytest.raises(SettingsError, match="privacy to be private, but it is public"):
        youtube.ready(place.context(publish_at="2099-01-01T00:00Z", privacy="public"))


def test_a_proxy_that_is_set_is_used(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    known = json.loads(token_file(place).read_text())
    token_file(place).write_text(json.dumps(known | {"token": "a" * 9, "expiry": "2099-01-01T00:00:00+00:00"}))
    monkeypatch.delenv("PRESSRUN_YOUTUBE_API")
    monkeypatch.setattr(http, "FIRST_RETRY_DELAY", 0.01)

    def refuse() -> None:
        with suppress(OSError):
            while True:
                connection, _ = proxy.accept()
                with connection:
                    asked.append(connection.recv(200))
                    connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as proxy:
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        threading.Thread(target=refuse, daemon=True).start()
        with pytest.raises(NetworkError):
            look(place)
    assert asked[0].startswith(b"CONNECT ")
    assert b":443 HTTP/1.1" in asked[0]
