"""A monitor shows the whole way of a job, whatever happens to the server, and always its end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tests.loopback.flaky import Answer, Script, data, problem, scripted

from pressrun_client import AsyncBulkJobsClient, BulkJobsClient, ConnectionFailedError, NotFoundError, ServerError


def job(percent: float, state: str = "running") -> Answer:
    return data({"id": "bj_1", "state": state, "percent_complete": percent})


def stream(*events: dict[str, Any], end: bool = True, cut: int | None = None) -> Answer:
    text = "retry: 2000\n\n" + "".join(f"id: {each['id']}\ndata: {json.dumps(each)}\n\n" for each in events)
    text += 'event: end\ndata: {"state": "completed"}\n\n' if end else ""
    return Answer(200, text.encode(), {"Content-Type": "text/event-stream; charset=utf-8"}, cut)


FIRST, SECOND = {"id": 7, "kind": "completed"}, {"id": 8, "kind": "batch_completed"}


def follow(script: Script, **options: float) -> list[Any]:
    return list(BulkJobsClient("token", script.url).monitor_job("bj_1", **options))


def shown(updates: list[Any]) -> list[tuple[float, str]]:
    return [(each.percent_complete, each["state"]) for each in updates]


def test_a_job_is_shown_from_its_state_to_its_end() -> None:
    answers = job(0), stream(FIRST, SECOND), job(50), job(100, "completed")
    with scripted(*answers) as script:
        updates = follow(script)
    assert shown(updates) == [(0, "running"), (50, "running"), (100, "completed")]
    assert [each.event and each.event["id"] for each in updates] == [None, 7, 8]


def test_a_job_that_has_ended_is_shown_once() -> None:
    with scripted(job(40, "canceled")) as script:
        assert shown(follow(script)) == [(40, "canceled")]


def test_a_restart_of_the_server_loses_nothing(delays: list[int]) -> None:
    answers = (
        job(0), stream(FIRST, SECOND, cut=75), job(50), problem(503), job(60), stream(SECOND, cut=0), job(70),
        stream(SECOND), job(100, "completed"),
    )
    with scripted(*answers) as script:
        assert shown(follow(script))[-2:] == [(70, "running"), (100, "completed")]
    streams = [headers.get("Last-Event-ID") for _, path, headers in script.requests if path.endswith("/events")]
    assert streams == [None, "7", "7"]


def test_without_a_stream_it_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressrun_client.monitor.POLL_INTERVAL", 0.01)
    answers = job(0), data({"events": []}), job(0), job(50), job(100, "completed")
    with scripted(*answers) as script:
        assert shown(follow(script)) == [(0, "running"), (50, "running"), (100, "completed")]
    assert len([path for _, path, _ in script.requests if path.endswith("/events")]) == 1


def test_a_job_that_is_removed_meanwhile_is_an_error() -> None:
    with scripted(job(0), stream(FIRST), problem(404)) as script, pytest.raises(NotFoundError):
        follow(script)


def test_a_server_that_stays_away_is_an_error_in_the_end(delays: list[int]) -> None:
    with scripted(job(0), problem(503)) as script, pytest.raises(ServerError):
        follow(script, reconnect_timeout=0)
    with scripted(job(0), Answer(200, b"", cut=0)) as script, pytest.raises(ConnectionFailedError):
        follow(script, reconnect_timeout=0)


def test_a_loop_that_is_left_closes_its_connection() -> None:
    with scripted(job(0), stream(FIRST), job(50), job(100, "completed")) as script:
        for update in BulkJobsClient("token", script.url).monitor_job("bj_1"):
            if update["percent_complete"] == 50:
                break
        assert len(script.requests) == 3


def test_the_asynchronous_client_does_the_same() -> None:
    async def main(url: str) -> list[Any]:
        async with AsyncBulkJobsClient("token", url) as client:
            return [update async for update in client.monitor_job("bj_1")]

    with scripted(job(0), stream(FIRST, SECOND), job(50), job(100, "completed")) as script:
        assert shown(asyncio.run(main(script.url))) == [(0, "running"), (50, "running"), (100, "completed")]
