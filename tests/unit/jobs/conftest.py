from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests import postgres
from tests.unit.jobs.hand import Hand

from pressrun.jobs.connection import Queue, open_pool


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    with postgres.database(postgres_url) as url:
        yield url


@pytest.fixture
def queue(database_url: str) -> Iterator[Queue]:
    with open_pool(database_url) as pool:
        yield Queue(pool, "anna")


@pytest.fixture
def hand(database_url: str) -> Iterator[Hand]:
    with Hand(database_url) as one:
        yield one
