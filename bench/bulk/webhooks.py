"""Webhooks whose receiver is down for an hour of simulated time, while the sender is killed and started again twice."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from tests.loopback.webhook_receiver import Receiver, receiver
from tests.manual_worker import ManualWorker, new_batch

from bench.bulk.api_process import ROOT
from bench.queueing.world import database, wait_until
from bench.report import Figure
from pressrun.jobs.webhooks import WEBHOOK_EVENTS

BATCHES, SHORT_BATCHES = 40, 10
ITEMS = 10
OUTAGE = 3600
STEP = 300
"""Seconds by which the simulated time jumps."""
STEP_SECONDS = 0.5
"""Real seconds between two jumps."""
PATIENCE = 120.0


def measure(url: str, *, short: bool) -> list[Figure]:
    target = database(url, "webhooks")
    with (
        tempfile.TemporaryDirectory() as folder, target.queue() as queue, ManualWorker(target.url) as worker,
        receiver() as hook,
    ):
        clock = _ClockFile(Path(folder) / "clock")
        for _ in range(SHORT_BATCHES if short else BATCHES):
            new_batch(queue, ITEMS, request={"callback_url": hook.url}, webhook_events=WEBHOOK_EVENTS)
        worker.complete_all()
        # Everything is stored with the real time, and due from then on.
        clock.set(time.time() + 1)
        _deliver(target.url, clock, hook, worker)
        stored = worker.execute("SELECT event_id, batch_id FROM webhook_outbox ORDER BY batch_id, id")
    return _figures(stored, hook)


class _ClockFile:
    def __init__(self, path: Path) -> None:
        self.path, self.now = path, 0.0

    def set(self, now: float) -> None:
        self.now = now
        draft = self.path.with_suffix(".new")
        draft.write_text(str(now))
        draft.replace(self.path)


def _deliver(url: str, clock: _ClockFile, hook: Receiver, worker: ManualWorker) -> None:
    """Keep the receiver down for an hour, and kill the sender during the outage and in the middle of the deliveries."""
    down = True
    hook.reply = lambda _: 503 if down else 204
    sender = _start(url, clock)
    try:
        for step in range(OUTAGE // STEP):
            if step == OUTAGE // STEP // 2:
                sender = _restart(sender, url, clock)
            wait_until(lambda: bool(hook.requests), "the first attempt", patience=PATIENCE)
            time.sleep(STEP_SECONDS)
            clock.set(clock.now + STEP)
        assert not hook.accepted
        down = False
        clock.set(clock.now + 3 * 3600)
        wait_until(lambda: len(hook.accepted) > ITEMS, "deliveries after the outage", every=0.005, patience=PATIENCE)
        sender = _restart(sender, url, clock)

        def done() -> bool:
            clock.set(clock.now + 60)
            return not worker.execute("SELECT 1 FROM webhook_outbox WHERE state = 'pending' LIMIT 1")

        wait_until(done, "the other deliveries", every=STEP_SECONDS, patience=PATIENCE)
    finally:
        sender.kill()
        sender.wait()


def _start(url: str, clock: _ClockFile) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "bench.bulk.sender_process", url, str(clock.path)]
    return subprocess.Popen(arguments, env={**os.environ, "PYTHONPATH": str(ROOT)})


def _restart(sender: subprocess.Popen[bytes], url: str, clock: _ClockFile) -> subprocess.Popen[bytes]:
    sender.kill()
    sender.wait()
    return _start(url, clock)


def _figures(stored: list[dict[str, str]], hook: Receiver) -> list[Figure]:
    accepted = list(dict.fromkeys(each.id for each in hook.accepted))
    ids_of: defaultdict[bytes, set[str]] = defaultdict(set)
    contents_of: defaultdict[str, set[bytes]] = defaultdict(set)
    for each in hook.requests:
        ids_of[each.content].add(each.id)
        contents_of[each.id].add(each.content)
    batch_of = {row["event_id"]: row["batch_id"] for row in stored}
    order = sorted(accepted, key=lambda event: batch_of[event])
    twice = sum(len(ids) > 1 for ids in ids_of.values()) + sum(len(bodies) > 1 for bodies in contents_of.values())
    return [
        Figure("events stored", len(stored), ""),
        Figure("requests, with those that failed or were repeated", len(hook.requests), ""),
        Figure("events lost", len(stored) - len(set(accepted)), "", required=0),
        Figure("events under two ids", twice, "", required=0),
        Figure("events out of order", sum(a["event_id"] != b for a, b in zip(stored, order, strict=False)), "",
               required=0),
    ]
