"""Both clients against a real server."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.queue_api import KEY
from tests.manual_worker import ManualWorker
from tests.unit.api.client import ROWS, ApiClient

from pressrun.api.sdk import MODULE
from pressrun.api.tokens import create_token
from pressrun_client import AuthenticationError, BulkJobsClient, ConflictError, NotFoundError, RequestError

Serve = Callable[..., ApiClient]
NODE = shutil.which("node")


@pytest.fixture
def api(serve: Serve) -> ApiClient:
    return serve()


@pytest.fixture
def token(api: ApiClient) -> str:
    return create_token(api.user, None, 1, key=KEY)


@pytest.fixture
def client(api: ApiClient, token: str) -> Iterator[BulkJobsClient]:
    with BulkJobsClient(token, str(api.client.base_url)) as client:
        yield client


def test_a_job_is_created_followed_and_read(client: BulkJobsClient, worker: ManualWorker) -> None:
    rows = [*ROWS, {"idea_title": "", "tone": "calm"}]
    job = client.create_job("Spring", rows=rows, idempotency_key="one")
    assert (job.state, job.items_total, job.rejected_total) == ("pending", 4, 1)
    assert client.create_job("Spring", rows=rows, idempotency_key="one").id == job.id
    assert [each.id for each in client.list_jobs()] == [job.id]
    updates = []
    for update in client.monitor_job(job["id"]):
        if not updates:
            threading.Thread(target=worker.complete_all).start()
        updates.append(update)
    assert (updates[0].percent_complete, updates[-1].state, updates[-1].percent_complete) == (0, "completed", 100)
    assert [(each.row, each.state) for each in client.items(job.id)][:2] == [(1, "completed"), (2, "completed")]
    assert client.progress(job.id).items_status["completed"] == 3
    assert any(each.kind == "batch_completed" for each in client.events(job.id))
    assert client.get_job_analytics(group_by="template_id")["total_jobs"] == 1


def test_errors_are_classes(api: ApiClient, client: BulkJobsClient) -> None:
    job = client.create_job("Spring", rows=ROWS)
    with pytest.raises(ConflictError) as caught:
        client.resume(job.id)
    assert (caught.value.state, caught.value.allowed) == ("pending", ["cancel"])
    assert client.cancel(job.id).state in ("canceling", "canceled")
    with pytest.raises(NotFoundError):
        client.get_job("bj_00000000000000000000000000")
    with pytest.raises(RequestError) as wrong:
        client.create_job("Spring", rows=ROWS, colour="red")
    assert wrong.value.errors[0]["path"] == "colour"
    with pytest.raises(AuthenticationError):
        BulkJobsClient("nobody", str(api.client.base_url)).get_job(job.id)


PROGRAM = """
import { BulkJobsClient, ConflictError, verifyWebhook } from %(module)s
const [url, token, rows] = process.argv.slice(2)
const client = new BulkJobsClient({ apiKey: token, baseURL: url })
const seen = []
client.addProgressCallback((update) => seen.push(update.id))
const job = await client.createJob({ title: "Spring", rows: JSON.parse(rows) })
const updates = []
const conflict = await client.resume(job.id).catch((error) => error instanceof ConflictError && error.problem.allowed)
const done = await client.monitorJob(job.id, (update) => {
  if (updates.push(update.percent_complete) === 1) console.log("started")
})
const items = []
for await (const item of client.items(job.id)) items.push(item.state)
const analytics = await client.getJobAnalytics({ group_by: "template_id" })
console.log(JSON.stringify({
  conflict, first: updates[0], last: updates.at(-1), state: done.state, items, jobs: analytics.total_jobs,
  called: seen.length === updates.length,
}))
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed: the JavaScript client is not tested")
def test_the_javascript_client_does_the_same(
    api: ApiClient, token: str, worker: ManualWorker, tmp_path: Path
) -> None:
    module = api.client.get("/sdk/pressrun.js")
    assert (module.status_code, module.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert module.text == MODULE.read_text(encoding="utf-8")
    etag = {"If-None-Match": module.headers["etag"]}
    assert api.client.get("/sdk/pressrun.js", headers=etag).status_code == 304
    (tmp_path / "pressrun.mjs").write_bytes(module.content)
    program = tmp_path / "program.mjs"
    program.write_text(PROGRAM % {"module": json.dumps("./pressrun.mjs")}, encoding="utf-8")
    assert NODE is not None
    argv = [NODE, program, str(api.client.base_url), token, json.dumps(ROWS)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "started\n"
        worker.complete_all()
        output, errors = running.communicate(timeout=60)
    assert (running.returncode, errors) == (0, "")
    found: dict[str, Any] = json.loads(output)
    assert found == {
        "conflict": ["cancel"], "first": 0, "last": 100, "state": "completed", "items": ["completed"] * 3, "jobs": 1,
        "called": True,
    }


def test_the_javascript_client_is_a_package() -> None:
    package = json.loads(MODULE.with_name("package.json").read_text(encoding="utf-8"))
    assert (package["exports"], package["files"], package["type"]) == ("./pressrun.js", ["pressrun.js"], "module")
