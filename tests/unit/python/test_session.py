"""A processor starts and stops without delay, whenever its `with` block ends."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from pressrun import BatchProcessor


@pytest.mark.parametrize("delay", [0, 0.01, 0.03, 0.1])
def test_leaving_the_block_is_instant_and_silent(
    database_url: str, tmp_path: Path, delay: float, caplog: pytest.LogCaptureFixture
) -> None:
    clock = time.monotonic()
    with BatchProcessor(database=database_url, workspace=tmp_path):
        time.sleep(delay)
    assert time.monotonic() - clock < 3
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
