from __future__ import annotations

from typing import Any

import pytest
from tests.manual_worker import FAILURE, ClaimedJob, ManualWorker, new_batch

from pressrun.errors import UsageError
from pressrun.jobs.batches import pause
from pressrun.jobs.connection import Queue
from pressrun.jobs.limits import RateLimiter, Rates
from pressrun.jobs.queries import get_batch, progress


def taken(worker: ManualWorker, rates: Rates | None = None, **options: int) -> list[ClaimedJob]:
    held = []
    while job := worker.claim(rates, **options):
        held.append(job)
    return held


def test_lower_numbers_come_first_and_within_one_the_order_of_creation(queue: Queue, worker: ManualWorker) -> None:
    normal = new_batch(queue, 2)
    late = new_batch(queue, 2)
    low = new_batch(queue, 1, priority=9)
    urgent = new_batch(queue, 2, priority=1)
    order = []
    while job := worker.claim():
        order.append((job.batch_id, job.position))
        worker.finish(job)
    assert order == [(urgent, 1), (urgent, 2), (normal, 1), (normal, 2), (late, 1), (late, 2), (low, 1)]


def test_an_urgent_batch_overtakes_jobs_that_are_dispatched_already(queue: Queue, worker: ManualWorker) -> None:
    new_batch(queue, 5)
    worker.claim(want=5)
    urgent = new_batch(queue, 1, priority=1)
    job = worker.claim()
    assert job
    assert job.batch_id == urgent


def test_an_earlier_batch_is_worked_off_before_a_later_one_though_each_may_have_one_job_at_once(
    queue: Queue, worker: ManualWorker
) -> None:
    first, second = new_batch(queue, 3, parallel=1), new_batch(queue, 3, parallel=1)
    order = []
    while job := worker.claim():
        order.append(job.batch_id)
        worker.finish(job)
    assert order == [first] * 3 + [second] * 3


@pytest.mark.parametrize("parallel", [1, 3, 5])
def test_a_batch_has_no_more_jobs_at_once_than_it_may(queue: Queue, worker: ManualWorker, parallel: int) -> None:
    batch = new_batch(queue, 8, parallel=parallel)
    held = taken(worker)
    assert len(held) == parallel
    assert get_batch(queue, batch)["active"] == parallel
    worker.finish(held[0])
    assert len(taken(worker)) == 1, "one for the one that ended"
    assert get_batch(queue, batch)["active"] == parallel


def test_all_workers_together_have_no_more_jobs_than_the_overall_limit(
    queue: Queue, worker: ManualWorker, database_url: str
) -> None:
    new_batch(queue, 5)
    new_batch(queue, 5)
    with ManualWorker(database_url) as other:
        both = taken(worker, overall=3) + taken(other, overall=3)
        assert len(both) == 3


def test_a_user_has_so_many_jobs_a_minute_and_no_more(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 5)
    rates = Rates(per_user=3, per_project=0)
    assert [job.position for job in taken(worker, rates)] == [1, 2, 3]
    assert worker.states(batch) == ["in_progress"] * 3 + ["rate_limited"] * 2
    assert progress(queue, batch)["rate_limited"] is True
    assert 59 < worker.value("SELECT next_due() AS value") <= 60
    worker.execute("UPDATE dispatches SET at = at - interval '60 seconds'")
    worker.execute("UPDATE jobs SET not_before = now() WHERE state = 'rate_limited'")
    assert [job.position for job in taken(worker, rates)] == [4, 5]
    assert progress(queue, batch)["rate_limited"] is False


def test_a_project_takes_from_one_bucket_that_fills_again(queue: Queue, worker: ManualWorker) -> None:
    new_batch(queue, 5, project="spring")
    other = new_batch(queue, 2, project="autumn")
    rates = Rates(per_user=0, per_project=2, refill=1.0)
    held = taken(worker, rates)
    assert sorted(job.position for job in held if job.batch_id != other) == [1, 2]
    assert sorted(job.position for job in held if job.batch_id == other) == [1, 2]
    worker.execute("UPDATE project_tokens SET counted_at = counted_at - interval '1 second'")
    worker.execute("UPDATE jobs SET not_before = now() WHERE state = 'rate_limited'")
    assert len(taken(worker, rates)) == 1


