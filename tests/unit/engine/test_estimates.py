from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pressrun.engine import estimates
from pressrun.engine.estimates import Expected, Past, Sample, expect, learn, load, samples_of
from pressrun.engine.freshness import Wanted
from pressrun.engine.outlook import together
from pressrun.model.stage import Stage, pipeline
from pressrun.settings import RunSettings
from pressrun.testing.pipeline import TINY

WRITE = Stage("write", "x", makes=("text",), settings=("fps",))
READ = Stage("read", "x", needs=("text",), makes=("sound",), processor=True, workers=2)
TWO = pipeline("two", WRITE, READ)
WANTED = Wanted({"fps": 30}, {})
BEFORE_ALL = "2026-01-01"


def wrote(seconds: float, size: int, like: str = "other") -> Sample:
    return Sample("write", like, 0, seconds, {"text": size})


def read(seconds: float, size: int, made: int = 0) -> Sample:
    return Sample("read", "other", size, seconds, {"sound": made})


def test_a_stage_takes_the_median_of_those_that_read_about_as_much() -> None:
    small = [read(seconds, 100, 10) for seconds in (1, 2, 3, 4, 5, 6, 7, 8, 90)]
    large = [read(seconds, 100_000, 1000) for seconds in (100, 200, 300, 400, 500, 600, 700, 800, 900)]
    past = Past([*large, *small])
    assert expect(past, TWO, ("read",), WANTED, {"text": 90}) == Expected(5, 10, 10)
    assert expect(past, TWO, ("read",), WANTED, {"text": 70_000}) == Expected(500, 1000, 1000)


def test_what_a_stage_will_make_is_what_the_next_one_is_judged_by() -> None:
    past = Past([wrote(1, 5000), read(2, 5), *[read(50, 5000, 7)] * 9])
    assert expect(past, TWO, TWO.names, WANTED, {}) == Expected(51, 100, 5007)


def test_samples_with_the_same_settings_are_better() -> None:
    like = estimates.likeness(WRITE.version, {"fps": 30}, {})
    past = Past([*[wrote(100, 1)] * 9, wrote(3, 1, like)])
    assert expect(past, TWO, ("write",), WANTED, {}).seconds == 3


def test_a_stage_of_which_nothing_is_known_is_named() -> None:
    assert expect(Past([wrote(1, 5)]), TWO, TWO.names, WANTED, {}) == Expected(1, 0, 5, ("read",))


@pytest.mark.parametrize(
    ("workers", "seconds"), [(1, 4 * 100 + 3 * 5), (2, (4 * 100 + 3 * 5) / 2), (16, 4 * 80 / 2)]
)
def test_books_at_once_are_bounded_by_the_longest_and_by_the_processors(
    monkeypatch: pytest.MonkeyPatch, workers: int, seconds: float
) -> None:
    monkeypatch.setattr("pressrun.engine.outlook.processors", lambda: 2)
    books = [Expected(100, 80)] * 4
    assert together(books, replace(RunSettings(), workers=workers)) == seconds


@pytest.mark.real_processes
def test_what_a_batch_took_is_what_the_next_plan_expects(engine: Any) -> None:
    engine.run("Emma")
    folder = engine.workspace.relative(engine.folders()[0])
    made = learn(engine.workspace, TINY, [folder], BEFORE_ALL)
    samples = load(engine.workspace, TINY).samples
    assert [each.stage for each in samples] == list(TINY.names)
    assert made == sum(size for each in samples for size in each.made.values())
    plan = engine.plan("Ulysses")
    assert plan.estimate.seconds == pytest.approx(sum(each.seconds for each in samples), abs=0.1)
    assert plan.estimate.disk == made
    assert plan.estimate.unknown == ()
    assert plan.rows[0].seconds == plan.estimate.seconds


def test_a_book_that_resumes_is_expected_to_take_what_is_left(engine: Any) -> None:
    engine.run("Emma @search:sleep=0.3 @render:sleep=0.3")
    engine.run("Walden @render:fail")
    one, other = engine.plan("Ulysses").rows[0], engine.plan("Walden @render:fail").rows[0]
    assert 0 < other.seconds < one.seconds


def test_without_samples_the_newest_run_folders_are_looked_into_and_nothing_is_written(engine: Any) -> None:
    engine.run("Emma")
    assert engine.plan("Ulysses").estimate is not None
    assert not (engine.workspace.runs / estimates.NAME).exists()


def test_without_a_past_run_there_is_no_estimate(engine: Any) -> None:
    assert engine.plan("Emma").estimate is None


def test_only_stages_that_ran_since_are_learned_and_none_of_them_twice(engine: Any) -> None:
    engine.run("Emma")
    folder = engine.workspace.relative(engine.folders()[0])
    assert learn(engine.workspace, TINY, [folder], datetime.now(UTC).isoformat()) == 0
    learn(engine.workspace, TINY, [folder], BEFORE_ALL)
    learn(engine.workspace, TINY, [folder], BEFORE_ALL)
    assert len(load(engine.workspace, TINY).samples) == len(TINY.names)


def test_the_file_of_samples_stays_small_and_keeps_the_newest(engine: Any) -> None:
    engine.workspace.runs.mkdir()
    old = [Sample("search", "x", number, number, {}) for number in range(estimates.KEPT)]
    estimates.json_files.save(engine.workspace.runs / estimates.NAME, old)
    engine.run("Emma")
    learn(engine.workspace, TINY, [engine.workspace.relative(engine.folders()[0])], BEFORE_ALL)
    kept = [each for each in load(engine.workspace, TINY).samples if each.stage == "search"]
    assert len(kept) == estimates.KEPT
    assert kept[0] == old[1]
    assert kept[-1].made


def test_a_file_of_samples_that_is_broken_counts_as_none(engine: Any) -> None:
    engine.workspace.runs.mkdir()
    (engine.workspace.runs / estimates.NAME).write_text("{")
    assert load(engine.workspace, TINY).samples == []
    assert engine.plan("Emma").estimate is None


def test_a_failed_stage_is_no_sample(engine: Any) -> None:
    engine.run("Walden @render:fail")
    assert [each.stage for each in samples_of(engine.folders()[0], TINY)] == list(TINY.names[:4])
