"""One database for all tests here: each asks as a user of its own, who finds nothing that another left."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient
from tests import postgres
from tests.loopback.queue_api import KEY, served
from tests.unit.api.desk import Desk
from tests.unit.jobs.hand import Hand

from pressrun.api.app import build
from pressrun.api.settings import ApiSettings
from pressrun.jobs.migrate import migrate
from pressrun.kinds.ideas.send import House

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def shared_url(postgres_url: str) -> Iterator[str]:
    with postgres.database(postgres_url) as url:
        migrate(url)
        yield url


@pytest.fixture
def user() -> str:
    return f"user {next(_numbers)}"


@pytest.fixture
def desk(shared_url: str, user: str, tmp_path: Path) -> Iterator[Desk]:
    """The API inside this process."""
    app = build(shared_url, ApiSettings(House(tmp_path)), KEY)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Desk(client, user, tmp_path)


@pytest.fixture
def serve(shared_url: str, user: str, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Serves the API with other settings on this machine, as it is served in earnest."""
    with ExitStack() as stack:

        def opened(**settings: Any) -> Desk:
            address = stack.enter_context(served(shared_url, ApiSettings(House(tmp_path), **settings)))
            return Desk(stack.enter_context(httpx.Client(base_url=address, timeout=10)), user, tmp_path)

        yield opened


@pytest.fixture
def hand(shared_url: str) -> Iterator[Hand]:
    """A worker that finds nothing of earlier tests."""
    with Hand(shared_url) as one:
        one.ask("SELECT cancel_batch(id, ARRAY[state]) FROM batches WHERE state IN ('pending', 'running')")
        yield one
