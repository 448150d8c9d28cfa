from __future__ import annotations

import pytest
from tests.manual_worker import DEFECT, FAILURE, ManualWorker, new_batch

from pressrun.errors import FencedError, MoveError, NoSuchBatchError
from pressrun.jobs.batches import cancel, pause, remove, resume, retry
from pressrun.jobs.connection import Queue
from pressrun.jobs.queries import events, get_batch, progress
from pressrun.jobs.states import BATCH_MOVES, JOB_MOVES, BatchState, JobStatus
from pressrun.jobs.webhooks import DEFAULT_EVENTS

HOOK = {"callback_url": "https://example.org/hook"}


def test_a_batch_goes_from_pending_over_running_to_completed(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue)
    assert get_batch(queue, batch)["state"] == "pending"
    first = worker.claim()
    assert first
    assert get_batch(queue, batch)["state"] == "running"
    worker.finish(first)
    assert worker.complete_all() == [2, 3]
    row = get_batch(queue, batch)
    assert (row["state"], row["completed"], row["percent"], row["cost"]) == ("completed", 3, 100, 1.5)
    assert row["finished_at"] is not None


def test_every_move_leaves_exactly_one_event(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 1)
    worker.complete_all()
    kinds = [event["kind"] for event in events(queue, batch)]
    assert sorted(kinds[1:3]) == ["batch_running", "dispatched"]
    assert kinds[0] == "batch_created"
    assert kinds[3:] == ["in_progress", "completed", "batch_completing", "batch_completed"]


@pytest.mark.usefixtures("superuser")
@pytest.mark.parametrize(("table", "moves"), [("jobs", JOB_MOVES), ("batches", BATCH_MOVES)])
def test_the_database_rejects_exactly_the_moves_that_are_not_in_the_table(
    queue: Queue, worker: ManualWorker, table: str, moves: dict[str, tuple[str, ...]]
) -> None:
    batch = new_batch(queue, 1)
    key = "batch_id" if table == "jobs" else "id"
    for start, allowed in moves.items():
        for end in moves:
            if start == end:
                continue
            worker.execute("BEGIN")
            worker.execute("RESET ROLE")
            worker.execute("SET LOCAL session_replication_role = replica")  # set the start without asking anybody
            worker.execute(f"UPDATE {table} SET state = %s WHERE {key} = %s", start, batch)
            worker.execute("SET LOCAL session_replication_role = origin")
            move = f"UPDATE {table} SET state = %s WHERE {key} = %s"
            if end in allowed:
                worker.execute(move, end, batch)
            else:
                with pytest.raises(MoveError):
                    worker.execute(move, end, batch)
            worker.execute("ROLLBACK")


def test_a_paused_batch_lets_what_runs_end_and_starts_nothing(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue)
    running = worker.claim()
    assert running
    assert pause(queue, batch)["state"] == "pausing"
    assert worker.claim() is None
    assert worker.finish(running) == "completed"
    assert get_batch(queue, batch)["state"] == "paused"
    assert worker.claim() is None
    assert resume(queue, batch)["state"] == "running"
    assert worker.complete_all() == [2, 3]
    assert get_batch(queue, batch)["state"] == "completed"


def test_a_job_stopped_by_a_pause_waits_and_is_taken_again_as_another_attempt(
    queue: Queue, worker: ManualWorker
) -> None:
    batch = new_batch(queue, 1)
    running = worker.claim()
    assert running
    pause(queue, batch)
    assert worker.finish(running, "stopped") == "queued"
    assert get_batch(queue, batch)["state"] == "paused"
    resume(queue, batch)
    again = worker.claim()
    assert again
    assert (again.id, again.attempt) == (running.id, 2)


def test_a_pause_while_the_last_job_ends_is_overtaken_by_the_end(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 1)
    running = worker.claim()
    assert running
    pause(queue, batch)
    worker.finish(running)
    assert get_batch(queue, batch)["state"] == "completed"


