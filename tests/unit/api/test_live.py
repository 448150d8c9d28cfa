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
from tests.postgres import throw_out
from tests.unit.api.desk import Desk, headers_of, refused
from tests.unit.jobs.hand import Hand
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from pressrun.api.live import LARGEST_WORDS, SocketBoundary
from pressrun.api.settings import ApiSettings
from pressrun.api.tokens import create_token
from pressrun.kinds.ideas.send import House

Serve = Callable[..., Desk]
UNKNOWN = "bj_" + "0" * 26
CONTRACT = {"book", "stage", "progress", "status", "scene", "scenes_total", "message"}


def address(desk: Desk, batch: str, query: str = "") -> str:
    return str(desk.client.base_url.copy_with(scheme="ws")).rstrip("/") + f"/ws/batch/{batch}{query}"


def opened(desk: Desk, batch: str, query: str = "", user: str | None = None, **options: Any) -> ClientConnection:
    headers = headers_of(user or desk.user)
    return connect(address(desk, batch, query), additional_headers=headers, proxy=None, **options)


def offering(desk: Desk, batch: str, *protocols: str, **options: Any) -> ClientConnection:
    """As a page opens a socket, which can set no header."""
    offered = [Subprotocol(each) for each in protocols]
    return connect(address(desk, batch), subprotocols=offered, proxy=None, **options)


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


def test_a_socket_tells_all_from_the_beginning_to_the_end(serve: Serve, hand: Hand) -> None:
    desk = serve()
    batch = desk.new()
    with opened(desk, batch) as socket:
        first = told(socket, "batch_created")
        start = time.monotonic()
        hand.work_off()
        events = first + told(socket)
        assert time.monotonic() - start < 2
        assert (socket.close_code, socket.close_reason) == (1000, "completed")
    assert events == desk.get(f"/{batch}/events", params={"page_size": 100})["events"]
    assert all(CONTRACT | {"id", "job_id", "created_at"} <= set(event) for event in events)
    ended = [event for event in events if event["kind"] == "completed"]
    assert [event["book"] for event in ended] == ["Idea 1", "Idea 2", "Idea 3"]
    assert {(event["status"], event["progress"]) for event in ended} == {("completed", 100.0)}
    assert {event["job_id"] for event in ended} == {item["id"] for item in desk.get(f"/{batch}/items")["items"]}


def test_a_socket_goes_on_after_the_last_event_that_was_heard(serve: Serve, hand: Hand) -> None:
    desk = serve()
    batch = desk.new()
    with opened(desk, batch) as socket:
        held = hand.take()
        assert held
        heard = told(socket, "in_progress")
    hand.end(held)
    hand.work_off()
    with opened(desk, batch, f"?after={heard[-1]['id']}") as socket:
        rest = told(socket)
    ids = [event["id"] for event in desk.get(f"/{batch}/events", params={"page_size": 100})["events"]]
    assert [event["id"] for event in heard + rest] == ids
    assert closed(opened(desk, batch, f"?after={ids[-1]}")) == (1000, "completed")


def test_a_page_shows_its_token_as_a_subprotocol(serve: Serve) -> None:
    desk = serve()
    token = create_token(desk.user, key=KEY)
    with offering(desk, desk.new(), "pressrun", f"bearer.{token}") as socket:
        assert socket.subprotocol == "pressrun"
        assert told(socket, "batch_created")


@pytest.mark.parametrize("protocols", [("pressrun",), ("pressrun", "bearer.x.y.z"), ("pressrun", "bearer.")])
def test_a_page_without_a_good_token_learns_so(serve: Serve, protocols: tuple[str, ...]) -> None:
    desk = serve()
    assert closed(offering(desk, desk.new(), *protocols)) == (4401, "A valid token is needed")


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer x.y.z"])
def test_nobody_hears_without_a_token(serve: Serve, header: str) -> None:
    desk = serve()
    batch, headers = desk.new(), {"Authorization": header} if header else {}
    assert closed(connect(address(desk, batch), additional_headers=headers, proxy=None))[0] == 4401


def test_a_token_in_the_address_counts_for_nothing(serve: Serve) -> None:
    desk = serve()
    token = create_token(desk.user, key=KEY)
    query = f"?token={token}&access_token={token}&authorization=Bearer%20{token}"
    assert closed(connect(address(desk, desk.new(), query), proxy=None))[0] == 4401


def test_a_batch_of_somebody_else_is_not_there(serve: Serve) -> None:
    desk = serve()
    batch = desk.new()
    theirs = closed(opened(desk, batch, user="somebody else"))
    assert theirs == (4404, "There is no such batch")
    assert theirs == closed(opened(desk, UNKNOWN)) == closed(opened(desk, "bj_1"))
    assert closed(opened(desk, "..%2Fsecret")) == (4404, "There is no such path")
    assert closed(connect(address(desk, "a/b"), proxy=None))[0] == 4401


def test_a_socket_ends_with_the_token_it_was_opened_with(serve: Serve) -> None:
    desk = serve()
    batch = desk.new()
    token = create_token(desk.user, hours=2 / 3600, key=KEY)
    with created(offering(desk, batch, "pressrun", f"bearer.{token}")) as socket:
        assert closed(socket) == (4401, "A valid token is needed")


