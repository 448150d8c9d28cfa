"""Books as jobs: what is sent and comes back the same, and who finds it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.manual_worker import ManualWorker

from pressrun.cli.run_in_queue import _stored_result
from pressrun.errors import PipelineError, VoiceError
from pressrun.jobs.connection import Queue
from pressrun.jobs.handler import Completed
from pressrun.kinds import queue_names
from pressrun.kinds.books.job import _outcome, decode_event, encode_event
from pressrun.kinds.books.send import (
    ORDER_KEY,
    BookOrder,
    batch_jobs,
    decode_book,
    decode_order,
    jobs_by_id,
    open_jobs,
    send,
)
from pressrun.model.book import Book
from pressrun.model.event import (
    BookStarted,
    Event,
    StageFinished,
    StageNote,
    StageProgress,
    StageRetried,
    StageStarted,
    StageWaits,
)
from pressrun.model.plan import PlanRow, RunOptions, ServiceChoice
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.result import BookResult
from pressrun.settings import load_settings

BOOK = Book("Walden", "Henry David Thoreau", 3)
FRESH = Reason(ReasonKind.FRESH_START)
ERROR = VoiceError("The voice is gone", remedy="Wait.").report()


@pytest.mark.parametrize(
    "event",
    [
        BookStarted(BOOK, 1, 3, "resume", "runs/a", ("tts", "render")),
        StageWaits(BOOK, "render", Reason(ReasonKind.NO_FREE_PROCESSOR, text="a free processor")),
        StageStarted(BOOK, "tts", 2, 3),
        StageProgress(BOOK, "render", 12.5, 100.0, "frames"),
        StageNote(BOOK, "tts", "It speaks slowly"),
        StageRetried(BOOK, "tts", 1, 3, 0.5, ERROR),
        StageFinished(BOOK, "tts", "failed", 2.5, ERROR),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_comes_out_of_the_queue_as_it_went_in(event: Event) -> None:
    sent = json.loads(json.dumps(encode_event(event)))
    assert "book" not in sent
    assert decode_event(sent, BOOK) == event


@pytest.mark.parametrize("data", [{}, {"type": "BookSold"}, {"type": "StageStarted", "stage": 7}])
def test_an_event_of_another_version_is_passed_over(data: dict[str, object]) -> None:
    assert decode_event(data, BOOK) is None


def order(tmp_path: Path) -> BookOrder:
    settings = load_settings(tmp_path, {"resolution": "720p", "delay": "90s"}, {})
    choice = ServiceChoice("voice", "espeak", "it is built in")
    return BookOrder(settings, RunOptions(until="tts", publish_again=True), (choice,), 3)


def test_an_order_comes_out_of_the_queue_as_it_went_in(tmp_path: Path, queue: Queue, worker: ManualWorker) -> None:
    asked = order(tmp_path)
    (batch,) = send(queue, tmp_path, "book-video", [PlanRow(1, BOOK, "new", "process", FRESH)], asked, 5)
    request = worker.batch(batch)["request"]
    assert decode_order(request) == asked
    assert decode_order(request).settings.explicit == {"resolution", "delay"}


def test_an_order_of_another_version_is_rejected_with_what_to_do() -> None:
    with pytest.raises(PipelineError, match="sent by another version") as caught:
        decode_order({ORDER_KEY: {"settings": {"item": {"fps": "many"}}}})
    assert "same version" in caught.value.remedy


@pytest.mark.parametrize(
    ("at_once", "parallel"), [(1, [1]), (5, [5]), (6, [3, 3]), (10, [5, 5]), (12, [4, 4, 4]), (16, [4, 4, 4, 4])]
)
def test_more_than_five_at_once_are_several_batches(
    tmp_path: Path, queue: Queue, worker: ManualWorker, at_once: int, parallel: list[int]
) -> None:
    rows = [PlanRow(n, Book(f"Book {n}"), "new", "process", FRESH) for n in range(1, 18)]
    sent = send(queue, tmp_path, "book-video", rows, order(tmp_path), at_once)
    assert [worker.batch(each)["parallel"] for each in sent] == parallel
    jobs = batch_jobs(queue, sent)
    assert sorted(job["position"] for job in jobs) == list(range(1, 18))
    assert {decode_book(job["data"]).title for job in jobs} == {row.book.title for row in rows}


def test_books_are_open_in_their_own_workspace_until_they_end(
    tmp_path: Path, queue: Queue, worker: ManualWorker
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    rows = [PlanRow(n, Book(f"Book {n}"), "new", "process", FRESH) for n in (1, 2)]
    for place in (here, there):
        place.mkdir()
        send(queue, place, "book-video", rows, order(tmp_path), 5)
    assert queue_names(here) == ("items", *queue_names(here, ("books",)))
    assert queue_names(here, ("books",)) != queue_names(there, ("books",))
    before = [job["id"] for job in open_jobs(queue, here)]
    held = worker.claim()
    assert held
    assert held.id in before
    assert len(open_jobs(queue, here)) == 2
    worker.finish(held)
    assert [job["id"] for job in open_jobs(queue, here)] == before[1:]
    assert [job["state"] for job in jobs_by_id(queue, before)] == ["completed", "dispatched"]
    assert open_jobs(Queue(queue.pool, "ben"), here) == []


def test_warnings_of_stages_are_in_the_stored_result_of_a_book() -> None:
    job = SimpleNamespace(run_folder=None)
    result = BookResult(BOOK, "success", "file:///a.mp4", None, run_folder="runs/a", warnings=("It speaks slowly",))
    outcome = _outcome(job, result)  # type: ignore[arg-type]
    assert isinstance(outcome, Completed)
    assert outcome.result["warnings"] == ["It speaks slowly"]
    assert _stored_result(BOOK, outcome.result).warnings == ("It speaks slowly",)
