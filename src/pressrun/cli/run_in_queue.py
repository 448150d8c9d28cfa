"""`run-batch --queue`: send books to the queue, and show what its workers do as if it happened here."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from pressrun.cli.formatting import pluralize
from pressrun.cli.screen import Screen
from pressrun.errors import DatabaseAwayError, ErrorReport
from pressrun.model.book import Book
from pressrun.model.conversion import convert
from pressrun.model.event import BatchFinished, BatchStarted, BookFinished, BookStarted, Event, Observer
from pressrun.model.plan import Plan, PlanRow
from pressrun.model.reason import Reason, ReasonKind, stored_reason
from pressrun.model.result import BatchResult, BookResult
from pressrun.store.database import Database
from pressrun.store.run_folder import LOGS

if TYPE_CHECKING:
    from pressrun.engine.batch_spec import BatchSpec
    from pressrun.engine.stop import StopToken
    from pressrun.jobs.connection import Queue, Row

POLL_INTERVAL = 0.3
"""Seconds between two looks at the events of the batches."""
JOBS_INTERVAL = 10.0
"""Seconds between two looks at the jobs themselves, in case the event of a job that ended is missed."""
NO_WORKER_TIMEOUT = 3.0
"""Seconds without any worker after which the user is warned."""
DEFAULT_CONCURRENCY = 5
"""Books at once, if --workers is not given."""
_ENDED = ("completed", "failed", "cancelled", "skipped")


def run_in_queue(plan: Plan, batch: BatchSpec, observer: Observer, stop: StopToken, screen: Screen) -> BatchResult:
    """Send the books of the plan that are not in the queue yet, and watch all of them until they end or `stop`.

    Stopping ends only the watching; the jobs keep running. Raises `DatabaseError` if the database cannot be used.
    """
    from pressrun.jobs.connection import Queue, local_user, open_pool
    from pressrun.jobs.server import open_database

    with open_database() as url, open_pool(url, 2) as pool:
        watcher = _Watcher(Queue(pool, local_user()), plan, batch, observer, screen)
        watcher.send_books()
        interrupted = watcher.watch(stop)
        result = BatchResult(
            tuple(map(watcher.result_of, plan.rows)), interrupted, seconds=time.monotonic() - watcher.began
        )
        observer(BatchFinished(result))
    if interrupted:
        screen.print("The jobs keep running. Run the same command to watch them again.")
        for each in watcher.last_events:
            screen.print(f"To cancel: pressrun queue cancel {each}", indent=2)
    return result


@dataclass
class _Watcher:
    """Follows the jobs of a plan and passes their events on to the observer."""

    queue: Queue
    plan: Plan
    batch: BatchSpec
    observer: Observer
    screen: Screen
    began: float = field(default_factory=time.monotonic)
    last_events: dict[str, int] = field(default_factory=dict)
    """Id of each watched batch -> its last event that was read."""
    jobs: dict[int, PlanRow] = field(default_factory=dict)
    """Id of each watched job -> its book."""
    results: dict[int, BookResult] = field(default_factory=dict)
    """Number of the book -> how it ended."""
    started: set[int] = field(default_factory=set)
    """Numbers of the books whose start was reported."""
    _jobs_read_at: float = field(default_factory=time.monotonic)
    _no_worker_since: float | None = None
    """Infinity once the user was warned."""

    def send_books(self) -> None:
        """Send the books, except those that an earlier run sent and that are still open: these are only watched."""
        from pressrun.kinds.books import send

        root = self.batch.workspace.root
        rows = {row.book.key: row for row in self.plan.to_run}
        earlier = [job for job in send.open_jobs(self.queue, root) if _book_key(job) in rows]
        self._join(earlier, rows)
        joined = {row.number for row in self.jobs.values()}
        new = [row for row in self.plan.to_run if row.number not in joined]
        settings, to_run = self.batch.settings, len(self.plan.to_run)
        concurrency = settings.run.workers if "workers" in settings.explicit else DEFAULT_CONCURRENCY
        self.observer(BatchStarted(len(self.plan.rows), to_run, min(concurrency, to_run)))
        if new:
            order = send.BookOrder(settings, self.batch.options, self.plan.services, len(self.plan.rows))
            sent = send.send(self.queue, root, self.batch.pipeline.name, new, order, concurrency)
            self.last_events |= dict.fromkeys(sent, 0)
            numbered = {row.number: row for row in new}
            self.jobs |= {job["id"]: numbered[job["position"]] for job in send.batch_jobs(self.queue, sent)}
        for job in earlier:
            self._report_running(job)
        # Some may have ended between being found open and the start of watching.
        self._read_results([job["id"] for job in earlier])

    def _join(self, jobs: list[Row], rows: dict[tuple[str, str], PlanRow]) -> None:
        """Watch jobs that an earlier run sent, from their next event on."""
        from pressrun.jobs.queries import get_batch, latest_event

        if jobs:
            self.screen.print(f"Already in the queue, with their earlier settings: {pluralize(len(jobs), 'book')}.")
        for job in jobs:
            batch_id = job["batch_id"]
            if batch_id not in self.last_events:
                self.last_events[batch_id] = latest_event(self.queue, batch_id)
                self._report_state(batch_id, get_batch(self.queue, batch_id)["state"])
            self.jobs[job["id"]] = rows[_book_key(job)]

    def _report_running(self, job: Row) -> None:
        if job["state"] == "in_progress" and job["run_folder"]:
            row = self.jobs[job["id"]]
            self._emit(row, BookStarted(row.book, row.number, 0, "resume", job["run_folder"], row.stages))

    def watch(self, stop: StopToken) -> bool:
        """Pass on events until all jobs have ended; return True if `stop` came first."""
        away = False
        while any(row.number not in self.results for row in self.jobs.values()):
            if stop.wait(POLL_INTERVAL):
                return True
            try:
                self._poll()
                self._warn_if_no_worker()
                away = False
            except DatabaseAwayError as error:
                if not away:
                    self.screen.warn(f"{error.message}. Running jobs continue; reconnecting.")
                away = True
        return False

    def _warn_if_no_worker(self) -> None:
        if self._has_worker():
            self._no_worker_since = None
            return
        now = time.monotonic()
        self._no_worker_since = self._no_worker_since or now
        if now - self._no_worker_since > NO_WORKER_TIMEOUT:
            self._no_worker_since = float("inf")
            self.screen.warn(
                "No worker takes these books. Start one, here or on a machine that shares this folder: "
                f"pressrun worker --workspace {self.batch.workspace.root}"
            )

    def _has_worker(self) -> bool:
        from pressrun.jobs.queries import serves, workers
        from pressrun.kinds.books import BOOKS

        name = BOOKS.queue.of(self.batch.workspace.root)
        return any(serves(worker, name) for worker in workers(self.queue))

    def _poll(self) -> None:
        from pressrun.jobs.queries import events

        if time.monotonic() - self._jobs_read_at > JOBS_INTERVAL:
            self._jobs_read_at = time.monotonic()
            self._read_results([job for job, row in self.jobs.items() if row.number not in self.results])
        for batch_id, last in self.last_events.items():
            rows = events(self.queue, batch_id, after=last)
            for row in rows:
                self._on_event(row)
            # After the events, so that a book never ends before its last stage was shown.
            self._read_results([row["job_id"] for row in rows if row["kind"] in _ENDED and row["job_id"] in self.jobs])
            if rows:
                self.last_events[batch_id] = rows[-1]["id"]

    def _on_event(self, row: Row) -> None:
        """Handle an event of the queue: pass on what the engine reported, and print what only the queue knows."""
        from pressrun.kinds.books.job import decode_event

        book = self.jobs.get(row["job_id"])
        if book is None:
            self._report_state(row["batch_id"], row["kind"].removeprefix("batch_"))
            return
        engine_event = (row["data"] or {}).get("event")
        if engine_event and book.number not in self.results and (event := decode_event(engine_event, book.book)):
            self._emit(book, event)
        if row["kind"] == "queued" and row["message"]:
            self.screen.warn(f"{book.book}: {row['message']}; the job waits for another worker.")

    def _report_state(self, batch_id: str, state: str) -> None:
        if state == "paused":
            self.screen.print(f"{batch_id} is paused. To resume: pressrun queue resume {batch_id}")
        elif state == "canceling":
            self.screen.print(f"{batch_id} is being cancelled.")

    def _emit(self, row: PlanRow, event: Event) -> None:
        """Pass an event on, with the numbers of this plan. Without the start of its book it would not be understood."""
        if isinstance(event, BookStarted):
            self.started.add(row.number)
            event = replace(event, number=row.number, total=len(self.plan.rows))
        elif row.number not in self.started:
            return
        self.observer(event)

    def _read_results(self, ids: list[int]) -> None:
        from pressrun.kinds.books.send import jobs_by_id

        for job in jobs_by_id(self.queue, ids) if ids else ():
            row = self.jobs[job["id"]]
            if job["state"] in _ENDED and row.number not in self.results:
                self.results[row.number] = self._make_result(row, job)
                self.observer(BookFinished(row.number, len(self.plan.rows), self.results[row.number]))

    def _make_result(self, row: PlanRow, job: Row) -> BookResult:
        if job["state"] == "completed":
            return _stored_result(row.book, job["result"])
        if job["state"] != "failed":
            return BookResult(
                row.book, "skipped", reason=Reason(ReasonKind.JOB_CANCELLED), run_folder=job["run_folder"]
            )
        known: dict[str, Any] = Database(self.batch.workspace.database).find(row.book) or {}
        return BookResult(
            row.book, "failed", known.get("youtube_url"), known.get("short_url"),
            error=convert(job["error"], ErrorReport), stage=job["stage"], log=self._log_path(job),
            run_folder=job["run_folder"],
        )

    def _log_path(self, job: Row) -> str | None:
        """Return the log of the stage that failed, if it is visible from here."""
        if not (job["run_folder"] and job["stage"]):
            return None
        log = PurePosixPath(job["run_folder"], LOGS, f"{job['stage']}.log")
        return str(log) if (self.batch.workspace.root / log).exists() else None

    def result_of(self, row: PlanRow) -> BookResult:
        """Return how a book of the plan ended, or that its job continues."""
        if row.number in self.results:
            return self.results[row.number]
        return BookResult.skipped(row, None if row.action == "skip" else Reason(ReasonKind.JOB_CONTINUES))


def _stored_result(book: Book, stored: dict[str, Any]) -> BookResult:
    """Return the result that a worker stored; workers of earlier versions stored no `reason_kind`."""
    kind = str(stored.get("reason_kind") or "")
    return BookResult(
        book,
        stored["outcome"],
        stored.get("youtube_url"),
        stored.get("short_url"),
        reason=stored_reason(str(stored.get("reason") or ""), kind),
        run_folder=stored.get("run_folder"),
        seconds=float(stored.get("seconds") or 0.0),
        warnings=tuple(map(str, stored.get("warnings") or ())),
    )


def _book_key(job: Row) -> tuple[str, str]:
    from pressrun.kinds.books.send import decode_book

    book: Book = decode_book(job["data"])
    return book.key
