"""Lists and progress with a million jobs in the tables, at fifty requests a second."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import httpx
from tests.loopback.queue_api import KEY, served

from bench.queueing.world import Database, database
from bench.report import Figure
from pressrun.api.settings import ApiSettings
from pressrun.api.tokens import create_token
from pressrun.jobs.connection import Queue
from pressrun.jobs.queries import items, list_batches, progress

PER_SECOND = 50
USERS = ("anna", "bert", "carla")
"""The first of them owns eight of ten batches."""

Request = Callable[[random.Random], object]
Ids = dict[str, list[str]]

_BATCHES = """INSERT INTO batches (id, owner, title, pipeline, queue, parallel, total, waiting, completed, state,
        priority, created_at, updated_at, started_at, worked)
    SELECT 'bj_' || lpad(n::text, 26, '0'), CASE n % 10 WHEN 0 THEN 'carla' WHEN 1 THEN 'bert' ELSE 'anna' END,
        'Batch ' || n, 'none', 'items', 5, 100, 100 - n % 101, n % 101,
        CASE n % 101 WHEN 100 THEN 'completed' WHEN 0 THEN 'pending' ELSE 'running' END, 5,
        now() - n * interval '1 minute', now() - (n * 7919 % 10000) * interval '1 minute',
        now() - n * interval '1 minute', 60 * (n % 101)
    FROM generate_series(1, %s) n"""
_JOBS = """INSERT INTO jobs (batch_id, owner, position, priority, state, data)
    SELECT b.id, b.owner, p, 5, CASE WHEN p <= b.completed THEN 'completed' ELSE 'queued' END,
        jsonb_build_object('idea_title', 'Idea ' || p)
    FROM batches b, generate_series(1, 100) p"""
_EVENTS = """INSERT INTO job_events (batch_id, job_id, owner, kind)
    SELECT batch_id, id, owner, 'completed' FROM jobs WHERE state = 'completed'"""


def listing(url: str, *, short: bool) -> list[Figure]:
    jobs, seconds = (100_000, 5) if short else (1_000_000, 30)
    target = database(url, "listed")
    _fill(target, jobs)
    with target.queue() as queue:
        ids = {user: [row["id"] for row in list_batches(Queue(queue.pool, user), page_size=100).rows] for user in USERS}
        figures = _measured(f"list and progress, {jobs} jobs in the tables", seconds, partial(_request, queue, ids))
    settings = ApiSettings(Path(), requests_per_minute=0)
    with served(target.url, settings) as address, httpx.Client(base_url=f"{address}/api/bulk-jobs") as client:
        # As the command serves it.
        gc.collect()
        gc.freeze()
        return figures + _measured("the same over HTTP", seconds, partial(_over_http, client, ids))


def _fill(target: Database, jobs: int) -> None:
    for statement in (_BATCHES.replace("%s", str(jobs // 100)), _JOBS, _EVENTS, "VACUUM ANALYZE"):
        target.administrator.execute(statement.encode())


def _measured(what: str, seconds: int, request: Request) -> list[Figure]:
    _at_a_steady_pace(request, 2)
    times = sorted(_at_a_steady_pace(request, seconds))
    return [
        Figure(f"{what}, p99", times[int(len(times) * 0.99)] * 1000, "ms", required=50, target=20),
        Figure(f"{what}, median", times[len(times) // 2] * 1000, "ms"),
    ]


def _at_a_steady_pace(request: Request, seconds: int) -> list[float]:
    """Seconds of each request, counted from when it was due, so that one that is late by another's fault counts too."""
    choose = random.Random(1)
    start = time.perf_counter()
    times = []
    for number in range(seconds * PER_SECOND):
        due = start + number / PER_SECOND
        time.sleep(max(0.0, due - time.perf_counter()))
        request(choose)
        times.append(time.perf_counter() - due)
    return times


def _parameters(choose: random.Random) -> dict[str, str]:
    sort, order = choose.choice(("created_at", "updated_at", "percent_complete")), choose.choice(("asc", "desc"))
    return {"sort": sort, "order": order} | choose.choice(({}, {}, {"state": "running"}))


def _request(queue: Queue, ids: Ids, choose: random.Random) -> object:
    mine = Queue(queue.pool, choose.choice(USERS))
    batch, parameters = choose.choice(ids[mine.user]), _parameters(choose)
    what = choose.choice(("list", "progress", "items"))
    if what == "list":
        return list_batches(mine, page_size=100, **parameters)  # type: ignore[arg-type]
    return progress(mine, batch) if what == "progress" else items(mine, batch, size=100)


def _over_http(client: httpx.Client, ids: Ids, choose: random.Random) -> object:
    user = choose.choice(USERS)
    batch, parameters = choose.choice(ids[user]), _parameters(choose)
    path, parameters = choose.choice(
        (("", parameters | {"page_size": "100"}), (f"/{batch}/progress", {}), (f"/{batch}/items", {"page_size": "100"}))
    )
    answer = client.get(path, params=parameters, headers={"Authorization": f"Bearer {_token(user)}"})
    return answer.raise_for_status()


@cache
def _token(user: str) -> str:
    return create_token(user, key=KEY)
