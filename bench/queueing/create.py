"""What it takes to keep a batch of ten thousand rows."""

from __future__ import annotations

import statistics
import time

from bench.queueing.world import database
from bench.report import Figure
from pressrun.jobs.batches import NewBatch, NewJob, create_batch

ROW = {
    "description": "What honey bees do in winter, and why they do not sleep. " * 4,
    "target_audience": "Curious people who keep no bees",
    "tone": "calm",
    "duration_seconds": 120,
    "platform_preferences": ["youtube", "tiktok"],
    "script_content": "A colony in winter is a ball of bees. Those outside are cold, and those inside are warm. " * 8,
    "voice_preference": "female",
    "style_override": "modern",
    "priority": "normal",
}
"""About 1 kB, as a row with a script has."""


def create(url: str, *, short: bool) -> list[Figure]:
    target = database(url, "created")
    target.administrator.execute("ALTER DATABASE created SET track_functions = 'all'")
    seconds = []
    rounds = 2 if short else 5
    with target.queue() as queue:
        for number in range(rounds):
            rows = [NewJob(n, "", {"idea_title": f"Idea {number}-{n}", **ROW}) for n in range(1, 10_001)]
            clock = time.perf_counter()
            create_batch(queue, NewBatch("Many", "none", "none", "items"), rows)
            seconds.append(time.perf_counter() - clock)
    time.sleep(1.5)  # the server counts calls a moment later
    calls = target.ask("SELECT calls FROM pg_stat_user_functions WHERE funcname = 'add_jobs'")
    return [
        Figure("a batch of 10 000 rows of 1 kB", statistics.median(seconds), "s", required=3.0, target=1.5),
        Figure("statements per 1000 rows", calls / rounds / 10, "", required=1.0),
    ]
