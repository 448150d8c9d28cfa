"""The commands of the queue refuse what can only be a mistake, and say whose batches they mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from pressrun.cli import queue
from pressrun.cli.main import pressrun
from pressrun.jobs import queries


def test_a_worker_of_a_queue_that_there_is_not_does_not_wait_for_ever() -> None:
    done = CliRunner().invoke(pressrun, ["worker", "--queue", "book"])
    assert done.exit_code == 2
    assert "'book' is not one of 'items', 'books'" in done.output


def test_a_list_without_batches_says_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def queue_of(user: str | None) -> Iterator[Any]:
        yield SimpleNamespace(user=user or "joan")

    monkeypatch.setattr(queue, "_queue", queue_of)
    monkeypatch.setattr(queries, "list_batches", lambda *_, **__: queries.Page([], None))
    assert CliRunner().invoke(pressrun, ["queue", "list"]).output == (
        "joan has sent nothing yet. Batches of others: --user NAME.\n"
    )
