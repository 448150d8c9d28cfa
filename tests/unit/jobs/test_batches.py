from __future__ import annotations

import pytest
from tests.manual_worker import ManualWorker

from pressrun.errors import ErrorReport, IdempotencyError
from pressrun.jobs.batches import Idempotency, NewBatch, NewJob, create_batch, new_id
from pressrun.jobs.connection import Queue
from pressrun.jobs.queries import items, list_batches

BATCH = NewBatch("Spring", "ideas", "idea-video", "items")


def rows(count: int) -> list[NewJob]:
    return [NewJob(n, f"Idea {n}", {"idea_title": f"Idea {n}"}) for n in range(1, count + 1)]


def test_rejected_rows_are_kept_as_skipped_with_the_reason(queue: Queue, worker: ManualWorker) -> None:
    refused = NewJob(2, "", {}, rejected=ErrorReport("RowError", "Row 2 has no title"))
    batch, new = create_batch(queue, BATCH, [rows(1)[0], refused])
    assert new
    assert (batch["total"], batch["waiting"], batch["skipped"]) == (2, 1, 1)
    assert worker.complete_all() == [1]
    assert [(row["state"], row["message"]) for row in items(queue, batch["id"])] == [
        ("completed", ""),
        ("skipped", "Row 2 has no title"),
    ]
    assert worker.batch(batch["id"])["state"] == "completed"


def test_the_same_request_again_finds_the_batch_of_the_first(queue: Queue) -> None:
    first, _ = create_batch(queue, BATCH, rows(2), Idempotency("key", "a"))
    again, new = create_batch(queue, BATCH, rows(2), Idempotency("key", "a"))
    assert (again["id"], new) == (first["id"], False)
    assert len(list_batches(queue).rows) == 1
    _, theirs_is_new = create_batch(Queue(queue.pool, "bert"), BATCH, rows(2), Idempotency("key", "a"))
    assert theirs_is_new


def test_a_key_that_comes_with_another_request_is_rejected(queue: Queue) -> None:
    create_batch(queue, BATCH, rows(1), Idempotency("key", "a"))
    with pytest.raises(IdempotencyError):
        create_batch(queue, BATCH, rows(2), Idempotency("key", "b"))


def test_a_batch_whose_rows_cannot_be_kept_is_not_kept_at_all(queue: Queue) -> None:
    twice = [NewJob(1, "", {}), NewJob(1, "", {})]
    with pytest.raises(Exception, match="jobs_batch_id_position"):
        create_batch(queue, BATCH, twice)
    assert list_batches(queue).rows == []


def test_rows_go_to_the_database_a_thousand_in_a_statement(queue: Queue, worker: ManualWorker) -> None:
    batch, _ = create_batch(queue, BATCH, rows(2500))
    assert batch["total"] == 2500
    assert [row["position"] for row in items(queue, batch["id"], after=2498)] == [2499, 2500]


def test_a_priority_of_the_row_wins_over_that_of_the_batch(queue: Queue, worker: ManualWorker) -> None:
    create_batch(queue, BATCH, [*rows(2), NewJob(3, "", {}, priority=1)])
    assert worker.complete_all() == [3, 1, 2]


def test_ids_sort_as_they_were_made() -> None:
    ids = [new_id(now) for now in (1.0, 2.0, 1_800_000_000.0, 1_800_000_000.5)]
    assert ids == sorted(ids)
    assert {len(each) for each in ids} == {29}
