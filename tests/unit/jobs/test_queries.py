from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.manual_worker import DEFECT, ManualWorker, new_batch

from pressrun.errors import UsageError
from pressrun.jobs.batches import pause
from pressrun.jobs.connection import Queue
from pressrun.jobs.queries import analytics, describe, eta, events, get_batch, items, list_batches, progress


@pytest.mark.parametrize("sort", ["created_at", "updated_at", "percent_complete"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_hold_every_batch_once_and_in_order(queue: Queue, worker: ManualWorker, sort, order) -> None:  # type: ignore[no-untyped-def]
    made = [new_batch(queue, 2) for _ in range(5)]
    job = worker.claim()
    assert job
    worker.finish(job)
    seen, token = [], None
    while True:
        page = list_batches(queue, sort=sort, order=order, page_size=2, page_token=token)
        seen += page.rows
        token = page.next_token
        if token is None:
            break
    assert sorted(row["id"] for row in seen) == made
    values = [row["percent" if sort == "percent_complete" else sort] for row in seen]
    assert values == sorted(values, reverse=order == "desc")


def test_a_list_can_be_narrowed_to_a_state(queue: Queue, worker: ManualWorker) -> None:
    new_batch(queue, 1)
    worker.complete_all()
    pending = new_batch(queue, 1)
    assert [row["id"] for row in list_batches(queue, state="pending").rows] == [pending]


@pytest.mark.parametrize("token", ["x", "W10", "bnVsbA", "ä", "W1siY3JlYXRlZF9hdCIsImRlc2MiLG51bGxdLFsxLDJdXQ"])
def test_an_invalid_token_is_rejected(queue: Queue, token: str) -> None:
    with pytest.raises(UsageError):
        list_batches(queue, page_token=token)


def test_a_token_of_another_list_is_rejected(queue: Queue) -> None:
    for _ in range(3):
        new_batch(queue, 1)
    token = list_batches(queue, page_size=1).next_token
    with pytest.raises(UsageError):
        list_batches(queue, page_size=1, order="asc", page_token=token)


def test_progress_counts_running_jobs_by_how_far_they_are(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 4)
    first, second = worker.claim(), worker.claim()
    assert first
    assert second
    worker.finish(first)
    worker.execute("SELECT report(%s, %s, '{\"percent\": 50}', '[]', '[]')", second.id, second.attempt)
    shown = progress(queue, batch)
    assert shown["percent_complete"] == 37.5
    assert shown["items_status"]["completed"] == 1
    assert shown["items_status"]["pending"] == 3
    assert shown["timing"]["eta_ms"] is not None


def test_the_time_left_follows_from_what_ended_jobs_took() -> None:
    row = {"state": "running", "waiting": 8, "active": 2, "partial": 100.0, "completed": 5, "failed": 0, "worked": 50.0}
    assert eta(row, 30, 4) == pytest.approx(10 * 9 / 2)
    assert eta(row | {"completed": 0, "worked": 0}, 30, 4) == pytest.approx(30 * 9)
    assert eta(row | {"completed": 0, "worked": 0, "partial": 0}, 30, 4) is None
    assert eta(row | {"state": "paused"}, 30, 4) is None
    assert eta(row | {"waiting": 0, "active": 0}, 30, 4) == 0


def test_jobs_that_wait_for_a_hand_do_not_shorten_the_time_left(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 10)
    worker.execute("INSERT INTO workers (id, host, pid, concurrency) VALUES (%s, 'press', 1, 1)", worker.id)
    first = worker.claim()
    assert first
    worker.finish(first)
    worker.execute("UPDATE batches SET worked = 10 WHERE id = %s", batch)
    assert worker.batch(batch)["active"] > 1
    assert progress(queue, batch)["timing"]["eta_ms"] == 90_000


def test_events_follow_on_from_an_id(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 2)
    worker.complete_all()
    every = events(queue, batch)
    assert [row["id"] for row in events(queue, batch, after=every[2]["id"])] == [row["id"] for row in every[3:]]
    assert len(events(queue, batch, size=2)) == 2


def test_analytics_sum_up_what_was_made(queue: Queue, worker: ManualWorker) -> None:
    new_batch(queue, 2, template="tpl_a")
    new_batch(queue, 1, template="tpl_b", priority=1)
    while job := worker.claim():
        worker.finish(job, "failed", DEFECT) if job.position == 2 else worker.finish(job)
    today = datetime.now(UTC).date()
    found = analytics(queue, today, today, "template_id")
    assert (found["total_jobs"], found["total_items"], found["success_rate"]) == (2, 3, 0.6667)
    assert found["cost_summary"] == {"total": 1.5, "by_template": {"tpl_a": 1.0, "tpl_b": 0.5}}
    assert [group["template_id"] for group in found["groups"]] == ["tpl_a", "tpl_b"]
    assert analytics(queue, today - timedelta(days=2), today - timedelta(days=1))["total_jobs"] == 0


def test_a_batch_is_described_with_the_names_users_rely_on(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 2)
    worker.claim()
    pause(queue, batch)
    shown = describe(get_batch(queue, batch))
    assert shown["id"] == batch
    assert (shown["state"], shown["items_total"], shown["items_pending"]) == ("pausing", 2, 2)
    assert [row["position"] for row in items(queue, batch, after=1)] == [2]
