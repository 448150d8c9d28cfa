"""A sender of webhooks in a process of its own, so that it can be killed. Reads the simulated time from a file."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

from pressrun.jobs.webhooks.sender import SenderOptions, WebhookSender
from pressrun.jobs.worker import make_connector


async def _send(url: str, clock_file: Path) -> None:
    def clock() -> datetime:
        return datetime.fromtimestamp(float(clock_file.read_text()), UTC)

    connector = make_connector(url, 1)
    await connector.open_async()
    options = SenderOptions((ip_network("127.0.0.0/8"),), clock)
    await WebhookSender(connector.execute_query_all_async, options).run()


if __name__ == "__main__":
    asyncio.run(_send(sys.argv[1], Path(sys.argv[2])))
