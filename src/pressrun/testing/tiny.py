"""The stages of `TINY`: add a line to the workspace's `tiny.log`, follow the directions in the title, write the files.

A direction is written `@STAGE:DIRECTION`:

| direction | the stage |
|---|---|
| `fail` | raises an error that is not retryable |
| `flaky=N` | raises a retryable error N times, then succeeds |
| `sleep=S` | takes S seconds and reports its progress |
| `stubborn=S` | does the same and ignores TERM |
| `hold` | waits until the workspace has a file `release`, for a minute at most |
| `leave` | starts a child process in its own session that ignores TERM, and continues |
| `die` | kills itself with KILL |
| `flood=N` | prints N bytes |
| `nothing` | creates no file |
| `crash` | raises an exception that is not a `PressrunError` |
| `unknown` | publishes and reports that it is unknown whether it did; the second attempt succeeds |
| `lost` | reports the same without publishing, once |
| `torn` | leaves an unreadable record of its upload |
| `fact=N` | records the fact N in `stages.json` |
| `warn=N` | warns about the sentence N |
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
RELEASE = "release"
"""The file that a stage with the direction `hold` waits for."""


def run(work: Work) -> None:
    with (work.workspace / LOG).open("a", encoding="utf-8") as log:
        log.write(f"{work.stage}\t{work.book.title}\t{os.getpid()}\n")
    directions = dict(re.findall(rf"@{work.stage}:(\w+)=?([\d.]*)", work.book.title))
    _follow(directions, work)
    if "nothing" not in directions:
        _write_outputs(work)


def _follow(directions: dict[str, str], work: Work) -> None:
    if "stubborn" in directions:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "leave" in directions:
        _leave_child_process()
    if "flood" in directions:
        _flood(int(directions["flood"]))
    if seconds := directions.get("sleep") or directions.get("stubborn"):
        _sleep(float(seconds), work)
    if "hold" in directions:
        _wait_for_release(work)
    if "fact" in directions:
        work.fact("direction", directions["fact"])
    if "warn" in directions:
        work.warn(f"Sentence {directions['warn']} does not read well")
    if "fail" in directions:
        raise SourceError(f"{work.stage} was instructed to fail", remedy="Remove the direction from the title.")
    if "crash" in directions:
        raise ValueError("instructed to crash")
    if "die" in directions:
        os.kill(os.getpid(), signal.SIGKILL)
    if "flaky" in directions and _count_attempts(work) < int(directions["flaky"]):
        raise NetworkError(f"{work.stage} was instructed to fail {directions['flaky']} times")
    if {"unknown", "lost", "torn"} & set(directions) and _count_attempts(work) == 0:
        _publish_halfway(work, directions)


def _publish_halfway(work: Work, directions: dict[str, str]) -> None:
    if "unknown" in directions:
        publish(work)
    if work.context.parts is not None:
        work.context.parts.mkdir()
        (work.context.parts / f"{work.services['publisher']}.json").write_text("{", encoding="utf-8")
    if "torn" in directions:
        raise BrokenFileError(f"{work.stage} was instructed not to read its record", remedy="Run pressrun resolve.")
    raise UploadUnknownError(f"{work.stage} was instructed not to know the result", remedy="Run pressrun resolve.")


def _count_attempts(work: Work) -> int:
    """Return the number of earlier attempts, and count this one."""
    counter = work.folder / f"{work.stage}.tried"
    attempts = int(counter.read_text()) if counter.exists() else 0
    counter.write_text(str(attempts + 1))
    return attempts


def _write_outputs(work: Work) -> None:
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
    """Add a URL to the workspace's `published.log`, once per publisher and marker, and return it."""
    log = work.workspace / "published.log"
    publisher = work.services["publisher"]
    site = "videos" if publisher == "folder" else publisher
    url = f"file:///{work.marker}" if publisher == "file" else f"https://{site}.example/{work.marker}"
    if not (log.exists() and url in log.read_text(encoding="utf-8").split()):
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{url}\n")
    return url


def _sleep(seconds: float, work: Work) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        work.progress(round(seconds - left, 2), seconds, "seconds")
        time.sleep(min(0.1, left))


def _wait_for_release(work: Work) -> None:
    end = time.monotonic() + 60
    while not (work.workspace / RELEASE).exists():
        if time.monotonic() > end:
            raise SourceError(f"{work.stage} was held and not released", remedy=f"Create the file {RELEASE}.")
        work.progress(0, 1, "releases")
        time.sleep(0.05)


def _flood(size: int) -> None:
    block = b"x" * 65535 + b"\n"
    while size > 0:
        size -= os.write(1, block[:size])


def _leave_child_process() -> None:
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
    subprocess.Popen([sys.executable, "-c", program], start_new_session=True, cwd=Path("/"))
