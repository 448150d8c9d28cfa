from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pressrun.engine import history
from pressrun.engine.forecast import BookEstimate, batch_seconds, estimate_book
from pressrun.engine.freshness import EffectiveConfig
from pressrun.engine.history import History, Sample, load_history, read_samples, record_samples
from pressrun.model.stage import Cost, Stage, pipeline
from pressrun.settings import RunSettings
from pressrun.testing.pipeline import TINY

WRITE = Stage("write", "x", makes=("text",), settings=("fps",))
READ = Stage("read", "x", needs=("text",), makes=("sound",), cost=Cost(computes=True), workers=2)
TWO = pipeline("two", WRITE, READ)
CONFIG = EffectiveConfig({"fps": 30}, {})
BEFORE_ALL = "2026-01-01"


def wrote(seconds: float, size: int, like: str = "other") -> Sample:
    return Sample("write", like, 0, seconds, {"text": size})


def read(seconds: float, size: int, made: int = 0) -> Sample:
    return Sample("read", "other", size, seconds, {"sound": made})


def test_a_stage_takes_the_median_of_those_that_read_about_as_much() -> None:
    small = [read(seconds, 100, 10) for seconds in (1, 2, 3, 4, 5, 6, 7, 8, 90)]
    large = [read(seconds, 100_000, 1000) for seconds in (100, 200, 300, 400, 500, 600, 700, 800, 900)]
    past = History([*large, *small])
    assert estimate_book(past, TWO, ("read",), CONFIG, {"text": 90}) == BookEstimate(5, 10, 10)
    assert estimate_book(past, TWO, ("read",), CONFIG, {"text": 70_000}) == BookEstimate(500, 1000, 1000)


def test_the_estimated_products_of_a_stage_are_the_input_of_the_next() -> None:
    past = History([wrote(1, 5000), read(2, 5), *[read(50, 5000, 7)] * 9])
    assert estimate_book(past, TWO, TWO.names, CONFIG, {}) == BookEstimate(51, 100, 5007)


def test_samples_with_the_same_settings_are_better() -> None:
    like = history.config_hash(WRITE.version, {"fps": 30}, {})
    past = History([*[wrote(100, 1)] * 9, wrote(3, 1, like)])
    assert estimate_book(past, TWO, ("write",), CONFIG, {}).seconds == 3


def test_a_stage_without_a_past_run_is_named() -> None:
    assert estimate_book(History([wrote(1, 5)]), TWO, TWO.names, CONFIG, {}) == BookEstimate(1, 0, 5, ("read",))


@pytest.mark.parametrize(
    ("workers", "seconds"), [(1, 4 * 100 + 3 * 5), (2, (4 * 100 + 3 * 5) / 2), (16, 4 * 80 / 2)]
)
def test_books_at_once_are_bounded_by_the_longest_and_by_the_processors(
    monkeypatch: pytest.MonkeyPatch, workers: int, seconds: float
) -> None:
    monkeypatch.setattr("pressrun.engine.forecast.available_processors", lambda: 2)
    books = [BookEstimate(100, 80)] * 4
    assert batch_seconds(books, replace(RunSettings(), workers=workers)) == seconds


@pytest.mark.real_processes
def test_the_next_plan_expects_what_a_batch_took(engine: Any) -> None:
    engine.run("Emma")
    folder = engine.workspace.relative(engine.folders()[0])
    made = record_samples(engine.workspace, TINY, [folder], BEFORE_ALL)
    samples = load_history(engine.workspace, TINY).samples
    assert [each.stage for each in samples] == list(TINY.names)
    assert made == sum(size for each in samples for size in each.made.values())
    plan = engine.plan("Ulysses")
    assert plan.estimate.seconds == pytest.approx(sum(each.seconds for each in samples), abs=0.1)
    assert plan.estimate.disk == made
    assert plan.estimate.unknown == ()
    assert plan.rows[0].seconds == plan.estimate.seconds


def test_a_book_that_resumes_takes_only_its_remaining_stages(engine: Any) -> None:
    engine.run("Emma @search:sleep=0.3 @render:sleep=0.3")
    engine.run("Walden @render:fail")
    one, other = engine.plan("Ulysses").rows[0], engine.plan("Walden @render:fail").rows[0]
    assert 0 < other.seconds < one.seconds


def test_without_samples_the_newest_run_folders_are_looked_into_and_nothing_is_written(engine: Any) -> None:
    engine.run("Emma")
    assert engine.plan("Ulysses").estimate is not None
    assert not (engine.workspace.runs / history.FILE).exists()


def test_without_a_past_run_there_is_no_estimate(engine: Any) -> None:
    assert engine.plan("Emma").estimate is None


def test_only_stages_that_ran_since_are_learned_and_none_of_them_twice(engine: Any) -> None:
    engine.run("Emma")
    folder = engine.workspace.relative(engine.folders()[0])
    assert record_samples(engine.workspace, TINY, [folder], datetime.now(UTC).isoformat()) == 0
    record_samples(engine.workspace, TINY, [folder], BEFORE_ALL)
    record_samples(engine.workspace, TINY, [folder], BEFORE_ALL)
    assert len(load_history(engine.workspace, TINY).samples) == len(TINY.names)


def test_the_file_of_samples_stays_small_and_keeps_the_newest(engine: Any) -> None:
    engine.workspace.runs.mkdir()
    old = [Sample("search", "x", number, number, {}) for number in range(history.MAX_SAMPLES)]
    history.json_files.save(engine.workspace.runs / history.FILE, old)
    engine.run("Emma")
    record_samples(engine.workspace, TINY, [engine.workspace.relative(engine.folders()[0])], BEFORE_ALL)
    kept = [each for each in load_history(engine.workspace, TINY).samples if each.stage == "search"]
    assert len(kept) == history.MAX_SAMPLES
    assert kept[0] == old[1]
    assert kept[-1].made


def test_a_file_of_samples_that_is_broken_counts_as_none(engine: Any) -> None:
    engine.workspace.runs.mkdir()
    (engine.workspace.runs / history.FILE).write_text("{")
    assert load_history(engine.workspace, TINY).samples == []
    assert engine.plan("Emma").estimate is None


def test_a_failed_stage_is_not_a_sample(engine: Any) -> None:
    engine.run("Walden @render:fail")
    assert [each.stage for each in read_samples(engine.folders()[0], TINY)] == list(TINY.names[:4])
