"""Batches are listed, shown, moved and counted."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.manual_worker import DEFECT, ManualWorker
from tests.unit.api.client import ApiClient, refused


def test_pages_hold_every_batch_once_in_the_order_that_is_requested(api: ApiClient) -> None:
    made = [api.new(title=f"Batch {number}") for number in range(5)]
    for order, expected in (("asc", made), ("desc", made[::-1])):
        found, token = [], None
        while True:
            page = api.get(params={"page_size": 2, "order": order} | ({"page_token": token} if token else {}))
            found += [job["id"] for job in page["jobs"]]
            if (token := page["next_page_token"]) is None:
                break
        assert found == expected


def test_a_list_can_be_of_one_state(api: ApiClient) -> None:
    first, second = api.new(), api.new()
    api.ask("POST", f"/{first}/cancel")
    assert [job["id"] for job in api.get(params={"state": "canceled"})["jobs"]] == [first]
    assert [job["id"] for job in api.get(params={"state": "pending"})["jobs"]] == [second]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("page_size=0", "query.page_size"),
        ("page_size=101", "query.page_size"),
        ("page_size=1_0", "query.page_size"),
        ("page_size=1.0", "query.page_size"),
        ("sort=title", "query.sort"),
        ("order=up", "query.order"),
        ("state=cancelled", "query.state"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(api: ApiClient, query: str, path: str) -> None:
    problem = refused(api.ask("GET", f"?{query}"), 422)
    assert [each["path"] for each in problem["errors"]] == [path]


@pytest.mark.parametrize("token", ["x", "%00", "W10", "1' OR '1'='1", "WyJhIiwgMV0"])
def test_a_page_token_that_was_never_given_out_is_rejected(api: ApiClient, token: str) -> None:
    batch = api.new()
    for path in ("", f"/{batch}/items", f"/{batch}/events"):
        refused(api.ask("GET", f"{path}?page_token={token}"), 422)
    refused(api.ask("GET", f"/{batch}/events?page_token={token}", headers={"Last-Event-ID": "1"}), 422)


@pytest.mark.parametrize("name", ["x", "bj_", "%00", "bj_" + "0" * 26, "bj_" + "A" * 26, "..%2F", "analytics%20"])
def test_a_batch_that_there_is_not_is_not_found(api: ApiClient, name: str) -> None:
    refused(api.ask("GET", f"/{name}"), 404)


def test_paths_may_end_with_a_slash(api: ApiClient) -> None:
    batch = api.new()
    assert [job["id"] for job in api.get("/")["jobs"]] == [batch]


def test_a_batch_goes_through_its_moves_and_a_wrong_one_says_what_is_allowed(
    api: ApiClient, worker: ManualWorker
) -> None:
    batch = api.new()
    problem = refused(api.ask("POST", f"/{batch}/pause"), 409)
    assert (problem["state"], problem["allowed"]) == ("pending", ["cancel"])
    held = worker.claim()
    assert held
    assert api.get(f"/{batch}")["allowed"] == ["pause", "cancel"]
    assert moved(api, batch, "pause") == "pausing"
    assert refused(api.ask("POST", f"/{batch}/resume"), 409)["allowed"] == []
    worker.finish(held)
    assert api.get(f"/{batch}")["state"] == "paused"
    assert moved(api, batch, "resume") == "running"
    held = worker.claim()
    assert held
    worker.finish(held, "failed", DEFECT)
    worker.complete_all()
    assert api.get(f"/{batch}")["state"] == "failed"
    assert moved(api, batch, "retry") == "running"
    assert worker.complete_all() == [held.position]
    assert api.get(f"/{batch}")["state"] == "completed"
    for action in ("pause", "resume", "cancel", "retry"):
        assert refused(api.ask("POST", f"/{batch}/{action}"), 409)["state"] == "completed"


def moved(api: ApiClient, batch: str, action: str) -> str:
    answer = api.ask("POST", f"/{batch}/{action}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["state"])


def test_progress_counts_what_is_done_and_what_is_left(api: ApiClient, worker: ManualWorker) -> None:
    batch = api.new()
    before = api.get(f"/{batch}/progress")
    assert before["timing"] == {"started_at": None, "processing_time_ms": 0, "eta_ms": None}
    held = worker.claim()
    assert held
    worker.finish(held)
    worker.claim()
    told = api.get(f"/{batch}/progress")
    assert (told["job_id"], told["percent_complete"], told["rate_limited"]) == (batch, 33.3, False)
    assert told["items_status"] == {
        "total": 3, "completed": 1, "failed": 0, "pending": 2, "skipped": 0, "canceled": 0,
    }
    assert told["timing"]["processing_time_ms"] > 0
    assert told["timing"]["eta_ms"] >= 0


def test_items_come_in_pages_in_the_order_of_the_rows(api: ApiClient, worker: ManualWorker) -> None:
    batch = api.new()
    held = worker.claim()
    assert held
    worker.finish(held, "failed", DEFECT)
    first = api.get(f"/{batch}/items", params={"page_size": 2})
    rest = api.get(f"/{batch}/items", params={"page_size": 2, "page_token": first["next_page_token"]})
    assert [item["row"] for item in first["items"] + rest["items"]] == [1, 2, 3]
    assert rest["next_page_token"] is None
    failed = first["items"][0]
    assert (failed["title"], failed["state"], failed["error"]["remedy"]) == ("Idea 1", "failed", DEFECT.remedy)
    api.ask("POST", f"/{batch}/cancel")
    assert [item["state"] for item in api.get(f"/{batch}/items")["items"]] == ["failed", "canceled", "canceled"]


def test_events_come_in_pages_oldest_first(api: ApiClient, worker: ManualWorker) -> None:
    batch = api.new()
    worker.complete_all()
    found, token = [], None
    while True:
        page = api.get(f"/{batch}/events", params={"page_size": 4} | ({"page_token": token} if token else {}))
        found += page["events"]
        if (token := page["next_page_token"]) is None:
            break
    assert [event["id"] for event in found] == sorted({event["id"] for event in found})
    assert [event["kind"] for event in found if event["row"] is None] == [
        "batch_created", "batch_running", "batch_completing", "batch_completed",
    ]
    assert [event["status"] for event in found if event["row"] == 2] == ["dispatched", "in_progress", "completed"]
    assert {event["book"] for event in found} == {None, "Idea 1", "Idea 2", "Idea 3"}


def test_analytics_count_what_was_made_and_what_it_cost(api: ApiClient, worker: ManualWorker) -> None:
    api.new(priority="high")
    api.new()
    worker.complete_all()
    told = api.get("/analytics", params={"group_by": "priority"})
    assert (told["total_jobs"], told["total_items"], told["success_rate"]) == (2, 6, 1.0)
    assert told["cost_summary"] == {"total": 3.0, "by_template": {"": 3.0}}
    assert [(group["priority"], group["total_jobs"]) for group in told["groups"]] == [("1", 1), ("5", 1)]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    assert api.get("/analytics", params={"start_date": tomorrow, "end_date": tomorrow})["total_jobs"] == 0


@pytest.mark.parametrize("query", ["", "end_date=0001-01-01", "end_date=9999-12-31", "start_date=0001-01-01"])
def test_days_at_the_ends_of_the_calendar_do_no_harm(api: ApiClient, query: str) -> None:
    assert api.get(f"/analytics?{query}")["total_jobs"] == 0


def test_days_in_the_wrong_order_are_rejected(api: ApiClient) -> None:
    refused(api.ask("GET", "/analytics?start_date=2026-03-02&end_date=2026-03-01"), 422)


@pytest.mark.parametrize("day", ["1", "2026-3-1", "2026-02-30", "2026-03-01T00:00:00", "today"])
def test_a_invalid_day_is_rejected(api: ApiClient, day: str) -> None:
    problem = refused(api.ask("GET", "/analytics", params={"start_date": day}), 422)
    assert problem["errors"][0]["path"] == "query.start_date"


@pytest.mark.parametrize(
    "place",
    [
        ["2026-01-01T00:00:00+00:00", "a\u0000b"],
        ["2026-01-01T00:00:00+00:00", "\ud800"],
        ["0001-01-01T00:00:00", "bj_"],
        ["9999-12-31T23:59:59.999999-23:59", "bj_"],
        [0, "bj_"],
        [None, "bj_"],
        ["2026-01-01T00:00:00+00:00", 7],
        ["2026-01-01T00:00:00+00:00", "x" * 400],
        [],
    ],
)
def test_a_made_up_page_token_is_not_a_defect_of_ours(api: ApiClient, place: list[object]) -> None:
    token = base64.urlsafe_b64encode(json.dumps([["created_at", "desc", None], place]).encode()).decode()
    assert api.ask("GET", "", params={"page_token": token}).status_code in (200, 422)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1e999", "1e400", "true", '"x"', "[]"])
def test_a_made_up_percent_is_not_a_defect_of_ours(api: ApiClient, value: str) -> None:
    text = json.dumps([["percent_complete", "desc", None], ["VALUE", "bj_"]]).replace('"VALUE"', value)
    token = base64.urlsafe_b64encode(text.encode()).decode()
    answer = api.ask("GET", "", params={"page_token": token, "sort": "percent_complete"})
    assert answer.status_code in (200, 422)
