"""On no route does a user find anything of another; the routes are those of the description, so none is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.loopback.queue_api import KEY
from tests.unit.api.client import BASE, ApiClient, body, refused

from pressrun.api.app import build
from pressrun.api.settings import ApiSettings

PATHS = build("", ApiSettings(Path()), KEY).openapi()["paths"]
OPERATIONS = [(method.upper(), path) for path, operations in PATHS.items() for method in operations]
PROTECTED = [(method, path) for method, path in OPERATIONS if path.startswith("/api/")]
BATCH_ROUTES = [(method, path) for method, path in PROTECTED if path.startswith(BASE)]


def filled(path: str, batch_id: str) -> str:
    """Return a path of the description with values for its parameters."""
    return path.replace("{id}", batch_id).replace("{row}", "1").replace("{name}", "video.mp4")


def test_there_are_routes() -> None:
    assert len(BATCH_ROUTES) == 21
    assert set(PATHS) - {path for _, path in PROTECTED} == {"/healthz"}


@pytest.mark.parametrize(("method", "path"), [each for each in BATCH_ROUTES if "{id}" in each[1]])
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_batch_of_another_user_is_not_there(api: ApiClient, method: str, path: str, accept: str) -> None:
    mine = api.new()
    path = filled(path, mine).removeprefix(BASE)
    rows = {"input_source": body()["input_source"]}
    sent = {"title": "Mine"} if method == "PATCH" else rows if path.endswith("/rows") else None
    theirs = refused(api.ask(method, path, "somebody else", headers={"Accept": accept}, json=sent), 404)
    nowhere = refused(api.ask(method, path.replace(mine, "bj_" + "0" * 26), json=sent), 404)
    assert theirs["detail"].replace(mine, "") == nowhere["detail"].replace("bj_" + "0" * 26, "")
    assert api.get(f"/{mine}")["state"] == "pending"


@pytest.mark.parametrize(("method", "path"), [each for each in BATCH_ROUTES if "{id}" not in each[1]])
def test_what_is_not_about_one_batch_is_about_ones_own(api: ApiClient, method: str, path: str) -> None:
    mine = api.new()
    answer = api.ask(method, path.removeprefix(BASE), f"{api.user} no more", json=body())
    assert answer.status_code in (200, 201)
    assert mine not in answer.text
    if method == "GET":
        assert answer.json()["data"].get("total_jobs", 0) == 0


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize("header", [None, "Basic YTpi", "Bearer", "Bearer x.y.z", "Bearer "])
def test_nobody_passes_without_a_token(api: ApiClient, method: str, path: str, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    answer = api.client.request(method, filled(path, "bj_" + "0" * 26), headers=headers)
    refused(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_paths_that_there_are_not_tell_nothing_to_strangers(api: ApiClient) -> None:
    refused(api.client.get("/api/secret"), 401)
    refused(api.client.get("/api/bulk-jobs/../../healthz/x"), 401)
    refused(api.ask("GET", "/../secret"), 404)
