"""The REST API as it is served: a uvicorn on this machine, in a thread of the process that asks it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import uvicorn

from pressrun.api.app import ROUTES, build
from pressrun.api.openapi import Routes
from pressrun.api.settings import ApiSettings
from pressrun.api.websocket import MAX_CLIENT_MESSAGE
from pressrun.redaction import SecretText

KEY = SecretText("a key that is long enough for its hash")


@contextmanager
def served(url: str, settings: ApiSettings, routes: Iterable[Routes] = ROUTES) -> Iterator[str]:
    """The address of the API on the database at `url`."""
    config = uvicorn.Config(
        build(url, settings, KEY, routes), log_level="warning", access_log=False, timeout_graceful_shutdown=1,
        ws_max_size=MAX_CLIENT_MESSAGE,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
