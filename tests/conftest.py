from __future__ import annotations

import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from tests.size import examples

ROOT = Path(__file__).parents[1]

MEMORY_DISK = Path("/dev/shm")
MEMORY_DISK_BYTES = 2 * 1024**3
"""Free bytes that the temporary files of a test run need there; they are a few hundred MB at most."""


def _set_up_environment() -> None:
    """Set variables that make the tests and the processes they start quicker."""
    # A disk makes every test wait for its thousands of fsyncs. Containers often have no room in memory, or forbid to
    # execute files there.
    with suppress(OSError):
        executable = not os.statvfs(MEMORY_DISK).f_flag & os.ST_NOEXEC
        if executable and shutil.disk_usage(MEMORY_DISK).free >= MEMORY_DISK_BYTES:
            os.environ.setdefault("TMPDIR", str(MEMORY_DISK))
            tempfile.tempdir = None  # pytest has asked for it already
    # Each client of a service reads all certificates of the system, although the tests only use servers of their own.
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPLIB2_CA_CERTS"):
        os.environ[name] = str(ROOT / "tests" / "data" / "certificate.pem")


def pytest_collection_finish() -> None:
    # The modules and tests stay until the end, so the garbage collector need not scan them again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


_set_up_environment()
gc.set_threshold(50_000, 20, 20)
settings.register_profile("pressrun", max_examples=examples(100))
settings.load_profile("pressrun")

if TYPE_CHECKING:
    from tests.manual_worker import ManualWorker

    from pressrun.jobs.connection import Queue


@pytest.fixture(autouse=True)
def _own_measurements(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test measures is not taken for a measurement of this machine."""
    path = tmp_path_factory.getbasetemp() / f"measurements-{secrets.token_hex(4)}" / "measurements.json"
    monkeypatch.setattr("pressrun.store.measurements.measurements_file", lambda: path)


@pytest.fixture(scope="session", autouse=True)
def _clone_stays_as_it_is() -> Iterator[None]:
    """No test uses the clone as its workspace: its database and its run folders are the same afterwards."""
    before = _state_of_clone()
    yield
    assert _state_of_clone() == before, "a test wrote into the clone: give it a workspace in tmp_path"


def _state_of_clone() -> tuple[bytes, set[str]]:
    names = {str(path.relative_to(ROOT)) for path in (*ROOT.glob("database.json?*"), *ROOT.glob("runs/*"))}
    return (ROOT / "database.json").read_bytes(), names


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    from tests import postgres

    # All workers of pytest-xdist share one server.
    run_id = getattr(request.config, "workerinput", {}).get("testrunuid", "")
    with postgres.server(run_id) as url:
        yield url


@pytest.fixture(scope="session")
def prepared_database(postgres_url: str) -> Iterator[str]:
    from tests import postgres

    address = postgres.prepared(postgres_url)
    yield address
    postgres.drop(postgres_url, address)


@pytest.fixture
def superuser(postgres_url: str) -> None:
    """For a test that does what only a superuser may; it is skipped where the server gives us none."""
    from tests import postgres

    if not postgres.is_superuser(postgres_url):
        pytest.skip(f"the user of {postgres.URL_VARIABLE} is no superuser")


@pytest.fixture
def database_url(prepared_database: str) -> Iterator[str]:
    """The address of a database with our tables and no rows."""
    from tests import postgres

    yield prepared_database
    postgres.empty(prepared_database)


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """The address of a database without tables."""
    from tests import postgres

    with postgres.database(postgres_url) as url:
        yield url


@pytest.fixture
def queue(database_url: str) -> Iterator[Queue]:
    """The queue of the user anna."""
    from pressrun.jobs.connection import Queue, open_pool

    with open_pool(database_url) as pool:
        yield Queue(pool, "anna")


@pytest.fixture
def worker(database_url: str) -> Iterator[ManualWorker]:
    """A worker that does jobs when the test tells it to."""
    from tests.manual_worker import ManualWorker

    with ManualWorker(database_url) as worker:
        yield worker