def test_limits_are_shared_by_workers_and_survive_their_end(
    queue: Queue, worker: ManualWorker, database_url: str
) -> None:
    new_batch(queue, 5)
    new_batch(queue, 5)
    rates = Rates(per_user=4, per_project=0)
    assert len(taken(worker, rates)) == 4
    with ManualWorker(database_url) as other:
        assert taken(other, rates) == []


def test_a_user_at_the_limit_keeps_nobody_else_waiting(queue: Queue, worker: ManualWorker) -> None:
    for _ in range(4):
        new_batch(queue, 5)
    other = new_batch(Queue(queue.pool, "bert"), 1)
    rates = Rates(per_user=1, per_project=0)
    assert [job.batch_id == other for job in taken(worker, rates, want=5)] == [False, True]


def test_a_project_at_its_limit_keeps_no_other_project_waiting(queue: Queue, worker: ManualWorker) -> None:
    for _ in range(3):
        new_batch(queue, 5, project="spring")
    other = new_batch(queue, 1, project="autumn")
    assert other in [job.batch_id for job in taken(worker, Rates(per_user=0, per_project=1, refill=0.01), want=5)]


def test_jobs_of_a_queue_that_nobody_serves_take_no_room_of_the_overall_limit(
    queue: Queue, worker: ManualWorker
) -> None:
    gone = new_batch(queue, 5)
    worker.execute("UPDATE batches SET queue = 'own:gone' WHERE id = %s", gone)
    assert worker.value("SELECT admit(ARRAY['own:gone'], 5, 0, 0, 0, 0) AS value") == 5
    batch = new_batch(queue, 1)
    worker.execute("SELECT admit(ARRAY['items'], 5, 0, 0, 0, 2)")
    assert worker.states(batch) == ["dispatched"]


def test_nothing_is_started_of_a_batch_whose_deadline_has_passed(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 1, minutes=1)
    worker.execute("UPDATE batches SET deadline = now()")
    assert worker.claim() is None
    assert worker.states(batch) == ["queued"]


def test_a_worker_without_limits_takes_what_waited_for_one(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 2)
    assert len(taken(worker, Rates(per_user=1, per_project=0))) == 1
    assert progress(queue, batch)["rate_limited"] is True
    worker.execute("UPDATE jobs SET not_before = now() WHERE state = 'rate_limited'")
    assert len(taken(worker)) == 1
    assert progress(queue, batch)["rate_limited"] is False


def test_a_paused_batch_shows_no_rate_limit(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 3)
    first = worker.claim(Rates(per_user=1, per_project=0))
    assert first
    pause(queue, batch)
    worker.finish(first, "stopped")
    assert worker.states(batch) == ["queued"] * 3
    assert progress(queue, batch)["rate_limited"] is False


def test_nothing_is_due_where_no_job_waits_for_its_time(queue: Queue, worker: ManualWorker) -> None:
    assert worker.value("SELECT next_due() AS value") is None
    new_batch(queue, 1)
    assert worker.value("SELECT next_due() AS value") is None


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_limiter_in_memory_counts_the_last_minute_of_each_user() -> None:
    clock = Clock()
    limiter = RateLimiter(per_user_limit=2, per_project_limit=0, clock=clock)
    assert [limiter.can_proceed("anna") for _ in range(3)] == [True, True, False]
    assert limiter.can_proceed("bert")
    assert limiter.get_backoff_time("anna") == pytest.approx(60)
    clock.now += 60
    assert limiter.get_backoff_time("anna") == 0
    assert limiter.can_proceed("anna")


def test_the_limiter_in_memory_has_a_bucket_for_each_project() -> None:
    clock = Clock()
    limiter = RateLimiter(per_user_limit=0, per_project_limit=2, refill_rate=5.0, clock=clock)
    assert [limiter.can_proceed("anna", "spring") for _ in range(3)] == [True, True, False]
    assert limiter.get_backoff_time("anna", "spring") == pytest.approx(0.2)
    assert limiter.can_proceed("anna", "autumn")
    assert limiter.can_proceed("anna")
    clock.now += 0.2
    assert limiter.can_proceed("anna", "spring")


