"""Events as they happen: nothing is missed, nothing comes twice, and a stream ends when nothing more can come."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest
from tests.manual_worker import ManualWorker
from tests.postgres import throw_out
from tests.unit.api.client import BASE, ApiClient, headers_of, refused

Serve = Callable[..., ApiClient]
STREAM = {"Accept": "text/event-stream"}


@dataclass
class Listener:
    """Reads a stream line by line."""

    answer: httpx.Response

    def __post_init__(self) -> None:
        self._lines = self.answer.iter_lines()

    def lines(self) -> Iterator[str]:
        return self._lines

    def events(self, until: str = "end") -> list[dict[str, Any]]:
        """The events up to the first of the kind `until`; of all, when that is the end."""
        found: list[dict[str, Any]] = []
        name, number = "", ""
        for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "id":
                number = value
            elif field == "data":
                event = json.loads(value) | ({"id": int(number)} if number and not name else {})
                found.append(event | {"event": name})
                if until in (name, event.get("kind")):
                    return found
                name = number = ""
        return found

    def wait_for(self, start: str) -> str:
        return next(line for line in self._lines if line.startswith(start))


@contextmanager
def listening(api: ApiClient, batch: str, **headers: str) -> Iterator[Listener]:
    every = headers_of(api.user) | STREAM | headers
    with api.client.stream("GET", f"{BASE}/{batch}/events", headers=every) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Listener(answer)


def test_a_stream_sends_every_event_from_the_first_to_the_last(serve: Serve, worker: ManualWorker) -> None:
    api = serve()
    batch = api.new()
    with listening(api, batch) as listener:
        listener.events(until="batch_created")
        start = time.monotonic()
        worker.complete_all()
        told = listener.events()
        assert time.monotonic() - start < 2
        assert told[-1] == {"event": "end", "state": "completed"}
        assert next(listener.lines(), None) in (None, "")
    kept = api.get(f"/{batch}/events", params={"page_size": 100})["events"]
    assert [event["id"] for event in told[:-1]] == [event["id"] for event in kept[1:]]
    assert told[0]["kind"] == kept[1]["kind"]


def test_a_stream_continues_after_the_last_event_that_was_heard(serve: Serve, worker: ManualWorker) -> None:
    api = serve()
    batch = api.new()
    with listening(api, batch) as listener:
        held = worker.claim()
        assert held
        heard = listener.events(until="in_progress")
    worker.finish(held)
    worker.complete_all()
    with listening(api, batch, **{"Last-Event-ID": str(heard[-1]["id"])}) as listener:
        rest = listener.events()[:-1]
    ids = [event["id"] for event in api.get(f"/{batch}/events", params={"page_size": 100})["events"]]
    assert [event["id"] for event in heard + rest] == ids


def test_a_batch_that_has_ended_and_has_no_more_events_closes_the_stream(serve: Serve, worker: ManualWorker) -> None:
    api = serve()
    batch = api.new()
    worker.complete_all()
    with listening(api, batch) as listener:
        last = listener.events()[-2]
    again = api.ask("GET", f"/{batch}/events", headers=STREAM | {"Last-Event-ID": str(last["id"])})
    assert (again.status_code, again.content) == (204, b"")


def test_a_failed_batch_ends_its_stream_and_a_retry_begins_another(serve: Serve, worker: ManualWorker) -> None:
    api = serve()
    batch = api.new()
    while job := worker.claim():
        worker.finish(job, "failed")
    with listening(api, batch) as listener:
        told = listener.events()
    assert told[-1] == {"event": "end", "state": "failed"}
    api.ask("POST", f"/{batch}/retry")
    with listening(api, batch, **{"Last-Event-ID": str(told[-2]["id"])}) as listener:
        worker.complete_all()
        assert listener.events()[-1] == {"event": "end", "state": "completed"}


def test_a_quiet_stream_shows_that_it_is_alive(serve: Serve) -> None:
    api = serve(heartbeat=0.1)
    with listening(api, api.new()) as listener:
        listener.events(until="batch_created")
        assert [listener.wait_for(":") for _ in range(2)] == [": alive", ": alive"]


def test_a_stream_ends_with_the_token_it_was_opened_with(serve: Serve) -> None:
    api = serve(heartbeat=0.1)
    batch = api.new()
    headers = headers_of(api.user, hours=1.2 / 3600) | STREAM
    with api.client.stream("GET", f"{BASE}/{batch}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert "event: end" not in "\n".join(answer.iter_lines())


def test_a_batch_that_is_removed_ends_its_stream(serve: Serve, worker: ManualWorker) -> None:
    api = serve(heartbeat=0.1)
    batch = api.new()
    with listening(api, batch) as listener:
        listener.events(until="batch_created")
        worker.execute("DELETE FROM job_events WHERE batch_id = %s", batch)
        worker.execute("DELETE FROM batches WHERE id = %s", batch)
        assert not [line for line in listener.lines() if line.startswith("data")]


def test_many_listeners_cost_one_connection_and_each_hears_all(
    serve: Serve, worker: ManualWorker, shared_url: str
) -> None:
    api = serve()
    batch = api.new()
    heard: list[list[dict[str, Any]]] = []
    with ExitStack() as stack:
        listeners = [stack.enter_context(listening(api, batch)) for _ in range(20)]
        for listener in listeners:
            listener.events(until="batch_created")
        with psycopg.connect(shared_url) as connection:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
            (count,) = connection.execute(query).fetchone() or (None,)
        assert count == 1
        threads = [threading.Thread(target=lambda one=one: heard.append(one.events())) for one in listeners]
        for thread in threads:
            thread.start()
        worker.complete_all()
        for thread in threads:
            thread.join(10)
    assert len(heard) == 20
    assert all(each == heard[0] for each in heard)
    assert heard[0][-1] == {"event": "end", "state": "completed"}


def test_a_user_has_so_many_streams_and_no_more(serve: Serve) -> None:
    api = serve(streams=2)
    batch = api.new()
    with listening(api, batch), listening(api, batch):
        answer = api.ask("GET", f"/{batch}/events", headers=STREAM)
        refused(answer, 429)
        assert answer.headers["retry-after"] == "5"
    deadline = time.monotonic() + 5
    while api.ask("GET", f"/{batch}/events", headers=STREAM | {"Last-Event-ID": "x"}).status_code == 429:
        assert time.monotonic() < deadline
    api.ask("POST", f"/{batch}/cancel")
    while (answer := api.ask("GET", f"/{batch}/events", headers=STREAM)).status_code == 429:
        assert time.monotonic() < deadline
    assert "event: end" in answer.text


def test_a_stream_outlives_the_loss_of_its_database_connections(
    serve: Serve, worker: ManualWorker, shared_url: str
) -> None:
    api = serve(heartbeat=0.2)
    batch = api.new()
    with listening(api, batch) as listener:
        listener.events(until="batch_created")
        throw_out(shared_url, worker.connection.info.backend_pid)
        worker.complete_all()
        assert listener.events()[-1] == {"event": "end", "state": "completed"}


@pytest.mark.parametrize("number", ["x", "-1", "9" * 30])
def test_a_last_event_that_cannot_be_one_is_rejected(api: ApiClient, number: str) -> None:
    problem = refused(api.ask("GET", f"/{api.new()}/events", headers=STREAM | {"Last-Event-ID": number}), 422)
    assert "Last-Event-ID" in problem["detail"] + problem["remedy"]
