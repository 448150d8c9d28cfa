from __future__ import annotations

import threading

import psycopg

from pressrun.jobs.migrate import digest, migrate


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