def test_limiters_bound_to_the_database_count_together_and_with_the_workers(queue: Queue, worker: ManualWorker) -> None:
    one, other = RateLimiter(3, 2), RateLimiter(3, 2)
    for limiter in (one, other):
        limiter.bind(queue.pool)
    assert one.can_proceed("anna", "spring")
    assert other.can_proceed("anna", "spring")
    assert not one.can_proceed("anna", "spring")
    assert 0 < one.get_backoff_time("anna", "spring") <= 0.2
    new_batch(queue, 3)
    assert len(taken(worker, Rates(3, 0))) == 1
    assert not other.can_proceed("anna")
    assert 55 < other.get_backoff_time("anna") <= 60
    assert one.get_backoff_time("bert") == 0


def test_a_limit_of_zero_means_unlimited() -> None:
    limiter = RateLimiter(per_user_limit=0, per_project_limit=0)
    assert all(limiter.can_proceed("anna", "spring") for _ in range(1000))


@pytest.mark.parametrize(
    "wrong", [{"per_user_limit": -1}, {"per_project_limit": "60"}, {"per_user_limit": 1.5}, {"refill_rate": -0.1}]
)
def test_limits_that_cannot_be_meant_are_rejected_with_a_message(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(wrong))}: found"):
        RateLimiter(**wrong)


def test_a_limit_too_large_for_the_database_means_unlimited(queue: Queue, worker: ManualWorker) -> None:
    limiter = RateLimiter(10**30, 10**30, 1)
    limiter.bind(queue.pool)
    assert limiter.can_proceed("anna", "spring")
    new_batch(queue, 1)
    assert worker.claim(Rates.from_environment({"PRESSRUN_RATE_LIMIT_USER": "9" * 30}))


def test_limits_come_from_the_environment() -> None:
    from pressrun.errors import SettingsError

    assert Rates.from_environment({}) == Rates(60, 300, 5.0)
    assert Rates.from_environment({"PRESSRUN_RATE_LIMIT_USER": "0"}).per_user == 0
    with pytest.raises(SettingsError, match="PRESSRUN_RATE_LIMIT_PROJECT"):
        Rates.from_environment({"PRESSRUN_RATE_LIMIT_PROJECT": "-1"})


def test_owners_take_turns_within_a_priority(queue: Queue, worker: ManualWorker) -> None:
    ann, bob = queue, Queue(queue.pool, "bob")
    for _ in range(10):
        new_batch(ann, 10)
    running = [worker.claim() for _ in range(4)]
    last = new_batch(bob, 1)
    started = []
    while not started or started[-1] != last:
        worker.finish(running.pop(0) or pytest.fail("no job"))
        running.append(worker.claim())
        started.append(running[-1].batch_id if running[-1] else "")
        assert len(started) <= 4
    assert len(started) == 1, "the first free worker takes it"


def test_two_owners_with_many_rows_share_the_workers(queue: Queue, worker: ManualWorker) -> None:
    ann, bob = queue, Queue(queue.pool, "bob")
    names = {new_batch(ann, 20): "ann" for _ in range(3)} | {new_batch(bob, 20): "bob"}
    running = [worker.claim() for _ in range(4)]
    started = []
    for _ in range(12):
        job = running.pop(0)
        assert job
        worker.finish(job)
        running.append(worker.claim())
        assert running[-1]
        started.append(names[running[-1].batch_id])
    assert 5 <= started.count("bob") <= 7


def test_a_higher_priority_comes_before_fairness(queue: Queue, worker: ManualWorker) -> None:
    urgent = new_batch(queue, 3, priority=1)
    new_batch(Queue(queue.pool, "bob"), 3)
    assert [job.batch_id for job in (worker.claim(), worker.claim(), worker.claim()) if job] == [urgent] * 3


def test_work_is_counted_and_not_the_time_between_attempts(queue: Queue, worker: ManualWorker) -> None:
    batch = new_batch(queue, 1)
    first = worker.claim()
    assert first
    worker.finish(first, "failed", FAILURE)
    worker.execute("UPDATE jobs SET started_at = started_at - interval '1 hour', not_before = now()")
    second = worker.claim()
    assert second
    worker.finish(second)
    assert get_batch(queue, batch)["worked"] < 60
