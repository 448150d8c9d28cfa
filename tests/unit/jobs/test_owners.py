"""Row-level security: what one user may see and change of another's, asked of the database itself."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from tests.manual_worker import ManualWorker, new_batch

from pressrun.errors import DatabaseError
from pressrun.jobs.connection import Queue, open_pool, require_restricted_role
from pressrun.jobs.migrate import API_ROLE, WORKER_ROLE, admin_statements, migrate
from pressrun.jobs.webhooks import DEFAULT_EVENTS
from pressrun.jobs.webhooks.outbox import read_secrets

OWNED = (
    "batches", "jobs", "job_stages", "job_events", "webhook_outbox", "webhook_secrets", "webhook_disabled",
)  # fmt: skip


def test_every_table_with_an_owner_forces_row_level_security(worker: ManualWorker) -> None:
    rows = worker.execute(
        "SELECT relname, relrowsecurity AND relforcerowsecurity AS forced FROM pg_class "
        "WHERE relnamespace = 'pressrun'::regnamespace AND relkind = 'r' AND EXISTS (SELECT 1 FROM pg_attribute "
        "WHERE attrelid = pg_class.oid AND attname = 'owner') AND relname <> 'dispatches'"
    )
    assert {row["relname"]: row["forced"] for row in rows} == dict.fromkeys(OWNED, True)


@pytest.mark.parametrize("table", OWNED)
def test_a_user_neither_sees_nor_changes_rows_of_another(queue: Queue, worker: ManualWorker, table: str) -> None:
    new_batch(queue, 1, request={"callback_url": "https://example.org"}, webhook_events=DEFAULT_EVENTS)
    read_secrets(queue)
    worker.execute("INSERT INTO webhook_disabled (owner, url) VALUES (%s, 'https://example.com')", queue.user)
    job = worker.claim()
    assert job
    stage = '[{"stage": "render", "state": "running"}]'
    worker.execute("SELECT report(%s, %s, '{}', '[]', %s)", job.id, job.attempt, stage)
    worker.finish(job)
    with queue.transaction() as cursor:
        assert cursor.execute(f"SELECT 1 FROM {table}".encode()).fetchall()
    with Queue(queue.pool, "bert").transaction() as cursor:
        assert cursor.execute(f"SELECT 1 FROM {table}".encode()).fetchall() == []
        assert cursor.execute(f"UPDATE {table} SET owner = 'bert'".encode()).rowcount == 0
        assert cursor.execute(f"DELETE FROM {table}".encode()).rowcount == 0


def test_nobody_can_make_a_batch_in_the_name_of_another(queue: Queue) -> None:
    with pytest.raises(InsufficientPrivilege), queue.transaction() as cursor:
        cursor.execute(
            "INSERT INTO batches (id, owner, title, pipeline, queue, parallel, total, waiting) "
            "VALUES ('bj_x', 'bert', '', '', '', 1, 0, 0)"
        )


@pytest.mark.parametrize("table", ["procrastinate_jobs", "dispatches", "project_tokens", "procrastinate_workers"])
def test_the_role_of_the_api_does_not_reach_what_belongs_to_workers(queue: Queue, table: str) -> None:
    with pytest.raises(InsufficientPrivilege), queue.transaction() as cursor:
        cursor.execute(f"SELECT * FROM {table}".encode())


@pytest.mark.parametrize(
    "call",
    [
        "report(1, 1, '{}', '[]', '[]')",
        "finish(1, 1, 'completed', NULL, 0, NULL, NULL, NULL, false)",
        "take_back(0)",
        "expire()",
        "rates_left('anna', NULL, 1, 1, 1, 1)",
    ],
)
def test_the_role_of_the_api_cannot_tell_the_queue_what_workers_tell_it(
    queue: Queue, worker: ManualWorker, call: str
) -> None:
    new_batch(queue, 1)
    assert worker.claim()
    with pytest.raises(InsufficientPrivilege, match="permission denied for function"), queue.transaction() as cursor:
        cursor.execute(f"SELECT * FROM {call}".encode())


def test_a_connection_without_a_user_sees_nothing(queue: Queue) -> None:
    new_batch(queue, 1)
    with queue.pool.connection() as connection:
        connection.execute("SET LOCAL ROLE pressrun_api")
        assert connection.execute("SELECT * FROM batches").fetchall() == []


def test_the_user_of_one_transaction_is_not_left_to_the_next(queue: Queue) -> None:
    with queue.transaction():
        pass
    with queue.pool.connection() as connection:
        row = connection.execute(
            "SELECT current_setting('pressrun.user', true) AS who, current_user AS role"
        ).fetchone()
    assert row
    assert not row["who"]
    assert row["role"] != API_ROLE


@pytest.mark.usefixtures("superuser")
@pytest.mark.parametrize("power", ["SUPERUSER", "BYPASSRLS"])
def test_a_role_that_goes_around_row_level_security_is_rejected(database_url: str, power: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(f"ALTER ROLE {WORKER_ROLE} {power}".encode())
        connection.execute(f"SET LOCAL ROLE {WORKER_ROLE}".encode())
        found = connection.execute(
            "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        connection.rollback()
    with pytest.raises(DatabaseError, match="bypasses row-level security"):
        require_restricted_role(found)


def test_a_user_who_may_not_make_roles_sees_what_an_administrator_has_to_run(empty_database_url: str) -> None:
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    name = f"plain_{conninfo_to_dict(empty_database_url)['dbname']}"
    with psycopg.connect(empty_database_url, autocommit=True) as administrator:
        administrator.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'long-enough-a-secret'".encode())
        url = make_conninfo(empty_database_url, user=name, password="long-enough-a-secret")
        try:
            with pytest.raises(DatabaseError) as caught:
                migrate(url)
            assert admin_statements(administrator.info.dbname, name, (API_ROLE, WORKER_ROLE)) in caught.value.remedy
            administrator.execute(caught.value.remedy.partition(": ")[2].encode())
            assert migrate(url)
            with open_pool(url) as pool:
                new_batch(Queue(pool, "anna"), 1)
            with ManualWorker(url) as worker:
                assert worker.complete_all() == [1]
        finally:
            administrator.execute(f"GRANT {name} TO CURRENT_USER".encode())
            administrator.execute(f"DROP OWNED BY {name} CASCADE".encode())
            administrator.execute(f"DROP ROLE {name}".encode())
