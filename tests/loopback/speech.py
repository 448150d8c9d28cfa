"""Voices on this machine: Google's and Microsoft's behind a proxy that ends TLS, and a server with OpenAI's interface.

The proxy takes `CONNECT translate.google.com:443` as any proxy does, shows a certificate made for the occasion, and
answers the remote call of the page of Google Translate with an MP3 in base64, as that page's server does. Each word is
heard as a tone as long as its letters; with `spoken` eSpeak NG speaks.

`python -m tests.loopback.speech SECONDS` runs it until its input ends, each answer taking so long, and says in one line
of JSON what to set to reach it.
"""

from __future__ import annotations

import base64
import json
import socket
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback import edge
from tests.loopback.serving import serving
from tests.loopback.sounds import RATE, as_mp3, as_wav, said, tones

HOST = "translate.google.com"
KEY = "canary-speech-key"


@dataclass(frozen=True)
class SpeechRequest:
    """One text that was asked for; `when` in seconds of a monotonic clock."""

    text: str
    language: str
    when: float
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class Trouble:
    """What happens to the next `times` requests: a status, `silence` (no answer), `hang up`, `no sound`, `cut`,
    `short` (only the first 0.2 s), `part` (two fifths), or bytes, which are sent with status 200."""

    what: int | str | bytes
    times: int = 1_000_000
    headers: dict[str, str] = field(default_factory=dict)
    of: str = ""
    """Only requests whose text has this in it."""


@dataclass
class Speech:
    """`with Speech() as speech`: the proxy at `speech.proxy`, the other server at `speech.url`."""

    seconds: float = 0.0
    """How long an answer takes."""
    spoken: bool = False
    hosts: tuple[str, ...] = (HOST, edge.HOST)
    asked: list[SpeechRequest] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Texts that met a trouble."""
    troubles: list[Trouble] = field(default_factory=list)
    most_at_once: int = 0
    key: str = KEY
    on_request: Callable[[int], None] = lambda number: None
    _coded: dict[str, bytes] = field(default_factory=dict)
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def environment(self) -> dict[str, str]:
        """What a user behind such a proxy would set."""
        return {"HTTPS_PROXY": self.proxy, "https_proxy": self.proxy, "SSL_CERT_FILE": str(self.certificate)}

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.asked]

    def __enter__(self) -> Speech:
        self._certificate = tempfile.TemporaryDirectory()
        self.certificate = Path(self._certificate.name) / "certificate.pem"
        self._tls = _context(self.certificate, self.hosts)
        handler = type("Handler", (_Handler,), {"speech": self})
        self._serving = serving(handler, _Server)
        self.proxy = self._serving.__enter__()
        self.url = f"{self.proxy}/v1"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._serving.__exit__(kind, error, traceback)
        self._certificate.cleanup()

    def taken(self, text: str, language: str, more: dict[str, Any]) -> Trouble | None:
        """Notes a request, takes its time, and gives the trouble it meets."""
        with self._lock:
            self.asked.append(SpeechRequest(text, language, time.monotonic(), more))
            number = len(self.asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            trouble = next((each for each in self.troubles if each.times > 0 and each.of in text), None)
            if trouble:
                trouble.times -= 1
                self.refused.append(text)
        self.on_request(number)
        self._over.wait(60.0 if trouble and trouble.what == "silence" else self.seconds)
        with self._lock:
            self._at_once -= 1
        return trouble

    def mp3(self, text: str) -> bytes:
        with self._lock:
            if text not in self._coded:
                self._coded[text] = as_mp3(self.samples(text))
            return self._coded[text]

    def samples(self, text: str) -> Any:
        return said(text) if self.spoken else tones(text)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    speech: Speech

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def do_CONNECT(self) -> None:
        name = self.path.partition(":")[0]
        if name not in self.speech.hosts:
            self.send_error(502)
            self.close_connection = True
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()
        self.connection = self.speech._tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def do_GET(self) -> None:
        if self.headers.get("Upgrade", "").lower() == "websocket":
            edge.converse(self, self.speech)
        else:
            self._answer(404, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        if path == "/_/TranslateWebserverUi/data/batchexecute":
            self._translate(body)
        elif path == "/v1/audio/speech":
            self._openai(json.loads(body))
        elif path == "/say":
            self._say(str(json.loads(body)["text"]))
        else:
            self._answer(404, b"{}")

    def _translate(self, body: bytes) -> None:
        """`f.req=[[["jQ1olc", "[text, language, slow, \"null\"]", null, "generic"]]]`, in a form."""
        ((name, inner, _, _),), = json.loads(parse_qs(body.decode())["f.req"][0])
        text, language, _, _ = json.loads(inner)
        trouble = self.speech.taken(text, language, {"rpc": name})
        if self.troubled(trouble):
            return
        sound = None if trouble else json.dumps([base64.b64encode(self.speech.mp3(text)).decode()])
        if trouble and trouble.what == "cut":
            sound = json.dumps([base64.b64encode(b"not a sound at all").decode()])
        reply = ["wrb.fr", name, sound, None, None, None if sound else [3], "generic"]
        rows = [reply, ["di", 57], ["af.httprm", 57, "1", 5]]
        answer = ")]}'\n\n" + json.dumps(rows, separators=(",", ":"))
        self._answer(200, answer.encode(), {"Content-Type": "application/json; charset=utf-8"})

    def _openai(self, asked: dict[str, Any]) -> None:
        given = self.headers.get("Authorization", "")
        trouble = self.speech.taken(str(asked["input"]), "", {**asked, "authorization": given})
        if self.troubled(trouble):
            return
        if self.speech.key and given != f"Bearer {self.speech.key}":
            error = {"message": f"Incorrect API key: {given}", "code": "invalid_api_key"}
            self._answer(401, json.dumps({"error": error}).encode())
            return
        samples = self.speech.samples(str(asked["input"]))
        data = as_wav(samples) if asked.get("response_format") == "wav" else as_mp3(samples)
        if trouble:
            data = trouble.what if isinstance(trouble.what, bytes) else b"\0nothing"
        if trouble and trouble.what in ("short", "part"):
            data = as_wav(samples[: RATE // 5 if trouble.what == "short" else len(samples) * 2 // 5])
        self._answer(200, data, {"Content-Type": "audio/wav"})

    def _say(self, text: str) -> None:
        """The plainest server there could be."""
        if not self.troubled(self.speech.taken(text, "", {})):
            self._answer(200, as_wav(self.speech.samples(text)), {"Content-Type": "audio/wav"})

    def troubled(self, trouble: Trouble | None) -> bool:
        """Whether the trouble was answered already."""
        if trouble is None or isinstance(trouble.what, bytes) or trouble.what in ("no sound", "cut", "short", "part"):
            return False
        if isinstance(trouble.what, int):
            code = trouble.headers.get("code", "")
            body = json.dumps({"error": {"message": "The server says no", "code": code}}).encode()
            self._answer(trouble.what, body, trouble.headers)
            return True
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        return True

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _context(path: Path, hosts: tuple[str, ...]) -> ssl.SSLContext:
    """A server's side of TLS with a key and a certificate of its own, which are written to `path`."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def main() -> None:
    with Speech(seconds=float(sys.argv[1])) as speech:
        print(json.dumps(speech.environment), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
