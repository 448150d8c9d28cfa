from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench.faults.night import Night, a_night


@pytest.fixture
def night() -> Iterator[Night]:
    with a_night() as night:
        yield night
