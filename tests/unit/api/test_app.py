"""The API as the command opens it: with the key of this machine, on a database that keeps owners apart."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from starlette.testclient import TestClient

from pressrun.api import create_app
from pressrun.api.tokens import create_token
from pressrun.errors import DatabaseAwayError, DatabaseError


@pytest.fixture(autouse=True)
def _own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRESSRUN_API_SECRET", raising=False)
    monkeypatch.setenv("PRESSRUN_DATABASE_DIR", str(tmp_path / "database"))


def test_a_token_made_on_this_machine_is_taken(shared_url: str, tmp_path: Path, user: str) -> None:
    with TestClient(create_app(shared_url, tmp_path)) as client:
        answer = client.get("/api/bulk-jobs", headers={"Authorization": f"Bearer {create_token(user)}"})
    assert answer.json() == {"success": True, "data": {"jobs": [], "next_page_token": None}}


@pytest.mark.usefixtures("superuser")
@pytest.mark.parametrize("power", ["SUPERUSER", "BYPASSRLS"])
def test_it_does_not_start_where_owners_would_not_be_kept_apart(shared_url: str, tmp_path: Path, power: str) -> None:
    with psycopg.connect(shared_url, autocommit=True) as administrator:
        administrator.execute(f"ALTER ROLE pressrun_api {power}".encode())
        try:
            with pytest.raises(DatabaseError, match="pressrun_api bypasses row-level security"):
                create_app(shared_url, tmp_path)
        finally:
            administrator.execute(f"ALTER ROLE pressrun_api NO{power}".encode())


def test_it_does_not_start_without_a_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseAwayError):
        create_app("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
