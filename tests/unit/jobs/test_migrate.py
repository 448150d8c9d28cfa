from __future__ import annotations

import threading

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.manual_worker import ManualWorker, new_batch

from pressrun.errors import DatabaseError
from pressrun.jobs.connection import Queue, open_pool
from pressrun.jobs.migrate import API_ROLE, WORKER_ROLE, digest, migrate, require_version


def test_two_that_start_at_once_set_the_database_up_once(empty_database_url: str) -> None:
    did: list[bool] = []
    threads = [threading.Thread(target=lambda: did.append(migrate(empty_database_url))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(did) == [False, False, True]


def test_a_database_of_another_version_is_brought_up_to_date_and_keeps_its_rows(database_url: str) -> None:
    assert not migrate(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE pressrun.schema_digest SET digest = 'older'")
        connection.execute("INSERT INTO pressrun.project_tokens VALUES ('spring', 7)")
        assert migrate(database_url)
        assert connection.execute("SELECT digest FROM pressrun.schema_digest").fetchone() == (digest(),)
        assert connection.execute("SELECT tokens FROM pressrun.project_tokens").fetchone() == (7,)


def test_a_user_beside_the_one_who_set_it_up_needs_the_two_roles_and_no_more(empty_database_url: str) -> None:
    assert migrate(empty_database_url)
    with psycopg.connect(empty_database_url, autocommit=True) as administrator:
        name = f"beside_{administrator.info.dbname}"
        administrator.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'long-enough-a-secret'".encode())
        url = make_conninfo(empty_database_url, user=name, password="long-enough-a-secret")
        try:
            with pytest.raises(DatabaseError, match="may not set up the queue") as caught:
                migrate(url)
            assert f'GRANT {API_ROLE}, {WORKER_ROLE} TO "{name}"' in caught.value.remedy
            assert "CREATE ROLE" not in caught.value.remedy, "they are there, and whoever pastes it would meet an error"
            administrator.execute(f"GRANT {API_ROLE}, {WORKER_ROLE} TO {name}".encode())
            assert not migrate(url)
            with open_pool(url) as pool:
                new_batch(Queue(pool, "anna"), 1)
            with ManualWorker(url) as worker:
                assert worker.complete_all() == [1]
        finally:
            administrator.execute(f"DROP ROLE {name}".encode())


def test_a_server_that_is_too_old_is_rejected_with_a_message() -> None:
    require_version(140000)
    with pytest.raises(DatabaseError, match="PostgreSQL 13"):
        require_version(130016)
