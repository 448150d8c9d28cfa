"""Batches are made from requests: what is taken, what is refused, and what happens when one is sent twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.manual_worker import ManualWorker
from tests.unit.api.client import ROWS, ApiClient, body, headers_of, refused

CSV = "idea_title,script_content,duration_seconds\nWalden,He went to the woods.,100\nEmma,She was handsome.,long\n"
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


def test_a_batch_is_made_of_rows(api: ApiClient) -> None:
    answer = api.create(priority="high", template=None)
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert answer.headers["location"] == f"/api/bulk-jobs/{data['id']}"
    told = {name: data[name] for name in ("title", "state", "priority", "items_total", "items_pending", "allowed")}
    assert told == {
        "title": "Spring", "state": "pending", "priority": 1, "items_total": 3, "items_pending": 3,
        "allowed": ["cancel"],
    }
    shown = api.get(f"/{data['id']}")
    assert shown == {name: data[name] for name in shown}


def test_what_a_row_says_reaches_its_job(api: ApiClient, worker: ManualWorker) -> None:
    rows = [ROWS[0] | {"tone": "calm", "priority": "2", "Shelf": "B4"}]
    batch = api.new(
        input_source={"type": "rows", "rows": rows}, processing_deadline_ms=90_000, max_concurrent=2, max_retries=1,
        output={"resolution": "720p", "output_bucket": "s3://videos/spring"}, template=None,
    )
    (job,) = worker.execute("SELECT * FROM jobs WHERE batch_id = %s", batch)
    assert (job["priority"], job["data"]["tone"], job["data"]["extra"]) == (2, "calm", {"Shelf": "B4"})
    kept = worker.batch(batch)
    assert (kept["minutes"], kept["parallel"], kept["max_retries"], kept["pipeline"]) == (2, 2, 1, "idea-video")
    assert kept["settings"]["resolution"] == "720p"
    assert kept["settings"]["publish_to"] == "s3://videos/spring"
    assert "rows" not in kept["request"]["input_source"]


def test_rejected_rows_are_reported_and_the_others_are_made(api: ApiClient) -> None:
    data = api.create(input_source={"type": "csv", "content": CSV}).json()["data"]
    assert (data["items_total"], data["items_pending"], data["items_skipped"], data["rejected_total"]) == (2, 1, 1, 1)
    (rejected,) = data["rejected"]
    assert (rejected["number"], rejected["column"], rejected["found"]) == (3, "duration_seconds", '"long"')
    assert data["percent_complete"] == 0
    made, skipped = api.get(f"/{data['id']}/items")["items"]
    assert (made["title"], made["state"]) == ("Walden", "queued")
    assert (skipped["row"], skipped["state"], skipped["problems"]) == (3, "skipped", rejected["problems"])


def test_a_request_without_a_row_that_can_be_used_makes_nothing(api: ApiClient) -> None:
    content = CSV.replace("100", "-1")
    problem = refused(api.create(input_source={"type": "csv", "content": content}), 422)
    assert problem["errors_total"] == 2
    assert [(each["row"], each["column"]) for each in problem["errors"]] == [
        (2, "duration_seconds"), (3, "duration_seconds"),
    ]
    assert api.get()["jobs"] == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"titel": "Spring"}, "titel"),
        ({"title": ""}, "title"),
        ({"priority": 11}, "priority"),
        ({"processing_deadline_ms": 59_999}, "processing_deadline_ms"),
        ({"callback_url": "http://example.com/"}, "callback_url"),
        ({"input_source": {"type": "file", "path": "/etc/passwd"}}, "input_source"),
        ({"output": {"format": "webm", "video_codec": "h264"}}, "output"),
        ({"output": {"output_bucket": "file:///etc"}}, "output.output_bucket"),
        ({"template": {"template_id": "../x"}}, "template.template_id"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_its_path(api: ApiClient, changes: dict[str, Any], path: str) -> None:
    problem = refused(api.create(**changes), 422)
    assert [each["path"] for each in problem["errors"]] == [path]
    assert path in problem["detail"]


def test_every_wrong_field_is_named_at_once(api: ApiClient) -> None:
    problem = refused(api.create(title=7, max_retries=-1, priority="soon"), 422)
    assert {each["path"] for each in problem["errors"]} == {"title", "max_retries", "priority"}


def test_of_very_many_wrong_fields_the_first_are_named(api: ApiClient) -> None:
    problem = refused(api.create(**{f"field{number}": 0 for number in range(20_000)}), 422)
    assert len(problem["errors"]) == 100
    assert problem["detail"].endswith("; and 19900 more")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "line 1, column 2"),
        (b"", "line 1, column 1"),
        (b'{"title": NaN}', "NaN is not a JSON number"),
        (b'{"title": "a", "title": "b"}', 'duplicate key "title"'),
        (b"{%s}" % b",".join(b'"%d":0' % (number % 299_999) for number in range(300_000)), 'duplicate key "0"'),
        (b'"\xff"', "not UTF-8 at byte 2"),
        (b"[" * 200_000, "nested too deeply"),
        (b"1" * 5000, "not JSON"),
    ],
)
def test_a_body_that_is_not_json_is_rejected_with_the_place(api: ApiClient, content: bytes, says: str) -> None:
    problem = refused(api.ask("POST", content=content, headers={"Content-Type": "application/json"}), 400)
    assert says in problem["detail"]


@pytest.mark.parametrize("kind", [None, "text/csv", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_of_another_type_is_rejected(api: ApiClient, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    refused(api.ask("POST", content=json.dumps(body()), headers=headers), 415)


def test_half_a_surrogate_pair_and_a_nul_do_no_harm(api: ApiClient) -> None:
    content = json.dumps(body(title="a\u0000b \ud800 c"))
    answer = api.ask("POST", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (201, 422)
    rows = [{"idea_title": "a\u0000\ud800", "script_content": "b\u0000"}]
    content = json.dumps(body(input_source={"type": "rows", "rows": rows}))
    answer = api.ask("POST", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (201, 422)


def test_a_template_that_is_not_there_is_rejected_without_the_place_of_the_workspace(api: ApiClient) -> None:
    problem = refused(api.create(template={"template_id": "tpl_none"}), 422)
    assert "tpl_none" in problem["detail"]
    assert str(api.workspace) not in json.dumps(problem)


def test_a_template_that_places_a_logo_leaves_a_warning(api: ApiClient) -> None:
    (api.workspace / "templates").mkdir()
    template = {"template_id": "tpl_spring", "settings": {"style": {"logo_position": "top-left"}}}
    (api.workspace / "templates" / "tpl_spring.json").write_text(json.dumps(template))
    batch = api.new(template={"template_id": "tpl_spring"})
    told = api.get(f"/{batch}")
    assert told["template_id"] == "tpl_spring"
    assert "logo" in told["warnings"][0]


def test_the_project_of_the_token_is_that_of_the_batch(api: ApiClient, worker: ManualWorker) -> None:
    answer = api.client.post("/api/bulk-jobs", json=body(), headers=headers_of(api.user, "north"))
    assert worker.batch(answer.json()["data"]["id"])["project"] == "north"


def test_the_same_request_again_answers_with_the_batch_of_the_first(api: ApiClient) -> None:
    source = {"type": "csv", "content": CSV}
    first = api.create(headers=KEY, input_source=source)
    again = api.create(headers=KEY, input_source=source)
    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert len(api.get()["jobs"]) == 1


def test_a_request_that_asks_for_the_same_in_other_words_is_the_same(api: ApiClient) -> None:
    first = api.create(headers=KEY).json()["data"]["id"]
    content = json.dumps(dict(reversed(body(priority="normal", max_retries=3).items())), indent=3)
    again = api.ask("POST", content=content, headers=KEY | {"Content-Type": "application/json"})
    assert again.json()["data"]["id"] == first


def test_a_key_that_comes_with_another_request_is_rejected(api: ApiClient) -> None:
    api.create(headers=KEY)
    refused(api.create(headers=KEY, title="Summer"), 422)
    assert len(api.get()["jobs"]) == 1


def test_the_key_of_one_user_means_nothing_for_another(api: ApiClient) -> None:
    mine = api.create(headers=KEY).json()["data"]["id"]
    theirs = api.create("bert", headers=KEY)
    assert theirs.json()["data"]["id"] != mine
    assert "idempotency-replayed" not in theirs.headers


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
def test_a_key_that_cannot_be_one_is_rejected(api: ApiClient, key: str) -> None:
    answer = api.create(headers={"Idempotency-Key": key})
    assert refused(answer, 422)["errors"][0]["path"].lower() == "header.idempotency-key"


def test_twins_that_come_at_once_make_one_batch(serve: Callable[..., ApiClient]) -> None:
    api = serve()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: api.create(headers=KEY), range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["data"]["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 5


HOSTILE = [
    '1e999', '-1e999', '1e-999', '-0.0', '99999999999999999999999999', 'true', 'null', '[]', '{}', '[1, {"a": [null]}]',
    '"\\u0000"', '"\\ud800"', '"\\u202e\\u200b"', '"=cmd()"', '"' + "x" * 2000 + '"',
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("column", ["idea_title", "duration_seconds", "priority", "platform_preferences", "Shelf"])
def test_no_value_of_a_row_is_a_defect_of_ours(api: ApiClient, column: str, value: str) -> None:
    row = {"idea_title": "Walden", "script_content": "He went.", column: "VALUE"}
    for validation in ("moderate", "permissive"):
        source = {"type": "rows", "rows": [row], "validation": validation}
        content = json.dumps(body(input_source=source)).replace('"VALUE"', value)
        answer = api.ask("POST", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code in (201, 422), answer.text
    assert api.get()["next_page_token"] is None


@pytest.mark.parametrize("name", ["\\u0000", "\\ud800", "\\u202e", "", " "])
def test_no_name_of_a_column_or_field_is_a_defect_of_ours(api: ApiClient, name: str) -> None:
    rows = json.dumps(body(input_source={"type": "rows", "rows": [{**ROWS[0], "NAME": "x"}]})).replace("NAME", name)
    field = json.dumps(body(NAME=1)).replace("NAME", name)
    columns = {"NAME": "tone", "idea_title": "idea_title"}
    mapped = {"type": "rows", "rows": [ROWS[0]], "format": "custom", "columns": columns}
    for content in (rows, field, json.dumps(body(input_source=mapped)).replace("NAME", name)):
        answer = api.ask("POST", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code in (201, 422), answer.text
