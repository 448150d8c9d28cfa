"""A request becomes a batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.manual_worker import ManualWorker

from pressrun.errors import RequestError, SettingsError
from pressrun.jobs.connection import Queue
from pressrun.jobs.webhooks import DEFAULT_EVENTS
from pressrun.kinds.ideas.request import parse_request
from pressrun.kinds.ideas.send import BatchDefaults, send

BODY = {"title": "Spring", "input_source": {"type": "rows", "rows": [{"title": "Bees", "script": "Bees dance."}]}}


HOOK = {"callback_url": "https://example.com/hook"}


@pytest.mark.parametrize(
    ("more", "events"),
    [
        (HOOK, list(DEFAULT_EVENTS)),
        (HOOK | {"callback_events": ["item.failed", "item.failed"]}, ["item.failed"]),
        (HOOK | {"callback_events": []}, None),
        ({"callback_url": None, "callback_events": ["item.failed"]}, None),
        ({}, None),
    ],
)
def test_a_batch_announces_the_requested_events_to_its_callback(
    queue: Queue, tmp_path: Path, more: dict[str, Any], events: list[str] | None
) -> None:
    made = send(queue, parse_request(BODY | more), BatchDefaults(tmp_path))
    assert made.batch["webhook_events"] == events
    assert made.batch["request"]["warnings"] == []


def test_a_callback_that_can_never_be_called_is_rejected_at_creation(
    queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = parse_request(BODY | {"callback_url": "http://127.0.0.1:9000/hook"})
    with pytest.raises(RequestError, match="not a public address"):
        send(queue, request, BatchDefaults(tmp_path))
    monkeypatch.setenv("PRESSRUN_WEBHOOK_NETWORKS", "127.0.0.0/8")
    assert send(queue, request, BatchDefaults(tmp_path)).new


def test_a_callback_that_ended_its_webhooks_earlier_is_reported(
    queue: Queue, worker: ManualWorker, tmp_path: Path
) -> None:
    worker.execute("INSERT INTO webhook_disabled (owner, url) VALUES ('anna', %s)", HOOK["callback_url"])
    made = send(queue, parse_request(BODY | HOOK), BatchDefaults(tmp_path))
    assert "answered 410" in made.batch["request"]["warnings"][0]


def test_overrides_without_a_template_apply_and_are_checked(queue: Queue, tmp_path: Path) -> None:
    choice = {"template": {"overrides": {"style": "minimal", "voice": "male"}}}
    made = send(queue, parse_request(BODY | choice), BatchDefaults(tmp_path)).batch
    assert made["template"] is None
    assert (made["settings"]["style"], made["settings"]["voice_gender"]) == ("minimal", "male")
    with pytest.raises(SettingsError, match="baroque"):
        send(queue, parse_request(BODY | {"template": {"overrides": {"style": "baroque"}}}), BatchDefaults(tmp_path))


def test_a_callback_event_that_does_not_exist_is_rejected() -> None:
    with pytest.raises(RequestError, match=r"callback_events\[0\].*expected one of bulk_job.progress"):
        parse_request(BODY | HOOK | {"callback_events": ["done"]})
