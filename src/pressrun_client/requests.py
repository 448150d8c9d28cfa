"""The requests of the API, as flows that both clients run."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from pressrun_client.models import Analytics, Event, File, Item, Job, NewJob, Progress, Record, Validation
from pressrun_client.transport import Call, Emit, Flow, json_of, send

BASE = "/api/bulk-jobs"
PAGE_SIZE = 100
R = TypeVar("R", bound=Record)


def job_body(
    title: str | Mapping[str, Any], *, sheet_id: str | None, range: str | None, rows: list[dict[str, Any]] | None,
    csv: str | None, output_bucket: str | None, template_id: str | None, more: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the body of a request to create a job, from the flat arguments or from a full body.

    Raises `TypeError` if the rows come from several sources or from none.
    """
    body: dict[str, Any] = dict(title) if isinstance(title, Mapping) else {"title": title}
    body.update(more)
    given: list[dict[str, Any]] = []
    if sheet_id is not None:
        given.append({"type": "sheet", "sheet_id": sheet_id} | ({"range": range} if range else {}))
    if rows is not None:
        given.append({"type": "rows", "rows": rows})
    if csv is not None:
        given.append({"type": "csv", "content": csv})
    if len(given) + ("input_source" in body) != 1:
        raise TypeError("Give exactly one of sheet_id, rows, csv and input_source")
    if given:
        body["input_source"] = given[0]
    if output_bucket is not None:
        body["output"] = dict(body.get("output") or {}) | {"output_bucket": output_bucket}
    if template_id is not None:
        body["template"] = dict(body.get("template") or {}) | {"template_id": template_id}
    return body


def create(body: Mapping[str, Any], key: str | None) -> Flow[NewJob]:
    """Create a job. All retries have the same key, so that only one job is created."""
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return NewJob(json_of((yield from send(Call("POST", BASE, body=body, headers=headers)))))


def validate(body: Mapping[str, Any]) -> Flow[Validation]:
    """Report what would become of a request."""
    return Validation(json_of((yield from send(Call("POST", f"{BASE}/validate", body=body)))))


def get_job(job_id: str) -> Flow[Job]:
    """Get a job."""
    return Job(json_of((yield from send(Call("GET", job_path(job_id))))))


def move(job_id: str, action: str) -> Flow[Job]:
    """Pause, resume, cancel or retry a job.

    A move is not sent again if its answer was lost: the second one could be rejected although the first one worked.
    """
    return Job(json_of((yield from send(Call("POST", f"{job_path(job_id)}/{action}", repeatable=False)))))


def progress(job_id: str) -> Flow[Progress]:
    """Get the progress of a job."""
    return Progress(json_of((yield from send(Call("GET", f"{job_path(job_id)}/progress")))))


def analytics(params: Mapping[str, Any]) -> Flow[Analytics]:
    """Sum up jobs."""
    return Analytics(json_of((yield from send(Call("GET", f"{BASE}/analytics", params)))))


def list_jobs(params: Mapping[str, Any]) -> Flow[None]:
    """Emit all jobs, page by page."""
    yield from _pages(BASE, "jobs", Job, params)


def items(job_id: str) -> Flow[None]:
    """Emit the items of a job in the order of their rows."""
    yield from _pages(f"{job_path(job_id)}/items", "items", Item, {})


def events(job_id: str) -> Flow[None]:
    """Emit the events of a job so far, oldest first."""
    yield from _pages(f"{job_path(job_id)}/events", "events", Event, {})


def files(job_id: str, row: int) -> Flow[list[File]]:
    """List the finished files of an item."""
    data = json_of((yield from send(Call("GET", f"{job_path(job_id)}/items/{row}/files"))))
    return [File(each) for each in data["files"]]


def results_csv(job_id: str) -> Flow[str]:
    """Get the results of a job as CSV."""
    response = yield from send(Call("GET", f"{job_path(job_id)}/results.csv"))
    return response.text


def job_path(job_id: str) -> str:
    """Return the path of a job."""
    return f"{BASE}/{quote(job_id, safe='')}"


def file_path(job_id: str, row: int, name: str) -> str:
    """Return the path of a file of an item."""
    return f"{job_path(job_id)}/items/{row}/files/{quote(name)}"


def _pages(path: str, field: str, record: Callable[[Mapping[str, Any]], R], params: Mapping[str, Any]) -> Flow[None]:
    token: str | None = None
    while True:
        asked = {"page_size": PAGE_SIZE, **params, "page_token": token}
        data = json_of((yield from send(Call("GET", path, asked))))
        for each in data[field]:
            yield Emit(record(each))
        token = data.get("next_page_token")
        if token is None:
            return
