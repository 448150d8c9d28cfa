"""The queue section of the README and the steering commands of the how-to page, run with faults in between."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from tests.commands import user_environment

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## The queue\n")[1].split("\n## ")[0]
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SERVE, SEND = SHELL.findall(SECTION)
HOW_TO = (ROOT / "docs" / "how-to" / "use-the-queue.md").read_text(encoding="utf-8")
ACCESS = SHELL.findall(HOW_TO.split("\n## Send ideas\n")[1].split("\n## ")[0])[-1]
(STEER,) = SHELL.findall(HOW_TO.split("\n## Follow and control a batch\n")[1].split("\n## ")[0])
SMALL_VIDEOS = 'resolution = "320x180"\nfps = 10\nquality = "draft"\nvoice = "espeak"\nwriter = "extractive"\n'
"""Workspace settings for small videos that render quickly."""
PORT = "8750"


def find_command(word: str) -> str:
    """Return the command with `word` in its address."""
    (line,) = [line for line in STEER.splitlines() if f"/{word}" in line.split("  #")[0]]
    return str(line)


@dataclass
class QueueSession:
    """A folder in which the commands of the README run, and the service that one of them started."""

    folder: Path
    environment: dict[str, str]
    service: psutil.Process
    variables: dict[str, str] = field(default_factory=dict)
    """Shell variables that earlier commands have set."""

    @property
    def videos(self) -> Path:
        return self.folder / "videos"

    def run_commands(self, commands: str) -> str:
        """Run `commands` and return their output. The variables they set are available to the next ones."""
        port = self.environment["PORT"]
        report = "".join(f'\nprintf "%s\\0" "{name}=${name}" >&3' for name in ("AUTH", "JOBS", "ID"))
        known = self.folder / "known"
        done = subprocess.run(
            ["sh", "-ec", f"exec 3> known\n{commands.replace(PORT, port)}\n{report}"], cwd=self.folder,
            env=self.environment | self.variables, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stderr
        self.variables = dict(each.split("=", 1) for each in known.read_text().split("\0") if each)
        return done.stdout

    def request(self, word: str) -> Any:
        """Return the `data` of the response to the command of the README with this word."""
        answer = json.loads(self.run_commands(find_command(word)))
        assert answer["success"], answer
        return answer["data"]

    def state(self) -> str:
        return str(self.request("progress")["state"])

    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.request("items")["items"]
        return found

    def wait_for(self, what: str, condition: Callable[[], Any], seconds: float) -> float:
        """Wait until `condition` is true; return how long that took, in seconds."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() < began + seconds, f"{what} did not come within {seconds} s: {self.items()}"
            time.sleep(0.2)
        return time.monotonic() - began

    def worker(self) -> psutil.Process | None:
        """Return the worker process of the service."""
        found = [each for each in self.service.children() if "pressrun.cli" in each.cmdline()]
        return found[0] if found else None


@contextmanager
def start_service(folder: Path, ideas: int, database: dict[str, str]) -> Iterator[QueueSession]:
    """Run the first commands of the README with the first `ideas`; `database` has the variables that select one."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    csv = folder / "examples" / "ideas.csv"
    csv.write_text("".join(_rows(csv.read_text(encoding="utf-8"))[: ideas + 1]), encoding="utf-8")
    *before, serve = SERVE.strip().splitlines()
    subprocess.run(["sh", "-ec", "\n".join(before)], cwd=folder, check=True)
    (folder / "videos" / "pressrun.toml").write_text(SMALL_VIDEOS)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environment = user_environment() | database | {"PORT": port, "NO_COLOR": "1"}
    log = folder / "serve.log"
    with log.open("w") as errors:
        service = subprocess.Popen(
            [*serve.split(), "--port", port], cwd=folder, env=environment, stderr=errors, stdin=subprocess.DEVNULL
        )
    session = QueueSession(folder, environment, psutil.Process(service.pid))
    try:
        end = time.monotonic() + 40
        while "Press Ctrl+C to stop" not in log.read_text():
            assert service.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield session
    finally:
        children = session.service.children(recursive=True) if service.poll() is None else []
        service.send_signal(signal.SIGTERM)
        try:
            service.wait(10)
        finally:
            for each in [child for child in children if child.is_running()]:
                each.kill()


def _rows(text: str) -> list[str]:
    """Return the rows of a CSV file, whose cells may have several lines."""
    rows: list[str] = []
    for line in text.splitlines(keepends=True):
        if rows and rows[-1].count('"') % 2:
            rows[-1] += line
        else:
            rows.append(line)
    return rows


@dataclass(frozen=True)
class Outcome:
    """The videos, items and events at the end."""

    videos: list[Path]
    items: list[dict[str, Any]]
    repeated: list[str]
    """Paths of finished videos that were built again."""
    takeover_seconds: float
    """Seconds from the death of the worker until its job ran again."""
    events: str


def run_scenario(session: QueueSession, patience: float) -> Outcome:
    """Send the ideas; then pause, resume, kill the worker, let every job fail, and retry."""
    # A broken link: nothing can be delivered until it is replaced.
    (session.videos / "published").symlink_to("a-disk-that-is-not-there")
    session.run_commands(ACCESS)
    session.run_commands(SEND)
    session.wait_for("a job", lambda: _running(session), 30)
    session.request("pause")
    session.wait_for("the pause", lambda: session.state() == "paused", 30)
    assert not _running(session)
    session.request("resume")
    session.wait_for("a job", lambda: _running(session), 30)
    before = {item["row"]: item["attempts"] for item in _running(session)}
    worker = session.worker()
    assert worker
    worker.kill()
    takeover_seconds = session.wait_for("another worker", lambda: _is_resumed(session, before), 30)
    session.wait_for("the failures", lambda: session.state() == "failed", patience)
    assert {item["stage"] for item in session.items()} == {"deliver"}
    built = {path: path.stat().st_mtime_ns for path in session.videos.glob("runs/*/video.mp4")}
    (session.videos / "published").unlink()
    session.request("retry")
    session.wait_for("the end", lambda: session.state() == "completed", patience)
    again = [str(path) for path, at in built.items() if _current_path(path).stat().st_mtime_ns != at]
    videos = sorted(session.videos.glob("published/**/*.mp4"))
    return Outcome(videos, session.items(), again, takeover_seconds, session.run_commands(find_command("events")))


def _current_path(path: Path) -> Path:
    """Return the current path of a file: a later attempt renames its run folder."""
    stem = re.sub(r"\.a\d+$", "", path.parent.name)
    (found,) = path.parent.parent.glob(f"{stem}*/{path.name}")
    return found


def _running(session: QueueSession) -> list[dict[str, Any]]:
    return [item for item in session.items() if item["state"] == "in_progress" and item["stage"]]


def _is_resumed(session: QueueSession, before: dict[int, int]) -> bool:
    return any(item["attempts"] > before.get(item["row"], item["attempts"]) for item in session.items())
