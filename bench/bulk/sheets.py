"""Sheets: how many calls a thousand rows take, and what a run bears that is killed while rows are sorted and edited."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.commands import BIN, user_environment
from tests.loopback.google_sheets import SPREADSHEET, Spreadsheets, Tab, google_sheets, write_service_account

from bench.report import Figure
from pressrun.kinds.ideas.rows import Reading
from pressrun.kinds.ideas.sheet_run.ledger import Ledger
from pressrun.kinds.ideas.sheet_run.plan import read_state
from pressrun.kinds.ideas.sheet_run.sync import SheetSync
from pressrun.kinds.ideas.sheets.google_sheet import GoogleSheet
from pressrun.kinds.ideas.sheets.opening import open_google_sheet
from pressrun.store.workspace import Workspace

HEADER = ["Idea/Title", "Description", "Platform Preference", "Script Content"]
MANY_ROWS = 1000
KILLS, SHORT_KILLS = 30, 4
ROWS, SHORT_ROWS = 24, 6
MAX_RUN_SECONDS = 12.0
SORT_CHANCE = 0.4
SEED = 20
MAX_CALLS = 10


def measure(_: str, *, short: bool) -> list[Figure]:
    """Return the figures. The database of the queue is not used."""
    return [*_count_calls(), *_kill_runs(SHORT_KILLS if short else KILLS, SHORT_ROWS if short else ROWS, short=short)]


def _row(number: int) -> list[Any]:
    return [f"Idea {number}", "", "youtube", f"Bees fly {number}."]


def _count_calls() -> list[Figure]:
    """Read, validate and write back a thousand rows, as a run does at its start and end."""
    with google_sheets() as server, tempfile.TemporaryDirectory() as folder:
        server.add([HEADER, *map(_row, range(MANY_ROWS))], row_count=MANY_ROWS + 1, column_count=4)
        sheet = _open(server, Path(folder))
        ledger = Ledger(Workspace(Path(folder)), sheet.key)
        state = read_state(sheet, Reading(), ledger)
        sync = SheetSync(sheet, Reading(), ledger)
        sync.add_rows(state, {row.number: row.idea.idea_title for row in state.rows.accepted})
        assert sync.write(state)
        for match in state.matches.values():
            ledger.put(match.digest, status="done", url=f"https://videos.example/{match.id}", cost=0.0, seconds=1.0)
        assert sync.write()
        [tab] = server.tabs[SPREADSHEET]
        assert tab.column("Video status") == ["done"] * MANY_ROWS
    return [
        Figure("reads of a sheet with 1000 rows", server.reads, "calls", required=MAX_CALLS),
        Figure("writes of a sheet with 1000 rows", server.writes, "calls", required=MAX_CALLS),
    ]


def _open(server: Spreadsheets, folder: Path) -> GoogleSheet:
    os.environ["PRESSRUN_SHEETS_API"] = server.address
    return open_google_sheet(SPREADSHEET, credentials=write_service_account(folder / "account.json", server))


def _kill_runs(kills: int, rows: int, *, short: bool) -> list[Figure]:
    """Kill a run again and again, while a user sorts and edits rows. Then let it end, and compare."""
    chance = random.Random(SEED)
    with google_sheets() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tab = server.add([HEADER, *map(_row, range(rows))], column_count=4)
        write_service_account(folder / "account.json", server)
        environment = user_environment() | {
            "PRESSRUN_SHEETS_API": server.address, "PRESSRUN_WORKERS": "2", "PRESSRUN_WORKSPACE": name,
            "PRESSRUN_GOOGLE_CREDENTIALS": str(folder / "account.json"),
            "PRESSRUN_PIPELINE": "pressrun.testing.pipeline:BRIEF",
        }
        server.between = lambda _: _move_rows(server, tab, chance)
        killed = edits = 0
        while killed < kills:
            if _run(environment, chance.uniform(0.5, MAX_RUN_SECONDS)):
                killed += 1
            else:
                # All rows are done, so there would be nothing to interrupt.
                edits += 1
                with server.lock:
                    chance.choice(tab.rows[1:])[3] = f"Other words {edits}."
        server.between = lambda _: None
        for _ in range(2):
            _run(environment, None)
        return _compare(tab, folder, killed, edits, short=short)


def _run(environment: dict[str, str], seconds: float | None) -> bool:
    """Start the command, and kill it after so many seconds. Return False if it ended before."""
    command = [str(BIN / "pressrun"), "sheet", "run", SPREADSHEET, "--yes"]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def _move_rows(server: Spreadsheets, tab: Tab, chance: random.Random) -> None:
    """Sort the rows as a user does: mostly whole rows, sometimes only the columns with text."""
    if chance.random() > SORT_CHANCE:
        return
    with server.lock:
        order = {row[0]: chance.random() for row in tab.rows[1:]}
        tab.sort(lambda row: order[row[0]], width=None if chance.random() < 0.7 else len(HEADER))


def _compare(tab: Tab, folder: Path, killed: int, edits: int, *, short: bool) -> list[Figure]:
    made: Counter[tuple[str, str]] = Counter()
    urls: dict[tuple[str, str], str] = {}
    for run in (folder / "runs").iterdir():
        if (run / "upload.json").exists():
            idea = json.loads((run / "idea.json").read_text())
            content = idea["title"], idea["script"]
            made[content] += 1
            urls[content] = json.loads((run / "upload.json").read_text())["url"]
    wrong = unfinished = 0
    status, url = tab.rows[0].index("Video status"), tab.rows[0].index("Video URL")
    for row in tab.rows[1:]:
        shown = [*row, *[""] * (len(tab.rows[0]) - len(row))]
        unfinished += shown[status] != "done"
        wrong += shown[url] != urls.get((row[0], row[3]))
    for content, count in made.items():
        if count > 1:
            print(f"{content} was made {count} times", file=sys.stderr)
    return [
        Figure("two-way runs killed", killed, "", required=None if short else KILLS, at_most=False),
        Figure("rows edited in the meantime", edits, ""),
        Figure("rows made twice", sum(made.values()) - len(made), "", required=0),
        Figure("results in the wrong row", wrong, "", required=0),
        Figure("rows without a result at the end", unfinished, "", required=0),
    ]
