"""`pressrun worker`: does jobs of the queue, and says what it takes and how that ends."""

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
from pressrun.cli.ending import Ending, asked_to_end
from pressrun.cli.formatting import format_duration, pluralize
from pressrun.cli.plain_log import tell_line
from pressrun.cli.queue_place import database_in_words, need_extra
from pressrun.cli.screen import open_screen
from pressrun.errors import FencedError, PressrunError
from pressrun.pipelines import chosen_pipeline
from pressrun.redaction import redact
from pressrun.settings import load_settings
from pressrun.store.workspace import Workspace

if TYPE_CHECKING:
    from pressrun.jobs.handler import JobContext, JobHandler, Outcome

Tell = Callable[[str], None]
ENDS_WITHIN = 3.5
"""Seconds that a worker has to end, beyond the grace of its stages."""
AGAIN = 60.0
"""Seconds after which a warning that goes on is told again."""


@dataclass(frozen=True)
class Hands:
    """What a worker may do at once, and from which queues; `overall` counts all workers, 0 for no limit."""

    at_once: int
    overall: int = 0
    queues: tuple[str, ...] = ()
    with_parent: bool = False
    """Ends when standard input does: whoever started it is gone then."""


def work(hands: Hands, workspace: Path | None) -> int:
    """Does jobs until it is asked to end; returns the exit code."""
    return run_command(workspace, lambda place: _work(hands, place))


def _work(hands: Hands, workspace: Workspace) -> int:
    need_extra()
    grace = load_settings(workspace.root).run.grace
    screen = open_screen()

    def tell(sentence: str) -> None:
        tell_line(screen, sentence)

    if hands.with_parent:
        threading.Thread(target=_end_with_parent, daemon=True, name="parent").start()
    with asked_to_end() as ending:
        from pressrun.jobs.limits import Rates
        from pressrun.jobs.server import open_database
        from pressrun.jobs.worker import WorkerOptions, run_worker
        from pressrun.kinds import queues_of

        rates = Rates.from_environment()
        with passes_on_warnings(tell), open_database() as url:
            if ending:
                return ending.exit_code
            queues = queues_of(workspace.root, hands.queues)
            options = WorkerOptions(
                workspace.root, hands.at_once, queues, rates, hands.overall,
                asked_to_end=lambda number: end_in_time(number, ending, grace, tell),
            )
            doing = telling(_engine(workspace), tell)
            tell(f"Worker ready for {pluralize(hands.at_once, 'job')} at once; database {database_in_words(url)}")
            run_worker(url, options, doing)
        tell("Worker ended")
        return ending.exit_code


def end_in_time(number: int, ending: Ending, grace: float, tell: Tell) -> None:
    """Notes the signal, and sees to it that the end comes even where a database or a bucket does not answer.

    Ending hard harms nothing: the stages end with us, and others take the jobs up where their checkpoints are.
    """
    ending.signals.append(number)
    if len(ending.signals) == 1:
        last = threading.Timer(grace + ENDS_WITHIN, _give_up, [ending.exit_code, tell])
        last.daemon = True
        last.start()


def _give_up(code: int, tell: Tell) -> None:
    tell("Worker ended, without waiting any longer")
    os._exit(code)


def _engine(workspace: Workspace) -> JobHandler:
    from pressrun.kinds import job_handler
    from pressrun.pipelines import PIPELINES

    return job_handler(workspace.root, pipelines=(*PIPELINES.values(), chosen_pipeline()))


def telling(work: JobHandler, tell: Tell) -> JobHandler:
    """`work` that says what it takes and how it ends, a line each."""

    def told(job: JobContext) -> Outcome:
        again = f", attempt {job.attempt}" if job.attempt > 1 else ""
        tell(f"{_name(job)}: taken{again}")
        began = time.monotonic()
        try:
            outcome = work(job)
        except FencedError:
            tell(f"{_name(job)}: another worker has it meanwhile")
            raise
        except PressrunError as error:
            tell(f"{_name(job)}: failed: {error.message}")
            raise
        except Exception as error:
            tell(f"{_name(job)}: failed: {type(error).__name__}: {error}")
            raise
        tell(f"{_name(job)}: {_ending(outcome, time.monotonic() - began)}")
        return outcome

    return told


def _name(job: JobContext) -> str:
    return f"{job.batch_id} row {job.position}" + (f" ({job.title})" if job.title else "")


def _ending(outcome: Outcome, seconds: float) -> str:
    from pressrun.jobs.handler import Completed, Failed

    if isinstance(outcome, Completed):
        return f"completed in {format_duration(seconds)}" + (f" {outcome.output_url}" if outcome.output_url else "")
    if isinstance(outcome, Failed):
        return f"failed{f' at {outcome.stage}' if outcome.stage else ''}: {outcome.error.message}"
    return "stopped; it goes on from its checkpoint"


@contextmanager
def passes_on_warnings(tell: Tell, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """What the queue and its library warn of, as lines like the others; the same thing once a minute."""
    told: dict[str, float] = {}

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message, now = redact(record.getMessage()), clock()
            if now - told.get(message, -AGAIN) >= AGAIN:
                told[message] = now
                tell(message)

    lines, root = Lines(logging.WARNING), logging.getLogger()
    # They say nothing that the lines of the worker do not say better.
    for library in ("procrastinate", "psycopg"):
        logging.getLogger(library).setLevel(logging.ERROR)
    root.addHandler(lines)
    try:
        yield
    finally:
        root.removeHandler(lines)


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
