from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result
from tests.loopback.webhook_receiver import receiver
from tests.manual_worker import ManualWorker, new_batch

from pressrun.cli import webhooks
from pressrun.cli.main import pressrun
from pressrun.jobs.connection import Queue
from pressrun.jobs.webhooks.outbox import read_secrets


@pytest.fixture
def run(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    @contextmanager
    def queue_of(user: str | None) -> Iterator[Queue]:
        yield Queue(queue.pool, user or queue.user)

    monkeypatch.setattr(webhooks, "open_queue", queue_of)
    return lambda *arguments: CliRunner().invoke(pressrun, ["webhooks", *arguments])


def test_webhooks_are_listed_and_replayed(run: Callable[..., Result], queue: Queue, worker: ManualWorker) -> None:
    assert "anna has no webhooks here" in run("list").output
    batch = new_batch(queue, 1, request={"callback_url": "https://example.com"}, webhook_events=("bulk_job.completed",))
    worker.complete_all()
    worker.execute("UPDATE webhook_outbox SET state = 'failed', tries = 10, last_error = 'Status 500'")
    name, *line = run("list", "--state", "failed").output.strip().split("\t")
    assert line == ["bulk_job.completed", "failed", "10 attempts: Status 500", batch, "https://example.com"]
    assert "\tpending\t0 attempts" in run("replay", name).output
    assert run("list", "--state", "failed", "--batch", batch).exit_code == 0
    unknown = run("replay", name, "--user", "bob")
    assert (unknown.exit_code, "There is no webhook" in unknown.output) == (1, True)


def test_a_url_is_tested(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as hook:
        rejected = run("test", hook.url)
        assert (rejected.exit_code, "is not a public address" in rejected.output) == (1, True)
        monkeypatch.setenv("PRESSRUN_WEBHOOK_NETWORKS", "127.0.0.0/8")
        assert run("test", hook.url).output == "Delivered: status 204\n"
    assert run("test", "ftp://example.com").exit_code == 2


def test_the_secret_is_shown_and_rotated(run: Callable[..., Result], queue: Queue) -> None:
    first = run("secret").output.strip()
    assert read_secrets(queue) == [first]
    run("secret", "--rotate")
    assert read_secrets(queue)[1:] == [first]
