from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    from tests import postgres

    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> Iterator[str]:
    from tests import postgres

    name = postgres.template(postgres_url)
    yield name
    postgres.drop(postgres_url, name)


@pytest.fixture
def database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """The address of a database of its own with our tables."""
    from tests import postgres

    with postgres.database(postgres_url, template_database) as url:
        yield url
