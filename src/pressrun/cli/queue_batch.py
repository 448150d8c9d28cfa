"""`run-batch --queue`: books go to the queue, and what workers do with them is shown as if it happened here."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from pressrun.cli.formatting import pluralize
from pressrun.cli.screen import Screen
from pressrun.errors import DatabaseAwayError, ErrorReport
from pressrun.model.book import Book
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

LOOKS_EVERY = 0.3
"""Seconds between two looks at the queue."""
COUNTS_EVERY = 10.0
"""Seconds between two looks at the jobs themselves: an event that came late must not keep anybody waiting."""
NOBODY_AFTER = 3.0
"""Seconds without any worker after which that is said."""
AT_ONCE = 5
"""Books at once, where --workers does not say."""
_ENDED = ("completed", "failed", "cancelled", "skipped")


def run_in_queue(plan: Plan, batch: BatchSpec, observer: Observer, stop: StopToken, screen: Screen) -> BatchResult:
    """Sends what is to run and is not sent yet, and watches until all of it has ended or `stop` says so.

    A stop ends the watching alone. Raises `DatabaseError` for a database that cannot be used.
    """
    from pressrun.jobs.connection import Queue, local_user, open_pool
    from pressrun.jobs.server import open_database

    with open_database() as url, open_pool(url, 2) as pool:
        watch = _Watch(Queue(pool, local_user()), plan, batch, observer, screen)
        watch.send()
        interrupted = watch.until_all_have_ended(stop)
        result = BatchResult(tuple(map(watch.result, plan.rows)), interrupted, seconds=time.monotonic() - watch.began)
        observer(BatchFinished(result))
    if interrupted:
        _say_how_to_go_on(screen, watch.batches)
    return result


def _say_how_to_go_on(screen: Screen, batches: Iterable[str]) -> None:
    screen.say("The jobs go on in the queue. The same command watches them again.")
    for each in batches:
        screen.say(f"To cancel: pressrun queue cancel {each}", indent=2)


@dataclass
class _Watch:
    """What is known of the jobs of a plan."""

    queue: Queue
    plan: Plan
    batch: BatchSpec
    observer: Observer
    screen: Screen
    began: float = field(default_factory=time.monotonic)
    batches: dict[str, int] = field(default_factory=dict)
    """Id -> the last event that was seen."""
    jobs: dict[int, PlanRow] = field(default_factory=dict)
    """Those that are watched."""
    results: dict[int, BookResult] = field(default_factory=dict)
    """Number of the book -> how it ended."""
    started: set[int] = field(default_factory=set)
    """Numbers of the books that were told to have begun."""
    _counted: float = field(default_factory=time.monotonic)
    _alone_since: float | None = None
    """When there was no worker first; infinity once that was said."""

    def send(self) -> None:
        from pressrun.kinds.books import send as books

        root = self.batch.workspace.root
        rows = {row.book.key: row for row in self.plan.to_run}
        joined = [job for job in books.open_jobs(self.queue, root) if _key(job) in rows]
        self._follow(joined, rows)
        sent_before = {row.number for row in self.jobs.values()}
        new = [row for row in self.plan.to_run if row.number not in sent_before]
        settings = self.batch.settings
        at_once = settings.run.workers if "workers" in settings.explicit else AT_ONCE
        self.observer(BatchStarted(len(self.plan.rows), len(self.plan.to_run), min(at_once, len(self.plan.to_run))))
        if new:
            order = books.BookOrder(settings, self.batch.options, self.plan.services, len(self.plan.rows))
            sent = books.send(self.queue, root, self.batch.pipeline.name, new, order, at_once)
            self.batches |= dict.fromkeys(sent, 0)
            numbered = {row.number: row for row in new}
            self.jobs |= {job["id"]: numbered[job["position"]] for job in books.jobs_in(self.queue, sent)}
        for job in joined:
            self._show_as_it_stands(job)
        # Some may have ended since they were found open.
        self._take_results([job["id"] for job in joined])

    def _follow(self, joined: list[Row], rows: dict[tuple[str, str], PlanRow]) -> None:
        """Books that an earlier call sent: from now on, not from their beginning."""
        from pressrun.jobs.queries import get_batch, latest_event

        if joined:
            self.screen.say(f"In the queue already, as they were sent: {pluralize(len(joined), 'book')}.")
        for job in joined:
            batch_id = job["batch_id"]
            if batch_id not in self.batches:
                self.batches[batch_id] = latest_event(self.queue, batch_id)
                self._say_state(batch_id, get_batch(self.queue, batch_id)["state"])
            self.jobs[job["id"]] = rows[_key(job)]

    def _show_as_it_stands(self, job: Row) -> None:
        if job["state"] == "in_progress" and job["run_folder"]:
            row = self.jobs[job["id"]]
            self._tell(row, BookStarted(row.book, row.number, 0, "resume", job["run_folder"], row.stages))

    def until_all_have_ended(self, stop: StopToken) -> bool:
        """Whether `stop` was asked for before."""
        away = False
        while any(row.number not in self.results for row in self.jobs.values()):
            if stop.wait(LOOKS_EVERY):
                return True
            try:
                self._look()
                self._mind_the_workers()
                away = False
            except DatabaseAwayError as error:
                if not away:
                    self.screen.warn(f"{error.message}. What runs goes on, and it is asked again.")
                away = True
        return False

    def _mind_the_workers(self) -> None:
        """Says it when nobody takes the books."""
        if self._somebody_works():
            self._alone_since = None
            return
        now = time.monotonic()
        self._alone_since = self._alone_since or now
        if now - self._alone_since > NOBODY_AFTER:
            self._alone_since = float("inf")
            self.screen.warn(
                "No worker takes these books. Start one, here or on a machine that shares this folder: "
                f"pressrun worker --workspace {self.batch.workspace.root}"
            )

    def _somebody_works(self) -> bool:
        from pressrun.jobs.queries import serves, workers
        from pressrun.kinds.books import BOOKS

        mine = BOOKS.queue.of(self.batch.workspace.root)
        return any(serves(worker, mine) for worker in workers(self.queue))

    def _look(self) -> None:
        from pressrun.jobs.queries import events

        if time.monotonic() - self._counted > COUNTS_EVERY:
            self._counted = time.monotonic()
            self._take_results([job for job, row in self.jobs.items() if row.number not in self.results])
        for batch_id, seen in self.batches.items():
            rows = events(self.queue, batch_id, after=seen)
            for row in rows:
                self._hear(row)
            self._take_results([row["job_id"] for row in rows if row["kind"] in _ENDED and row["job_id"] in self.jobs])
            if rows:
                self.batches[batch_id] = rows[-1]["id"]

    def _hear(self, row: Row) -> None:
        """Tells the observer of an event of the queue."""
        from pressrun.kinds.books.job import event_of

        book = self.jobs.get(row["job_id"])
        if book is None:
            self._say_state(row["batch_id"], row["kind"].removeprefix("batch_"))
            return
        told = (row["data"] or {}).get("event")
        if told and book.number not in self.results and (event := event_of(told, book.book)):
            self._tell(book, event)
        if row["kind"] == "queued" and row["message"]:
            self.screen.warn(f"{book.book}: {row['message']}; the job waits for another worker.")

    def _say_state(self, batch_id: str, state: str) -> None:
        """Of a batch that does not simply run."""
        if state == "paused":
            self.screen.say(f"{batch_id} is paused. To go on: pressrun queue resume {batch_id}")
        elif state == "canceling":
            self.screen.say(f"{batch_id} is being cancelled.")

    def _tell(self, row: PlanRow, event: Event) -> None:
        if isinstance(event, BookStarted):
            self.started.add(row.number)
            event = replace(event, number=row.number, total=len(self.plan.rows))
        elif row.number not in self.started:
            return
        self.observer(event)

    def _take_results(self, ids: list[int]) -> None:
        from pressrun.kinds.books.send import jobs_with

        for job in jobs_with(self.queue, ids) if ids else ():
            row = self.jobs[job["id"]]
            if job["state"] in _ENDED and row.number not in self.results:
                self.results[row.number] = self._result(row, job)
                self.observer(BookFinished(row.number, len(self.plan.rows), self.results[row.number]))

    def _result(self, row: PlanRow, job: Row) -> BookResult:
        if job["state"] == "completed":
            return _stored_result(row.book, job["result"])
        if job["state"] != "failed":
            cancelled = Reason(ReasonKind.JOB_CANCELLED)
            return BookResult(row.book, "skipped", reason=cancelled, run_folder=job["run_folder"])
        known: dict[str, Any] = Database(self.batch.workspace.database).find(row.book) or {}
        return BookResult(
            row.book, "failed", known.get("youtube_url"), known.get("short_url"),
            error=msgspec.convert(job["error"], ErrorReport), stage=job["stage"], log=self._log(job),
            run_folder=job["run_folder"],
        )

    def _log(self, job: Row) -> str | None:
        """The log of the stage that failed, where it can be seen from here."""
        if not (job["run_folder"] and job["stage"]):
            return None
        log = PurePosixPath(job["run_folder"], LOGS, f"{job['stage']}.log")
        return str(log) if (self.batch.workspace.root / log).exists() else None

    def result(self, row: PlanRow) -> BookResult:
        """How a book of the plan ended, or where it stands now."""
        if row.number in self.results:
            return self.results[row.number]
        return BookResult.skipped(row, None if row.action == "skip" else Reason(ReasonKind.JOB_CONTINUES))


def _stored_result(book: Book, stored: dict[str, Any]) -> BookResult:
    """Return the result that a worker stored; one of an earlier version has no `reason_kind`."""
    kind = str(stored.get("reason_kind") or "")
    return BookResult(
        book,
        stored["outcome"],
        stored.get("youtube_url"),
        stored.get("short_url"),
        reason=stored_reason(str(stored.get("reason") or ""), kind),
        run_folder=stored.get("run_folder"),
        seconds=float(stored.get("seconds") or 0.0),
    )


def _key(job: Row) -> tuple[str, str]:
    from pressrun.kinds.books.send import book_of

    book: Book = book_of(job["data"])
    return book.key
