from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.loopback.webhook_receiver import Receiver, receiver
from tests.manual_worker import DEFECT, ManualWorker, new_batch

from pressrun.errors import NoSuchWebhookError
from pressrun.jobs.batches import cancel, retry
from pressrun.jobs.connection import Queue
from pressrun.jobs.webhooks import DEFAULT_EVENTS, WEBHOOK_EVENTS
from pressrun.jobs.webhooks.delivery import RETRY_DELAYS, next_attempt
from pressrun.jobs.webhooks.outbox import list_webhooks, read_secrets, replay, rotate_secret, send_test
from pressrun.jobs.webhooks.sender import SenderOptions, WebhookSender

LOOPBACK = (ip_network("127.0.0.0/8"),)


def soon() -> datetime:
    """A time after everything that the database has stored with its own clock by now."""
    return datetime.now(UTC) + timedelta(minutes=2)


@dataclass
class Clock:
    now: datetime = field(default_factory=soon)

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


def make_sender(worker: ManualWorker, clock: Clock, networks: Any = LOOPBACK) -> WebhookSender:
    async def execute(query: str, **values: Any) -> list[dict[str, Any]]:
        cursor = worker.connection.execute(query.encode(), values)
        return cursor.fetchall()

    return WebhookSender(execute, SenderOptions(networks, clock))


def send(worker: ManualWorker, clock: Clock, networks: Any = LOOPBACK) -> None:
    """Send what is due now."""
    asyncio.run(make_sender(worker, clock, networks).send_due())


def announced(queue: Queue, hook: Receiver, count: int, events: tuple[str, ...] = DEFAULT_EVENTS) -> str:
    return new_batch(queue, count, request={"callback_url": hook.url}, webhook_events=events)


def test_a_batch_announces_each_ten_percent_and_its_end_in_order(
    queue: Queue, worker: ManualWorker, hook: Receiver, clock: Clock
) -> None:
    batch = announced(queue, hook, 25)
    worker.complete_all()
    send(worker, clock)
    bodies = [each.body for each in hook.accepted]
    assert [body["event"] for body in bodies] == ["bulk_job.progress"] * 9 + ["bulk_job.completed"]
    assert [body["percent_complete"] for body in bodies] == [12, 20, 32, 40, 52, 60, 72, 80, 92, 100]
    assert {body["job_id"] for body in bodies} == {batch}
    assert (bodies[-1]["state"], bodies[-1]["items_completed"], bodies[-1]["items_failed"]) == ("completed", 25, 0)
    assert len({each.id for each in hook.requests}) == len(hook.requests) == 10


