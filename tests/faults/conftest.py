from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench.faults.trial import Trial, new_trial


@pytest.fixture
def trial() -> Iterator[Trial]:
    with new_trial() as trial:
        yield trial
