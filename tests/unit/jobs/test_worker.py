from __future__ import annotations

import asyncio
import errno
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from procrastinate import PsycopgConnector
from tests.manual_worker import ManualWorker, new_batch
from tests.postgres import throw_out

from pressrun.clock import elapsed_time
from pressrun.errors import DatabaseAwayError, FencedError, NetworkError
from pressrun.jobs import reporting
from pressrun.jobs.batches import cancel, pause, resume
from pressrun.jobs.connection import Queue
from pressrun.jobs.handler import Completed, JobContext, JobHandler, JobReport, Outcome, Stopped
from pressrun.jobs.limits import Rates
from pressrun.jobs.queries import events, get_batch, items, workers
from pressrun.jobs.tickets import TicketManager
from pressrun.jobs.worker import STALLED_TIMEOUT, JobRunner, WorkerOptions, serve


@contextmanager
def working(url: str, work: JobHandler, folder: Path, **options: Any) -> Iterator[Callable[[], None]]:
    """A worker in a thread; what it yields ends it."""
    asked, failed = threading.Event(), list[BaseException]()

    async def main() -> None:
        chosen = WorkerOptions(folder, rates=Rates(0, 0), **options)
        serving = asyncio.create_task(serve(url, chosen, work, signals=False))
        await asyncio.wait([serving, asyncio.create_task(asyncio.to_thread(asked.wait))], return_when="FIRST_COMPLETED")
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def end() -> None:
        asked.set()
        thread.join(20)

    try:
        yield end
    finally:
        end()
    assert not failed, failed


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def make(run: JobContext) -> Outcome:
    run.set_run_folder(f"runs/{run.position}")
    run.report(JobReport("stage", stage="render", stage_state="running"))
    run.report(JobReport("progress", stage="render", percent=40, scene=2, scenes_total=5))
    run.report(JobReport("stage", stage="render", stage_state="success", seconds=0.1, percent=90))
    return Completed(output_url=f"file:///{run.data['idea_title']}", cost=0.25, result={"seconds": 5})


def test_a_worker_does_jobs_and_reports_their_progress(queue: Queue, database_url: str, tmp_path: Path) -> None:
    batch = new_batch(queue, 3)
    with working(database_url, make, tmp_path, concurrency=2):
        until(lambda: get_batch(queue, batch)["state"] == "completed")
        assert [row["concurrency"] for row in workers(queue)] == [2]
    first = items(queue, batch)[0]
    assert (first["state"], first["percent"], first["output_url"]) == ("completed", 100, "file:///Idea 1")
    assert (first["run_folder"], first["cost"], first["result"]) == ("runs/1", 0.25, {"seconds": 5})
    (stage,) = first["stages"]
    assert (stage["stage"], stage["state"], stage["attempts"]) == ("render", "success", 1)
    scenes = [event["scene"] for event in events(queue, batch, job_id=first["id"]) if event["kind"] == "progress"]
    assert set(scenes) <= {2}
    assert workers(queue) == []


def test_a_job_that_comes_later_is_taken_at_once(queue: Queue, database_url: str, tmp_path: Path) -> None:
    with working(database_url, lambda _: Completed(), tmp_path):
        until(lambda: bool(workers(queue)))
        time.sleep(0.2)
        clock = time.monotonic()
        batch = new_batch(queue, 1)
        until(lambda: get_batch(queue, batch)["state"] == "completed")
        assert time.monotonic() - clock < 1.5


