"""The API keeps to its own description, whatever it is asked: a short form of `python -m bench.queue --only schema`."""

from __future__ import annotations

from pathlib import Path

from bench.queueing.schema import USER, ask_everything, batches

from pressrun.jobs.connection import Queue, open_pool


def test_every_operation_answers_as_it_is_described(database_url: str, tmp_path: Path) -> None:
    with open_pool(database_url) as pool:
        ids = batches(Queue(pool, USER), database_url)
    trial = ask_everything(database_url, tmp_path, ids, examples=5, phases=("examples", "fuzzing"), seed=6)
    assert trial.failures == []
    assert trial.cases > 60
    assert {200, 201, 401, 404, 409, 422} <= set(trial.statuses)
    assert max(trial.statuses) < 500
