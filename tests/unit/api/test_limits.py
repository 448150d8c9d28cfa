"""What comes in is limited: bodies in size and time, requests in number. What goes out says how it is to be treated."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.loopback.queue_api import KEY
from tests.unit.api.client import BASE, ApiClient, body, headers_of, refused

from pressrun.api.app import build
from pressrun.api.settings import ApiSettings
from pressrun.errors import SettingsError

Serve = Callable[..., ApiClient]


@contextmanager
def line_to(api: ApiClient, user: str | None, *more: str) -> Iterator[socket.socket]:
    """A connection on which the head of a POST has been sent."""
    parts = urlsplit(str(api.client.base_url))
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        head = [f"POST {BASE} HTTP/1.1", "Host: here", "Content-Type: application/json", *more]
        if user:
            head.append(f"Authorization: {headers_of(user)['Authorization']}")
        line.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        yield line


def answer_on(line: socket.socket) -> tuple[int, str]:
    text = b""
    while b"\r\n\r\n" not in text or text.count(b"}") == 0:
        part = line.recv(65536)
        if not part:
            break
        text += part
    return int(text.split()[1]), text.decode()


def test_a_stranger_is_rejected_before_a_byte_of_the_body_is_read(serve: Serve) -> None:
    with line_to(serve(), None, "Content-Length: 5000000", "Expect: 100-continue") as line:
        status, text = answer_on(line)
    assert status == 401
    assert "100 Continue" not in text


def test_a_body_that_says_it_is_too_large_is_rejected_unread(serve: Serve) -> None:
    api = serve(max_body_bytes=1000)
    with line_to(api, api.user, "Content-Length: 1001", "Expect: 100-continue") as line:
        status, text = answer_on(line)
    assert status == 413
    assert "100 Continue" not in text
    assert "body-too-large" in text


def test_a_body_that_does_not_say_its_size_is_counted(serve: Serve) -> None:
    api = serve(max_body_bytes=1000)
    with line_to(api, api.user, "Transfer-Encoding: chunked") as line:
        for _ in range(3):
            line.sendall(b"1f4\r\n" + b" " * 500 + b"\r\n")
        assert answer_on(line)[0] == 413


def test_a_body_of_just_the_size_is_taken(serve: Serve) -> None:
    content = json.dumps(body()).encode()
    api = serve(max_body_bytes=len(content))
    kind = {"Content-Type": "application/json"}
    assert api.ask("POST", content=content, headers=kind).status_code == 201
    refused(api.ask("POST", content=content + b" ", headers=kind), 413)


def test_a_body_that_never_comes_is_not_waited_for(serve: Serve) -> None:
    api = serve(body_seconds=0.3)
    start = time.monotonic()
    with line_to(api, api.user, "Content-Length: 100") as line:
        line.sendall(b"{")
        assert answer_on(line)[0] == 408
    assert time.monotonic() - start < 3


def test_a_client_that_leaves_amid_its_body_leaves_nothing(serve: Serve) -> None:
    api = serve()
    content = json.dumps(body()).encode()
    with line_to(api, api.user, f"Content-Length: {len(content)}") as line:
        line.sendall(content[:-1])
    assert api.get()["jobs"] == []


def test_a_user_who_asks_too_often_gets_a_retry_time(serve: Serve) -> None:
    api = serve(requests_per_minute=3)
    for _ in range(3):
        api.get()
    answer = api.ask("GET")
    refused(answer, 429)
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert api.ask("GET", user="somebody else").status_code == 200


def test_every_answer_says_how_browsers_are_to_treat_it(api: ApiClient) -> None:
    for answer in (api.ask("GET"), api.client.get("/api/bulk-jobs"), api.client.get("/openapi.json")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_no_page_of_another_site_may_ask_unless_it_is_named(serve: Serve) -> None:
    asks = {"Origin": "https://example.com", "Access-Control-Request-Method": "GET"}
    closed, opened = serve(), serve(origins=("https://example.com",))
    assert "access-control-allow-origin" not in closed.ask("GET", headers=asks).headers
    before = opened.client.request("OPTIONS", BASE, headers=asks | {"Access-Control-Request-Headers": "authorization"})
    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] == "https://example.com"
    refused_one = opened.client.get(BASE, headers=asks)
    assert (refused_one.status_code, refused_one.headers["access-control-allow-origin"]) == (401, "https://example.com")
    assert "access-control-allow-origin" not in opened.ask("GET", headers=asks | {"Origin": "https://evil.example"}).headers


def test_a_defect_is_reported_by_a_number_and_its_traceback_stays_in_the_log(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr("pressrun.jobs.queries.list_batches", broken)
    with caplog.at_level(logging.ERROR, "pressrun.api"):
        problem = refused(api.ask("GET"), 500)
    assert "secret of the house" not in json.dumps(problem)
    assert problem["log_number"] in caplog.text
    assert "ZeroDivisionError: the secret of the house" in caplog.text


def test_what_there_is_not_and_what_cannot_be_done_with_it_are_problems(api: ApiClient) -> None:
    refused(api.client.get("/nowhere", headers=headers_of(api.user)), 404)
    answer = api.ask("DELETE")
    refused(answer, 405)
    assert answer.headers["allow"] == "GET, POST"


def test_health_needs_no_token(api: ApiClient) -> None:
    assert api.client.get("/healthz").json() == {"status": "ok"}


def test_a_database_that_is_away_is_reported_as_such(tmp_path: Path) -> None:
    settings = ApiSettings(tmp_path, database_seconds=0.2)
    with TestClient(build("postgresql://nobody@127.0.0.1:1/nothing", settings, KEY)) as client:
        for path in ("/healthz", BASE):
            answer = client.get(path, headers=headers_of("anna"))
            refused(answer, 503)
            assert int(answer.headers["retry-after"]) >= 1


def test_a_batch_that_is_locked_does_not_hold_a_request_for_ever(serve: Serve, shared_url: str) -> None:
    api = serve(database_seconds=0.3)
    batch = api.new()
    with psycopg.connect(shared_url) as connection:
        connection.execute("SELECT * FROM pressrun.batches WHERE id = %s FOR UPDATE", (batch,))
        refused(api.ask("POST", f"/{batch}/cancel"), 503)
    assert api.ask("POST", f"/{batch}/cancel").status_code == 200


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    environment = {"PRESSRUN_API_ORIGINS": "https://a.example, http://localhost:3000/", "PRESSRUN_API_REQUESTS": "0"}
    settings = ApiSettings.from_environment(tmp_path, environment)
    assert settings.origins == ("https://a.example", "http://localhost:3000")
    assert settings.requests_per_minute == 0
    assert ApiSettings.from_environment(tmp_path, {}).origins == ()


@pytest.mark.parametrize("setting", ["resolution", "style", "quality", "music"])
def test_a_setting_no_video_could_be_made_with_is_found_before_anybody_asks(tmp_path: Path, setting: str) -> None:
    (tmp_path / "pressrun.toml").write_text(f'{setting} = "huge"\n')
    with pytest.raises(SettingsError, match=setting):
        ApiSettings.from_environment(tmp_path, {})


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PRESSRUN_API_ORIGINS", "*"), ("PRESSRUN_API_ORIGINS", "example.com"), ("PRESSRUN_API_REQUESTS", "many"),
     ("PRESSRUN_PUBLIC_URL", "videos.example.com"), ("PRESSRUN_LINK_HOURS", "0"), ("PRESSRUN_LINK_HOURS", "169")],
)
def test_a_variable_that_is_wrong_is_named(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        ApiSettings.from_environment(tmp_path, {variable: value})