def test_a_batch_that_is_removed_ends_its_socket(serve: Serve, hand: Hand) -> None:
    desk = serve(heartbeat=0.1)
    batch = desk.new()
    with created(opened(desk, batch)) as socket:
        hand.ask("DELETE FROM job_events WHERE batch_id = %s", batch)
        hand.ask("DELETE FROM batches WHERE id = %s", batch)
        assert closed(socket)[0] == 4404


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, ""])
def test_a_last_event_that_cannot_be_one_is_refused(serve: Serve, after: str) -> None:
    desk = serve()
    assert closed(opened(desk, desk.new(), f"?after={after}")) == (4422, "A parameter is wrong")


def test_sockets_and_streams_count_together(serve: Serve) -> None:
    desk = serve(streams=2)
    batch = desk.new()
    with created(opened(desk, batch)):
        with created(opened(desk, batch)):
            assert closed(opened(desk, batch)) == (4429, "Too many requests")
            refused(desk.ask("GET", f"/{batch}/events", headers={"Accept": "text/event-stream"}), 429)
        deadline = time.monotonic() + 5
        while True:
            with opened(desk, batch) as again:
                if again.recv(timeout=5):
                    break
            assert time.monotonic() < deadline


def test_what_a_client_says_changes_nothing(serve: Serve, hand: Hand) -> None:
    desk = serve()
    with created(opened(desk, desk.new())) as socket:
        for words in ("{}", b"\0" * 1000, "x" * 1000):
            socket.send(words)
        hand.work_off()
        assert told(socket)[-1]["status"] == "completed"


def test_pages_of_other_sites_are_refused_unless_they_are_named(serve: Serve) -> None:
    desk = serve(origins=("https://studio.example",))
    batch = desk.new()
    for origin in ("https://evil.example", "null", "http://[", ""):
        assert closed(opened(desk, batch, origin=Origin(origin)))[0] == 4403
    own = str(desk.client.base_url).rstrip("/")
    for origin in ("https://studio.example", own):
        with opened(desk, batch, origin=Origin(origin)) as socket:
            assert told(socket, "batch_created")


def test_a_socket_outlives_the_loss_of_its_database_connections(serve: Serve, hand: Hand, shared_url: str) -> None:
    desk = serve(heartbeat=0.2)
    with created(opened(desk, desk.new())) as socket:
        throw_out(shared_url, hand.connection.info.backend_pid)
        hand.work_off()
        assert told(socket)[-1]["status"] == "completed"


def test_a_client_that_says_too_much_is_closed(serve: Serve) -> None:
    desk = serve()
    with created(opened(desk, desk.new(), compression=None)) as socket:
        socket.send("x" * (LARGEST_WORDS + 1))
        with pytest.raises(ConnectionClosed) as ended:
            socket.recv(timeout=10)
    assert ended.value.rcvd
    assert ended.value.rcvd.code == 1009


def test_a_client_that_takes_nothing_is_given_up(serve: Serve, shared_url: str) -> None:
    desk = serve(listener_seconds=0.5, streams=1)
    batch = desk.new()
    with psycopg.connect(shared_url) as connection:
        connection.execute(
            "INSERT INTO pressrun.job_events (batch_id, owner, kind, message) "
            "SELECT %s, %s, 'note', repeat('x', 10000) FROM generate_series(1, 1200)",
            (batch, desk.user),
        )
    with sockets.socket() as small:
        small.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        small.connect((desk.client.base_url.host, desk.client.base_url.port))
        with opened(desk, batch, sock=small, compression=None, max_queue=1) as sleeping:
            deadline = time.monotonic() + 10
            while _refused_at_once(opened(desk, batch, close_timeout=0.1)):
                assert time.monotonic() < deadline
                time.sleep(0.1)
            with pytest.raises(ConnectionClosedError):
                told(sleeping)


def _refused_at_once(socket: ClientConnection) -> bool:
    with socket, suppress(ConnectionClosed):
        return not socket.recv(timeout=5)
    return True


def test_open_sockets_hold_up_no_end(shared_url: str, user: str, tmp_path: Path) -> None:
    with ExitStack() as stack, served(shared_url, ApiSettings(House(tmp_path))) as base:
        client = stack.enter_context(httpx.Client(base_url=base))
        desk = Desk(client, user, tmp_path)
        stack.enter_context(created(socket := opened(desk, desk.new())))
        start = time.monotonic()
    assert time.monotonic() - start < 1.0
    assert closed(socket)[0] == 1012


@pytest.mark.parametrize("gone", [OSError("Broken pipe"), RuntimeError("A ping was not answered")])
def test_a_client_that_has_gone_is_no_error_of_the_server(gone: Exception, caplog: pytest.LogCaptureFixture) -> None:
    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        raise gone

    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})

    scope = {"type": "websocket", "headers": [], "subprotocols": []}
    asyncio.run(SocketBoundary(tell, 1, ())(scope, receive, send))
    assert not caplog.records


def test_a_defect_is_told_by_its_number_and_kept_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    scope = {"type": "websocket", "headers": [], "subprotocols": ["pressrun"]}
    asyncio.run(SocketBoundary(fail, 1, ())(scope, receive, send))
    assert sent == [
        {"type": "websocket.accept", "subprotocol": "pressrun"},
        {"type": "websocket.close", "code": 4500, "reason": "Something went wrong here"},
    ]
    assert "ZeroDivisionError" in caplog.text
