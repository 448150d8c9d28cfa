"""A server that follows a script: one step for each request, in order, and then the last one again and again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback.serving import serving


@dataclass(frozen=True)
class Answer:
    """What one request gets. `cut` sends only so many bytes of the body and ends the connection."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


def data(fields: Any, status: int = 200) -> Answer:
    """Return an answer as the API gives it."""
    body = json.dumps({"success": True, "data": fields}).encode()
    return Answer(status, body, {"Content-Type": "application/json"})


def problem(status: int, **headers: str) -> Answer:
    """Return an error as the API gives it."""
    body = {"type": "urn:pressrun:problem:x", "title": "X", "detail": "It is wrong", "remedy": "Do it."}
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/problem+json", **headers})


@dataclass
class Script:
    """The answers, and the requests that came: method, path and headers."""

    answers: Sequence[Answer]
    url: str = ""
    requests: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)

    def next_answer(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        self.requests.append((method, path, headers))
        return self.answers[min(len(self.requests), len(self.answers)) - 1]


@contextmanager
def scripted(*answers: Answer) -> Iterator[Script]:
    script = Script(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = script.next_answer(self.command, self.path, dict(self.headers.items()))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body if answer.cut is None else answer.body[: answer.cut])
            self.close_connection = self.close_connection or answer.cut is not None

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    with serving(Handler) as url:
        script.url = url
        yield script
