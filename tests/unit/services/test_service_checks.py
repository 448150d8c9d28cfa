"""What services on the network report to the doctor, each through its real client."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.speech import KEY, Speech, Trouble
from tests.loopback.youtube_api import YouTube, youtube_api

from pressrun import redaction
from pressrun.errors import AuthenticationError, NetworkError, ScriptError
from pressrun.services.protocols import Checkable, Context
from pressrun.services.publishers import youtube
from pressrun.services.sources import youtube as youtube_source
from pressrun.services.voices import gtts, openai
from pressrun.services.writers import llm
from pressrun.settings import ItemSettings, as_plain


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for secret in redaction.SECRETS.values():
        for variable in secret.variables:
            monkeypatch.delenv(variable, raising=False)


def context(notes: list[str] | None = None, **settings: Any) -> Context:
    heard = [] if notes is None else notes
    return Context(Path("workspace"), as_plain(ItemSettings(**settings)), note=heard.append)


def test_each_of_them_can_be_looked_at() -> None:
    assert all(isinstance(each, Checkable) for each in (youtube, youtube_source, gtts, openai, llm))


class TestVoices:
    @pytest.fixture
    def speech(self) -> Iterator[Speech]:
        with Speech() as server:
            yield server

    def test_google_speaks_a_word(self, speech: Speech, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in speech.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(speech.certificate))
        assert gtts.check(context()).startswith("Google's voice spoke a word in ")
        assert speech.texts == ["Ready."]

    def test_a_server_speaks_a_word(self, speech: Speech, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PRESSRUN_SPEECH_API_KEY", KEY)
        assert openai.check(context(speech_url=speech.url)).startswith("127.0.0.1 spoke a word in ")

    def test_a_wrong_key_and_a_refusal_have_their_errors(self, speech: Speech, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PRESSRUN_SPEECH_API_KEY", "canary-wrong-key")
        with pytest.raises(AuthenticationError) as caught:
            openai.check(context(speech_url=speech.url))
        assert "canary" not in caught.value.message
        speech.troubles.append(Trouble(429))
        with pytest.raises(NetworkError, match="rejected the request with HTTP 429"):
            openai.check(context(speech_url=speech.url))


class TestYouTube:
    @pytest.fixture
    def server(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[YouTube]:
        with youtube_api() as server:
            monkeypatch.setenv("PRESSRUN_YOUTUBE_API", server.address)
            monkeypatch.setenv("PRESSRUN_YOUTUBE_TOKEN_FILE", str(tmp_path / "token.json"))
            (tmp_path / "token.json").write_text(server.token_file())
            (tmp_path / "token.json").chmod(0o600)
            yield server

    def test_it_names_the_channel(self, server: YouTube) -> None:
        assert youtube.check(context()).startswith("signed in to the channel ")

    def test_a_token_that_has_ended_is_said(self, server: YouTube) -> None:
        server.token_reply = (400, {"error": "invalid_grant"})
        with pytest.raises(AuthenticationError) as caught:
            youtube.check(context())
        assert "pressrun auth youtube" in caught.value.remedy


class TestModels:
    @pytest.fixture
    def asked(self) -> list[str]:
        return []

    @pytest.fixture
    def url(self, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        """A server that shows `good` to whoever has the key "canary-good"."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                key = self.headers.get("x-goog-api-key") or self.headers.get("Authorization", "")
                status = 401 if key.removeprefix("Bearer ") != "canary-good" else 200
                status = 404 if status == 200 and self.path.endswith("bad") else status
                status = 503 if self.path.endswith("busy") else status
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("OPENAI_BASE_URL", f"{address}/v1")
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", address)
        yield address
        server.shutdown()
        server.server_close()

    def test_the_first_model_that_can_be_asked_is_named(
        self, url: str, asked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PRESSRUN_GEMINI_API_KEY", "canary-good")
        assert llm.check(context(llm_models="gemini:good")) == "gemini:good is available"
        assert asked == ["/v1beta/models/good"]

    def test_one_that_cannot_is_noted_where_the_next_can(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PRESSRUN_GEMINI_API_KEY", "canary-wrong")
        monkeypatch.setenv("PRESSRUN_OPENAI_API_KEY", "canary-good")
        notes: list[str] = []
        assert llm.check(context(notes, llm_models="gemini:good, openai:good")).startswith("openai:good")
        assert len(notes) == 1
        assert "did not accept the key" in notes[0]
        assert "PRESSRUN_GEMINI_API_KEY" in notes[0]
        assert "canary" not in notes[0]

    def test_a_server_of_the_user_is_requested_its_list(
        self, url: str, asked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PRESSRUN_LLM_API_KEY", "canary-good")
        assert llm.check(context(llm_models="custom:any", llm_url=f"{url}/v1"))
        assert asked == ["/v1/models"]

    @pytest.mark.parametrize(
        ("model", "key", "kind"),
        [("good", "canary-wrong", AuthenticationError), ("bad", "canary-good", ScriptError),
         ("busy", "canary-good", NetworkError)],
    )
    def test_what_is_wrong_has_its_error(
        self, url: str, monkeypatch: pytest.MonkeyPatch, model: str, key: str, kind: type[Exception]
    ) -> None:
        monkeypatch.setenv("PRESSRUN_OPENAI_API_KEY", key)
        with pytest.raises(kind):
            llm.check(context(llm_models=f"openai:{model}"))


@pytest.mark.parametrize(("days", "said"), [(0, ""), (60, ""), (61, "yt-dlp is 61 days old")])
def test_an_old_yt_dlp_is_noted(days: int, said: str) -> None:
    today = date(2026, 11, 21)
    assert youtube_source.age_warning(f"{today - timedelta(days=days):%Y.%m.%d}", today).partition(",")[0] == said
    assert youtube_source.age_warning("unknown", today) == ""
