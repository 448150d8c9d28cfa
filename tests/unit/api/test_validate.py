"""Validating a request creates nothing, and reports what creating it would."""

from __future__ import annotations

from typing import Any

import pytest
from tests.manual_worker import ManualWorker
from tests.unit.api.client import ROWS, ApiClient, body, refused

SOURCE = {"type": "rows", "rows": [*ROWS, {"idea_title": "Without a script"}]}


def validated(api: ApiClient, **changes: Any) -> dict[str, Any]:
    answers = [
        api.ask("POST", path, json=body(**changes)) for path in ("/validate", "?dry_run=true")
    ]
    assert [each.status_code for each in answers] == [200, 200], answers[0].text
    assert answers[0].json() == answers[1].json()
    assert api.get()["jobs"] == []
    data: dict[str, Any] = answers[0].json()["data"]
    return data


def test_accepted_and_rejected_rows_are_reported_and_nothing_is_created(api: ApiClient) -> None:
    found = validated(api, input_source=SOURCE)
    assert (found["valid"], found["accepted"], found["rejected_total"], found["items_total"]) == (True, [1, 2, 3], 1, 4)
    assert found["rejected"][0]["column"] == "script_content"
    assert found["estimate"] == {"based_on": 0, "seconds": None, "cost": None, "disk_bytes": None, "uploads": 6}


def test_a_request_without_usable_rows_is_not_valid(api: ApiClient) -> None:
    found = validated(api, input_source={"type": "rows", "rows": [{"idea_title": "A", "script_content": ""}]})
    assert (found["valid"], found["accepted_total"]) == (False, 0)


def test_an_estimate_is_based_on_completed_items(api: ApiClient, worker: ManualWorker) -> None:
    api.new()
    worker.complete_all()
    found = api.ask("POST", "/validate", json=body(input_source=SOURCE)).json()["data"]["estimate"]
    assert (found["based_on"], found["cost"], found["disk_bytes"]) == (3, 1.5, 0)
    assert found["seconds"] >= 0


def test_rows_that_cannot_be_read_at_all_are_reported_with_their_place(api: ApiClient) -> None:
    source = {"type": "rows", "rows": [{"idea_title": "Without a column for the script"}]}
    problem = refused(api.ask("POST", "/validate", json=body(input_source=source)), 422)
    (error,) = problem["errors"]
    assert (error["path"], error["found"]) == ("input_source", problem["detail"])


@pytest.mark.parametrize("path", ["/validate", "?dry_run=true"])
def test_a_wrong_field_is_an_error_as_it_is_on_creation(api: ApiClient, path: str) -> None:
    problem = refused(api.ask("POST", path, json=body(output={"format": "gif"})), 422)
    assert problem["errors"][0]["path"] == "output.format"


@pytest.mark.parametrize(
    ("method", "path", "known"),
    [
        ("POST", "?dryrun=true", "dry_run"),
        ("GET", "?page_sise=2", "page_size"),
        ("GET", "/analytics?group=day", "group_by"),
        ("POST", "/validate?dry_run=true", "no parameters"),
    ],
)
def test_unknown_query_parameters_are_rejected(api: ApiClient, method: str, path: str, known: str) -> None:
    options = {"json": body()} if method == "POST" else {}
    (error,) = refused(api.ask(method, path, **options), 422)["errors"]
    assert error["path"] == "query." + path.partition("?")[2].partition("=")[0]
    assert known in error["expected"]
    assert api.get()["jobs"] == []


def test_a_wrong_dry_run_is_rejected_and_creates_nothing(api: ApiClient) -> None:
    refused(api.ask("POST", "?dry_run=maybe", json=body()), 422)
    assert api.get()["jobs"] == []
