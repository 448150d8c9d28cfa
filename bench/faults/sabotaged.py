"""The real `run-batch`, with one thing that goes wrong at an exact moment inside it.

`python -m bench.faults.sabotaged WHAT [OPTIONS OF run-batch]`, where WHAT is one of

| WHAT | what happens |
|---|---|
| `kill:before:STAGE` | the process is killed when the stage is about to start |
| `kill:middle:STAGE` | … when the stage tells its progress for the first time |
| `kill:unsaved:STAGE` | … when the stage has ended well and nothing of that is on disk |
| `kill:half-saved:STAGE` | … between the renames of `stages.json` and `summary.json` |
| `kill:after:STAGE` | … when the stage has its checkpoint |
| `kill:recorded` | … when the last book stands in the database as done |
| `fill:FILE:N` | the disk is filled to the last byte before FILE is written for the Nth time |
| `fill:before:STAGE[:KIB]` | the same when the stage is about to start, but for KIB left free |
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

MOMENTS = ("before", "middle", "unsaved", "half-saved", "after")
BALLAST = "ballast"
"""The file that fills a disk; it lies beside the database."""


def _put(where: Any, name: str, value: Any) -> None:
    mock.patch.object(where, name, value).start()


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _kill(moment: str, stage: str) -> None:
    from pressrun.engine import item_run, stage_run
    from pressrun.store.database import Database
    from pressrun.store.run_folder import STAGES, RunFolder

    run_stage, on_event, save = stage_run.run_stage, stage_run._Attempts._on_event, RunFolder.save

    def dying(run: Any, folder: Any, what: Any, *rest: Any) -> Any:
        if (moment, stage) == ("before", what.name):
            _die()
        ended = run_stage(run, folder, what, *rest)
        if (moment, stage) == ("after", what.name):
            _die()
        return ended

    def dying_on_event(attempts: Any, *rest: Any) -> None:
        on_event(attempts, *rest)
        if (moment, stage) == ("middle", attempts.stage.name):
            _die()

    def saving(folder: Any, checkpoint: Mapping[str, Any], records: Any) -> Any:
        if checkpoint.get(stage) == "success":
            if moment == "unsaved":
                _die()
            if moment == "half-saved":
                _put(Path, "replace", _after(Path.replace, STAGES, _die))
        return save(folder, dict(checkpoint), records)

    _put(item_run, "run_stage", dying)
    _put(stage_run._Attempts, "_on_event", dying_on_event)
    _put(RunFolder, "save", saving)
    if moment == "recorded":
        _put(Database, "put_done", _and_then(Database.put_done, _die))


def _fill_before(stage: str, kib: int) -> None:
    from pressrun.engine import item_run, stage_run

    run_stage = stage_run.run_stage

    def starving(run: Any, folder: Any, what: Any, *rest: Any) -> Any:
        if what.name == stage:
            fill(folder.path, kib)
        return run_stage(run, folder, what, *rest)

    _put(item_run, "run_stage", starving)


def _fill(file: str, nth: int) -> None:
    from pressrun.store import atomic

    write_files, seen = atomic.write_files, 0

    def writing(folder: Path, contents: Mapping[str, bytes], *rest: Any) -> None:
        nonlocal seen
        if file in contents:
            seen += 1
            if seen == nth:
                fill(folder)
        write_files(folder, contents, *rest)

    _put(atomic, "write_files", writing)


def fill(folder: Path, kib: int = 0) -> None:
    """Fills the disk that `folder` lies on, but for `kib` KiB."""
    root = next(each for each in (folder, *folder.parents) if (each / "books.txt").exists())
    with (root / BALLAST).open("ab", buffering=0) as ballast:
        for size in (1 << 16, 1):
            try:
                while ballast.write(b"x" * size):
                    pass
            except OSError:
                continue
        if kib:
            ballast.truncate(max(0, ballast.tell() - kib * 1024))


def _after(act: Callable[..., Any], name: str, then: Callable[[], None]) -> Callable[..., Any]:
    def acting(path: Path, target: Any) -> Any:
        done = act(path, target)
        if Path(target).name == name:
            then()
        return done

    return acting


def _and_then(act: Callable[..., Any], then: Callable[[], None]) -> Callable[..., Any]:
    def acting(*given: Any, **named: Any) -> Any:
        done = act(*given, **named)
        then()
        return done

    return acting


def main() -> int:
    from pressrun.cli.entry import run_batch

    what, *details = sys.argv.pop(1).split(":")
    if what == "kill":
        _kill(details[0], details[1] if len(details) > 1 else "")
    elif details[0] == "before":
        _fill_before(details[1], int(details[2]) if len(details) > 2 else 0)
    else:
        _fill(details[0], int(details[1]))
    return run_batch()


if __name__ == "__main__":
    sys.exit(main())
