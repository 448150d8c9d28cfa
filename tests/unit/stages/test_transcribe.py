"""transcribe writes the material as segments and as text, with its language, and declares the files it reads."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pressrun.errors import SourceError
from pressrun.model.book import Book
from pressrun.model.script import Candidate, SourceMatch, Transcript
from pressrun.stages import transcribe
from pressrun.stages.work import Declared, EventPipe, Work

ENGLISH = "# Walden\n\nA man goes to the woods to live simply. He stays for two years.\n\n## Beans\n\nHe hoes rows.\n"


class StageRun:
    """A workspace with one source, and the events of the stage."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.reading, writing = os.pipe()
        self.events = EventPipe(writing)
        self.writing = writing
        (workspace / "run").mkdir()
        (workspace / "sources").mkdir()

    def run(self, name: str, data: str | bytes, language: str = "auto") -> Work:
        path = self.workspace / "sources" / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        work = Work(
            self.workspace / "run", self.workspace, Book("Walden"), "transcribe", "m",
            Declared({"language": language}, "transcribe", "setting"),
            Declared({"source": "folder"}, "transcribe", "service"), events=self.events,
        )
        candidate = Candidate(name, f"sources/{name}", "text", 100.0)
        work.save("search.json", SourceMatch(candidate, (candidate,), "title matches"))
        transcribe.run(work)
        return work

    def told(self) -> list[dict[str, Any]]:
        os.close(self.writing)
        with os.fdopen(self.reading) as pipe:
            return [json.loads(line) for line in pipe]


@pytest.fixture
def stage(tmp_path: Path) -> StageRun:
    return StageRun(tmp_path)


def test_a_text_file_becomes_a_transcript_and_a_text(stage: StageRun) -> None:
    work = stage.run("walden.md", ENGLISH)
    transcript = work.load("transcript.json", Transcript)
    assert (transcript.language, transcript.direction, transcript.language_reason) == ("en", "ltr", "detected")
    assert [each.text for each in transcript.segments if each.heading] == ["Walden", "Beans"]
    assert transcript.source == "walden.md"
    assert (work.folder / "transcript.txt").read_text(encoding="utf-8") == (
        "Walden\n\nA man goes to the woods to live simply. He stays for two years.\n\nBeans\n\nHe hoes rows.\n"
    )


def test_the_file_that_was_read_is_declared_with_its_hash(stage: StageRun) -> None:
    stage.run("walden.md", ENGLISH)
    reads = [event for event in stage.told() if event["event"] == "reads"]
    assert [Path(event["path"]).name for event in reads] == ["walden.md"]
    assert len(reads[0]["sha256"]) == 64


def test_captions_keep_their_times_and_become_continuous_text(stage: StageRun) -> None:
    cues = "1\n00:00:01,000 --> 00:00:02,500\nA man goes\n\n2\n00:00:02,500 --> 00:00:04,000\nto the woods.\n"
    work = stage.run("talk.srt", cues)
    transcript = work.load("transcript.json", Transcript)
    assert [(each.text, each.start, each.end) for each in transcript.segments] == [
        ("A man goes", 1.0, 2.5), ("to the woods.", 2.5, 4.0),
    ]
    assert (work.folder / "transcript.txt").read_text() == "A man goes to the woods.\n"


@pytest.mark.parametrize(
    ("text", "language", "direction"),
    [("ذهب الرجل إلى الغابة ليعيش ببساطة ويعرف ما يحتاج إليه.", "ar", "rtl"),
     ("男は森へ行き、簡素に暮らして何が必要かを知ろうとした。", "ja", "ltr")],
)
def test_arabic_and_japanese_are_detected_with_their_direction(
    stage: StageRun, text: str, language: str, direction: str
) -> None:
    transcript = stage.run("walden.txt", text).load("transcript.json", Transcript)
    assert (transcript.language, transcript.direction) == (language, direction)


def test_a_set_language_is_used_and_an_unsure_one_is_noted(stage: StageRun) -> None:
    assert stage.run("a.txt", ENGLISH, language="de").load("transcript.json", Transcript).language_reason == "set"
    assert stage.run("b.txt", "Short.").load("transcript.json", Transcript).language == "en"
    notes = [event["text"] for event in stage.told() if event["event"] == "note"]
    assert len(notes) == 1
    assert "too short" in notes[0]


def test_what_is_left_out_is_noted_and_stored(stage: StageRun) -> None:
    transcript = stage.run("walden.txt", "He came.[1] He went.[2]\n\n[Illustration]\n\nHe stayed.").load(
        "transcript.json", Transcript
    )
    assert transcript.left_out == {"reference_marks": 2, "illustrations": 1}
    assert "Left out: 2 reference marks, 1 illustration" in [each.get("text") for each in stage.told()]


def test_a_text_in_another_language_than_the_configured_one_is_warned_about(stage: StageRun) -> None:
    text = "Die Wärterin zählt jeden Abend die Schiffe und schreibt ihre Zahl in ein grünes Heft. " * 4
    stage.run("walden.txt", text, language="en")
    (warning,) = [event["text"] for event in stage.told() if event.get("warning")]
    assert "another language (de) than the voice (en)" in warning


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.txt", b""), ("a.txt", b"\x00\x01\x02"), ("a.srt", b"no captions"), ("a.mp4", b"no media"), ("a.md", b"# A\n")],
)
def test_material_that_cannot_be_read_leaves_no_transcript(stage: StageRun, name: str, data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        stage.run(name, data)
    assert name in caught.value.message
    assert caught.value.remedy
    assert not list((stage.workspace / "run").glob("transcript*"))


def test_a_source_that_disappeared_after_the_search_is_named(stage: StageRun) -> None:
    work = stage.run("walden.md", ENGLISH)
    (stage.workspace / "sources" / "walden.md").unlink()
    with pytest.raises(SourceError, match=r"sources/walden\.md is gone") as caught:
        transcribe.run(work)
    assert caught.value.remedy == "Put it back, or run the same command with --from search to choose another."
