"""The REST API in a process of its own, so that its memory can be measured. Ends with its standard input."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.loopback.queue_api import served

from pressrun.api.settings import ApiSettings

ROOT = Path(__file__).parents[2]


@contextmanager
def api_process(url: str, workspace: Path) -> Iterator[tuple[str, int]]:
    """Yield the address of the API and the id of its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.bulk.api_process", url, str(workspace)], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdin
    assert process.stdout
    try:
        yield process.stdout.readline().strip(), process.pid
    finally:
        process.stdin.close()
        process.wait(20)


if __name__ == "__main__":
    with served(sys.argv[1], ApiSettings(Path(sys.argv[2]), requests_per_minute=0)) as address:
        print(address, flush=True)
        sys.stdin.read()
