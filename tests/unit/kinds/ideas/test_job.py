"""Jobs of the kind ideas: the row and its settings reach the run folder, and what cannot be made is an error first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.job_harness import JobHarness

from pressrun.errors import ServiceUnavailableError, SettingsError
from pressrun.jobs.handler import Stopped
from pressrun.kinds.ideas import IDEAS
from pressrun.kinds.ideas.rows.model import RowIdea
from pressrun.model.idea import FILE
from pressrun.store import json_files


@pytest.fixture
def harness(tmp_path: Path) -> JobHarness:
    return JobHarness(tmp_path, "idea-video", IDEAS)


def row(**columns: Any) -> dict[str, Any]:
    return RowIdea(**{"idea_title": "Bees", "script_content": "They fly.", **columns}).idea_data()


def test_the_row_and_its_settings_reach_the_run_folder(harness: JobHarness) -> None:
    harness.pauses = True
    data = row(
        description="About bees.", target_audience="children", tone="calm", duration_seconds=90,
        voice_preference="female", style_override="classic", platform_preferences=("youtube", "tiktok"),
    )
    outcome = harness.run(data, settings={"resolution": "720p", "voice": "espeak", "writer": "extractive"})
    assert isinstance(outcome, Stopped)
    assert json_files.load_plain(harness.folder / FILE) == {
        "title": "Bees", "description": "About bees.", "audience": "children", "tone": "calm", "script": "They fly.",
    }
    item = json_files.load_plain(harness.folder / "item.json")
    wanted = {
        "target_seconds": 90.0, "voice_gender": "female", "style": "classic", "shorts": True, "resolution": "720p",
    }
    assert {name: item["settings"][name] for name in wanted} == wanted
    assert (item["services"]["cover"], item["services"]["publisher"]) == ("none", "folder")


@pytest.mark.parametrize(
    ("columns", "settings", "error", "words"),
    [
        ({"duration_seconds": 5}, {}, SettingsError, "Row 2, setting target_seconds: found 5.0"),
        ({"voice_preference": "male"}, {"voice": "gtts"}, ServiceUnavailableError, "no male voice"),
        ({}, {"resolution": "tiny"}, SettingsError, "resolution"),
    ],
)
def test_what_cannot_be_made_is_reported_before_anything_is_made(
    harness: JobHarness, columns: dict[str, Any], settings: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        harness.run(row(**columns), settings={"voice": "espeak", "writer": "extractive", **settings})
    assert harness.run_folder is None
