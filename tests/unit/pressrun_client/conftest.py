from __future__ import annotations

import pytest
from tests.unit.api.conftest import serve, shared_url, user, worker

from pressrun_client import download, monitor, transport

__all__ = ["serve", "shared_url", "user", "worker"]


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Retries come at once; the attempts after which there was one."""
    attempts: list[int] = []

    def note(attempt: int) -> float:
        attempts.append(attempt)
        return 0.0

    for module in (transport, monitor, download):
        monkeypatch.setattr(module, "retry_delay", note)
    return attempts
