"""Users and workers do what they like in any order, on a real database; a model says what must come of it."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.manual_worker import DEFECT, FAILURE, ClaimedJob, ManualWorker, new_batch
from tests.size import examples

from pressrun.errors import FencedError, MoveError
from pressrun.jobs.batches import cancel, pause, resume, retry
from pressrun.jobs.connection import Queue, open_pool
from pressrun.jobs.limits import Rates
from pressrun.jobs.queries import get_batch
from pressrun.jobs.states import BATCH_MOVES, JOB_MOVES, USER_ACTIONS, BatchState, JobStatus

ACTIONS: dict[str, Any] = {"pause": pause, "resume": resume, "cancel": cancel, "retry": retry}
ENDED = {BatchState.COMPLETED, BatchState.CANCELED, BatchState.FAILED}


def machine(url: str) -> type[RuleBasedStateMachine]:
    class Life(RuleBasedStateMachine):
        held = Bundle("held")

        def __init__(self) -> None:
            super().__init__()
            self.open = ExitStack()
            self.queue = Queue(self.open.enter_context(open_pool(url, size=1)), "anna")
            self.workers = [self.open.enter_context(ManualWorker(url)) for _ in range(2)]
            self.batches: list[str] = []
            self.finished: Counter[int] = Counter()

        @initialize()
        def begin(self) -> None:
            self.workers[0].execute("UPDATE batches SET queue = 'over' WHERE queue <> 'over'")
            self.workers[0].execute("DELETE FROM procrastinate_jobs")

        @rule(count=st.integers(1, 4), parallel=st.integers(1, 3), priority=st.integers(1, 10))
        def create(self, count: int, parallel: int, priority: int) -> None:
            if len(self.batches) < 3:
                options = {"parallel": parallel, "priority": priority, "max_retries": 1}
                self.batches.append(new_batch(self.queue, count, **options))

        @rule(target=held, who=st.integers(0, 1), limited=st.booleans())
        def take(self, who: int, limited: bool) -> tuple[int, ClaimedJob] | None:
            job = self._take(who, Rates(2, 0) if limited else Rates(0, 0))
            return (who, job) if job else None

        def _take(self, who: int, rates: Rates) -> ClaimedJob | None:
            (row,) = self.workers[who].execute(
                "SELECT * FROM claim_job(ARRAY['items']::varchar[], %s, true, 5, %s, 0, 5, 0)",
                *(self.workers[who].id, rates.per_user),
            )
            if row["id"] is None:
                return None
            job = row["args"]
            batch = get_batch(self.queue, job["batch_id"])
            assert batch["state"] == "running"
            assert batch["active"] <= batch["parallel"]
            return ClaimedJob(job["job_id"], job["attempt"], job["position"], job["batch_id"])

        @rule(of=held, how=st.sampled_from(["completed", "failed", "defect", "stopped"]))
        def end(self, of: tuple[int, ClaimedJob] | None, how: str) -> None:
            if of is None:
                return
            who, job = of
            worker = self.workers[who]
            current = worker.execute("SELECT attempt, state FROM jobs WHERE id = %s", job.id)[0]
            error = {"failed": FAILURE, "defect": DEFECT}.get(how)
            mine = current == {"attempt": job.attempt, "state": "in_progress"}
            try:
                worker.finish(job, "failed" if error else how, error)
            except FencedError:
                assert not mine
                return
            assert mine
            self.finished[job.id] += how == "completed"

        @rule(who=st.integers(0, 1))
        def die(self, who: int) -> None:
            self.workers[who].pretend_dead()
            self.workers[1 - who].look_after()
            self.workers[who].heartbeat()

        @rule(which=st.integers(0, 2), action=st.sampled_from(sorted(ACTIONS)))
        def act(self, which: int, action: str) -> None:
            if which >= len(self.batches):
                return
            before = BatchState(get_batch(self.queue, self.batches[which])["state"])
            if action in USER_ACTIONS[before]:
                ACTIONS[action](self.queue, self.batches[which])
                return
            with pytest.raises(MoveError) as caught:
                ACTIONS[action](self.queue, self.batches[which])
            assert caught.value.state == before

        @rule()
        def time_passes(self) -> None:
            self.workers[0].execute("UPDATE jobs SET not_before = now() - interval '1 s' WHERE not_before IS NOT NULL")
            self.workers[0].execute("DELETE FROM dispatches")

        @rule(which=st.integers(0, 2))
        def deadline(self, which: int) -> None:
            if which < len(self.batches):
                self.workers[0].execute("UPDATE batches SET deadline = now() WHERE id = %s", self.batches[which])
                self.workers[0].look_after()

        @invariant()
        def counters_say_what_the_jobs_are(self) -> None:
            for batch in self.batches:
                row = self.workers[0].batch(batch)
                states = Counter(JobStatus(state) for state in self.workers[0].states(batch))
                waiting = states[JobStatus.QUEUED] + states[JobStatus.RATE_LIMITED] + states[JobStatus.RETRIED]
                active = states[JobStatus.DISPATCHED] + states[JobStatus.IN_PROGRESS]
                assert (row["waiting"], row["active"], row["limited"]) == (
                    waiting,
                    active,
                    states[JobStatus.RATE_LIMITED],
                )
                assert (row["completed"], row["failed"], row["canceled"]) == (
                    states[JobStatus.COMPLETED],
                    states[JobStatus.FAILED],
                    states[JobStatus.CANCELLED],
                )
                if row["state"] in ENDED - {BatchState.FAILED}:
                    assert waiting == active == 0

        @invariant()
        def no_job_is_completed_twice(self) -> None:
            assert all(count <= 1 for count in self.finished.values())

        def teardown(self) -> None:
            try:
                for batch in self.batches:
                    self.every_event_is_a_move_of_the_table(batch)
            finally:
                self.open.close()

        def every_event_is_a_move_of_the_table(self, batch: str) -> None:
            query = "SELECT job_id, kind FROM job_events WHERE batch_id = %s ORDER BY id"
            events = self.workers[0].execute(query, batch)
            now: dict[int | None, str] = {}
            for event in events:
                job, kind = event["job_id"], event["kind"].removeprefix("batch_")
                if kind == "created":
                    continue
                moves: Any = BATCH_MOVES if job is None else JOB_MOVES
                start = now.get(job, "pending" if job is None else "queued")
                assert kind in moves[start], (start, kind)
                now[job] = kind
            assert now.get(None, "pending") == self.workers[0].batch(batch)["state"]

    return Life


@pytest.mark.timeout(60)
def test_whatever_users_and_workers_do_the_queue_stays_true(database_url: str) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine(database_url),
        settings=settings(
            max_examples=examples(70), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
