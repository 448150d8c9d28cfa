"""Live events at a socket: the same events as everywhere, in their order, for the owner alone, until the batch ends."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from starlette.types import Message, Receive, Scope, Send
from tests.loopback.queue_api import KEY, served
from tests.manual_worker import ManualWorker
from tests.postgres import throw_out
from tests.unit.api.client import ApiClient, headers_of, refused
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from pressrun.api.settings import ApiSettings
from pressrun.api.tokens import create_token
from pressrun.api.websocket import MAX_CLIENT_MESSAGE, WebSocketErrorMiddleware

Serve = Callable[..., ApiClient]
UNKNOWN = "bj_" + "0" * 26
CONTRACT = {"book", "stage", "progress", "status", "scene", "scenes_total", "message"}


def address(api: ApiClient, batch: str, query: str = "") -> str:
    return str(api.client.base_url.copy_with(scheme="ws")).rstrip("/") + f"/ws/batch/{batch}{query}"


def opened(api: ApiClient, batch: str, query: str = "", user: str | None = None, **options: Any) -> ClientConnection:
    headers = headers_of(user or api.user)
    return connect(address(api, batch, query), additional_headers=headers, proxy=None, **options)


def offering(api: ApiClient, batch: str, *protocols: str, **options: Any) -> ClientConnection:
    """As a page opens a socket, which can set no header."""
    offered = [Subprotocol(each) for each in protocols]
    return connect(address(api, batch), subprotocols=offered, proxy=None, **options)


def told(socket: ClientConnection, until: str = "") -> list[dict[str, Any]]:
    """The events up to the first of the kind `until`, or up to the end, which must be a good one."""
    events = []
    try:
        while not events or events[-1]["kind"] != until:
            events.append(json.loads(socket.recv(timeout=10)))
    except ConnectionClosedOK:
        assert not until
    return events


def closed(socket: ClientConnection) -> tuple[int, str]:
    """Why it was closed, without a word before."""
    with socket, pytest.raises(ConnectionClosed) as ended:
        socket.recv(timeout=10)
    assert ended.value.rcvd
    return ended.value.rcvd.code, ended.value.rcvd.reason


@contextmanager
def created(socket: ClientConnection) -> Iterator[ClientConnection]:
    """A socket that has told of the making of its batch."""
    with socket:
        told(socket, "batch_created")
        yield socket


def test_a_socket_sends_every_event_from_the_first_to_the_last(serve: Serve, worker: ManualWorker) -> None:
    api = serve()
    batch = api.new()
    with opened(api, batch) as socket:
        first = told(socket, "batch_created")
        start = time.monotonic()
        worker.complete_all()
        events = first + told(socket)
        assert time.monotonic() - start < 2
        assert (socket.close_code, socket.close_reason) == (1000, "completed")
    assert events == api.get(f"/{batch}/events", params={"page_size": 100})["events"]
    assert all(CONTRACT | {"id", "job_id", "created_at"} <= set(event) for event in events)
    ended = [event for event in events if event["kind"] == "completed"]
    assert [event["book"] for event in ended] == ["Idea 1", "Idea 2", "Idea 3"]
    assert {(event["status"], event["progress"]) for event in ended} == {("completed", 100.0)}
    assert {event["job_id"] for event in ended} == {item["id"] for item in api.get(f"/{batch}/items")["items"]}


def test_a_socket_continues_after_the_last_event_that_was_heard(serve: Serve, worker: ManualWorker) -> None:
    api = serve()
    batch = api.new()
    with opened(api, batch) as socket:
        held = worker.claim()
        assert held
        heard = told(socket, "in_progress")
    worker.finish(held)
    worker.complete_all()
    with opened(api, batch, f"?after={heard[-1]['id']}") as socket:
        rest = told(socket)
    ids = [event["id"] for event in api.get(f"/{batch}/events", params={"page_size": 100})["events"]]
    assert [event["id"] for event in heard + rest] == ids
    assert closed(opened(api, batch, f"?after={ids[-1]}")) == (1000, "completed")


def test_a_page_shows_its_token_as_a_subprotocol(serve: Serve) -> None:
    api = serve()
    token = create_token(api.user, key=KEY)
    with offering(api, api.new(), "pressrun", f"bearer.{token}") as socket:
        assert socket.subprotocol == "pressrun"
        assert told(socket, "batch_created")


@pytest.mark.parametrize("protocols", [("pressrun",), ("pressrun", "bearer.x.y.z"), ("pressrun", "bearer.")])
def test_a_page_without_a_good_token_learns_so(serve: Serve, protocols: tuple[str, ...]) -> None:
    api = serve()
    assert closed(offering(api, api.new(), *protocols)) == (4401, "A valid token is required")


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer x.y.z"])
def test_nobody_hears_without_a_token(serve: Serve, header: str) -> None:
    api = serve()
    batch, headers = api.new(), {"Authorization": header} if header else {}
    assert closed(connect(address(api, batch), additional_headers=headers, proxy=None))[0] == 4401


def test_a_token_in_the_address_counts_for_nothing(serve: Serve) -> None:
    api = serve()
    token = create_token(api.user, key=KEY)
    query = f"?token={token}&access_token={token}&authorization=Bearer%20{token}"
    assert closed(connect(address(api, api.new(), query), proxy=None))[0] == 4401


def test_a_batch_of_another_user_is_not_there(serve: Serve) -> None:
    api = serve()
    batch = api.new()
    theirs = closed(opened(api, batch, user="somebody else"))
    assert theirs == (4404, "There is no such batch")
    assert theirs == closed(opened(api, UNKNOWN)) == closed(opened(api, "bj_1"))
    assert closed(opened(api, "..%2Fsecret")) == (4404, "There is no such path")
    assert closed(connect(address(api, "a/b"), proxy=None))[0] == 4401


def test_a_socket_ends_with_the_token_it_was_opened_with(serve: Serve) -> None:
    api = serve()
    batch = api.new()
    token = create_token(api.user, hours=2 / 3600, key=KEY)
    with created(offering(api, batch, "pressrun", f"bearer.{token}")) as socket:
        assert closed(socket) == (4401, "A valid token is required")


def test_a_batch_that_is_removed_ends_its_socket(serve: Serve, worker: ManualWorker) -> None:
    api = serve(heartbeat=0.1)
    batch = api.new()
    with created(opened(api, batch)) as socket:
        worker.execute("DELETE FROM job_events WHERE batch_id = %s", batch)
        worker.execute("DELETE FROM batches WHERE id = %s", batch)
        assert closed(socket)[0] == 4404


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, ""])
def test_a_last_event_that_cannot_be_one_is_rejected(serve: Serve, after: str) -> None:
    api = serve()
    assert closed(opened(api, api.new(), f"?after={after}")) == (4422, "A parameter is wrong")


def test_sockets_and_streams_count_together(serve: Serve) -> None:
    api = serve(streams=2)
    batch = api.new()
    with created(opened(api, batch)):
        with created(opened(api, batch)):
            assert closed(opened(api, batch)) == (4429, "Too many requests")
            refused(api.ask("GET", f"/{batch}/events", headers={"Accept": "text/event-stream"}), 429)
        deadline = time.monotonic() + 5
        while True:
            with opened(api, batch) as again:
                if again.recv(timeout=5):
                    break
            assert time.monotonic() < deadline


def test_what_a_client_says_changes_nothing(serve: Serve, worker: ManualWorker) -> None:
    api = serve()
    with created(opened(api, api.new())) as socket:
        for words in ("{}", b"\0" * 1000, "x" * 1000):
            socket.send(words)
        worker.complete_all()
        assert told(socket)[-1]["status"] == "completed"


def test_pages_of_other_sites_are_rejected_unless_they_are_named(serve: Serve) -> None:
    api = serve(origins=("https://studio.example",))
    batch = api.new()
    for origin in ("https://evil.example", "null", "http://[", ""):
        assert closed(opened(api, batch, origin=Origin(origin)))[0] == 4403
    own = str(api.client.base_url).rstrip("/")
    for origin in ("https://studio.example", own):
        with opened(api, batch, origin=Origin(origin)) as socket:
            assert told(socket, "batch_created")


def test_a_socket_outlives_the_loss_of_its_database_connections(
    serve: Serve, worker: ManualWorker, shared_url: str
) -> None:
    api = serve(heartbeat=0.2)
    with created(opened(api, api.new())) as socket:
        throw_out(shared_url, worker.connection.info.backend_pid)
        worker.complete_all()
        assert told(socket)[-1]["status"] == "completed"


def test_a_client_that_says_too_much_is_closed(serve: Serve) -> None:
    api = serve()
    with created(opened(api, api.new(), compression=None)) as socket:
        socket.send("x" * (MAX_CLIENT_MESSAGE + 1))
        with pytest.raises(ConnectionClosed) as ended:
            socket.recv(timeout=10)
    assert ended.value.rcvd
    assert ended.value.rcvd.code == 1009


def test_a_client_that_takes_nothing_is_given_up(serve: Serve, shared_url: str) -> None:
    api = serve(listener_seconds=0.5, streams=1)
    batch = api.new()
    with psycopg.connect(shared_url) as connection:
        connection.execute(
            "INSERT INTO pressrun.job_events (batch_id, owner, kind, message) "
            "SELECT %s, %s, 'note', repeat('x', 10000) FROM generate_series(1, 1200)",
            (batch, api.user),
        )
    with sockets.socket() as small:
        small.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        small.connect((api.client.base_url.host, api.client.base_url.port))
        with opened(api, batch, sock=small, compression=None, max_queue=1) as sleeping:
            deadline = time.monotonic() + 10
            while _refused_at_once(opened(api, batch, close_timeout=0.1)):
                assert time.monotonic() < deadline
                time.sleep(0.1)
            with pytest.raises(ConnectionClosedError):
                told(sleeping)


def _refused_at_once(socket: ClientConnection) -> bool:
    with socket, suppress(ConnectionClosed):
        return not socket.recv(timeout=5)
    return True


def test_open_sockets_hold_up_no_end(shared_url: str, user: str, tmp_path: Path) -> None:
    with ExitStack() as stack, served(shared_url, ApiSettings(tmp_path)) as base:
        client = stack.enter_context(httpx.Client(base_url=base))
        api = ApiClient(client, user, tmp_path)
        stack.enter_context(created(socket := opened(api, api.new())))
        start = time.monotonic()
    assert time.monotonic() - start < 1.0
    assert closed(socket)[0] == 1012


@pytest.mark.parametrize("gone", [OSError("Broken pipe"), RuntimeError("A ping was not answered")])
def test_a_client_that_has_gone_is_not_an_error_of_the_server(
    gone: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        raise gone

    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})

    scope = {"type": "websocket", "headers": [], "subprotocols": []}
    asyncio.run(WebSocketErrorMiddleware(tell, 1, ())(scope, receive, send))
    assert not caplog.records


def test_a_defect_is_reported_by_its_number_and_kept_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    scope = {"type": "websocket", "headers": [], "subprotocols": ["pressrun"]}
    asyncio.run(WebSocketErrorMiddleware(fail, 1, ())(scope, receive, send))
    assert sent == [
        {"type": "websocket.accept", "subprotocol": "pressrun"},
        {"type": "websocket.close", "code": 4500, "reason": "Something went wrong"},
    ]
    assert "ZeroDivisionError" in caplog.text
