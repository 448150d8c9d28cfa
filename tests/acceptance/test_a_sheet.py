"""A Google sheet from the command line: the plan, the run, and the results in the sheet."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.commands import BIN, user_environment
from tests.loopback.google_sheets import SPREADSHEET, google_sheets, write_service_account


def test_the_rows_of_a_sheet_become_videos_with_the_real_command(tmp_path: Path) -> None:
    with google_sheets() as server:
        tab = server.add([["Idea/Title", "Script Content", "Platform Preference"], ["Bees", "Bees fly.", "youtube"],
                          ["Rockets", "", "youtube"]])
        account = write_service_account(tmp_path / "account.json", server)
        environment = user_environment() | {
            "PRESSRUN_SHEETS_API": server.address, "PRESSRUN_GOOGLE_CREDENTIALS": str(account), "COLUMNS": "120",
            "PRESSRUN_PIPELINE": "pressrun.testing.pipeline:BRIEF", "PRESSRUN_WORKSPACE": str(tmp_path),
        }

        def sheet(*arguments: str) -> subprocess.CompletedProcess[str]:
            url = f"https://docs.google.com/spreadsheets/d/{SPREADSHEET}/edit#gid=0"
            return subprocess.run(
                [str(BIN / "pressrun"), "sheet", *arguments, url], env=environment, capture_output=True, text=True,
                stdin=subprocess.DEVNULL, timeout=150,
            )

        plan = sheet("plan")
        assert plan.returncode == 1
        assert "Plan for 2 rows of Spring, tab Ideas" in plan.stderr
        assert "rejected: Row 3, script_content: found nothing" in plan.stderr
        assert server.writes == 0
        unattended = sheet("run")
        assert unattended.returncode == 2
        assert "--yes" in unattended.stderr
        run = sheet("run", "--yes")
        assert run.returncode == 1, run.stderr
        assert run.stdout.startswith("success\tBees\thttps://videos.example/")
        assert tab.column("Video status") == ["done", "rejected"]
        assert tab.column("Video URL")[0] in run.stdout
        assert "Nothing to do." in sheet("run").stderr
