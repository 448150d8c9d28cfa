from __future__ import annotations

from typing import Any

import pytest
from tests.loopback.webhook_receiver import receiver
from tests.manual_worker import ManualWorker
from tests.unit.api.client import ApiClient, headers_of, refused

from pressrun_client import verify_webhook

BASE = "/api/webhooks"


def ask(api: ApiClient, method: str, path: str = "", user: str | None = None, **options: Any) -> Any:
    return api.client.request(method, BASE + path, headers=headers_of(user or api.user), **options)


def data(api: ApiClient, method: str, path: str = "", **options: Any) -> Any:
    answer = ask(api, method, path, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_webhooks_are_listed_page_by_page_and_replayed(api: ApiClient, worker: ManualWorker) -> None:
    batch = api.new(callback_url="https://example.com/hook", callback_events=["item.completed", "bulk_job.completed"])
    worker.complete_all()
    page = data(api, "GET", "", params={"page_size": 3})
    assert [each["event"] for each in page["webhooks"]] == ["bulk_job.completed", "item.completed", "item.completed"]
    assert page["webhooks"][0]["body"]["job_id"] == page["webhooks"][0]["job_id"] == batch
    rest = data(api, "GET", "", params={"page_token": page["next_page_token"], "state": "pending", "job_id": batch})
    assert (len(rest["webhooks"]), rest["next_page_token"]) == (1, None)
    name = page["webhooks"][0]["id"]
    worker.execute("UPDATE webhook_outbox SET state = 'failed' WHERE event_id = %s", name)
    (again,) = data(api, "POST", f"/{name}/replay")["webhooks"]
    assert (again["id"], again["state"], again["attempts"]) == (name, "pending", 0)
    assert len(data(api, "POST", f"/{batch}/replay")["webhooks"]) == 4
    for path in (f"/{name}/replay", f"/{batch}/replay"):
        assert refused(ask(api, "POST", path, user="someone else"), 404)["type"].endswith("no-such-webhook")
    refused(ask(api, "POST", "/nonsense/replay"), 404)


def test_a_test_is_signed_with_the_secret_of_its_user(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_WEBHOOK_NETWORKS", "127.0.0.0/8")
    first = data(api, "GET", "/secret")
    assert first["previous"] is None
    rotated = data(api, "POST", "/secret/rotate")
    assert (rotated["previous"], rotated["secret"] != first["secret"]) == (first["secret"], True)
    with receiver() as hook:
        assert data(api, "POST", "/test", json={"url": hook.url}) == {"delivered": True, "status": 204, "error": None}
        for secret in (rotated["secret"], rotated["previous"]):
            event = verify_webhook(hook.requests[0].content, hook.requests[0].headers, secret)
            assert event["event"] == "webhook.test"
        hook.reply = lambda _: 500
        failed = data(api, "POST", "/test", json={"url": hook.url})
        assert failed == {"delivered": False, "status": 500, "error": "Status 500"}


def test_a_test_reaches_only_public_addresses(api: ApiClient) -> None:
    with receiver() as hook:
        failed = data(api, "POST", "/test", json={"url": hook.url})
        assert not hook.requests
    assert (failed["delivered"], failed["status"]) == (False, None)
    assert "is not a public address" in failed["error"]
    for url in ("http://example.com/", "ftp://example.com", "https://ann:secret@example.com/"):
        refused(ask(api, "POST", "/test", json={"url": url}), 422)
    assert refused(api.create(callback_url="https://10.0.0.1/hook"), 422)["errors"][0]["path"] == "callback_url"
