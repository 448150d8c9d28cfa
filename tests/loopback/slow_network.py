"""A slow network: every server on this machine that is made of `http.server` takes its time for each request."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler


@dataclass
class SlowNetwork:
    requests: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> None:
        with self._lock:
            self.requests += 1


@contextmanager
def slow_network(seconds: float) -> Iterator[SlowNetwork]:
    """Inside the block each request waits `seconds` before it is answered; opening a tunnel is no request."""
    real = BaseHTTPRequestHandler.parse_request
    network = SlowNetwork()

    def parse_request(self: BaseHTTPRequestHandler) -> bool:
        understood = real(self)
        if understood and self.command != "CONNECT":
            network.count()
            time.sleep(seconds)
        return understood

    BaseHTTPRequestHandler.parse_request = parse_request  # type: ignore[method-assign]
    try:
        yield network
    finally:
        BaseHTTPRequestHandler.parse_request = real  # type: ignore[method-assign]
