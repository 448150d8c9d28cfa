from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pressrun.cli.expectation import comparison, expectations, too_little_room
from pressrun.model.book import Book
from pressrun.model.plan import Decision, Estimate, Plan, PlanRow, UploadsLeft
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.result import BatchResult

ROW = PlanRow(1, Book("Emma"), "new", "process", Reason(ReasonKind.FRESH_START), Decision(("render",)))
EVENING = datetime(2026, 1, 31, 22, 30)
ESTIMATE = Estimate(seconds=3900, disk=1_200_000_000, free=50_000_000_000, uploads=2)


def test_a_plan_says_when_it_ends_what_it_takes_of_the_disk_and_of_the_uploads() -> None:
    lines = expectations(Plan((ROW,), estimate=ESTIMATE, uploads=UploadsLeft(94, 100)), EVENING)
    assert lines == [
        ("ends", "about 23:35, after 1 h 05 min", "as past runs of each stage took"),
        ("disk", "about 1.2 GB", "50 GB are free"),
        ("uploads", "2", "92 of today's are left after it"),
    ]


def test_a_batch_that_is_to_begin_later_ends_later() -> None:
    begins = EVENING + timedelta(hours=3.5)
    lines = expectations(Plan((ROW,), estimate=ESTIMATE), EVENING, begins)
    assert lines[0][1] == "about Sun 03:05, 1 h 05 min after it begins"


def test_an_end_on_another_day_names_the_day() -> None:
    def said(seconds: float) -> str:
        return expectations(Plan((ROW,), estimate=Estimate(seconds, 0, 1)), EVENING)[0][1]

    assert "Sun 00:30" in said(2 * 3600)
    assert "2026-02-10 22:30" in said(timedelta(days=10).total_seconds())


def test_without_a_past_run_there_is_no_estimate_and_the_plan_says_so() -> None:
    assert expectations(Plan((ROW,)), EVENING)[0][:2] == ("ends", "no estimate yet")


def test_where_nothing_runs_nothing_is_expected() -> None:
    assert expectations(Plan((PlanRow(1, Book("Emma"), "done", "skip", "Already done"),)), EVENING) == []


def test_stages_of_which_nothing_is_known_are_named() -> None:
    estimate = Estimate(60, 1, 10, unknown=("upload", "shorts"))
    assert "without upload, shorts" in expectations(Plan((ROW,), estimate=estimate), EVENING)[0][2]


@pytest.mark.parametrize(("free", "said"), [(3_000_000_000, ""), (300_000_000, "The disk has 300 MB free")])
def test_a_disk_without_room_is_said_before_anything_runs(free: int, said: str) -> None:
    sentence = too_little_room(Plan((ROW,), estimate=Estimate(1, 1_200_000_000, free)))
    assert sentence.startswith(said)
    assert bool(sentence) == bool(said)


def test_after_the_run_what_was_expected_stands_beside_what_was() -> None:
    result = BatchResult(seconds=4020, estimate=ESTIMATE, disk=1_100_000_000)
    assert comparison(result) == [
        "It was expected to take 1 h 05 min and took 1 h 07 min; to make 1.2 GB and made 1.1 GB."
    ]


def test_an_interrupted_batch_is_not_compared() -> None:
    assert comparison(BatchResult(interrupted=True, estimate=ESTIMATE)) == []
