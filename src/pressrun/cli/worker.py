"""`pressrun worker`: run jobs from the queue, and log when each one starts and ends."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pressrun.cli.command import run_command
from pressrun.cli.formatting import format_duration, pluralize
from pressrun.cli.plain_log import print_log_line
from pressrun.cli.queue import describe_database, require_packages
from pressrun.cli.screen import open_screen
from pressrun.cli.shutdown import ShutdownSignals, catch_shutdown_signals
from pressrun.error_reports import error_text
from pressrun.errors import FencedError, PressrunError
from pressrun.pipelines import chosen_pipeline
from pressrun.redaction import redact
from pressrun.settings import load_settings
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from pressrun.jobs.handler import JobContext, JobHandler, Outcome

Log = Callable[[str], None]
SHUTDOWN_TIMEOUT = 3.5
"""Seconds that a worker has to stop, in addition to the grace period of its stages."""
REPEAT_INTERVAL = 60.0
"""Seconds after which a warning that persists is logged again."""


@dataclass(frozen=True)
class WorkerArgs:
    """What a worker may run. `overall` is the limit for all workers together; 0 means none."""

    concurrency: int
    overall: int = 0
    queues: tuple[str, ...] = ()
    with_parent: bool = False
    """Stop when standard input is closed, i.e. when the process that started this one is gone."""


def work(args: WorkerArgs, workspace: Path | None) -> int:
    """Run jobs until a signal stops the worker; return the exit code."""
    return run_command(workspace, lambda place: _work(args, place))


def _work(args: WorkerArgs, workspace: Workspace) -> int:
    require_packages()
    grace = load_settings(workspace.root).run.grace
    screen = open_screen()

    def log(sentence: str) -> None:
        print_log_line(screen, sentence)

    if args.with_parent:
        threading.Thread(target=_stop_with_parent, daemon=True, name="parent").start()
    # Before the imports and the database, which take a second: a signal that comes meanwhile must not be lost.
    with catch_shutdown_signals() as signals:
        from pressrun.jobs.limits import Rates
        from pressrun.jobs.server import open_database
        from pressrun.jobs.worker import WorkerOptions, run_worker
        from pressrun.kinds import queue_names

        rates = Rates.from_environment()
        with log_warnings(log), open_database() as url:
            if signals:
                return signals.exit_code
            options = WorkerOptions(
                workspace.root, args.concurrency, queue_names(workspace.root, args.queues), rates, args.overall,
                on_signal=lambda number: shut_down_in_time(number, signals, grace, log),
            )
            handler = with_job_log(_job_handler(workspace), log)
            jobs = pluralize(args.concurrency, "concurrent job")
            log(f"Worker ready for {jobs}; database {describe_database(url)}")
            run_worker(url, options, handler)
        log("Worker stopped")
        return signals.exit_code


def shut_down_in_time(number: int, signals: ShutdownSignals, grace: float, log: Log) -> None:
    """Record a signal, and end the process if the worker does not stop in time.

    A database or a bucket that does not respond would otherwise delay it without limit. Exiting hard is safe: the
    stages end with this process, and other workers resume the jobs from their checkpoints.
    """
    signals.received.append(number)
    if len(signals.received) == 1:
        timer = threading.Timer(grace + SHUTDOWN_TIMEOUT, _force_exit, [signals.exit_code, log])
        timer.daemon = True
        timer.start()


def _force_exit(code: int, log: Log) -> None:
    log("Worker stopped without waiting any longer")
    os._exit(code)


def _job_handler(workspace: Workspace) -> JobHandler:
    from pressrun.kinds import job_handler
    from pressrun.pipelines import PIPELINES

    return job_handler(workspace.root, pipelines=(*PIPELINES.values(), chosen_pipeline()))


def with_job_log(handler: JobHandler, log: Log) -> JobHandler:
    """Return a handler that also logs when each job starts and how it ends."""

    def handle(job: JobContext) -> Outcome:
        name = f"{job.batch_id} row {job.position}" + (f" ({job.title})" if job.title else "")
        attempt = f", attempt {job.attempt}" if job.attempt > 1 else ""
        log(f"{name}: started{attempt}")
        began = time.monotonic()
        try:
            outcome = handler(job)
        except FencedError:
            log(f"{name}: another worker has taken over")
            raise
        except PressrunError as error:
            log(f"{name}: failed: {error.message}")
            raise
        except Exception as error:
            log(f"{name}: failed: {type(error).__name__}: {error_text(error)}")
            raise
        log(f"{name}: {_describe_outcome(outcome, time.monotonic() - began)}")
        return outcome

    return handle


def _describe_outcome(outcome: Outcome, seconds: float) -> str:
    from pressrun.jobs.handler import Completed, Failed

    if isinstance(outcome, Completed):
        return f"completed in {format_duration(seconds)}" + (f" {outcome.output_url}" if outcome.output_url else "")
    if isinstance(outcome, Failed):
        return f"failed{f' at {outcome.stage}' if outcome.stage else ''}: {outcome.error.message}"
    return "stopped; will resume from its checkpoint"


@contextmanager
def log_warnings(log: Log, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Inside the block, log warnings of the queue and of libraries, each one at most once a minute."""
    logged_at: dict[str, float] = {}

    class LogHandler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message, now = redact(record.getMessage()), clock()
            if now - logged_at.get(message, -REPEAT_INTERVAL) >= REPEAT_INTERVAL:
                logged_at[message] = now
                log(message)

    handler, root = LogHandler(logging.WARNING), logging.getLogger()
    # Their warnings repeat what the worker logs itself.
    for library in ("procrastinate", "psycopg"):
        logging.getLogger(library).setLevel(logging.ERROR)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


def _stop_with_parent() -> None:
    """Wait until the other end of standard input is closed, then send TERM to this process."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
