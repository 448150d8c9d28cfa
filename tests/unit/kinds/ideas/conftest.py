"""A server with a sheet, and access to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.google_sheets import SPREADSHEET, Spreadsheets, google_sheets, write_service_account

from pressrun.kinds.ideas.sheets.google_sheet import GoogleSheet
from pressrun.kinds.ideas.sheets.opening import open_google_sheet
from pressrun.services.sheets.client import RetryPolicy

HEADER = [
    "Idea/Title", "Description", "Target Audience", "Tone", "Duration (seconds)", "Platform Preference",
    "Script Content", "Voice Preference", "Style", "Priority",
]
QUICK = RetryPolicy(initial_delay=0.0, max_delay=0.0, max_retries=2)


def idea(number: int, script: str | None = None) -> list[Any]:
    text = f"Bees fly {number}." if script is None else script
    return [f"Idea {number}", "", "busy people", "calm", 300, "youtube,tiktok", text, "female", "modern", "normal"]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spreadsheets]:
    with google_sheets() as state:
        monkeypatch.setenv("PRESSRUN_SHEETS_API", state.address)
        account = write_service_account(tmp_path / "account.json", state)
        monkeypatch.setenv("PRESSRUN_GOOGLE_CREDENTIALS", str(account))
        monkeypatch.setenv("PRESSRUN_SHEETS_TOKEN_FILE", str(tmp_path / "no-token.json"))
        yield state


@pytest.fixture
def open_sheet(server: Spreadsheets) -> Callable[..., GoogleSheet]:
    def open_it(range_: str = "", address: str = SPREADSHEET) -> GoogleSheet:
        return open_google_sheet(address, range_, retry=QUICK)

    return open_it
