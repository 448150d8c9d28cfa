"""Reads events by their ids such that whoever goes on after the last one misses none.

An event gets its id when it is written and is seen when its transaction ends, so that one may be seen after another
with a higher id. Of young events none is given out before all transactions have ended that may hold one with a lower
id.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from pressrun.jobs.connection import Row

COLUMNS = """e.created_at > now() - interval '5 seconds' AS young,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS newest"""
"""To be read with each event `e`: whether it is young, the oldest transaction that may run, the newest there can be."""
PATIENCE = 1.0
"""Seconds that are waited for other transactions, most of which end within milliseconds."""
AGAIN = 0.01


def settled(ask: Callable[[], list[Row]]) -> list[Row]:
    """The events that `ask` reads, with the `COLUMNS`, once none can be missing up to the last of them."""
    rows = ask()
    if not any(row["young"] for row in rows):
        return rows
    last, horizon, end = max(row["id"] for row in rows), rows[0]["newest"], time.monotonic() + PATIENCE
    while rows and rows[0]["oldest"] < horizon and time.monotonic() < end:
        time.sleep(AGAIN)
        rows = [row for row in ask() if row["id"] <= last]
    return rows
