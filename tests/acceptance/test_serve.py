"""`pressrun serve`, `worker` and `token`: their beginning, their end, and what stands in their way."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.acceptance.conftest import CommandWorkspace
from tests.commands import BIN
from websockets.sync.client import ClientConnection, connect

from pressrun.api.tokens import read_token

IDEA = {
    "idea_title": "Bees", "script_content": "Bees fly far. Then they come home. They know the sun.",
    "platform_preferences": "youtube",
}
SMALL = 'resolution = "640x360"\nvoice = "espeak"\nwriter = "extractive"\nnetwork = "off"\n'


@pytest.fixture
def queue_workspace(workspace: CommandWorkspace, database_url: str) -> CommandWorkspace:
    keys = str(workspace.folder / "keys" / "data")
    workspace.environment |= {"PRESSRUN_DATABASE_URL": database_url, "PRESSRUN_DATABASE_DIR": keys}
    (workspace.folder / "pressrun.toml").write_text(SMALL)
    return workspace


class Service:
    """`pressrun serve` in a session of its own, and what it says."""

    def __init__(self, queue_workspace: CommandWorkspace, *options: str) -> None:
        self.log = queue_workspace.folder / "serve.log"
        with self.log.open("w") as said:
            self.process = subprocess.Popen(
                [BIN / "pressrun", "serve", "--port", "0", *options], cwd=queue_workspace.folder,
                env=queue_workspace.environment, stderr=said, stdin=subprocess.DEVNULL, start_new_session=True,
            )
        until(lambda: "Press Ctrl+C to stop" in self.said or self.process.poll() is not None)
        self.address = self._found(r"http://\S+")
        token = queue_workspace.run("pressrun", "token", "create", "--user", "ann").stdout.strip()
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    @property
    def said(self) -> str:
        return self.log.read_text()

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.said)
        assert found, self.said
        return found.group()

    def open(self, path: str = "", body: Any = None, **headers: str) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.address}{path}", data, self._headers | headers)
        return urllib.request.urlopen(request, timeout=10)

    def ask(self, path: str = "", body: Any = None) -> Any:
        with self.open(path, body) as answer:
            return json.load(answer)["data"]

    def listen(self, batch: str) -> ClientConnection:
        address = self.address.replace("http:", "ws:").removesuffix("/api/bulk-jobs")
        return connect(f"{address}/ws/batch/{batch}", additional_headers=self._headers, proxy=None)

    def family(self) -> list[psutil.Process]:
        mine = psutil.Process(self.process.pid)
        return [mine, *mine.children(recursive=True)]


@contextmanager
def serving(queue_workspace: CommandWorkspace, *options: str) -> Iterator[Service]:
    service = Service(queue_workspace, *options)
    family = service.family()
    try:
        yield service
        family = service.family() if service.process.poll() is None else []
    finally:
        for each in reversed(family):
            if each.is_running():
                each.kill()
        service.process.wait(10)


def until(condition: Callable[[], Any], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def rendering(service: Service, batch: str) -> bool:
    return any(item["stage"] == "render" for item in service.ask(f"/{batch}/items")["items"])


def state_of_job(queue_workspace: CommandWorkspace) -> str:
    with psycopg.connect(queue_workspace.environment["PRESSRUN_DATABASE_URL"]) as connection:
        (row,) = connection.execute("SELECT state FROM pressrun.jobs").fetchall()
    return str(row[0])


def test_ctrl_c_ends_all_within_seconds_and_what_ran_waits_for_another(queue_workspace: CommandWorkspace) -> None:
    with serving(queue_workspace) as service:
        body = {"title": "A", "input_source": {"type": "rows", "rows": [IDEA | {"duration_seconds": 600}]}}
        batch = service.ask("", body)["id"]
        until(lambda: rendering(service, batch))
        family = service.family()
        assert any("pressrun.stages" in each.cmdline() for each in family)
        with service.open(f"/{batch}/events", Accept="text/event-stream"), service.listen(batch) as socket:
            socket.recv(timeout=10)
            began = time.monotonic()
            service.process.send_signal(signal.SIGINT)
            assert service.process.wait(10) == 130
        assert time.monotonic() - began < 5
        assert not [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
        assert state_of_job(queue_workspace) == "queued"
        assert "Shutting down. Running jobs return to the queue." in service.said
        assert "Traceback" not in service.said
        assert "ERROR" not in service.said


def test_a_service_that_is_killed_leaves_no_worker_behind(queue_workspace: CommandWorkspace) -> None:
    with serving(queue_workspace) as service:
        until(lambda: "Worker ready" in service.said)
        _, *others = service.family()
        assert others
        service.process.kill()
        until(lambda: not [each for each in others if each.is_running() and each.status() != psutil.STATUS_ZOMBIE], 5)


def test_a_database_of_its_own_that_dies_ends_the_service_with_a_sentence(workspace: CommandWorkspace) -> None:
    # Not in pytest's own folder, which the user that the server runs as may not enter.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        workspace.environment["PRESSRUN_DATABASE_DIR"] = str(folder / "data")
        with serving(workspace) as service:
            assert f"database:  bundled, in {folder / 'data'}" in service.said
            until(lambda: "Worker ready" in service.said)
            os.kill(int((folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            assert service.process.wait(40) == 2
    assert "stopped unexpectedly" in service.said
    assert "Traceback" not in service.said


def test_term_is_a_good_end_and_no_password_was_shown(queue_workspace: CommandWorkspace) -> None:
    url = make_conninfo(queue_workspace.environment["PRESSRUN_DATABASE_URL"], password="correct-horse-battery")
    queue_workspace.environment["PRESSRUN_DATABASE_URL"] = url
    with serving(queue_workspace, "--no-worker") as service:
        assert re.search(r"database:\s+postgresql://", service.said)
        assert "correct-horse" not in service.said
        assert "none; start one with pressrun worker" in service.said
        service.process.terminate()
        assert service.process.wait(10) == 0


def test_a_port_in_use_is_reported_with_a_message(queue_workspace: CommandWorkspace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = queue_workspace.run("pressrun", "serve", "--port", str(port))
    assert (done.returncode, done.stderr) == (
        2, f"127.0.0.1 port {port} is in use.\nUse another port (--port), or stop the program that uses it.\n",
    )


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_database_that_is_away_is_reported_with_a_message(queue_workspace: CommandWorkspace, command: str) -> None:
    address = "postgresql://ann:correct-horse-battery@127.0.0.1:1/queue"
    done = queue_workspace.run("pressrun", command, PRESSRUN_DATABASE_URL=address)
    assert done.returncode == 2
    assert "The database does not answer" in done.stderr
    assert "PRESSRUN_DATABASE_URL" in done.stderr
    assert "correct-horse" not in done.stderr
    assert "Traceback" not in done.stderr


def test_an_invalid_host_is_reported_with_a_message(queue_workspace: CommandWorkspace) -> None:
    done = queue_workspace.run("pressrun", "serve", "--host", "no.such.host.invalid", "--port", "0")
    assert done.returncode == 2
    assert "unknown address 'no.such.host.invalid'" in done.stderr


def test_a_token_is_the_only_line_on_standard_output_and_says_who_it_is_for(queue_workspace: CommandWorkspace) -> None:
    done = queue_workspace.run("pressrun", "token", "create", "--user", "ann", "--project", "spring", "--hours", "2")
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    key = Path(f"{queue_workspace.environment['PRESSRUN_DATABASE_DIR']}.api-key")
    assert key.stat().st_mode & 0o077 == 0
    from pressrun.redaction import SecretText

    identity = read_token(done.stdout.strip(), SecretText(key.read_text().strip()))
    assert (identity.user, identity.project) == ("ann", "spring")
    assert identity.expires == pytest.approx(time.time() + 7200, abs=60)
