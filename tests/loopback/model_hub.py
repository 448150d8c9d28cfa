"""A model hub on this machine that answers as Hugging Face does: it redirects large files to a store, with ranges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from tests.loopback.serving import serving


@dataclass
class ModelHub:
    """`with model_hub() as hub`: the files it has, by path, and what was requested."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Path and range of each request for a file."""
    cut_after: int = 0
    """Bytes after which the next reply ends early; 0 for none. Applies once."""
    has_ranges: bool = True
    status: int = 200


@contextmanager
def model_hub() -> Iterator[ModelHub]:
    hub = ModelHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path.endswith(".bin") and not path.startswith("/store/"):
                self.send_response(302)
                self.send_header("Location", f"/store{path}?signature=1")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._send(path.removeprefix("/store"))

        def _send(self, path: str) -> None:
            asked = self.headers.get("Range", "")
            hub.requests.append((path, asked))
            data = hub.files.get(path)
            if data is None or hub.status != 200:
                self.send_response(404 if data is None else hub.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and hub.has_ranges else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            body = data[start:]
            if hub.cut_after and len(body) > hub.cut_after:
                body, hub.cut_after = body[: hub.cut_after], 0
                self.close_connection = True
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with serving(Handler) as hub.url:
        yield hub
