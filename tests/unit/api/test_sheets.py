"""Batches are made of the rows of a Google sheet, and a sheet that cannot be read is explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.loopback.google_sheets import ROBOT, SPREADSHEET, google_sheets, write_service_account
from tests.unit.api.client import ApiClient, refused

HEADER = ["Idea/Title", "Script Content"]


def test_a_sheet_becomes_a_batch_or_is_explained(
    api: ApiClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = {"type": "sheet", "sheet_id": SPREADSHEET, "range": "A1:Z1000"}
    with google_sheets() as server:
        server.add([HEADER, ["Bees", "Bees fly."], ["Rockets", ""], ["Tea", "Tea grows."]])
        monkeypatch.setenv("PRESSRUN_SHEETS_API", server.address)
        account = write_service_account(tmp_path / "account.json", server)
        monkeypatch.setenv("PRESSRUN_GOOGLE_CREDENTIALS", str(account))
        data = api.create(input_source=source, template=None).json()["data"]
        assert (data["items_total"], data["items_pending"], data["rejected_total"]) == (3, 2, 1)
        assert data["rejected"][0]["number"] == 3
        missing = refused(api.create(input_source=source | {"sheet_id": "1AbC"}, template=None), 422)
        assert missing["type"].endswith(":no-sheets")
        outside = refused(api.create(input_source=source | {"range": "Nope!A1:B"}, template=None), 422)
        assert outside["type"].endswith(":unreadable-rows")
        server.editors.clear()
        closed = refused(api.create(input_source=source, template=None), 422)
        assert closed["type"].endswith(":no-access")
        assert ROBOT in closed["remedy"]