def test_a_cancelled_batch_keeps_what_was_finished(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue)
    first = worker.claim()
    second = worker.claim()
    assert first
    assert second
    worker.finish(first)
    assert cancel(queue, batch)["state"] == "canceling"
    assert worker.execute("SELECT * FROM orders(%s, %s)", [second.id], [second.attempt]) == [
        {"job": second.id, "what": "cancel"}
    ]
    assert worker.finish(second, "stopped") == "cancelled"
    assert worker.states(batch) == ["completed", "cancelled", "cancelled"]
    assert get_batch(queue, batch)["state"] == "canceled"


def test_retry_runs_only_what_failed(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue)
    while job := worker.claim():
        worker.finish(job, "failed", DEFECT) if job.position == 2 else worker.finish(job)
    assert get_batch(queue, batch)["state"] == "failed"
    assert retry(queue, batch)["state"] == "running"
    assert worker.complete_all() == [2]
    assert get_batch(queue, batch)["state"] == "completed"


@pytest.mark.parametrize(
    ("action", "state", "allowed"),
    [(pause, "pending", ("cancel",)), (resume, "pending", ("cancel",)), (retry, "pending", ("cancel",))],
)
def test_what_a_state_does_not_allow_is_rejected_with_what_it_does(queue: Queue, action, state, allowed) -> None:  # type: ignore[no-untyped-def]
    batch = new_batch(queue)
    with pytest.raises(MoveError) as caught:
        action(queue, batch)
    assert (caught.value.state, caught.value.allowed) == (state, allowed)
    assert "cancel" in caught.value.remedy


def test_nobody_finds_a_batch_of_another_user(queue: Queue) -> None:
    batch = new_batch(queue)
    stranger = Queue(queue.pool, "bert")
    for action in (pause, resume, cancel, retry, remove, get_batch, progress):
        with pytest.raises(NoSuchBatchError):
            action(stranger, batch)
    assert events(stranger, batch) == []


def test_a_failure_that_may_pass_is_tried_three_times_more_with_growing_waits(
    queue: Queue, worker: ManualWorker
) -> None:
    batch = new_batch(queue, 1)
    waits = []
    for _ in range(3):
        job = worker.claim()
        assert job
        assert worker.finish(job, "failed", FAILURE) == "retried"
        waits.append(worker.value("SELECT round(extract(epoch FROM not_before - now())) AS value FROM jobs"))
        assert worker.claim() is None
        worker.execute("UPDATE jobs SET not_before = now()")
    job = worker.claim()
    assert job
    assert worker.finish(job, "failed", FAILURE) == "failed"
    assert [int(wait) for wait in waits] == [1, 3, 9]
    assert get_batch(queue, batch)["state"] == "failed"


def test_a_failure_that_will_not_pass_is_not_tried_again(queue: Queue, worker: ManualWorker) -> None:
    new_batch(queue, 1)
    job = worker.claim()
    assert job
    assert worker.finish(job, "failed", DEFECT) == "failed"


def test_a_dead_workers_job_is_resumed_by_another_and_the_dead_one_is_rejected(
    queue: Queue, worker: ManualWorker, database_url: str
) -> None:
    batch = new_batch(queue, 1)
    job = worker.claim()
    assert job
    worker.pretend_dead()
    with ManualWorker(database_url) as other:
        other.look_after()
        again = other.claim()
        assert again
        assert (again.id, again.attempt) == (job.id, 2)
        for write in (
            lambda: worker.finish(job),
            lambda: worker.execute("SELECT report(%s, %s, '{\"percent\": 50}', '[]', '[]')", job.id, job.attempt),
        ):
            with pytest.raises(FencedError):
                write()
        assert worker.execute("SELECT * FROM orders(%s, %s)", [job.id], [job.attempt])[0]["what"] == "fenced"
        assert other.finish(again) == "completed"
    row = get_batch(queue, batch)
    assert (row["state"], row["completed"]) == ("completed", 1)


