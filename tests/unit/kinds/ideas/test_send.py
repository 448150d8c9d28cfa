"""A request becomes a batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pressrun.jobs.connection import Queue
from pressrun.kinds.ideas.request import parse_request
from pressrun.kinds.ideas.send import BatchDefaults, send

BODY = {"title": "Spring", "input_source": {"type": "rows", "rows": [{"title": "Bees", "script": "Bees dance."}]}}


@pytest.mark.parametrize(
    ("more", "warned"),
    [({"callback_url": "https://example.com/hook"}, True), ({"callback_url": None}, False), ({}, False)],
)
def test_who_waits_to_be_called_learns_that_nobody_calls_yet(
    queue: Queue, tmp_path: Path, more: dict[str, Any], warned: bool
) -> None:
    made = send(queue, parse_request(BODY | more), BatchDefaults(tmp_path))
    assert [warning.split()[0] for warning in made.batch["request"]["warnings"]] == ["callback_url"] * warned
