"""One trial: the real upload stage in real processes against a server that misbehaves once, again until it is done."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.loopback.youtube_api import Fault, YouTube, youtube_api

from pressrun.model.script import Narration, Scene, Script
from pressrun.pipelines.book_video import BOOK_VIDEO
from pressrun.settings import ItemSettings, as_plain
from pressrun.store import json_files
from pressrun.store.run_folder import Item

STAGE = next(stage for stage in BOOK_VIDEO.stages if stage.name == "upload")
CHUNK = 1024 * 1024
SIZE = 2 * CHUNK + 300_000
"""Bytes of the video: two whole chunks, a short one, and the shortest at the end."""
MOST_RUNS = 5
PATIENCE = 90.0
NEVER = 1e9
SCRIPT = Script(
    "Walden in two minutes", "Walden", "Henry David Thoreau", "en", "ltr", "A hook.", (Scene("One", "A scene."),),
    "A close.", "Notes on Walden.", ("walden", "nature"), "A short.", 60.0,
)


@dataclass(frozen=True)
class Case:
    """What goes wrong in a trial."""

    name: str
    fault: Fault
    kill: bool
    """End the process with KILL at that moment; otherwise only the reply is lost."""
    list_delay: float = 0.0
    """Seconds after which the channel lists a new video."""


@dataclass(frozen=True)
class Outcome:
    case: str
    videos: int
    """On the channel, of this book."""
    ended: str
    """"done", "unknown", or what went wrong."""
    runs: int
    received: int
    """Bytes of video that arrived at the server."""
    intact: bool
    """The video is the file, byte for byte; also true where there is none."""
    belongings: tuple[int, int]
    """Captions tracks and places in the playlist."""
    noticed: float
    """Seconds from the fault to the next request."""
    seconds: float
    unasked: int
    """Chunks that were sent a second time before the server had been asked."""


def try_once(case: Case) -> Outcome:
    """Runs the stage until it succeeds, gives up as unknown, or `MOST_RUNS` did not suffice."""
    clock = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, youtube_api() as server:
        run_folder = _run_folder(Path(folder))
        server.list_delay = case.list_delay
        child = _Child(run_folder, server)
        server.faults.append(replace(case.fault, action=child.kill) if case.kill else replace(case.fault))
        runs, ended = 0, ""
        while not ended and runs < MOST_RUNS:
            ended = child.run()
            runs += 1
        time.sleep(max(0.0, (case.fault.arrives or 0.0) - (time.monotonic() - clock)))
        return Outcome(
            case.name, len(server.videos), ended or "never done", runs, server.received(),
            _intact(server, run_folder), (len(server.captions), len(server.playlist)), _noticed(server),
            time.monotonic() - clock, _unasked(server),
        )


def requests_of_a_clean_run() -> list[tuple[str, int, int]]:
    """Name, number among those of its name, and bytes of the body, of every request when nothing goes wrong."""
    with tempfile.TemporaryDirectory() as folder, youtube_api() as server:
        ended = _Child(_run_folder(Path(folder)), server).run()
        if ended != "done" or len(server.videos) != 1:
            raise SystemExit(f"The upload does not work when nothing goes wrong: {ended}")
        return [(each.name, each.nth, each.length) for each in server.seen]


class _Child:
    """The stage in a process of its own, as the engine starts it."""

    def __init__(self, run_folder: Path, server: YouTube) -> None:
        self.folder = run_folder
        token = run_folder.parent / "token.json"
        token.write_text(server.token_file(), encoding="utf-8")
        task = {
            "stage": STAGE.name, "run": STAGE.run, "settings": STAGE.settings, "services": STAGE.services,
            "workers": 1, "version": STAGE.version, "workspace": str(run_folder.parent), "marker": "trial-upload-1",
        }
        self.environment = {
            **os.environ, "PRESSRUN_TASK": json.dumps(task), "PRESSRUN_YOUTUBE_TOKEN_FILE": str(token),
            "PRESSRUN_YOUTUBE_API": server.address,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.started = threading.Event()

    def kill(self) -> None:
        """Called by the server, at the moment that the fault names."""
        self.started.wait()
        if self.process:
            self.process.kill()
            self.process.wait()

    def run(self) -> str:
        """How the stage ended: "done" with a receipt, "unknown", or the empty string for another try."""
        self.started.clear()
        argv = [sys.executable, "-P", "-c", _START, STAGE.name, str(self.folder)]
        self.process = subprocess.Popen(
            argv, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.started.set()
        _, errors = self.process.communicate(timeout=PATIENCE)
        if self.process.returncode == 0 and (self.folder / "upload.json").is_file():
            return "done"
        return "unknown" if b"UploadUnknownError" in errors else ""


_START = "import os, sys; os.dup2(os.open(os.devnull, os.O_WRONLY), 3); import runpy; sys.argv[0] = 'stages'; " \
    "runpy.run_module('pressrun.stages', run_name='__main__')"
"""Events go to descriptor 3, where nobody listens here."""


def _run_folder(workspace: Path) -> Path:
    folder = workspace / f"{time.strftime('%Y-%m-%d_%H-%M-%S')}_Walden"
    folder.mkdir()
    settings = as_plain(ItemSettings(upload_chunk=CHUNK // (1024 * 1024), youtube_playlist="PL1", publisher="youtube"))
    item = Item("trial", "book-video", "Walden", "Henry David Thoreau", settings, {"publisher": "youtube"})
    json_files.save(folder / "item.json", asdict(item))
    json_files.save(folder / "script.json", SCRIPT)
    json_files.save(folder / "words.json", Narration("en", "ltr", 10.0, "sentence", ()))
    (folder / "video.mp4").write_bytes(random.Random(7).randbytes(SIZE))
    (folder / "thumbnail.jpg").write_bytes(b"\xff\xd8" + bytes(2000))
    for name in ("captions.srt", "captions.vtt"):
        (folder / name).write_text("1\n00:00:00,000 --> 00:00:01,000\nA hook.\n", encoding="utf-8")
    return folder


def _intact(server: YouTube, folder: Path) -> bool:
    wanted = hashlib.sha256((folder / "video.mp4").read_bytes()).digest()
    return all(hashlib.sha256(content).digest() == wanted for content in server.contents.values())


def _noticed(server: YouTube) -> float:
    """From the fault to the next request, in the same process or the next one."""
    met = next((fault.met for fault in server.faults if fault.met), 0.0)
    after: list[Any] = [each.at for each in server.seen if each.at > met]
    return min(after) - met if met and after else 0.0


def _unasked(server: YouTube) -> int:
    chunks = [each for each in server.seen if each.name in ("chunk", "ask", "start")]
    return sum(this.name == "chunk" and this.detail == last.detail for last, this in pairwise(chunks))
