"""Promise 7: a full disk, wherever it meets a batch, costs nothing that was there before, and says what it is.

The workspace lies on a disk of its own of a few megabytes, which is really full at the moment in question: before a
stage, or before the Nth time that a file of the engine is written. Then room is made and the same command goes on.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.faults.mounts import mount_small_disk, way_to_a_small_disk
from bench.faults.sabotaged import BALLAST
from bench.faults.trial import PROJECT, STAGES, Trial, partial_files, repeat, spread, wait_for_exit
from bench.report import Figure
from pressrun.store.database import Database

DISK = 4096
"""KiB."""
FILES = ("item.json:1", "database.json:1", "database.json:2", *(f"stages.json:{number}" for number in range(1, 11)))
"""Files of the engine, with how often they were written before: of `stages.json` the first is the new folder's, two are
the intents of the publishing stages, and each stage has one."""
OWN = ("item.json", "output.titles.json", "stages.json", "summary.json")
PLACES = (*FILES, *(f"before:{stage}" for stage in STAGES))


@dataclass(frozen=True)
class Meeting:
    """What a full disk at one place led to."""

    place: str
    met: bool
    """Whether the disk was full at all."""
    reported: bool
    """Exit code 1, "no space" and the folder."""
    intact: bool
    """The earlier book still stands in the database, whose files can be read, as can those of the run folder."""
    partial_files: int
    resumed: bool
    """With room again, the same command makes the book, publishes once, and repeats no finished stage."""
    output: str = ""


def figures(places: int) -> list[Figure]:
    """Raises `RuntimeError` with the reason where no small disk can be mounted."""
    way = way_to_a_small_disk()
    if not way:
        raise RuntimeError("no disk can be mounted, which takes Linux and root or user namespaces")
    chosen = spread(PLACES, places)
    with tempfile.TemporaryDirectory() as folder:
        argv = [*way, sys.executable, "-m", "bench.faults.full_disk", folder, *chosen]
        output = subprocess.run(argv, check=True, capture_output=True, timeout=60 * len(chosen), text=True, cwd=PROJECT)
    seen = [Meeting(**each) for each in json.loads(output.stdout)]
    for each in seen:
        if not (each.met and each.reported and each.intact and each.resumed) or each.partial_files:
            print(each, file=sys.stderr)
    return [
        Figure("7 places with a full disk", sum(each.met for each in seen), "", required=len(chosen), at_most=False),
        Figure("7 no \"no space\", folder or exit code 1", sum(not each.reported for each in seen), "", required=0),
        Figure("7 earlier state lost", sum(not each.intact for each in seen), "", required=0),
        Figure("7 temporary files left", sum(each.partial_files for each in seen), "", required=0),
        Figure("7 not continued once there is room", sum(not each.resumed for each in seen), "", required=0),
    ]


def meet(folder: Path, place: str) -> Meeting:
    """Runs a book on a disk that is full at `place`."""
    folder.mkdir()
    mount_small_disk(folder, DISK)
    earlier = {"main_title": "Dune", "author_name": None, "status": "done", "youtube_url": "https://videos.example/d"}
    (folder / "database.json").write_text(json.dumps({"mine": 1, "books": [earlier]}), encoding="utf-8")
    trial = Trial(folder)
    trial.list_books("Emma")
    argv = [sys.executable, "-m", "bench.faults.sabotaged", f"fill:{place}", *trial.argv()[1:]]
    code, output = wait_for_exit(trial.start(argv))
    met = (folder / BALLAST).exists()
    reported = code == 1 and _reports_no_space(output, folder)
    intact, left = _is_intact(folder), len(partial_files(folder))
    finished = _finished(folder)
    log_before = trial.log()
    (folder / BALLAST).unlink(missing_ok=True)
    again, _ = trial.finish("Emma")
    once = [each["status"] for each in trial.books()] == ["done", "done"] and len(trial.published()) == 2
    repeated = set(trial.log()[len(log_before):]) & finished
    resumed = again == 0 and once and not repeated
    return Meeting(place, met, reported, intact, left, resumed, "" if reported else output[-1500:])


def _reports_no_space(output: str, folder: Path) -> bool:
    """Whether the words stand there with a folder; a table may have broken the line anywhere."""
    words = re.sub(r"\s+", "", output).lower()
    return "nospaceleft" in words and str(folder).lower() in words


def _is_intact(folder: Path) -> bool:
    books = Database(folder / "database.json").books()
    for path in (folder / "runs").glob("*/*.json"):
        if path.name in OWN:
            json.loads(path.read_bytes())
    backup = folder / "database.json.bak"
    return (
        json.loads((folder / "database.json").read_bytes())["mine"] == 1
        and books[0]["youtube_url"] == "https://videos.example/d"
        and (not backup.exists() or bool(json.loads(backup.read_bytes())["books"]))
    )


def _finished(folder: Path) -> set[str]:
    """The stages whose checkpoint says success."""
    states = [json.loads(path.read_bytes()) for path in (folder / "runs").glob("*/summary.json")]
    return {stage for state in states for stage, how in state.items() if how == "success"}


if __name__ == "__main__":
    parent = Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:]
    met = repeat(len(wanted), lambda number, _: asdict(meet(parent / str(number), wanted[number])), seed=7)
    print(json.dumps(met))
