"""process writes the script and adds the titles to their file."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.language_model import KEYS, LanguageModel
from tests.unit.stages.events import Recorder

from pressrun.errors import ScriptError
from pressrun.model.book import Book
from pressrun.model.script import Script, Transcript
from pressrun.services.pace import video_seconds
from pressrun.services.sources.texts import to_prose
from pressrun.settings import ItemSettings, as_plain
from pressrun.stages import process
from pressrun.stages.work import Declared, Work

NOTE = Path(__file__).parents[3] / "examples" / "sources" / "walden.md"


def notes(work: Work) -> list[str]:
    assert isinstance(work.events, Recorder)
    return work.events.notes


def make_work(folder: Path, text: str, **settings: Any) -> Work:
    values = {"target_seconds": 120.0, "short_seconds": 45.0, "speech_rate": 165, "scene_pause": 0.6} | settings
    work = Work(
        folder, folder, Book("Walden", "Henry David Thoreau"), "process", "m",
        Declared(values, "process", "setting"), Declared({"writer": "extractive"}, "process", "service"),
        events=Recorder(),
    )
    work.save("transcript.json", Transcript("en", "ltr", to_prose(text, markdown=True), "walden.md"))
    return work


def test_the_script_is_written_and_the_titles_are_added(tmp_path: Path) -> None:
    titles = {"main_title": "Walden", "author_name": "Henry David Thoreau", "mine": [1, 2]}
    (tmp_path / "output.titles.json").write_text(json.dumps(titles))
    work = make_work(tmp_path, NOTE.read_text(encoding="utf-8"))
    process.run(work)
    script = work.load("script.json", Script)
    assert 5 <= len(script.scenes) <= 9
    assert json.loads((tmp_path / "output.titles.json").read_bytes()) == titles | {
        "video_title": "Walden by Henry David Thoreau: the key ideas",
        "short_title": "Walden by Henry David Thoreau: the key ideas #Shorts",
    }


def test_titles_are_written_even_if_their_file_is_missing(tmp_path: Path) -> None:
    process.run(make_work(tmp_path, NOTE.read_text(encoding="utf-8")))
    titles = json.loads((tmp_path / "output.titles.json").read_bytes())
    assert (titles["main_title"], titles["author_name"]) == ("Walden", "Henry David Thoreau")


def test_the_length_follows_the_settings(tmp_path: Path) -> None:
    work = make_work(tmp_path, NOTE.read_text(encoding="utf-8"), target_seconds=60.0)
    process.run(work)
    assert video_seconds(work.load("script.json", Script), 165, 0.6) == pytest.approx(60, rel=0.1)


def test_the_same_transcript_gives_the_same_bytes(tmp_path: Path) -> None:
    work = make_work(tmp_path, NOTE.read_text(encoding="utf-8"))
    process.run(work)
    first = (tmp_path / "script.json").read_bytes()
    process.run(work)
    assert (tmp_path / "script.json").read_bytes() == first


def test_a_transcript_that_is_too_short_leaves_no_script(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="4 words"):
        process.run(make_work(tmp_path, "Far too short indeed."))
    assert not (tmp_path / "script.json").exists()


def test_the_requested_length_gives_no_note(tmp_path: Path) -> None:
    work = make_work(tmp_path, NOTE.read_text(encoding="utf-8"))
    process.run(work)
    assert notes(work) == []


def test_a_source_that_is_too_short_is_noted(tmp_path: Path) -> None:
    work = make_work(tmp_path, NOTE.read_text(encoding="utf-8"), target_seconds=900.0)
    process.run(work)
    (note,) = notes(work)
    expected = r"The video will take about 1\d\d s instead of 900 s: walden.md only has text for 1\d\d s"
    assert re.fullmatch(expected, note)


def test_sentences_that_are_too_long_are_noted(tmp_path: Path) -> None:
    words = "and the man who lived beside the pond wrote another long line about winter and the ice "
    text = f"Nobody came {words * 2}at night. One day {words * 2}again. " * 2
    work = make_work(tmp_path, text, target_seconds=20.0)
    process.run(work)
    assert any("instead of 20 s: the source has long sentences" in each for each in notes(work))


def test_the_pause_between_scenes_counts(tmp_path: Path) -> None:
    work = make_work(tmp_path, NOTE.read_text(encoding="utf-8"), scene_pause=4.0)
    process.run(work)
    assert video_seconds(work.load("script.json", Script), 165, 4.0) == pytest.approx(120, rel=0.1)


def test_copying_from_the_source_is_recorded_as_facts(tmp_path: Path) -> None:
    work = make_work(tmp_path, NOTE.read_text(encoding="utf-8"))
    process.run(work)
    assert isinstance(work.events, Recorder)
    # This writer takes whole sentences, and adds the two that name the book.
    assert int(work.events.facts["longest_copy"]) > 20
    assert 0.8 < float(work.events.facts["copied_share"]) <= 1


def test_the_description_credits_a_video_but_not_a_file_of_the_user(tmp_path: Path) -> None:
    work = make_work(tmp_path, NOTE.read_text(encoding="utf-8"))
    process.run(work)
    assert "walden.md" not in (tmp_path / "script.json").read_text()
    found = work.load("transcript.json", Transcript)
    url = "https://www.youtube.com/watch?v=abc"
    work.save("transcript.json", replace(found, source="Walden read", source_url=url, source_author="Pond Talks"))
    process.run(work)
    script = work.load("script.json", Script)
    assert script.description.endswith(f"Made from: Walden read, Pond Talks\n{url}")
    assert url not in " ".join((script.hook, script.close, script.short, *(scene.narration for scene in script.scenes)))


def test_a_script_by_a_model_depends_on_the_prompts_of_the_user_and_notes_its_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "role.md").write_text("You write for sailors.", encoding="utf-8")
    with LanguageModel() as server:
        for name, value in {**server.environment, **KEYS}.items():
            monkeypatch.setenv(name, value)
        settings = as_plain(ItemSettings()) | {"llm_models": "openai:gpt-6-luna", "prompts_dir": "mine"}
        work = replace(
            make_work(tmp_path, NOTE.read_text(encoding="utf-8"), **settings),
            services=Declared({"writer": "llm"}, "process", "service"),
        )
        process.run(work)
    assert isinstance(work.events, Recorder)
    assert work.events.read == [f"{tmp_path / 'mine'}/", str(tmp_path / "mine" / "role.md")]
    assert set(work.events.facts) == {"longest_copy", "copied_share", "model", "tokens_in", "tokens_out", "cost_usd"}
    assert int(work.events.facts["longest_copy"]) < 25
    everything = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("*.json"))
    assert not any(key in f"{everything}{work.events.facts}{notes(work)}" for key in KEYS.values())
