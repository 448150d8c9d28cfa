"""script uses a given script word for word or writes one, and notes what has no effect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.language_model import KEYS, LanguageModel
from tests.unit.stages.events import Recorder
from tests.unit.stages.test_process import notes

from pressrun.errors import ScriptError
from pressrun.model.book import Book
from pressrun.model.idea import FILE, Idea
from pressrun.model.script import Script
from pressrun.settings import ItemSettings, as_plain
from pressrun.stages import script
from pressrun.stages.work import Declared, Work

TEXT = "Bees fly far every morning. Then they come straight home. They know the sun. They learn the hills."


def make_work(folder: Path, idea: Idea, writer: str = "extractive", **settings: Any) -> Work:
    values = as_plain(ItemSettings(**settings))
    work = Work(
        folder, folder, Book(idea.title), "script", "m", Declared(values, "script", "setting"),
        Declared({"writer": writer}, "script", "service"), events=Recorder(),
    )
    work.save(FILE, idea)
    return work


def run_script(work: Work) -> Script:
    script.run(work)
    return work.load("script.json", Script)


def test_a_given_script_is_used_and_the_titles_are_written(tmp_path: Path) -> None:
    work = make_work(tmp_path, Idea("Bees", "something else", script=f"[hum] {TEXT}"), target_seconds=120)
    assert run_script(work).hook == "Bees fly far every morning. Then they come straight home."
    titles = json.loads((tmp_path / "output.titles.json").read_text())
    assert (titles["main_title"], titles["video_title"]) == ("Bees", "Bees")
    assert notes(work)[0] == "Not spoken: 1 stage direction in square brackets"
    assert "instead of 120 s: the script is spoken word for word" in notes(work)[1]


def test_too_little_text_is_noted(tmp_path: Path) -> None:
    work = make_work(tmp_path, Idea("Bees", TEXT, audience="children", tone="funny"), target_seconds=120)
    run_script(work)
    assert notes(work)[0] == "Without a language model, the audience and tone of the idea have no effect"
    assert "instead of 120 s: the description only has text for" in notes(work)[1]


def test_the_language_is_detected_in_the_text(tmp_path: Path) -> None:
    german = "Bienen fliegen jeden Morgen weit. Dann kommen sie geradewegs nach Hause. Sie kennen den Stand der Sonne."
    assert run_script(make_work(tmp_path, Idea("Bees", german))).language == "de"
    assert run_script(make_work(tmp_path, Idea("Bees", german), language="en")).language == "en"


def test_an_idea_with_only_a_title_fails_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="no description"):
        run_script(make_work(tmp_path, Idea("Bees")))


def test_a_model_writes_for_the_audience_in_the_tone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LanguageModel() as server:
        for name, value in {**server.environment, **KEYS}.items():
            monkeypatch.setenv(name, value)
        work = make_work(tmp_path, Idea("Bees", audience="sailors", tone="dry"), "llm", llm_models="openai:gpt-x")
        assert len(run_script(work).scenes) > 2
        prompt = server.asked[0].prompt
        assert "Write the script of a video from an idea" in prompt
        assert "about books" not in prompt
        assert server.asked[0].source == "Bees\n\nAudience: sailors\n\nTone: dry"