def test_a_job_that_ends_its_workers_again_and_again_fails_and_may_be_retried(
    queue: Queue, worker: ManualWorker, database_url: str
) -> None:
    batch = new_batch(queue, 1)

    def lose(times: int) -> None:
        for _ in range(times):
            assert worker.claim()
            worker.pretend_dead()
            other.look_after()
            worker.heartbeat()

    with ManualWorker(database_url) as other:
        lose(9)
        assert worker.states(batch) == ["queued"]
        lose(1)
        assert worker.states(batch) == ["failed"]
        (row,) = worker.execute("SELECT error, tries FROM jobs")
        assert (row["error"]["kind"], row["tries"]) == ("WorkerLost", 0)
        assert "10 workers" in row["error"]["message"]
        retry(queue, batch)
        lose(9)
        assert worker.complete_all() == [1]


def test_a_worker_that_lives_keeps_its_jobs(queue: Queue, worker: ManualWorker, database_url: str) -> None:
    new_batch(queue, 1)
    job = worker.claim()
    assert job
    with ManualWorker(database_url) as other:
        other.look_after()
        assert other.claim() is None
    assert worker.finish(job) == "completed"


def test_a_batch_past_its_deadline_fails_and_keeps_what_was_finished(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, minutes=1)
    first = worker.claim()
    second = worker.claim()
    assert first
    assert second
    worker.finish(first)
    worker.execute("UPDATE batches SET deadline = now()")
    worker.look_after()
    assert worker.states(batch) == ["completed", "in_progress", "failed"]
    assert worker.execute("SELECT * FROM orders(%s, %s)", [second.id], [second.attempt])[0]["what"] == "cancel"
    assert worker.finish(second, "stopped") == "failed"
    row = get_batch(queue, batch)
    assert (row["state"], row["completed"], row["failed"]) == ("failed", 1, 2)
    errors = [row["error"] for row in worker.execute("SELECT error FROM jobs ORDER BY position")]
    assert errors[0] is None
    assert [error["kind"] for error in errors[1:]] == ["DeadlineError"] * 2
    retry(queue, batch)
    assert worker.complete_all() == [2, 3]
    assert get_batch(queue, batch)["state"] == "completed"


def test_the_end_of_a_batch_puts_its_webhook_into_the_outbox_once(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 1, request=HOOK, webhook_events=DEFAULT_EVENTS)
    worker.complete_all()
    (row,) = worker.execute("SELECT * FROM webhook_outbox")
    assert (row["batch_id"], row["url"]) == (batch, "https://example.org/hook")
    assert row["body"]["state"] == "completed"
    assert row["body"]["job_id"] == batch


def test_the_webhook_of_a_missed_deadline_counts_what_was_still_running(queue: Queue, worker: ManualWorker) -> None:
    new_batch(queue, 2, minutes=1, request=HOOK, webhook_events=("bulk_job.failed",))
    job = worker.claim()
    assert job
    worker.execute("UPDATE batches SET deadline = now()")
    worker.look_after()
    assert worker.execute("SELECT * FROM webhook_outbox") == []
    worker.finish(job, "stopped")
    (row,) = worker.execute("SELECT body FROM webhook_outbox")
    assert (row["body"]["state"], row["body"]["items_failed"], row["body"]["percent_complete"]) == ("failed", 2, 0)


def test_a_batch_that_has_ended_can_be_removed_with_all_that_belongs_to_it(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 1, request=HOOK, webhook_events=DEFAULT_EVENTS)
    with pytest.raises(MoveError):
        remove(queue, batch)
    worker.complete_all()
    remove(queue, batch)
    for table in ("batches", "jobs", "job_events", "webhook_outbox", "procrastinate_jobs"):
        assert worker.value(f"SELECT count(*) AS value FROM {table}") == 0, table


def test_the_tables_of_moves_name_every_state() -> None:
    assert set(JOB_MOVES) == set(JobStatus)
    assert set(BATCH_MOVES) == set(BatchState)
