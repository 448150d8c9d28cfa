from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests import postgres
from tests.unit.jobs.hand import Hand

from pressrun.jobs.connection import Queue, open_pool


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> Iterator[str]:
    name = postgres.template(postgres_url)
    yield name
    postgres.drop(postgres_url, name)


@pytest.fixture
def database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    with postgres.database(postgres_url, template_database) as url:
        yield url


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
