"""Signing in, with the real library against a server on this machine."""

from __future__ import annotations

import json
import threading
import urllib.request
import webbrowser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from pressrun.errors import AuthenticationError, NetworkError, PressrunError, SettingsError
from pressrun.services import google_sign_in
from pressrun.services.google_sign_in import parse_code
from pressrun.services.publishers.youtube import token
from pressrun.services.publishers.youtube.authorization import oauth_client, sign_in


@pytest.fixture
def client(place: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A client file, and leave for the library to use a line that is not encrypted."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    (place.run.parent / "token.json").unlink()
    path = Path(place.run.parent / "client.json")
    app = {"client_id": "client", "client_secret": "client-canary-01fe", "redirect_uris": ["http://localhost"],
           "auth_uri": f"{place.server.address}auth", "token_uri": f"{place.server.address}token"}
    path.write_text(json.dumps({"installed": app}))
    place.server.token_reply[1]["scope"] = " ".join(token.SCOPES)
    return path


class Console:
    """A person who answers the question with what `answer` makes of the address shown."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.said: list[str] = []

    def ask(self, _question: str) -> str:
        (address,) = [each for each in self.said if each.startswith("http")]
        return str(self.answer(parse_qs(urlsplit(address).query)))


def pasted(asked: dict[str, list[str]], **changes: str) -> str:
    return f"{asked['redirect_uri'][0]}?{urlencode({'state': asked['state'][0], 'code': 'code-canary-9', **changes})}\n"


def test_on_a_console_the_address_that_the_browser_shows_is_the_answer(place: Any, client: Path) -> None:
    console = Console(pasted)
    done = sign_in(True, console.ask, console.said.append)
    assert done.channel == "A channel"
    assert done.file.stat().st_mode & 0o777 == 0o600
    assert token.load().refresh_token == "refresh-canary-77c2"
    (exchange,) = [each.body for each in place.server.seen if each.name == "token"]
    assert exchange["code"] == "code-canary-9"
    asked = parse_qs(urlsplit(next(each for each in console.said if "?" in each)).query)
    assert (asked["access_type"], asked["prompt"], asked["scope"]) == (["offline"], ["consent"], list(token.SCOPES))


def test_without_a_browser_the_console_is_used(
    place: Any, client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", none)
    console = Console(pasted)
    assert sign_in(False, console.ask, console.said.append).channel == "A channel"


class Browser:
    """A person with a browser, who says yes at once."""

    def __init__(self, **changes: str) -> None:
        self.changes = changes

    def open(self, url: str, **_: object) -> None:
        asked = parse_qs(urlsplit(url).query)
        answer = pasted(asked, **self.changes).strip()
        threading.Thread(target=lambda: urllib.request.urlopen(answer, timeout=5).read(), daemon=True).start()


def test_in_a_browser_nothing_is_typed(
    place: Any, client: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda *_: Browser())
    done = sign_in(False, lambda _: pytest.fail("asked on the console"), lambda _: None)
    assert done.channel == "A channel"
    assert capsys.readouterr().out == ""


def test_nobody_in_front_of_the_browser_is_an_error_after_a_while(
    place: Any, client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deaf:
        def open(self, *_: object, **__: object) -> None:
            """Shows the page to nobody."""

    monkeypatch.setattr(webbrowser, "get", lambda *_: Deaf())
    monkeypatch.setattr(google_sign_in, "CONSENT_TIMEOUT", 0.1)
    with pytest.raises(AuthenticationError, match="not answered"):
        sign_in(False, lambda _: "", lambda _: None)


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        ((400, {"error": "invalid_grant"}), AuthenticationError, "did not accept"),
        (
            (200, {"access_token": "access-canary-5b1d", "token_type": "Bearer", "expires_in": 3600}),
            AuthenticationError, "not return a refresh token",
        ),
    ],
)
def test_what_google_answers_instead_of_a_token_is_said(
    place: Any, client: Path, reply: Any, kind: type[PressrunError], said: str
) -> None:
    place.server.token_reply = reply
    console = Console(pasted)
    with pytest.raises(kind, match=said):
        sign_in(True, console.ask, console.said.append)
    assert not token.token_file().exists()


def test_a_server_that_cannot_be_reached_is_said(place: Any, client: Path) -> None:
    config = json.loads(client.read_text())
    config["installed"]["token_uri"] = "http://127.0.0.1:9/token"
    client.write_text(json.dumps(config))
    console = Console(pasted)
    with pytest.raises(NetworkError):
        sign_in(True, console.ask, console.said.append)


def test_a_missing_client_names_its_place_and_the_steps(place: Any) -> None:
    with pytest.raises(SettingsError, match=r"client\.json") as caught:
        sign_in(True, lambda _: "", lambda _: None)
    assert "docs/how-to/first-upload.md" in caught.value.remedy


@pytest.mark.parametrize("content", ["", "{}", '{"web": {"client_id": "a"}}', '{"installed": 1}', "\udcff"])
def test_another_file_in_its_place_is_not_a_client(place: Any, client: Path, content: str) -> None:
    client.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match="desktop app"):
        sign_in(True, lambda _: "", lambda _: None)


def test_an_answer_is_a_whole_address_or_the_code_only() -> None:
    assert parse_code(oauth_client(), " 4/abc-def \n", "s") == "4/abc-def"
    assert parse_code(oauth_client(), "http://localhost:8085/?state=s&code=4%2Fabc&scope=x", "s") == "4/abc"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "No address"),
        ("http://localhost:8085/?state=other&code=4", "does not belong"),
        ("http://localhost:8085/?state=s", "does not belong"),
        ("http://localhost:8085/?state=s&error=access_denied", "was not granted"),
    ],
)
def test_other_answers_are_rejected(answer: str, said: str) -> None:
    with pytest.raises(AuthenticationError, match=said):
        parse_code(oauth_client(), answer, "s")
