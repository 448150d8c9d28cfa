"""What the doctor finds of the queue, and that looking changes nothing."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from tests.unit.jobs.hand import Hand

from pressrun.cli import queue_check
from pressrun.errors import DatabaseError
from pressrun.jobs.server import open_database
from pressrun.services.checks import Finding, perform


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PRESSRUN_DATABASE_URL", raising=False)
    monkeypatch.setenv("PRESSRUN_DATABASE_DIR", str(tmp_path / "data"))


def found(*, ask_network: bool = True) -> Finding:
    return perform(queue_check.queue_check(ask_network=ask_network))


def test_a_queue_that_nobody_uses_is_not_started_by_looking(tmp_path: Path) -> None:
    assert (found().state, found().found) == (
        "unused", f"not in use; the first start makes a database in {tmp_path / 'data'}"
    )
    assert not (tmp_path / "data").exists()


def test_a_database_in_order_is_told_with_its_roles_and_workers(
    database_url: str, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_DATABASE_URL", database_url)
    assert found().state == "fine"
    assert found().found.endswith("tables of this version, roles pressrun_api and pressrun_worker; no worker running")
    hand.ask("INSERT INTO workers (id, host, pid, concurrency) VALUES (%s, 'press', 1, 1)", hand.worker)
    assert found().found.endswith("; 1 worker running")
    assert (found(ask_network=False).state, found(ask_network=False).found) == (
        "unused", "PRESSRUN_DATABASE_URL is set, and the network is not asked"
    )


def test_a_database_without_our_tables_is_left_without(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_DATABASE_URL", empty_database_url)
    assert found().state == "fine"
    assert found().found.endswith("; the next start makes its tables, or brings them up to date")
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT to_regnamespace('pressrun')").fetchone() == (None,)


def test_a_database_that_is_away_is_wrong_and_its_password_stays_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_DATABASE_URL", "postgresql://ann:correct-horse@127.0.0.1:1/queue")
    assert found().state == "wrong"
    assert "The database does not answer" in found().found
    assert "correct-horse" not in f"{found()}"


def test_an_extra_that_is_missing_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_check, "find_spec", lambda name: None if name == "psycopg" else name)
    assert (found().state, found().found) == (
        "unused", "not installed: psycopg. pip install 'pressrun[serve]' brings it"
    )


@pytest.mark.parametrize("host", ["aws-0-eu-west-1.pooler.supabase.com", "db.abcdefgh.supabase.co"])
def test_a_pooler_that_shares_connections_by_transaction_is_refused_before_it_is_asked(host: str) -> None:
    url = f"postgresql://postgres.a:correct-horse@{host}:6543/postgres"
    with pytest.raises(DatabaseError, match="transaction pooler") as caught, open_database(
        environment={"PRESSRUN_DATABASE_URL": url}
    ):
        pass
    assert "5432" in caught.value.remedy
