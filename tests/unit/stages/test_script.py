"""script: what is said in the video of an idea, and what the user is told of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.language_model import KEYS, LanguageModel
from tests.unit.stages.test_process import Notes, notes

from pressrun.errors import ScriptError
from pressrun.model.book import Book
from pressrun.model.idea import FILE, Idea
from pressrun.model.script import Script
from pressrun.settings import ItemSettings, as_plain
from pressrun.stages import script
from pressrun.stages.work import Declared, Work

TEXT = "Bees fly far every morning. Then they come straight home. They know the sun. They learn the hills."


def work_on(folder: Path, idea: Idea, writer: str = "extractive", **settings: Any) -> Work:
    values = as_plain(ItemSettings(**settings))
    work = Work(
        folder, folder, Book(idea.title), "script", "m", Declared(values, "script", "setting"),
        Declared({"writer": writer}, "script", "service"), events=Notes(),
    )
    work.save(FILE, idea)
    return work


def made(work: Work) -> Script:
    script.run(work)
    return work.load("script.json", Script)


def test_a_given_script_is_taken_and_the_titles_are_written(tmp_path: Path) -> None:
    work = work_on(tmp_path, Idea("Bees", "something else", script=f"[hum] {TEXT}"), target_seconds=120)
    assert made(work).hook == "Bees fly far every morning. Then they come straight home."
    titles = json.loads((tmp_path / "output.titles.json").read_text())
    assert (titles["main_title"], titles["video_title"]) == ("Bees", "Bees")
    assert notes(work)[0] == "Not spoken: 1 stage direction in square brackets"
    assert "120 s were asked: the script is said as it stands" in notes(work)[1]


def test_too_little_text_is_told_with_what_there_is(tmp_path: Path) -> None:
    work = work_on(tmp_path, Idea("Bees", TEXT, audience="children", tone="funny"), target_seconds=120)
    made(work)
    assert notes(work)[0] == "Without a language model the audience and the tone of the idea change nothing"
    assert "120 s were asked: the description has text for" in notes(work)[1]


def test_the_language_is_that_of_the_text(tmp_path: Path) -> None:
    german = "Bienen fliegen jeden Morgen weit. Dann kommen sie geradewegs nach Hause. Sie kennen den Stand der Sonne."
    assert made(work_on(tmp_path, Idea("Bees", german))).language == "de"
    assert made(work_on(tmp_path, Idea("Bees", german), language="en")).language == "en"


def test_a_title_alone_fails_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="no description"):
        made(work_on(tmp_path, Idea("Bees")))


def test_a_model_writes_for_the_audience_in_the_tone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LanguageModel() as server:
        for name, value in {**server.environment, **KEYS}.items():
            monkeypatch.setenv(name, value)
        work = work_on(tmp_path, Idea("Bees", audience="sailors", tone="dry"), "llm", llm_models="openai:gpt-x")
        assert len(made(work).scenes) > 2
        prompt = server.asked[0].prompt
        assert "Write the script of a video from an idea" in prompt
        assert "about books" not in prompt
        assert server.asked[0].source == "Bees\n\nAudience: sailors\n\nTone: dry"
