"""A client of the API with the token of a user."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.loopback.queue_api import KEY

from pressrun.api.tokens import create_token

BASE = "/api/bulk-jobs"
ROWS = [{"idea_title": f"Idea {number}", "script_content": "It begins here."} for number in range(1, 4)]


def body(**changes: Any) -> dict[str, Any]:
    return {"title": "Spring", "input_source": {"type": "rows", "rows": ROWS}} | changes


def headers_of(user: str, project: str | None = None, hours: float = 1) -> dict[str, str]:
    return {"Authorization": f"Bearer {create_token(user, project, hours, key=KEY)}"}


@dataclass(frozen=True)
class ApiClient:
    client: httpx.Client
    user: str
    workspace: Path

    def ask(self, method: str, path: str = "", user: str | None = None, **options: Any) -> httpx.Response:
        headers = headers_of(user or self.user) | options.pop("headers", {})
        return self.client.request(method, BASE + path, headers=headers, **options)

    def get(self, path: str = "", **options: Any) -> Any:
        """Return the data of a response that must be 200."""
        answer = self.ask("GET", path, **options)
        assert answer.status_code == 200, answer.text
        assert answer.json()["success"] is True
        return answer.json()["data"]

    def create(
        self, user: str | None = None, headers: dict[str, str] | None = None, **changes: Any
    ) -> httpx.Response:
        return self.ask("POST", "", user, json=body(**changes), headers=headers or {})

    def new(self, user: str | None = None, **changes: Any) -> str:
        answer = self.create(user, **changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])


def refused(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem of a response that must be one, with the members of every problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:pressrun:problem:")
    assert all(problem[name] for name in ("title", "detail", "remedy")), problem
    assert isinstance(problem["errors"], list)
    return problem
