from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pressrun import redaction
from pressrun.errors import DatabaseAwayError, DatabaseError
from pressrun.jobs.server import FOLDER_VARIABLE, default_folder, is_running, open_database

USE = """
import sys, pathlib
from pressrun.jobs.server import open_database
with open_database(pathlib.Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name).resolve() / "data"


def use(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", USE, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_share_a_server_that_the_last_one_stops_though_one_was_killed(folder: Path) -> None:
    first, second = use(folder), use(folder)
    for each in (first, second):
        assert each.stdout
        assert each.stdout.readline().startswith("postgresql://")
    first.kill()
    first.communicate()
    assert (folder / "postmaster.pid").exists()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with open_database(folder) as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM pressrun.batches").fetchone() == (0,)
            assert [path.stat().st_mode & 0o777 for path in folder.glob(".s.PGSQL.*[0-9]")] == [0o700]
    assert (folder / "postmaster.pid").exists()
    _, said = second.communicate("\n", timeout=20)
    assert second.returncode == 0
    assert said == ""
    assert not (folder / "postmaster.pid").exists()


def test_a_server_that_is_gone_is_known_to_be(folder: Path) -> None:
    assert not is_running(folder)
    with open_database(folder):
        assert is_running(folder)
        os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while is_running(folder):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        began = time.monotonic()
    assert time.monotonic() - began < 5, "it is not waited for"


def test_a_folder_that_cannot_hold_a_server_is_named_with_the_remedy(folder: Path) -> None:
    folder.mkdir()
    (folder / "PG_VERSION").write_text("9")
    with pytest.raises(DatabaseError, match=str(folder)) as caught, open_database(folder):
        pass
    assert FOLDER_VARIABLE in caught.value.remedy


def test_a_database_that_does_not_answer_is_reported_without_its_password() -> None:
    password = "correct-horse-battery"
    with (
        pytest.raises(DatabaseAwayError) as caught,
        open_database(
            environment={"PRESSRUN_DATABASE_URL": f"postgresql://me:{password}@127.0.0.1:1/none?connect_timeout=2"}
        ),
    ):
        pass
    assert password not in str(caught.value)
    assert redaction.redact(f"it was {password}") == f"it was {redaction.HIDDEN}"


def test_input_that_is_not_an_address_is_rejected() -> None:
    with (
        pytest.raises(DatabaseError, match="PRESSRUN_DATABASE_URL"),
        open_database(environment={"PRESSRUN_DATABASE_URL": "not an address"}),
    ):
        pass


def test_the_folder_of_the_server_can_be_named() -> None:
    assert default_folder({FOLDER_VARIABLE: "/data/queue"}) == Path("/data/queue").resolve()
    assert default_folder({}).name == "database"
    assert os.fspath(default_folder({})) != ""
