"""A database of the first version keeps its rows, and programs of both versions go on working with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from tests.manual_worker import ManualWorker
from tests.unit.jobs import version_1

from pressrun.jobs import batches
from pressrun.jobs.connection import Queue, open_pool
from pressrun.jobs.migrate import migrate
from pressrun.jobs.queries import events, get_batch, items, list_batches
from pressrun.jobs.states import USER_ACTIONS, BatchState, JobStatus

CELLS = [{"column": "idea_title", "found": "nothing", "expected": "a title"}]
REJECTED = {"number": 9, **CELLS[0], "problems": CELLS, "message": "Row 9, idea_title: found nothing"}
JOBS = {
    BatchState.PENDING: ["queued", "skipped"],
    BatchState.RUNNING: [state for state in JobStatus if state is not JobStatus.SKIPPED] + ["skipped"],
    BatchState.PAUSING: ["in_progress", "queued"],
    BatchState.PAUSED: ["completed", "queued"],
    BatchState.CANCELING: ["in_progress", "cancelled"],
    BatchState.CANCELED: ["completed", "cancelled"],
    BatchState.COMPLETED: ["completed", "completed"],
    BatchState.FAILED: ["failed", "completed"],
}
"""State of a batch -> states of its jobs. COMPLETING never lasts beyond a transaction."""


def rows(states: list[str]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for position, state in enumerate(states, 1):
        if state == "skipped":
            error = {"kind": "RowsError", "message": REJECTED["message"]}
            made.append({"position": position, "state": state, "data": REJECTED, "error": error})
        else:
            made.append({"position": position, "data": {"idea_title": f"Idea {position}"}})
    return made


@pytest.fixture
def old(empty_database_url: str) -> Iterator[version_1.Connection]:
    """A database of version 1 with a batch in every state, one of books and one of a program's own jobs."""
    version_1.set_up(empty_database_url)
    with psycopg.connect(empty_database_url, autocommit=True, options="-c search_path=pressrun") as connection:
        for number, (state, jobs) in enumerate(JOBS.items()):
            batch = f"bj_{number}{state}"
            version_1.create_batch(connection, batch, rows(list(jobs)))
            version_1.put_in_state(connection, batch, state, list(jobs))
        book = {"position": 1, "data": {"title": "Walden", "author": "Thoreau", "waits": ""}}
        version_1.create_batch(connection, "bj_books", [book], pipeline="book-video", queue="books-7f", max_retries=0)
        idea = {"position": 1, "data": {"idea_title": "Bees", "extra": {}}}
        version_1.create_batch(connection, "bj_own", [idea], queue="own:studio.Maker")
        yield connection


@pytest.fixture
def upgraded(old: version_1.Connection, empty_database_url: str) -> Iterator[Queue]:
    assert migrate(empty_database_url)
    assert not migrate(empty_database_url)
    with open_pool(empty_database_url) as pool:
        yield Queue(pool, "anna")


def test_every_row_keeps_its_state_and_gets_its_kind_and_title(upgraded: Queue) -> None:
    found = {row["id"]: row for row in list_batches(upgraded, page_size=100).rows}
    assert len(found) == len(JOBS) + 2
    for number, (state, jobs) in enumerate(JOBS.items()):
        batch = f"bj_{number}{state}"
        assert (found[batch]["state"], found[batch]["kind"]) == (state, "ideas")
        for row, job in zip(items(upgraded, batch), jobs, strict=True):
            title, problems = ("", CELLS) if job == "skipped" else (f"Idea {row['position']}", [])
            assert (row["state"], row["title"], row["problems"]) == (job, title, problems)
    assert (found["bj_books"]["kind"], found["bj_own"]["kind"]) == ("books", "ideas")
    assert [items(upgraded, each)[0]["title"] for each in ("bj_books", "bj_own")] == ["Walden", "Bees"]


def test_every_batch_continues_to_its_end(upgraded: Queue, empty_database_url: str) -> None:
    with ManualWorker(empty_database_url) as worker:
        worker.look_after()  # takes back the jobs of the worker that is gone
        for row in list_batches(upgraded, page_size=100).rows:
            if "retry" in USER_ACTIONS[BatchState(row["state"])]:
                batches.retry(upgraded, row["id"])
            elif "resume" in USER_ACTIONS[BatchState(row["state"])]:
                batches.resume(upgraded, row["id"])
        worker.execute("UPDATE jobs SET not_before = now() WHERE state IN ('retried', 'rate_limited')")
        worker.complete_all()
        for row in list_batches(upgraded, page_size=100).rows:
            state = get_batch(upgraded, row["id"])["state"]
            assert state in ("completed", "canceled", "failed"), row["id"]
            told = [event["title"] for event in events(upgraded, row["id"]) if event["job_id"] is not None]
            assert "" not in told
    (walden,) = [event["title"] for event in events(upgraded, "bj_books") if event["kind"] == "completed"]
    assert walden == "Walden"


def test_batches_created_earlier_are_not_announced(old: version_1.Connection, empty_database_url: str) -> None:
    hook = Jsonb({"callback_url": "https://example.org/hook"})
    old.execute("UPDATE batches SET request = %s", (hook,))
    old.execute("SELECT settle(id) FROM batches WHERE state = 'failed'")
    assert old.execute("SELECT count(*) FROM webhook_outbox").fetchone() == (1,)
    assert migrate(empty_database_url)
    version_1.create_batch(old, "bj_late", [{"position": 1, "data": {}}], request=hook)
    with ManualWorker(empty_database_url) as worker:
        worker.look_after()
        worker.complete_all()
        assert worker.batch("bj_late")["state"] == "completed"
    assert old.execute("SELECT count(*) FROM webhook_outbox").fetchone() == (0,)


def test_programs_of_the_first_version_that_still_run_continue(
    upgraded: Queue, old: version_1.Connection, empty_database_url: str
) -> None:
    for batch in ("bj_books", "bj_own"):
        batches.cancel(upgraded, batch)
    version_1.create_batch(old, "bj_late", [{"position": 1, "priority": 1, "data": {"idea_title": "Late"}}])
    late = get_batch(upgraded, "bj_late")
    assert late["kind"] == "ideas"
    version_1.create_batch(
        old, "bj_late_books", [{"position": 1, "priority": 10, "data": {"title": "Emma"}}], queue="books-7f"
    )
    assert get_batch(upgraded, "bj_late_books")["kind"] == "books"
    with ManualWorker(empty_database_url) as worker:
        worker.execute("UPDATE procrastinate_jobs SET priority = 0")
        job = version_1.claim(old, worker.id)
        assert job is not None
        assert sorted(job) == sorted(
            ("job_id", "attempt", "batch_id", "owner", "project", "position", "priority", "pipeline", "data",
             "settings", "request", "run_folder")
        )  # fmt: skip
