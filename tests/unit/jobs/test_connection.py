from __future__ import annotations

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException

from pressrun.errors import DatabaseAwayError
from pressrun.jobs.connection import translate_error
from pressrun.jobs.tickets import is_transient_error


def met(state: str) -> psycopg.Error:
    return psycopg.errors.lookup(state)("so the database said")


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("the connection is lost"),
        psycopg.InterfaceError("the connection is closed"),
        *map(met, ("57P01", "57014", "55P03", "08006", "40P01", "53100", "53300", "25006")),
    ],
)
def test_a_temporary_error_is_retried_by_workers_and_reported_as_temporary_to_users(error: psycopg.Error) -> None:
    refused = ConnectorException()
    refused.__cause__ = error
    assert is_transient_error(refused)
    assert isinstance(translate_error(error), DatabaseAwayError)


@pytest.mark.parametrize("state", ["22P02", "23505", "42501", "42883"])
def test_a_defect_is_not_tried_again_and_stays_what_it_is(state: str) -> None:
    refused = ConnectorException()
    refused.__cause__ = met(state)
    assert not is_transient_error(refused)
    assert translate_error(met(state)) is None
