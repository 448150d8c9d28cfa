"""What `/openapi.json` says is whole: every operation, its errors, and every name that users rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.manual_worker import ManualWorker
from tests.unit.api.client import ApiClient, body
from tests.unit.api.test_owners import OPERATIONS, PATHS

from pressrun.api.problems import MEDIA_TYPE

CONTRACT = {
    ("POST", "/api/bulk-jobs"), ("GET", "/api/bulk-jobs"), ("GET", "/api/bulk-jobs/{id}"),
    ("POST", "/api/bulk-jobs/{id}/pause"), ("POST", "/api/bulk-jobs/{id}/resume"),
    ("POST", "/api/bulk-jobs/{id}/cancel"), ("POST", "/api/bulk-jobs/{id}/retry"),
    ("GET", "/api/bulk-jobs/{id}/progress"), ("GET", "/api/bulk-jobs/{id}/items"),
    ("GET", "/api/bulk-jobs/{id}/files"), ("GET", "/api/bulk-jobs/{id}/items/{row}/files"),
    ("GET", "/api/bulk-jobs/{id}/items/{row}/files/{name}"), ("GET", "/api/bulk-jobs/{id}/download"),
    ("GET", "/api/bulk-jobs/{id}/results.csv"), ("GET", "/api/bulk-jobs/{id}/events"),
    ("GET", "/api/bulk-jobs/analytics"), ("GET", "/api/bulk-jobs/counts"), ("PATCH", "/api/bulk-jobs/{id}"),
    ("POST", "/api/bulk-jobs/{id}/rows"), ("DELETE", "/api/bulk-jobs/{id}"),
}  # fmt: skip


def operation(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = PATHS[path][method.lower()]
    return found


def test_every_route_of_the_contract_is_there() -> None:
    assert set(OPERATIONS) >= CONTRACT


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_says_what_it_is_and_how_it_is_rejected(method: str, path: str) -> None:
    told = operation(method, path)
    assert told["operationId"]
    assert told["summary"]
    assert told["description"].endswith(".")
    errors = {int(status): answer for status, answer in told["responses"].items() if int(status) >= 400}
    assert {500, 503} <= set(errors)
    assert ("/api/" not in path) or {401, 429} <= set(errors)
    assert ("{id}" not in path) or 404 in errors
    assert not path.endswith(("pause", "resume", "cancel", "retry")) or 409 in errors
    assert ("query" not in {each["in"] for each in told.get("parameters", ())}) or 422 in errors
    assert all(list(answer["content"]) == [MEDIA_TYPE] for answer in errors.values())
    assert bool(told.get("security")) == ("/api/" in path)


def test_a_request_says_every_way_in_which_it_is_rejected() -> None:
    told = operation("POST", "/api/bulk-jobs")
    assert {"400", "401", "408", "413", "415", "422", "429", "500", "503"} <= set(told["responses"])
    assert told["requestBody"]["required"]


def test_names_of_operations_are_given_once() -> None:
    names = [operation(*each)["operationId"] for each in OPERATIONS]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere(api: ApiClient) -> None:
    schema = api.client.get("/openapi.json").json()
    shapes = schema["components"]["schemas"]
    named = {part.partition('"')[0] for part in json.dumps(schema).split('"$ref": "#/components/schemas/')[1:]}
    assert named <= set(shapes)
    assert "HTTPValidationError" not in shapes
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_the_examples_of_a_request_are_taken(api: ApiClient) -> None:
    examples = operation("POST", "/api/bulk-jobs")["requestBody"]["content"]["application/json"]["examples"]
    for example in examples.values():
        assert api.ask("POST", json=example["value"]).status_code == 201


def test_the_request_of_the_contract_is_described() -> None:
    from pressrun.kinds.ideas.request import BulkJobRequest

    text = json.dumps(BulkJobRequest.model_json_schema())
    names = (
        "title priority processing_deadline_ms callback_url input_source output template type sheet_id range content "
        "rows format video_codec audio_codec resolution output_bucket template_id overrides style voice"
    )
    assert [name for name in names.split() if f'"{name}"' not in text] == []


def test_answers_hold_every_name_of_the_contract(api: ApiClient, worker: ManualWorker) -> None:
    batch = api.new()
    worker.complete_all()
    shown = api.get(f"/{batch}")
    names = "id state percent_complete items_total items_completed items_failed items_pending created_at"
    assert set(names.split()) <= set(shown)
    listed = api.get()
    assert set(listed) == {"jobs", "next_page_token"}
    assert listed["jobs"] == [shown]
    progress = api.get(f"/{batch}/progress")
    assert {"job_id", "percent_complete", "items_status", "timing", "rate_limited"} <= set(progress)
    assert {"total", "completed", "failed", "pending", "skipped"} <= set(progress["items_status"])
    assert {"started_at", "processing_time_ms", "eta_ms"} <= set(progress["timing"])
    event = api.get(f"/{batch}/events")["events"][0]
    names = "book stage progress status scene scenes_total message created_at level"
    assert set(names.split()) <= set(event)
    analytics = api.get("/analytics")
    assert {"total_jobs", "total_items", "success_rate", "avg_processing_time", "cost_summary"} <= set(analytics)
    assert set(analytics["cost_summary"]) == {"total", "by_template"}


def test_answers_are_as_they_are_described(api: ApiClient, worker: ManualWorker) -> None:
    from jsonschema_rs import validator_for

    rows = {"type": "rows", "rows": [*body()["input_source"]["rows"], {"idea_title": "no script"}]}
    batch = api.new(input_source=rows)
    worker.complete_all()
    schema = api.client.get("/openapi.json").json()
    for path in ("", f"/{batch}", f"/{batch}/progress", f"/{batch}/items", f"/{batch}/events", "/analytics"):
        template = f"/api/bulk-jobs{path.replace(batch, '{id}')}"
        reference = operation("GET", template)["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        shape = {"$ref": reference, "components": schema["components"]}
        data = api.ask("GET", path).json()
        assert [str(error) for error in validator_for(shape).iter_errors(data)] == []
