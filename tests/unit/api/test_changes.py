"""A batch that has not ended is changed and gets more rows; one that has ended is deleted with its files."""

from __future__ import annotations

import pytest
from tests.manual_worker import DEFECT, ManualWorker
from tests.run_files import make_run_folder, report_files
from tests.unit.api.client import ApiClient, refused

MORE = {"input_source": {"type": "rows", "rows": [{"idea_title": "More", "script_content": "It goes on."}]}}


def patch(api: ApiClient, batch: str, **changes: object) -> dict[str, object]:
    answer = api.ask("PATCH", f"/{batch}", json=changes)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def test_title_priority_limit_and_deadline_change(api: ApiClient, worker: ManualWorker) -> None:
    batch = api.new()
    changed = patch(api, batch, title="Summer", priority="high", max_concurrent=1, processing_deadline_ms=90_000)
    assert (changed["title"], changed["priority"]) == ("Summer", 1)
    assert changed["deadline"] is not None
    row = worker.batch(batch)
    assert (row["parallel"], row["minutes"]) == (1, 2)
    assert patch(api, batch, processing_deadline_ms=None)["deadline"] is None
    assert patch(api, batch)["title"] == "Summer"
    notes = [each["message"] for each in api.get(f"/{batch}/events")["events"] if each["kind"] == "note"]
    assert notes == ["Changed: deadline, max_concurrent, priority, title", "Changed: deadline"]


def test_a_new_priority_decides_also_about_jobs_that_are_dispatched(api: ApiClient, worker: ManualWorker) -> None:
    first, second = api.new(), api.new()
    held = worker.claim()
    assert held
    assert held.batch_id == first
    patch(api, second, priority=1)
    patch(api, first, priority=10)
    started = [job.batch_id for _ in range(5) if (job := worker.claim())]
    assert started == [second] * 3 + [first] * 2
    assert worker.batch(first)["active"] == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("priority", "soon"), ("max_concurrent", 6), ("processing_deadline_ms", 5), ("state", "paused")],
)
def test_a_change_that_makes_no_sense_is_named(api: ApiClient, field: str, value: object) -> None:
    problem = refused(api.ask("PATCH", f"/{api.new()}", json={field: value}), 422)
    assert [each["path"] for each in problem["errors"]] == [field]


def test_rows_are_added_once_and_made(api: ApiClient, worker: ManualWorker) -> None:
    batch = api.new()
    for _ in range(2):
        answer = api.ask("POST", f"/{batch}/rows", json=MORE, headers={"Idempotency-Key": "more"})
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        assert (data["first_row"], data["rows_added"], data["items_total"]) == (4, 1, 4)
    assert answer.headers["idempotency-replayed"] == "true"
    other = {"input_source": {"type": "csv", "content": "idea_title,script_content\nA,It ends.\n,\n"}}
    refused(api.ask("POST", f"/{batch}/rows", json=other, headers={"Idempotency-Key": "more"}), 422)
    assert sorted(worker.complete_all()) == [1, 2, 3, 4]
    assert api.get(f"/{batch}")["state"] == "completed"
    assert api.get(f"/{batch}/items")["items"][3]["title"] == "More"
    refused(api.ask("POST", f"/{batch}/rows", json=MORE), 409)


def test_rejected_rows_are_reported_and_none_changes_nothing(api: ApiClient) -> None:
    batch = api.new()
    mixed = {"input_source": {"type": "rows", "rows": [*MORE["input_source"]["rows"], {"idea_title": "No script"}]}}  # type: ignore[misc]
    data = api.ask("POST", f"/{batch}/rows", json=mixed).json()["data"]
    assert (data["rows_added"], data["rejected_total"], data["items_skipped"]) == (2, 1, 1)
    useless = {"input_source": {"type": "rows", "rows": [{"idea_title": "No script"}]}}
    refused(api.ask("POST", f"/{batch}/rows", json=useless), 422)
    assert api.get(f"/{batch}")["items_total"] == 5


def test_a_batch_is_deleted_with_its_files_once_it_has_ended(api: ApiClient, worker: ManualWorker) -> None:
    batch, other = api.new(), api.new()
    jobs = [job for _ in range(4) if (job := worker.claim())]
    for job in jobs:
        report_files(worker, job, make_run_folder(api.workspace / "runs", job, {"video.mp4": b"film"}))
    refused(api.ask("DELETE", f"/{batch}"), 409)
    for job in jobs:
        worker.finish(job)
    answer = api.ask("DELETE", f"/{batch}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["bytes_freed"] > 0
    refused(api.ask("GET", f"/{batch}"), 404)
    kept = [f"job-{job.id}" for job in jobs if job.batch_id == other]
    assert [folder.name for folder in (api.workspace / "runs").iterdir()] == kept


def test_batches_and_items_are_counted_by_state(api: ApiClient, worker: ManualWorker) -> None:
    api.new()
    for number in range(3):
        job = worker.claim()
        assert job
        worker.finish(job, *(("failed", DEFECT) if number else ()))
    api.new()
    counts = api.get("/counts")
    assert {state: count for state, count in counts["jobs"].items() if count} == {"failed": 1, "pending": 1}
    items = counts["items"]
    assert (items["completed"], items["failed"], items["waiting"]) == (1, 2, 3)


def test_a_failed_batch_shows_the_share_that_was_completed(api: ApiClient, worker: ManualWorker) -> None:
    batch = api.new()
    for number in range(3):
        job = worker.claim()
        assert job
        worker.finish(job, *(("failed", DEFECT) if number else ()))
    assert api.get(f"/{batch}")["percent_complete"] == 33.3
    canceled = api.new()
    api.ask("POST", f"/{canceled}/cancel")
    assert api.get(f"/{canceled}")["percent_complete"] == 0
