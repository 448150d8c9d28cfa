"""Whoever reads events and goes on after the last one misses none, however transactions end."""

from __future__ import annotations

import threading
import time

from tests.manual_worker import ManualWorker, new_batch

from pressrun.jobs.connection import Queue
from pressrun.jobs.queries import events


def test_an_event_that_is_seen_late_is_not_passed_over(queue: Queue, worker: ManualWorker, database_url: str) -> None:
    batch = new_batch(queue)
    first = worker.claim()
    assert first
    seen = [row["id"] for row in events(queue, batch)]
    with ManualWorker(database_url) as slow:
        slow.connection.autocommit = False
        second = slow.claim(first=False)
        assert second
        worker.finish(first)
        threading.Timer(0.2, slow.connection.commit).start()
        start = time.monotonic()
        told = events(queue, batch, after=seen[-1])
        assert 0.1 < time.monotonic() - start < 0.9
    assert [(row["position"], row["kind"]) for row in told] == [(2, "in_progress"), (1, "completed")]


def test_a_transaction_that_never_ends_does_not_keep_events_back_for_ever(
    queue: Queue, worker: ManualWorker, database_url: str
) -> None:
    batch = new_batch(queue)
    with ManualWorker(database_url) as stuck:
        stuck.connection.autocommit = False
        stuck.execute("SELECT pg_current_xact_id()")
        start = time.monotonic()
        assert [row["kind"] for row in events(queue, batch)] == ["batch_created"]
        assert time.monotonic() - start < 2
