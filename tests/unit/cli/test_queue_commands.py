"""The commands of the queue reject mistakes, and name the owner of the batches."""

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


def test_an_unknown_queue_is_rejected() -> None:
    done = CliRunner().invoke(pressrun, ["worker", "--queue", "book"])
    assert done.exit_code == 2
    assert "'book' is not one of 'items', 'books'" in done.output


def test_an_empty_list_names_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def queue_of(user: str | None) -> Iterator[Any]:
        yield SimpleNamespace(user=user or "joan")

    monkeypatch.setattr(queue, "_open_queue", queue_of)
    monkeypatch.setattr(queries, "list_batches", lambda *_, **__: queries.Page([], None))
    assert CliRunner().invoke(pressrun, ["queue", "list"]).output == (
        "joan has no batches. To list those of another user: --user NAME.\n"
    )
