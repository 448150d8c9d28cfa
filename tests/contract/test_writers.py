"""What holds for every writer; those on the network are asked on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.loopback.language_model import KEYS, LanguageModel

from pressrun.errors import ScriptError
from pressrun.model.book import Book
from pressrun.model.idea import Idea
from pressrun.model.script import Script, Segment, Transcript
from pressrun.services.languages import detect_language
from pressrun.services.pace import short_seconds, video_seconds
from pressrun.services.protocols import Brief, Context, Writer
from pressrun.services.sources.texts import to_prose
from pressrun.services.writers import WRITERS
from pressrun.settings import ItemSettings, as_plain
from pressrun.store.json_files import encode, load

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "sources").iterdir())
LENGTH = {"extractive": (0.1, 0.15), "llm": (0.25, 0.25)}
"""Shares by which video and short may miss what was asked: a model is asked again beyond it."""
BRIEF = Brief(Book("The Book", "Ann Author"), 120.0, 45.0, 165)

pytestmark = pytest.mark.parametrize("writer", [pytest.param(writer, id=name) for name, writer in WRITERS.items()])


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """Of a user with a key, whose model runs on this machine."""
    with LanguageModel() as server:
        for name, value in {**server.environment, **KEYS}.items():
            monkeypatch.setenv(name, value)
        yield Context(tmp_path, as_plain(ItemSettings()))


def transcript_of(path: Path) -> Transcript:
    return Transcript("en", "ltr", to_prose(path.read_text(encoding="utf-8"), markdown=True), path.name)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_script_is_whole_and_within_the_limits(writer: Writer, context: Context, path: Path) -> None:
    script = writer.write(transcript_of(path), BRIEF, context)
    assert 5 <= len(script.scenes) <= 9
    assert all(scene.heading and scene.narration for scene in script.scenes)
    assert all((script.hook, script.close, script.short, script.description))
    assert 0 < len(script.title) <= 100
    assert len(script.description.encode()) <= 5000
    assert sum(map(len, script.tags)) <= 500
    assert path.name not in script.description
    assert "The Book by Ann Author" in script.description
    assert (script.book_title, script.author, script.language) == ("The Book", "Ann Author", "en")


def test_the_length_follows_the_brief(writer: Writer, context: Context) -> None:
    transcript = transcript_of(EXAMPLES[0])
    for seconds in (60.0, 120.0):
        script = writer.write(transcript, Brief(BRIEF.book, seconds, 30.0, 165), context)
        assert video_seconds(script, 165, BRIEF.scene_pause) == pytest.approx(seconds, rel=LENGTH[writer.NAME][0])
        assert short_seconds(script, 165) == pytest.approx(30, rel=LENGTH[writer.NAME][1])


def test_an_idea_becomes_a_script_within_the_limits(writer: Writer, context: Context) -> None:
    text = "\n\n".join(segment.text for segment in transcript_of(EXAMPLES[0]).segments if not segment.heading)
    brief = Brief(Book("How to live in the woods"), 60.0, 30.0, 165)
    script = writer.write_idea(Idea("How to live in the woods", text), detect_language(text), brief, context)
    assert video_seconds(script, 165, brief.scene_pause) == pytest.approx(60, rel=0.25)
    assert all((script.hook, script.close, script.short, script.description, script.scenes))
    assert (script.book_title, script.author, script.language) == ("How to live in the woods", "", "en")
    assert 0 < len(script.title) <= 100


def test_a_script_survives_its_file(writer: Writer, context: Context, tmp_path: Path) -> None:
    script = writer.write(transcript_of(EXAMPLES[0]), BRIEF, context)
    (tmp_path / "script.json").write_bytes(encode(script))
    assert load(tmp_path / "script.json", Script) == script


def test_too_little_text_is_a_clear_error(writer: Writer, context: Context) -> None:
    for text in ("", "Three words only.", "🎉"):
        with pytest.raises(ScriptError) as caught:
            writer.write(Transcript("en", "ltr", (Segment(text),), "short.txt"), BRIEF, context)
        assert "short.txt" in caught.value.message
        assert caught.value.remedy