def test_the_signature_holds_for_every_secret_of_the_owner_and_for_no_other(
    queue: Queue, worker: ManualWorker, hook: Receiver, clock: Clock
) -> None:
    (first,) = read_secrets(queue)
    second = rotate_secret(queue)
    assert read_secrets(queue) == [second, first]
    announced(queue, hook, 1)
    worker.complete_all()
    send(worker, clock)
    sent = hook.accepted[-1]
    for secret in (first, second):
        assert Webhook(secret).verify(sent.content, sent.headers)["event"] == "bulk_job.completed"
    for content, secret in ((sent.content + b" ", second), (sent.content, "whsec_" + "A" * 43 + "=")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(content, sent.headers)
    worker.execute("UPDATE webhook_secrets SET rotated_at = now() - interval '25 hours'")
    assert read_secrets(queue) == [second]


def test_items_are_announced_if_requested_and_before_the_end_of_their_batch(
    queue: Queue, worker: ManualWorker, hook: Receiver, clock: Clock
) -> None:
    announced(queue, hook, 2, ("item.completed", "item.failed", "bulk_job.failed"))
    for outcome in ("completed", "failed"):
        job = worker.claim()
        assert job
        worker.finish(job, outcome, DEFECT if outcome == "failed" else None)
    send(worker, clock)
    assert hook.events() == ["item.completed", "item.failed", "bulk_job.failed"]
    first, second, _ = (each.body for each in hook.accepted)
    assert (first["item"]["row"], first["item"]["title"], first["items_completed"]) == (1, "Idea 1", 1)
    assert first["item"]["output_url"] is None, "a file of the server means nothing to a receiver"
    assert second["item"]["error"]["message"] == DEFECT.message
    assert second["items_failed"] == 1


def test_a_canceled_and_a_retried_batch_announce_each_end(
    queue: Queue, worker: ManualWorker, hook: Receiver, clock: Clock
) -> None:
    cancel(queue, announced(queue, hook, 3))
    batch = announced(queue, hook, 1)
    job = worker.claim()
    assert job
    worker.finish(job, "failed", DEFECT)
    retry(queue, batch)
    worker.complete_all()
    send(worker, clock)
    assert sorted(hook.events()) == ["bulk_job.canceled", "bulk_job.completed", "bulk_job.failed"]


def test_nothing_is_announced_without_events(queue: Queue, worker: ManualWorker) -> None:
    new_batch(queue, 1, request={"callback_url": "https://example.org"})
    worker.complete_all()
    assert worker.execute("SELECT * FROM webhook_outbox") == []


def test_a_receiver_that_is_down_for_an_hour_while_the_sender_is_killed_twice_misses_nothing(
    queue: Queue, worker: ManualWorker, hook: Receiver, clock: Clock
) -> None:
    batches = [announced(queue, hook, 5, WEBHOOK_EVENTS) for _ in range(3)]
    worker.complete_all()
    expected = worker.value("SELECT count(*) AS value FROM webhook_outbox")
    start, down = clock.now, True
    hook.reply = lambda _: 503 if down else 204
    while clock.now < start + timedelta(hours=1):
        send(worker, clock)
        clock.pass_seconds(300)
    assert not hook.accepted
    down = False
    clock.pass_seconds(3 * 3600)

    async def die_in_the_middle() -> None:
        """Cancel a sender while its requests are on their way, so that it stores no result for them."""
        running = asyncio.create_task(make_sender(worker, clock).run())
        seen = len(hook.requests)
        while len(hook.requests) == seen:
            await asyncio.sleep(0.001)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    for _ in range(2):
        asyncio.run(die_in_the_middle())
        clock.pass_seconds(60)
    send(worker, clock)
    stored = list_webhooks(queue, size=1000)
    assert {row["state"] for row in stored} == {"delivered"}
    ids = {each.id for each in hook.accepted}
    assert len(stored) == len(ids) == expected == 3 * (4 + 1 + 5)
    contents = {each.content for each in hook.accepted}
    assert len(contents) == expected, "each event has one id, so as many ids as bodies"
    for batch in batches:
        order = [each.id for each in hook.accepted if each.body["job_id"] == batch]
        first = list(dict.fromkeys(order))
        assert first == [row["id"] for row in reversed(stored) if row["job_id"] == batch]


def test_a_webhook_is_given_up_after_ten_attempts_in_three_days_and_what_waited_behind_it_after_one(
    queue: Queue, worker: ManualWorker, hook: Receiver, clock: Clock
) -> None:
    announced(queue, hook, 1, ("item.completed", "bulk_job.completed"))
    worker.complete_all()
    hook.reply = lambda _: 500
    start = clock.now
    while pending := list_webhooks(queue, state="pending"):
        clock.now = max(clock.now, *(row["next_attempt_at"] for row in pending))
        send(worker, clock)
    latter, first = list_webhooks(queue)
    assert (first["state"], first["attempts"], first["last_status"]) == ("failed", 10, 500)
    assert (latter["state"], latter["attempts"]) == ("failed", 1)
    assert timedelta(days=2.5) <= first["attempted_at"] - start < timedelta(days=3.5)
    hook.reply = lambda _: 200
    assert [row["event"] for row in replay(queue, first["job_id"])] == ["item.completed", "bulk_job.completed"]
    clock.now = soon()
    send(worker, clock)
    assert hook.events() == ["item.completed", "bulk_job.completed"]
    assert {each.id for each in hook.requests} == {first["id"], latter["id"]}, "a replay keeps the id"


def test_retry_after_is_honoured_in_seconds_and_as_a_date(
    queue: Queue, worker: ManualWorker, hook: Receiver, clock: Clock
) -> None:
    announced(queue, hook, 1)
    worker.complete_all()
    date = (clock.now + timedelta(minutes=30)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for value, least in (("900", 899), (date, 1798)):
        hook.reply = lambda _, value=value: (429, {"Retry-After": value})  # type: ignore[misc]
        worker.execute("UPDATE webhook_outbox SET tries = 0, not_before = %s", clock.now)
        send(worker, clock)
        (row,) = list_webhooks(queue, state="pending", size=1)
        assert least <= (row["next_attempt_at"] - clock.now).total_seconds() <= least + 2


def test_410_stops_the_url_until_a_test_succeeds_or_a_webhook_is_replayed(
    queue: Queue, worker: ManualWorker, hook: Receiver, clock: Clock
) -> None:
    hook.reply = lambda _: 410
    announced(queue, hook, 2)
    worker.complete_all()
    send(worker, clock)
    assert len(hook.requests) == 1
    assert {row["state"] for row in list_webhooks(queue)} == {"disabled"}
    announced(queue, hook, 1)
    worker.complete_all()
    send(worker, clock)
    assert len(hook.requests) == 1, "later batches are stored, but not sent"
    hook.reply = lambda _: 200
    assert send_test(queue, hook.url, LOOPBACK).delivered
    assert worker.execute("SELECT * FROM webhook_disabled") == []
    row = list_webhooks(queue)[0]
    replay(queue, row["id"])
    clock.now = soon()
    send(worker, clock)
    assert hook.events() == ["webhook.test", "bulk_job.completed"]


def test_redirects_are_not_followed(queue: Queue, worker: ManualWorker, hook: Receiver, clock: Clock) -> None:
    hook.reply = lambda _: (307, {"Location": hook.url})
    announced(queue, hook, 1)
    worker.complete_all()
    send(worker, clock)
    (row,) = list_webhooks(queue)
    assert (len(hook.requests), row["state"], row["last_status"]) == (1, "pending", 307)
    assert "redirects are not followed" in row["last_error"]


def test_a_name_that_resolves_to_this_machine_is_not_called_unless_its_network_is_allowed(
    queue: Queue, worker: ManualWorker, hook: Receiver, clock: Clock
) -> None:
    port = hook.address.rpartition(":")[2]
    new_batch(queue, 1, request={"callback_url": f"http://localhost:{port}/"}, webhook_events=DEFAULT_EVENTS)
    worker.complete_all()
    send(worker, clock, ())
    (row,) = list_webhooks(queue)
    assert not hook.requests
    assert "is not a public address" in row["last_error"]


def test_a_slow_owner_occupies_only_some_of_the_senders(
    queue: Queue, worker: ManualWorker, hook: Receiver, clock: Clock
) -> None:
    for _ in range(6):
        announced(queue, hook, 1)
    other = Queue(queue.pool, "bob")
    announced(other, hook, 1)
    worker.complete_all()
    rows = worker.execute("SELECT * FROM claim_webhooks(%s, 16, 4, 30)", clock.now)
    owners = [row["owner"] for row in worker.execute("SELECT owner FROM webhook_outbox WHERE leased ORDER BY owner")]
    assert (len(rows), owners) == (5, ["anna"] * 4 + ["bob"])
    assert worker.execute("SELECT * FROM claim_webhooks(%s, 16, 4, 30)", clock.now) == []


def test_owners_see_and_replay_only_their_own_webhooks(queue: Queue, worker: ManualWorker, hook: Receiver) -> None:
    announced(queue, hook, 1)
    worker.complete_all()
    bob = Queue(queue.pool, "bob")
    (row,) = list_webhooks(queue)
    assert list_webhooks(bob) == []
    assert read_secrets(bob) != read_secrets(queue)
    for name in (row["id"], row["job_id"], "msg_unknown"):
        with pytest.raises(NoSuchWebhookError):
            replay(bob, name)


def test_ten_attempts_take_about_three_days() -> None:
    now = datetime.now(UTC)
    assert len(RETRY_DELAYS) == 9
    assert 2.9 < sum(RETRY_DELAYS) / 86_400 < 3.1
    delays = {next_attempt(1, now, now + timedelta(days=3), 0) for _ in range(20)}
    assert len(delays) > 1, "delays vary at random"
    assert next_attempt(10, now, now + timedelta(days=3), 0) is None
    assert next_attempt(1, now, now, 0) is None
