"""`pressrun voices`: the list, a sample, a download that is checked."""

from __future__ import annotations

import hashlib
import threading
import wave
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import platformdirs
import pytest
from click.testing import CliRunner, Result
from tests.loopback.speech import Speech

from pressrun.cli.main import pressrun
from pressrun.services.voices.kokoro import catalog

STYLE = bytes(range(256)) * 2040


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: folder)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """What a server on this machine has, by path; the address of voices is that server."""
    served: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = served.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PRESSRUN_VOICES_URL", f"http://127.0.0.1:{server.server_port}/voices/")
    yield served
    server.shutdown()
    server.server_close()


def run(*arguments: str) -> Result:
    runner = CliRunner(mix_stderr=False)
    return runner.invoke(pressrun, ["voices", *arguments], catch_exceptions=False, standalone_mode=False)


def test_all_voices_are_listed_by_language_and_gender() -> None:
    done = run()
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows[[row[0] for row in rows].index("af_heart")][:4] == ["af_heart", "kokoro", "en-us", "female"]
    named = [(row[2], row[3]) for row in rows if row[1] == "kokoro"]
    assert named == sorted(named)
    assert len(named) == len(catalog.VOICES)
    assert {row[1] for row in rows} == {"kokoro", "espeak", "gtts", "edge", "openai"}
    requirement = {row[0]: row[4] for row in rows}
    assert requirement["af_sky"].startswith(("pressrun voices get af_sky", "pip install"))
    assert requirement["espeak"] == ""


def test_a_sample_is_written(tmp_path: Path) -> None:
    done = run("say", "Call me Ishmael.", "--voice", "espeak")
    assert done.return_value == 0
    assert done.stdout == "espeak.wav\n"
    with wave.open(str(tmp_path / "espeak.wav")) as file:
        assert file.getnframes() / file.getframerate() > 0.5
    assert run("say", "Bonjour.", "--voice", "espeak", "--language", "fr", "--output", "b.wav").stdout == "b.wav\n"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("say", "Hi.", "--voice", "nobody"), 'There is no voice "nobody"'),
        (("say", "Hallo.", "--voice", "af_heart", "--language", "de"), 'speaks "en", not the language "de"'),
        (("get", "nobody"), 'There is no voice "nobody" to download'),
    ],
)
def test_an_unknown_voice_is_an_error(arguments: tuple[str, ...], problem: str) -> None:
    done = run(*arguments)
    assert done.return_value != 0
    assert problem in " ".join(done.stderr.split())


def test_a_voice_is_downloaded_once(data: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    style = catalog.VoiceStyle("af_sky", hashlib.sha256(STYLE).hexdigest())
    monkeypatch.setitem(catalog.VOICES, "af_sky", style)
    files["/voices/af_sky.bin"] = STYLE
    done = run("get", "af_sky")
    assert done.return_value == 0
    assert Path(done.stdout.strip()).read_bytes() == STYLE
    assert catalog.is_installed("af_sky")
    files.clear()
    assert "af_sky is already installed" in run("get", "af_sky").stderr


@pytest.mark.parametrize(
    ("body", "problem"),
    [(None, "HTTP 404"), (STYLE, "its SHA-256 differs"), (STYLE + b"more", "sent more than")],
)
def test_a_wrong_download_is_rejected_and_nothing_is_stored(
    body: bytes | None, problem: str, data: Path, files: dict[str, bytes]
) -> None:
    if body is not None:
        files["/voices/af_sky.bin"] = body
    done = run("get", "af_sky")
    assert done.return_value != 0
    assert problem in " ".join(done.stderr.split())
    assert not catalog.is_installed("af_sky")


def test_a_voice_that_ships_needs_no_download(files: dict[str, bytes]) -> None:
    assert "af_heart is already installed" in run("get", "af_heart").stderr


def test_a_voice_of_microsoft_is_known_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Speech() as speech:
        for name, value in speech.environment.items():
            monkeypatch.setenv(name, value)
        target = tmp_path / "sample.wav"
        done = run("say", "Here we are.", "--voice", "en-GB-SoniaNeural", "--output", str(target))
        assert done.return_value == 0
        assert "en-GB, SoniaNeural" in speech.asked[0].language
    assert target.stat().st_size > 10_000
