"""One database for all tests here. Each test has a user of its own, who sees no batches of other tests."""

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
from tests.manual_worker import ManualWorker
from tests.unit.api.client import ApiClient

from pressrun.api.app import build
from pressrun.api.settings import ApiSettings
from pressrun.jobs.migrate import migrate

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
def api(shared_url: str, user: str, tmp_path: Path) -> Iterator[ApiClient]:
    """A client of the API inside this process."""
    app = build(shared_url, ApiSettings(tmp_path), KEY)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield ApiClient(client, user, tmp_path)


@pytest.fixture
def serve(shared_url: str, user: str, tmp_path: Path) -> Iterator[Callable[..., ApiClient]]:
    """Serve the API on this machine with uvicorn, with other settings."""
    with ExitStack() as stack:

        def opened(**settings: Any) -> ApiClient:
            address = stack.enter_context(served(shared_url, ApiSettings(tmp_path, **settings)))
            return ApiClient(stack.enter_context(httpx.Client(base_url=address, timeout=10)), user, tmp_path)

        yield opened


@pytest.fixture
def worker(shared_url: str) -> Iterator[ManualWorker]:
    """A worker that finds no batches of earlier tests."""
    with ManualWorker(shared_url) as worker:
        worker.execute("SELECT cancel_batch(id, ARRAY[state]) FROM batches WHERE state IN ('pending', 'running')")
        yield worker
