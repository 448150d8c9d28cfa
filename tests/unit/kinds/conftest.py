from __future__ import annotations

import pytest

from pressrun.testing.in_process import InProcessRunner


@pytest.fixture(autouse=True)
def _stages_in_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs run their stages inside the test's process, or with `@pytest.mark.real_processes` as workers do."""
    if not request.node.get_closest_marker("real_processes"):
        for module in ("pressrun.kinds.in_run_folder", "pressrun.kinds.books.job"):
            monkeypatch.setattr(f"{module}.ProcessRunner", lambda *_: InProcessRunner())
