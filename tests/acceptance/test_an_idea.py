"""Rows of a sheet on the real pipeline, small and short: one with a script, one that is an idea alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import av
import numpy as np
import pysubs2
import pytest

from pressrun.engine.stop import StopToken
from pressrun.jobs.handler import Completed, JobContext, JobReport
from pressrun.kinds import job_handler
from pressrun.kinds.ideas.rows.model import RowIdea

SETTINGS = {
    "resolution": "320x180", "fps": 10, "quality": "draft", "voice": "espeak", "writer": "extractive",
    "short_seconds": 10,
}
SCRIPT = "Bees fly far every morning. Then they come straight home. They know the sun. They dance in the dark."
ROWS = {
    "script": RowIdea(
        "How bees find home", script_content=SCRIPT, duration_seconds=20, voice_preference="female",
        platform_preferences=("youtube",),
    ),
    "idea": RowIdea(
        "Four ways to save", "- Plan your meals\n- Buy rice in bulk\n- Compare the prices\n- Freeze what is left",
        duration_seconds=20, style_override="minimal", platform_preferences=("youtube", "shorts"),
    ),
}


@dataclass(frozen=True)
class Made:
    """What a row became."""

    result: dict[str, Any]
    folder: Path
    reports: list[JobReport]

    def film(self, address: str) -> av.container.InputContainer:
        return av.open(unquote(urlsplit(self.result[address]).path))

    def words(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name).read_text())
        return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    workspace = tmp_path_factory.mktemp("idea")
    (workspace / "pressrun.toml").write_text("keep_intermediate = false\n")
    handle = job_handler(workspace)
    found = {}
    for number, (name, row) in enumerate(ROWS.items(), 2):
        reports: list[JobReport] = []
        outcome = handle(
            JobContext(
                number, 1, "batch", "ann", None, number, 5, "ideas", "idea-video", row.idea_title, row.idea_data(),
                SETTINGS, {}, workspace, None, StopToken(), lambda: True, lambda _: None, reports.append,
            )
        )
        assert isinstance(outcome, Completed), outcome
        found[name] = Made(dict(outcome.result), workspace / outcome.result["run_folder"], reports)
    return found


@pytest.mark.parametrize("name", ROWS)
def test_a_row_becomes_a_film_as_long_as_its_voice(made: dict[str, Made], name: str) -> None:
    row = made[name]
    with row.film("output_url") as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (320, 180)
        assert film.duration is not None
        assert film.duration / av.time_base == pytest.approx(row.result["duration"], abs=0.2)
    with row.film("output_url") as film:
        heard = np.concatenate([frame.to_ndarray().ravel() for frame in film.decode(audio=0)])
    assert float(np.abs(heard).max()) > 0.1


def test_the_captions_say_what_the_script_says(made: dict[str, Made]) -> None:
    captions = pysubs2.load(str(made["script"].folder / "captions.srt"))
    assert " ".join(" ".join(line.plaintext.split()) for line in captions) == SCRIPT


def test_an_idea_for_the_phone_is_also_an_upright_short(made: dict[str, Made]) -> None:
    with made["idea"].film("short_url") as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (180, 320)
    assert "short_url" not in made["script"].result


def test_the_queue_hears_which_scene_is_made_and_that_the_text_was_short(made: dict[str, Made]) -> None:
    reports = made["idea"].reports
    scenes = [(each.scene, each.scenes_total) for each in reports if each.scene]
    assert scenes == sorted(scenes)
    assert scenes[-1] == (2, 2)
    assert any("the description only has text for" in each.message for each in reports if each.kind == "note")


def test_what_was_only_on_the_way_goes_where_it_is_not_to_be_kept(made: dict[str, Made]) -> None:
    for row in made.values():
        assert not [path for path in row.folder.iterdir() if path.suffix in (".wav", ".mp4")]
        assert (row.folder / "script.json").is_file()
