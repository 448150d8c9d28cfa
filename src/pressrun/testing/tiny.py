"""What every stage of `TINY` does: a line in the workspace's `tiny.log`, then as the title says, then its files.

Directions in a title, each as `@STAGE:WHAT`:

| what | the stage |
|---|---|
| `fail` | raises an error that does not pass by itself |
| `flaky=N` | raises one that does, N times, and then works |
| `sleep=S` | takes S seconds and tells its progress |
| `stubborn=S` | the same, and ignores TERM |
| `leave` | starts a grandchild in a session of its own that ignores TERM, and goes on |
| `die` | ends itself with KILL |
| `flood=N` | prints N bytes |
| `nothing` | makes no file |
| `crash` | raises an error of no class of ours |
| `unknown` | publishes and says that it does not know whether it did; the second time it just works |
| `lost` | says the same without publishing, once |
| `torn` | leaves a record of its upload that it cannot read again |
| `fact=N` | says N for `stages.json` |
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from pressrun.errors import BrokenFileError, NetworkError, SourceError, UploadUnknownError
from pressrun.stages.work import Work
from pressrun.testing.pipeline import TINY

LOG = "tiny.log"


def run(work: Work) -> None:
    with (work.workspace / LOG).open("a", encoding="utf-8") as log:
        log.write(f"{work.stage}\t{work.book.title}\t{os.getpid()}\n")
    what = dict(re.findall(rf"@{work.stage}:(\w+)=?([\d.]*)", work.book.title))
    _misbehave(work, what)
    if "nothing" not in what:
        _make(work)


def _misbehave(work: Work, what: dict[str, str]) -> None:
    if "stubborn" in what:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "leave" in what:
        _leave_a_grandchild()
    if "flood" in what:
        _flood(int(what["flood"]))
    if seconds := what.get("sleep") or what.get("stubborn"):
        _take(float(seconds), work)
    if "fact" in what:
        work.fact("told", what["fact"])
    if "fail" in what:
        raise SourceError(f"{work.stage} was told to fail", remedy="Take the direction out of the title.")
    if "crash" in what:
        raise ValueError("told to crash")
    if "die" in what:
        os.kill(os.getpid(), signal.SIGKILL)
    if "flaky" in what and _times(work) < int(what["flaky"]):
        raise NetworkError(f"{work.stage} was told to fail {what['flaky']} times")
    if {"unknown", "lost", "torn"} & set(what) and _times(work) == 0:
        _publish_halfway(work, what)


def _publish_halfway(work: Work, what: dict[str, str]) -> None:
    if "unknown" in what:
        publish(work)
    if work.context.parts is not None:
        work.context.parts.mkdir()
        (work.context.parts / f"{work.services['publisher']}.json").write_text("{", encoding="utf-8")
    if "torn" in what:
        raise BrokenFileError(f"{work.stage} was told not to read its record", remedy="Say it with pressrun resolve.")
    raise UploadUnknownError(f"{work.stage} was told not to know", remedy="Say it with pressrun resolve.")


def _times(work: Work) -> int:
    """How often this stage was tried before; this time counts from now on."""
    tried = work.folder / f"{work.stage}.tried"
    times = int(tried.read_text()) if tried.exists() else 0
    tried.write_text(str(times + 1))
    return times


def _make(work: Work) -> None:
    stage = TINY.stages[TINY.index(work.stage)]
    for name in stage.makes:
        if name == stage.receipt:
            work.save(name, {"url": publish(work), "marker": work.marker})
        else:
            with work.product(name) as path:
                path.write_text(
                    f"{work.stage} of {work.book.title} {dict(work.settings)} {dict(work.services)}\n", encoding="utf-8"
                )


def publish(work: Work) -> str:
    """Publishes into the workspace's `published.log`, once per publisher and marker, and gives the address."""
    log = work.workspace / "published.log"
    publisher = work.services["publisher"]
    site = "videos" if publisher == "folder" else publisher
    url = f"file:///{work.marker}" if publisher == "file" else f"https://{site}.example/{work.marker}"
    if not (log.exists() and url in log.read_text(encoding="utf-8").split()):
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{url}\n")
    return url


def _take(seconds: float, work: Work) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        work.progress(round(seconds - left, 2), seconds, "seconds")
        time.sleep(min(0.1, left))


def _flood(size: int) -> None:
    block = b"x" * 65535 + b"\n"
    while size > 0:
        size -= os.write(1, block[:size])


def _leave_a_grandchild() -> None:
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
    subprocess.Popen([sys.executable, "-c", program], start_new_session=True, cwd=Path("/"))
