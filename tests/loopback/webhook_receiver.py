"""A receiver of webhooks on this machine: it verifies every signature and answers as the test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback.serving import serving

Reply = int | tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Received:
    id: str
    headers: dict[str, str]
    content: bytes
    status: int

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.content)
        return found


@dataclass
class Receiver:
    """`reply` decides the response to each request, from its body."""

    reply: Callable[[dict[str, Any]], Reply] = lambda _: 204
    requests: list[Received] = field(default_factory=list)
    address: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"{self.address}/hook"

    @property
    def accepted(self) -> list[Received]:
        """The requests that were answered with success, in order."""
        return [each for each in self.requests if each.status < 300]

    def events(self) -> list[str]:
        return [each.body["event"] for each in self.accepted]


@contextmanager
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            content = self.rfile.read(size)
            if len(content) < size:  # the sender was killed in the middle of its request
                self.close_connection = True
                return
            reply = found.reply(json.loads(content))
            status, headers = reply if isinstance(reply, tuple) else (reply, {})
            with found.lock:
                names = {name.lower(): value for name, value in self.headers.items()}
                found.requests.append(Received(names["webhook-id"], names, content, status))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler) as found.address:
        yield found
