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
from tests.size import time_limit

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## The queue\n")[1].split("\n## ")[0]
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SERVE, SEND = SHELL.findall(SECTION)
HOW_TO = (ROOT / "docs" / "how-to" / "use-the-queue.md").read_text(encoding="utf-8")
(STEER,) = SHELL.findall(HOW_TO.split("\n## Follow and control a batch\n")[1].split("\n## ")[0])
SMALL = 'resolution = "320x180"\nfps = 10\nquality = "draft"\nvoice = "espeak"\nwriter = "extractive"\n'
"""Settings of the workspace that make small videos quickly."""
PORT = "8750"


def steering(word: str) -> str:
    """Return the command with `word` in its address."""
    (line,) = [line for line in STEER.splitlines() if f"/{word}" in line.split("  #")[0]]
    return str(line)


@dataclass
class Story:
    """A folder in which the commands of the README are given, and the service that one of them started."""

    folder: Path
    environment: dict[str, str]
    service: psutil.Process
    kept: dict[str, str] = field(default_factory=dict)
    """What the shell of the reader would know by now."""

    @property
    def videos(self) -> Path:
        return self.folder / "videos"

    def give(self, commands: str) -> str:
        """What the commands print. The variables they set are kept for the next ones."""
        port = self.environment["PORT"]
        tell = "".join(f'\nprintf "%s\\0" "{name}=${name}" >&3' for name in ("AUTH", "JOBS", "ID"))
        known = self.folder / "known"
        done = subprocess.run(
            ["sh", "-ec", f"exec 3> known\n{commands.replace(PORT, port)}\n{tell}"], cwd=self.folder,
            env=self.environment | self.kept, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stderr
        self.kept = dict(each.split("=", 1) for each in known.read_text().split("\0") if each)
        return done.stdout

    def ask(self, word: str) -> Any:
        """The `data` of an answer to the command of the README with this word."""
        answer = json.loads(self.give(steering(word)))
        assert answer["success"], answer
        return answer["data"]

    def state(self) -> str:
        return str(self.ask("progress")["state"])

    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("items")["items"]
        return found

    def wait_for(self, what: str, condition: Callable[[], Any], seconds: float) -> float:
        """Waits until `condition` holds; says how long, in seconds."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() < began + seconds, f"{what} did not come within {seconds} s: {self.items()}"
            time.sleep(0.2)
        return time.monotonic() - began

    def worker(self) -> psutil.Process | None:
        """The worker process of the service."""
        found = [each for each in self.service.children() if "pressrun.cli" in each.cmdline()]
        return found[0] if found else None


@contextmanager
def told(folder: Path, ideas: int, database: dict[str, str]) -> Iterator[Story]:
    """The first command of the README given, with so many of its ideas; `database` names one in the environment."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    csv = folder / "examples" / "ideas.csv"
    csv.write_text("".join(_rows(csv.read_text(encoding="utf-8"))[: ideas + 1]), encoding="utf-8")
    *before, serve = SERVE.strip().splitlines()
    subprocess.run(["sh", "-ec", "\n".join(before)], cwd=folder, check=True)
    (folder / "videos" / "pressrun.toml").write_text(SMALL)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environment = user_environment() | database | {"PORT": port, "NO_COLOR": "1"}
    log = folder / "serve.log"
    with log.open("w") as said:
        service = subprocess.Popen(
            [*serve.split(), "--port", port], cwd=folder, env=environment, stderr=said, stdin=subprocess.DEVNULL
        )
    story = Story(folder, environment, psutil.Process(service.pid))
    try:
        end = time.monotonic() + time_limit(40)
        while "Press Ctrl+C to stop" not in log.read_text():
            assert service.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield story
    finally:
        children = story.service.children(recursive=True) if service.poll() is None else []
        service.send_signal(signal.SIGTERM)
        try:
            service.wait(time_limit(10))
        finally:
            for each in [child for child in children if child.is_running()]:
                each.kill()


def _rows(text: str) -> list[str]:
    """The rows of a CSV, whose cells may have several lines."""
    rows: list[str] = []
    for line in text.splitlines(keepends=True):
        if rows and rows[-1].count('"') % 2:
            rows[-1] += line
        else:
            rows.append(line)
    return rows


@dataclass(frozen=True)
class Outcome:
    """What was found when all had ended."""

    videos: list[Path]
    items: list[dict[str, Any]]
    repeated: list[str]
    """Row and stage of what was made again although it was finished."""
    taken_up: float
    """Seconds from the death of the worker to the moment at which its job ran again."""
    events: str


def play(story: Story, patience: float) -> Outcome:
    """Sends the ideas; then a pause, a resume, the death of the worker, a failure of all, and a retry."""
    # A link that leads nowhere: nothing can be delivered, until somebody mends it.
    (story.videos / "published").symlink_to("a-disk-that-is-not-there")
    story.give(SEND)
    story.wait_for("a job", lambda: _running(story), 30)
    story.ask("pause")
    story.wait_for("the pause", lambda: story.state() == "paused", 30)
    assert not _running(story)
    story.ask("resume")
    story.wait_for("a job", lambda: _running(story), 30)
    before = {item["row"]: item["attempts"] for item in _running(story)}
    worker = story.worker()
    assert worker
    worker.kill()
    taken_up = story.wait_for("another worker", lambda: _taken_again(story, before), 30)
    story.wait_for("the failures", lambda: story.state() == "failed", patience)
    assert {item["stage"] for item in story.items()} == {"deliver"}
    made = {path: path.stat().st_mtime_ns for path in story.videos.glob("runs/*/video.mp4")}
    (story.videos / "published").unlink()
    story.ask("retry")
    story.wait_for("the end", lambda: story.state() == "completed", patience)
    again = [str(path) for path, at in made.items() if _moved(path).stat().st_mtime_ns != at]
    videos = sorted(story.videos.glob("published/**/*.mp4"))
    return Outcome(videos, story.items(), again, taken_up, story.give(steering("events")))


def _moved(path: Path) -> Path:
    """The same file where its run folder was given to a later attempt, which renames it."""
    stem = re.sub(r"\.a\d+$", "", path.parent.name)
    (found,) = path.parent.parent.glob(f"{stem}*/{path.name}")
    return found


def _running(story: Story) -> list[dict[str, Any]]:
    return [item for item in story.items() if item["state"] == "in_progress" and item["stage"]]


def _taken_again(story: Story, before: dict[int, int]) -> bool:
    return any(item["attempts"] > before.get(item["row"], item["attempts"]) for item in story.items())
