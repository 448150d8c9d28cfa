"""`pressrun doctor`: one line per check, how to fix problems, and an exit code for whether everything needed works."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from tests.loopback.bucket import BUCKET, CREDENTIALS, Bucket, Trouble
from tests.manual_worker import ManualWorker

from pressrun import redaction
from pressrun.cli import doctor as doctor_module
from pressrun.cli.doctor import queue_check
from pressrun.cli.main import pressrun
from pressrun.errors import DatabaseError, PublishError
from pressrun.jobs.server import open_database
from pressrun.services import checks, doctor_checks
from pressrun.services.checks import Finding, run_check
from pressrun.services.publishers import bucket as bucket_publisher
from pressrun.services.voices import kokoro


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Loading the model takes a second, and the tests of the voice check what it says.
    monkeypatch.setattr(kokoro, "check", lambda context: "spoke a word")
    for name in [*os.environ]:
        if name.startswith("PRESSRUN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PRESSRUN_DATABASE_DIR", str(tmp_path / "data"))
    for secret in redaction.SECRETS.values():
        for variable in secret.variables:
            monkeypatch.delenv(variable, raising=False)


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with Bucket() as bucket:
        yield bucket


def doctor(workspace: Path, *more: str) -> tuple[int, dict[str, str], str]:
    """The exit code, the line of each thing without its name, and everything that was printed."""
    done = CliRunner().invoke(pressrun, ["doctor", "--workspace", str(workspace), *more], catch_exceptions=False)
    lines = {}
    for line in done.stdout.splitlines():
        state, _, rest = line.partition(" ")
        name, colon, found = rest.strip().partition(": ")
        if colon:
            lines[name] = f"{state} {found}"
    return done.exit_code, lines, done.output


def test_a_fresh_workspace_has_no_problems(tmp_path: Path) -> None:
    code, lines, output = doctor(tmp_path, "--offline")
    assert code == 0
    assert output.rstrip().endswith("No problems found.")
    for name in ("python", "ffmpeg", "encoders", "fonts", "espeak", "disk", "database.json", "settings"):
        assert lines[name].startswith("ok "), name
    assert "libx264, aac" in lines["encoders"]
    assert "spoke a word" in lines["espeak"]
    assert lines["publisher folder"].startswith("ok in use")
    assert lines["queue"].startswith("- not in use; the first start creates a database in ")
    assert lines["publisher bucket"].startswith("- publish_to is not set. Set publish_to to s3://")
    assert list(tmp_path.iterdir()) == []


def test_every_service_and_every_secret_has_a_line(tmp_path: Path) -> None:
    from pressrun.services.choice import REGISTRIES

    _, lines, _ = doctor(tmp_path, "--offline")
    services = {f"{kind} {name}" for kind, registry in REGISTRIES.items() for name in registry}
    assert services | set(redaction.SECRETS) <= set(lines)


def test_a_secret_is_said_to_be_there_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-of-the-doctor")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "missing"))
    code, lines, output = doctor(tmp_path, "--offline")
    assert lines["aws"] == "ok set (AWS_SECRET_ACCESS_KEY): S3 secret key"
    assert lines["openai"].startswith("error Environment variable OPENAI_API_KEY_FILE")
    assert "canary" not in output
    assert code == 1


def test_a_broken_database_and_wrong_settings_are_named_with_their_remedy(tmp_path: Path) -> None:
    (tmp_path / "database.json").write_text('{"books": [')
    (tmp_path / "pressrun.toml").write_text("fps = 1000\n")
    code, lines, output = doctor(tmp_path, "--offline")
    assert code == 1
    assert "line 1" in lines["database.json"]
    assert lines["settings"].startswith("error ")
    assert "fps" in lines["settings"]
    assert output.rstrip().endswith("2 problems to fix.")


def test_settings_that_a_stage_would_reject_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "pressrun.toml").write_text('style = "baroque"\n')
    code, lines, _ = doctor(tmp_path, "--offline")
    assert code == 1
    assert "baroque" in lines["settings"]
    assert lines["publisher folder"].startswith("ok in use")


def test_a_service_that_is_named_and_cannot_be_used_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "pressrun.toml").write_text('publisher = "bucket"\npublish_to = "ftp://host/books"\nnetwork = "off"\n')
    code, lines, _ = doctor(tmp_path, "--offline")
    assert code == 1
    assert lines["publisher"].startswith('error The publisher bucket cannot be used: Setting publish_to: "ftp://host')
    assert "s3://bucket/folder" in lines["publisher"]


def test_a_program_that_is_not_an_ffmpeg_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFMPEG_BINARY", sys.executable)
    code, lines, output = doctor(tmp_path, "--offline")
    assert code == 0
    assert lines["ffmpeg"].startswith("warning ")
    assert "FFMPEG_BINARY" in lines["ffmpeg"]
    assert output.rstrip().endswith("1 warning.")


def test_little_space_is_a_warning_and_none_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    for free, state in ((doctor_checks.LOW_SPACE - 1, "warning"), (doctor_checks.MIN_SPACE - 1, "error")):
        monkeypatch.setattr(doctor_checks.shutil, "disk_usage", lambda _path, free=free: usage._replace(free=free))
        assert doctor(tmp_path, "--offline")[1]["disk"].startswith(f"{state} ")


class TestABucketInUse:
    @pytest.fixture(autouse=True)
    def reached(self, server: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        server.clear()
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "pressrun.toml").write_text(f'publish_to = "s3://{BUCKET}/books"\nnetwork = "off"\n')

    def test_it_is_asked(self, tmp_path: Path, server: Bucket) -> None:
        code, lines, _ = doctor(tmp_path)
        assert lines["publisher bucket"] == f"ok in use; s3://{BUCKET}/books responds and is empty"
        assert [each.method for each in server.asked] == ["GET"]
        assert code == 0

    def test_keys_that_it_rejects_are_wrong(self, tmp_path: Path, server: Bucket) -> None:
        server.troubles.append(Trouble("GET", "", "403 Forbidden", "SignatureDoesNotMatch"))
        code, lines, output = doctor(tmp_path)
        assert code == 1
        assert lines["publisher bucket"].startswith("error S3 does not accept the credentials")
        assert "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in lines["publisher bucket"]
        assert CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in output

    def test_a_network_that_is_dead_does_not_hold_it_up(
        self, tmp_path: Path, server: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(checks, "CHECK_TIMEOUT", 1.5)
        server.troubles.append(Trouble("GET", "", how="stall"))
        before = time.monotonic()
        code, lines, _ = doctor(tmp_path)
        assert time.monotonic() - before < 6
        assert code == 1
        assert lines["publisher bucket"].startswith("error ")

    def test_offline_asks_no_distant_server(
        self, tmp_path: Path, server: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_context: object) -> str:
            raise PublishError("it was asked")

        monkeypatch.setenv("AWS_ENDPOINT_URL", "https://s3.example.org")
        monkeypatch.setenv("PRESSRUN_NETWORK", "on")
        monkeypatch.setattr(bucket_publisher, "check", refuse)
        assert doctor(tmp_path, "--offline")[1]["publisher bucket"].endswith("not checked")


def check_queue(*, ask_network: bool = True) -> Finding:
    return run_check(queue_check(ask_network=ask_network))


def test_checking_an_unused_queue_does_not_start_it(tmp_path: Path) -> None:
    assert (check_queue().state, check_queue().found) == (
        "unused", f"not in use; the first start creates a database in {tmp_path / 'data'}"
    )
    assert not (tmp_path / "data").exists()


def test_a_database_that_works_is_reported_with_its_roles_and_workers(
    database_url: str, worker: ManualWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_DATABASE_URL", database_url)
    assert check_queue().state == "fine"
    assert check_queue().found.endswith("tables up to date, roles pressrun_api and pressrun_worker; no worker running")
    worker.execute("INSERT INTO workers (id, host, pid, concurrency) VALUES (%s, 'press', 1, 1)", worker.id)
    assert check_queue().found.endswith("; 1 worker running")
    assert (check_queue(ask_network=False).state, check_queue(ask_network=False).found) == (
        "unused", "PRESSRUN_DATABASE_URL is set, but the network is not used"
    )


def test_checking_a_database_creates_no_tables(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSRUN_DATABASE_URL", empty_database_url)
    assert check_queue().state == "fine"
    assert check_queue().found.endswith("; the next start creates or updates its tables")
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT to_regnamespace('pressrun')").fetchone() == (None,)


def test_an_unreachable_database_is_an_error_and_its_password_stays_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSRUN_DATABASE_URL", "postgresql://ann:correct-horse@127.0.0.1:1/queue")
    assert check_queue().state == "wrong"
    assert "The database does not answer" in check_queue().found
    assert "correct-horse" not in f"{check_queue()}"


def test_a_missing_extra_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_module, "find_spec", lambda name: None if name == "psycopg" else name)
    assert (check_queue().state, check_queue().found) == (
        "unused", "not installed: psycopg. To install: pip install 'pressrun[serve]'"
    )


@pytest.mark.parametrize("host", ["aws-0-eu-west-1.pooler.supabase.com", "db.abcdefgh.supabase.co"])
def test_a_transaction_pooler_is_rejected_before_connecting(host: str) -> None:
    url = f"postgresql://postgres.a:correct-horse@{host}:6543/postgres"
    with pytest.raises(DatabaseError, match="transaction pooler") as caught, open_database(
        environment={"PRESSRUN_DATABASE_URL": url}
    ):
        pass
    assert "5432" in caught.value.remedy