def test_a_job_that_comes_while_a_worker_begins_to_listen_is_taken_at_once(
    queue: Queue, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = PsycopgConnector._get_standalone_connection
    batches: list[str] = []

    @asynccontextmanager
    async def connect_late(self: PsycopgConnector) -> AsyncIterator[Any]:
        await asyncio.sleep(0.3)
        batches.append(await asyncio.to_thread(new_batch, queue, 1))
        async with connect(self) as connection:
            yield connection

    monkeypatch.setattr(PsycopgConnector, "_get_standalone_connection", connect_late)
    with working(database_url, lambda _: Completed(), tmp_path):
        until(lambda: bool(batches))
        until(lambda: get_batch(queue, batches[0])["state"] == "completed", 1.5)


def test_a_job_that_ends_makes_room_under_the_overall_limit_at_once(
    queue: Queue, database_url: str, tmp_path: Path
) -> None:
    batches = [new_batch(queue, 2) for _ in range(2)]
    with working(database_url, lambda _: Completed(), tmp_path, concurrency=2, overall=1):
        until(lambda: all(get_batch(queue, each)["state"] == "completed" for each in batches), 4)


def test_a_job_that_comes_while_a_worker_asks_for_one_is_taken_at_once(
    queue: Queue, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = TicketManager._claim
    batches: list[str] = []
    empty = 0

    async def claim_slowly(self: TicketManager, *asked: Any) -> dict[str, Any]:
        nonlocal empty
        row = await claim(self, *asked)
        empty += row["id"] is None
        if empty == 2 and not batches:
            batches.append(await asyncio.to_thread(new_batch, queue, 1))
            await asyncio.sleep(0.3)
        return row

    monkeypatch.setattr(TicketManager, "_claim", claim_slowly)
    with working(database_url, lambda _: Completed(), tmp_path):
        until(lambda: bool(batches))
        until(lambda: get_batch(queue, batches[0])["state"] == "completed", 1.5)


def wait_for_stop(run: JobContext) -> Outcome:
    while not run.stop and run.should_continue():
        time.sleep(0.01)
    return Stopped()


def test_cancelling_stops_what_runs_within_three_seconds(queue: Queue, database_url: str, tmp_path: Path) -> None:
    batch = new_batch(queue, 2)
    with working(database_url, wait_for_stop, tmp_path, concurrency=2):
        until(lambda: get_batch(queue, batch)["active"] == 2)
        clock = time.monotonic()
        cancel(queue, batch)
        until(lambda: get_batch(queue, batch)["state"] == "canceled")
        assert time.monotonic() - clock < 3


def test_pausing_stops_no_process_and_the_job_continues_later(
    queue: Queue, database_url: str, tmp_path: Path
) -> None:
    stops: list[str | None] = []

    def work(run: JobContext) -> Outcome:
        if run.attempt > 1:
            return Completed()
        while run.should_continue():
            time.sleep(0.01)
        stops.append(run.stop.reason)
        return Stopped()

    batch = new_batch(queue, 1)
    with working(database_url, work, tmp_path):
        until(lambda: get_batch(queue, batch)["state"] == "running")
        pause(queue, batch)
        until(lambda: get_batch(queue, batch)["state"] == "paused")
        resume(queue, batch)
        until(lambda: get_batch(queue, batch)["state"] == "completed")
    assert stops == [None]


def test_a_worker_that_ends_stops_its_jobs_and_leaves_them_to_others(
    queue: Queue, database_url: str, tmp_path: Path
) -> None:
    batch = new_batch(queue, 2, parallel=2)
    with working(database_url, wait_for_stop, tmp_path, concurrency=2) as end:
        until(lambda: [row["state"] for row in items(queue, batch)] == ["in_progress", "in_progress"])
        end()
    assert [row["state"] for row in items(queue, batch)] == ["queued", "queued"]
    with working(database_url, lambda _: Completed(), tmp_path):
        until(lambda: get_batch(queue, batch)["state"] == "completed")


def test_what_the_work_raises_is_an_outcome_and_the_worker_continues(
    queue: Queue, database_url: str, tmp_path: Path
) -> None:
    def work(run: JobContext) -> Outcome:
        if run.position == 1:
            raise ZeroDivisionError("by zero")
        if run.position == 2 and run.attempt == 1:
            raise NetworkError("The voice did not answer")
        if run.position == 4:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", "/runs/gone")
        return Completed()

    batch = new_batch(queue, 4)
    with working(database_url, work, tmp_path):
        until(lambda: get_batch(queue, batch)["state"] == "failed")
    rows = items(queue, batch)
    assert [row["state"] for row in rows] == ["failed", "completed", "completed", "failed"]
    assert "report" in rows[0]["error"]["remedy"]
    assert rows[3]["error"]["message"] == "/runs/gone: no such file or directory"
    assert "report" not in rows[3]["error"]["remedy"]
    assert rows[0]["error"]["message"] == "Unexpected error: by zero"
    assert (rows[1]["tries"], rows[1]["attempt"]) == (1, 2)


def test_a_job_that_was_given_to_another_worker_is_stopped_and_its_end_is_not_written(
    queue: Queue, database_url: str, worker: ManualWorker, tmp_path: Path
) -> None:
    reasons: list[tuple[str | None, bool]] = []

    def work(run: JobContext) -> Outcome:
        if run.attempt > 1:
            return Completed()
        run.stop.wait(10)
        with pytest.raises(FencedError):
            run.report(JobReport("note", "I am still here"))
        reasons.append((run.stop.reason, run.stop.forced))
        return Completed(output_url="file:///stale")

    batch = new_batch(queue, 1)
    with working(database_url, work, tmp_path):
        until(lambda: get_batch(queue, batch)["state"] == "running")
        worker.execute("SELECT take_back(-1)")
        until(lambda: get_batch(queue, batch)["state"] == "completed")
        until(lambda: bool(reasons))
    (row,) = items(queue, batch)
    assert (row["attempt"], row["output_url"]) == (2, None)
    assert reasons == [("fenced", True)]


def test_a_worker_that_slept_asks_whether_it_still_has_the_job_before_the_next_stage(
    queue: Queue, database_url: str, worker: ManualWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[bool] = []

    async def sleep(*_: object) -> None:
        await asyncio.sleep(60)

    def work(run: JobContext) -> Outcome:
        if run.attempt > 1:
            return Completed()
        now = elapsed_time()
        monkeypatch.setattr(reporting, "elapsed_time", lambda: now + STALLED_TIMEOUT + 1)
        answers.append(run.should_continue())
        worker.execute("SELECT take_back(-1)")
        monkeypatch.setattr(reporting, "elapsed_time", lambda: now + 3 * STALLED_TIMEOUT)
        answers.append(run.should_continue())
        return Stopped()

    monkeypatch.setattr(JobRunner, "monitor", sleep)
    batch = new_batch(queue, 1)
    with working(database_url, work, tmp_path):
        until(lambda: get_batch(queue, batch)["state"] == "completed")
    assert answers == [True, False]


def test_a_worker_that_takes_a_job_again_while_its_own_earlier_attempt_still_ends_keeps_the_new_one(
    queue: Queue, database_url: str, worker: ManualWorker, tmp_path: Path
) -> None:
    begun = threading.Event()

    def work(run: JobContext) -> Outcome:
        if run.attempt == 1:
            # It ends in the middle of the attempt that took its place.
            begun.wait(10)
            return Stopped()
        begun.set()
        run.stop.wait(1)
        return Completed(output_url="file:///second")

    batch = new_batch(queue, 1)
    with working(database_url, work, tmp_path, concurrency=2):
        until(lambda: items(queue, batch)[0]["attempt"] == 1)
        worker.execute("SELECT take_back(-1)")
        until(lambda: get_batch(queue, batch)["state"] == "completed")
    (row,) = items(queue, batch)
    assert (row["attempt"], row["output_url"]) == (2, "file:///second")


def test_a_stream_of_orders_keeps_no_worker_from_looking_after_the_queue(
    queue: Queue, database_url: str, worker: ManualWorker, tmp_path: Path
) -> None:
    batch = new_batch(queue, 1)
    dead = worker.claim()
    assert dead
    worker.pretend_dead()
    with working(database_url, lambda _: Completed(), tmp_path):

        def ordered_and_done() -> bool:
            worker.execute("SELECT tell_workers()")
            return bool(get_batch(queue, batch)["state"] == "completed")

        until(ordered_and_done, 6)


def test_a_worker_that_slept_for_long_is_among_those_that_live_again(
    queue: Queue, database_url: str, worker: ManualWorker, tmp_path: Path
) -> None:
    with working(database_url, lambda _: Completed(), tmp_path, queues=("items",)):
        until(lambda: bool(workers(queue)))
        worker.execute("DELETE FROM workers")
        until(lambda: bool(workers(queue)), 5)
        assert workers(queue)[0]["queues"] == ["items"]


def test_a_worker_that_was_taken_for_dead_serves_on(
    queue: Queue, database_url: str, worker: ManualWorker, tmp_path: Path
) -> None:
    with working(database_url, lambda _: Completed(), tmp_path):
        until(lambda: bool(workers(queue)))
        worker.execute("DELETE FROM procrastinate_workers")
        batch = new_batch(queue, 1)
        until(lambda: get_batch(queue, batch)["state"] == "completed")


def test_texts_that_the_database_rejects_harm_no_job(queue: Queue, database_url: str, tmp_path: Path) -> None:
    def work(run: JobContext) -> Outcome:
        run.report(JobReport("warning", "a zero \0 and half a character \ud800"))
        return Completed(output_url="file:///a\0", result={"said": "\0 \udfff"})

    batch = new_batch(queue, 1)
    with working(database_url, work, tmp_path):
        until(lambda: get_batch(queue, batch)["state"] == "completed")
    assert [e["message"] for e in events(queue, batch) if e["kind"] == "warning"] == ["a zero  and half a character ?"]


@pytest.mark.parametrize("result", [{"ratio": float("nan")}, {"file": Path("a.mp4")}])
def test_a_result_that_cannot_be_kept_fails_its_job(
    queue: Queue, database_url: str, tmp_path: Path, result: dict[str, Any]
) -> None:
    batch = new_batch(queue, 1)
    with working(database_url, lambda _: Completed(result=result), tmp_path):
        until(lambda: get_batch(queue, batch)["state"] == "failed")
    assert items(queue, batch)[0]["error"]["message"].startswith("The result cannot be stored")


def test_a_worker_outlives_the_loss_of_all_its_connections(queue: Queue, database_url: str, tmp_path: Path) -> None:
    first, second = new_batch(queue, 1), None
    with working(database_url, slow, tmp_path):
        until(lambda: get_batch(queue, first)["state"] == "running")
        throw_out(database_url)
        until(lambda: answered(queue, first) == "completed")
        second = new_batch(queue, 1)
        until(lambda: answered(queue, second) == "completed")


def slow(run: JobContext) -> Outcome:
    run.stop.wait(0.5)
    return Completed()


def answered(queue: Queue, batch: str) -> str:
    with suppress(DatabaseAwayError):
        return str(get_batch(queue, batch)["state"])
    return ""


def test_a_worker_process_ends_by_a_signal_within_seconds(queue: Queue, database_url: str, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from pressrun.jobs.worker import *; from pressrun.jobs.handler import *\n"
        "def work(run):\n    run.stop.wait(60)\n    return Stopped()\n"
        "run_worker(sys.argv[1], WorkerOptions(pathlib.Path('.'), rates=Rates(0, 0)), work)\n"
    )
    batch = new_batch(queue, 1)
    process = subprocess.Popen([sys.executable, "-c", script, database_url], cwd=tmp_path)
    try:
        until(lambda: get_batch(queue, batch)["active"] == 1 and get_batch(queue, batch)["state"] == "running")
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    finally:
        process.kill()
    assert [row["state"] for row in items(queue, batch)] == ["queued"]
