"""`pressrun doctor`: a line for each thing, with what to do, and an exit code that says whether all needed works."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.loopback.bucket import BUCKET, CREDENTIALS, Bucket, Trouble

from pressrun import redaction
from pressrun.cli.main import pressrun
from pressrun.errors import PublishError
from pressrun.services import checks, machine_checks
from pressrun.services.publishers import bucket as bucket_publisher


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [*os.environ]:
        if name.startswith("PRESSRUN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PRESSRUN_DATABASE_DIR", str(tmp_path / "queue"))
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


def test_a_fresh_workspace_has_nothing_wrong(tmp_path: Path) -> None:
    code, lines, output = doctor(tmp_path, "--offline")
    assert code == 0
    assert output.rstrip().endswith("Everything that is needed works.")
    for name in ("python", "ffmpeg", "encoders", "fonts", "espeak", "disk", "database.json", "settings"):
        assert lines[name].startswith("ok "), name
    assert "libx264, aac" in lines["encoders"]
    assert "spoke a word" in lines["espeak"]
    assert lines["publisher folder"].startswith("ok in use")
    assert lines["queue"].startswith("- not in use; the first start makes a database in ")
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
    assert lines["openai"].startswith("wrong Environment variable OPENAI_API_KEY_FILE")
    assert "canary" not in output
    assert code == 1


def test_a_broken_database_and_wrong_settings_are_named_with_their_remedy(tmp_path: Path) -> None:
    (tmp_path / "database.json").write_text('{"books": [')
    (tmp_path / "pressrun.toml").write_text("fps = 1000\n")
    code, lines, output = doctor(tmp_path, "--offline")
    assert code == 1
    assert "line 1" in lines["database.json"]
    assert lines["settings"].startswith("wrong ")
    assert "fps" in lines["settings"]
    assert output.rstrip().endswith("2 things to mend.")


def test_settings_that_a_stage_would_refuse_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "pressrun.toml").write_text('style = "baroque"\n')
    code, lines, _ = doctor(tmp_path, "--offline")
    assert code == 1
    assert "baroque" in lines["settings"]
    assert lines["publisher folder"].startswith("ok in use")


def test_a_service_that_is_named_and_cannot_be_used_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "pressrun.toml").write_text('publisher = "bucket"\npublish_to = "ftp://host/books"\nnetwork = "off"\n')
    code, lines, _ = doctor(tmp_path, "--offline")
    assert code == 1
    assert lines["publisher"].startswith('wrong The publisher bucket cannot be used: Setting publish_to: "ftp://host')
    assert "s3://bucket/folder" in lines["publisher"]


def test_a_program_that_is_no_ffmpeg_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFMPEG_BINARY", sys.executable)
    code, lines, output = doctor(tmp_path, "--offline")
    assert code == 0
    assert lines["ffmpeg"].startswith("warning ")
    assert "FFMPEG_BINARY" in lines["ffmpeg"]
    assert output.rstrip().endswith("1 warning.")


def test_little_space_is_a_warning_and_none_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    for free, state in ((machine_checks.LITTLE_SPACE - 1, "warning"), (machine_checks.NO_SPACE - 1, "wrong")):
        monkeypatch.setattr(machine_checks.shutil, "disk_usage", lambda _path, free=free: usage._replace(free=free))
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
        assert lines["publisher bucket"] == f"ok in use; s3://{BUCKET}/books answers and is empty"
        assert [each.method for each in server.asked] == ["GET"]
        assert code == 0

    def test_keys_that_it_refuses_are_wrong(self, tmp_path: Path, server: Bucket) -> None:
        server.troubles.append(Trouble("GET", "", "403 Forbidden", "SignatureDoesNotMatch"))
        code, lines, output = doctor(tmp_path)
        assert code == 1
        assert lines["publisher bucket"].startswith("wrong S3 does not accept the credentials")
        assert "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in lines["publisher bucket"]
        assert CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in output

    def test_a_network_that_is_dead_does_not_hold_it_up(
        self, tmp_path: Path, server: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(checks, "LIMIT", 1.5)
        server.troubles.append(Trouble("GET", "", how="stall"))
        before = time.monotonic()
        code, lines, _ = doctor(tmp_path)
        assert time.monotonic() - before < 6
        assert code == 1
        assert lines["publisher bucket"].startswith("wrong ")

    def test_offline_asks_no_distant_server(
        self, tmp_path: Path, server: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_context: object) -> str:
            raise PublishError("it was asked")

        monkeypatch.setenv("AWS_ENDPOINT_URL", "https://s3.example.org")
        monkeypatch.setenv("PRESSRUN_NETWORK", "on")
        monkeypatch.setattr(bucket_publisher, "check", refuse)
        assert doctor(tmp_path, "--offline")[1]["publisher bucket"].endswith("it was not asked")
