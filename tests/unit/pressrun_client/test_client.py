from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.flaky import Answer, Script, data, problem, scripted

from pressrun_client import (
    AuthenticationError,
    BulkJobsClient,
    ConflictError,
    ConnectionFailedError,
    File,
    IncompleteDownloadError,
    NotFoundError,
    RateLimitError,
    RequestError,
    ServerError,
)
from pressrun_client.errors import ApiError

JOB = {"id": "bj_1", "state": "running", "percent_complete": 40.0}


def client(script: Script) -> BulkJobsClient:
    return BulkJobsClient("token", script.url, timeout=5)


def test_results_are_typed_and_subscriptable_and_say_which_fields_there_are() -> None:
    with scripted(data(JOB)) as script:
        job = client(script).get_job("bj_1")
    assert (job.id, job["id"], dict(job), job.ended) == ("bj_1", "bj_1", JOB, False)
    with pytest.raises(AttributeError, match="Job has no field 'colour'; it has id, state, percent_complete"):
        _ = job.colour


@pytest.mark.parametrize(
    ("arguments", "source"),
    [
        ({"sheet_id": "1A", "range": "A1:Z9"}, {"type": "sheet", "sheet_id": "1A", "range": "A1:Z9"}),
        ({"sheet_id": "1A"}, {"type": "sheet", "sheet_id": "1A"}),
        ({"rows": []}, {"type": "rows", "rows": []}),
        ({"csv": "a"}, {"type": "csv", "content": "a"}),
        ({"input_source": {"type": "csv", "content": "b"}}, {"type": "csv", "content": "b"}),
    ],
)
def test_flat_arguments_become_the_body_of_the_contract(arguments: dict[str, Any], source: dict[str, Any]) -> None:
    seen: list[dict[str, Any]] = []
    import httpx

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(201, json={"success": True, "data": JOB})

    api = BulkJobsClient("token", http=httpx.Client(transport=httpx.MockTransport(answer)))
    api.create_job("Spring", output_bucket="videos", template_id="tpl_a", priority="high", **arguments)
    assert seen == [
        {"title": "Spring", "priority": "high", "input_source": source, "output": {"output_bucket": "videos"},
         "template": {"template_id": "tpl_a"}}
    ]


@pytest.mark.parametrize("arguments", [{}, {"csv": "a", "rows": []}, {"csv": "a", "input_source": {}}])
def test_rows_come_from_one_source(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="exactly one of sheet_id, rows, csv and input_source"):
        BulkJobsClient("token").create_job("Spring", **arguments)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, AuthenticationError), (404, NotFoundError), (409, ConflictError), (422, RequestError)],
)
def test_an_error_has_a_class_and_a_remedy_and_is_not_retried(status: int, kind: type[ApiError]) -> None:
    with scripted(problem(status)) as script, pytest.raises(kind) as caught:
        client(script).get_job("bj_1")
    assert (str(caught.value), caught.value.status, caught.value.type) == ("It is wrong. Do it", status, "x")
    assert len(script.requests) == 1


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimitError), (503, ServerError), (502, ServerError)])
def test_a_passing_error_is_retried_and_then_raised(
    status: int, kind: type[ApiError], delays: list[int]
) -> None:
    with scripted(problem(status), problem(status), data(JOB)) as script:
        assert client(script).get_job("bj_1").id == "bj_1"
        assert delays == [0, 1]
    with scripted(problem(status)) as script, pytest.raises(kind):
        client(script).get_job("bj_1")
    assert len(script.requests) == 6


def test_retries_of_a_creation_have_one_key(delays: list[int]) -> None:
    with scripted(problem(503), Answer(201, b"{", cut=0), data(JOB, 201)) as script:
        client(script).create_job("Spring", csv="a")
    keys = [headers["Idempotency-Key"] for _, _, headers in script.requests]
    assert (len(keys), len(set(keys))) == (3, 1)
    with scripted(data(JOB, 201)) as script:
        client(script).create_job("Spring", csv="a", idempotency_key="mine")
        assert script.requests[0][2]["Idempotency-Key"] == "mine"


def test_a_move_whose_answer_was_lost_is_not_sent_again(delays: list[int]) -> None:
    with scripted(Answer(200, b"{}", cut=0), data(JOB)) as script, pytest.raises(ConnectionFailedError):
        client(script).pause("bj_1")
    assert len(script.requests) == 1


def test_a_server_that_is_not_there_is_named(delays: list[int]) -> None:
    with pytest.raises(ConnectionFailedError, match=r"The server at http://127.0.0.1:9 does not answer: .* base_url"):
        BulkJobsClient("token", "http://127.0.0.1:9").get_job("bj_1")
    with scripted(Answer(200, b"<html>")) as script, pytest.raises(ConnectionFailedError, match="like a Pressrun"):
        client(script).get_job("bj_1")


def test_a_list_asks_for_its_pages_as_the_loop_needs_them() -> None:
    pages = (data({"jobs": [JOB, JOB], "next_page_token": "2"}), data({"jobs": [JOB], "next_page_token": None}))
    with scripted(*pages) as script:
        jobs = client(script).list_jobs(state="running")
        next(jobs)
        assert [path for _, path, _ in script.requests] == [
            "/api/bulk-jobs?page_size=100&state=running&sort=created_at&order=desc"
        ]
        assert len(list(jobs)) == 2
        assert "page_token=2" in script.requests[1][1]


CONTENT = bytes(range(256)) * 20


def part(start: int, cut: int | None = None) -> Answer:
    headers = {"ETag": '"1"', "Content-Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"}
    return Answer(206 if start else 200, CONTENT[start:], headers, cut)


def test_a_download_continues_where_it_was_cut(delays: list[int], tmp_path: Path) -> None:
    with scripted(part(0, 1000), problem(503), part(1000, 500), part(1500)) as script:
        path = client(script).download("bj_1", tmp_path)
    assert (path, path.read_bytes()) == (tmp_path / "bj_1.zip", CONTENT)
    assert [headers.get("Range") for _, _, headers in script.requests] == [
        None, "bytes=1000-", "bytes=1000-", "bytes=1500-"
    ]
    assert {headers.get("If-Range") for _, _, headers in script.requests[1:]} == {'"1"'}
    assert [each.name for each in tmp_path.iterdir()] == ["bj_1.zip"]


def test_a_download_continues_in_the_next_run_unless_the_file_is_another(delays: list[int], tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    with scripted(part(0, 1000), problem(404)) as script, pytest.raises(NotFoundError):
        client(script).download("bj_1", target)
    assert (target.exists(), (tmp_path / "a.zip.part").stat().st_size) == (False, 1000)
    with scripted(Answer(200, b"new", {"ETag": '"2"'})) as script:
        client(script).download("bj_1", target)
        assert script.requests[0][2]["Range"] == "bytes=1000-"
    assert target.read_bytes() == b"new"


def test_a_download_with_another_checksum_is_not_there(tmp_path: Path) -> None:
    file = File({"name": "video.mp4", "size": 3, "sha256": "0" * 64})
    with scripted(Answer(200, b"abc")) as script, pytest.raises(IncompleteDownloadError, match="checksum"):
        client(script).download_file("bj_1", 2, file, tmp_path)
    assert list(tmp_path.glob("*.mp4")) == []


def test_a_download_that_never_gets_a_byte_fails(delays: list[int], tmp_path: Path) -> None:
    with scripted(Answer(200, b"abc", cut=0)) as script, pytest.raises(ConnectionFailedError):
        client(script).download("bj_1", tmp_path)
    assert len(script.requests) == 6
