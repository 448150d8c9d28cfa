"""The address that `pressrun serve` listens on."""

from __future__ import annotations

import errno
import socket
import sys
import time

import pytest

from pressrun.cli import serve


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system decides how long it waits")
def test_a_client_that_never_reads_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "SEND_TIMEOUT", 0.3)
    with serve._open_listener(serve.ServeOptions("127.0.0.1", 0, 0)) as listener, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(listener.getsockname())
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            start = time.monotonic()
            with pytest.raises(OSError, match="timed out") as cut:
                connection.sendall(b"x" * 20_000_000)
            assert cut.value.errno == errno.ETIMEDOUT
            assert time.monotonic() - start < 5
