"""upload publishes exactly once, whatever happened before."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pressrun.errors import ServiceUnavailableError
from pressrun.model.book import Book
from pressrun.model.script import Narration, Passage, Scene, Script, Word
from pressrun.services.protocols import Published
from pressrun.stages import upload
from pressrun.stages.work import Declared, Work

SCRIPT = Script(
    title="A small house", book_title="Walden", author="Thoreau", language="en", direction="ltr", hook="Hook.",
    scenes=(Scene("One", "Scene."),), close="Close.", description="", tags=("a",), short="Short.", target_seconds=20.0,
)


NARRATION = Narration(
    "en", "ltr", 66.0, "voice",
    tuple(
        Passage(heading, "word", start, start + 14, (Word("word", start, start + 14),))
        for heading, start in (("Walden", 0.5), ("One", 15.0), ("Two <b>", 30.0), ("Close", 50.0))
    ),
)


def make_work(folder: Path, marker: str = "m1", publisher: str = "folder") -> Work:
    run = folder / "run"
    run.mkdir(exist_ok=True)
    settings = Declared({"privacy": "unlisted", "format": "mp4"}, "upload", "setting")
    services = Declared({"publisher": publisher}, "upload", "service")
    work = Work(run, folder, Book("Walden"), "upload", marker, settings, services)
    work.save("script.json", SCRIPT)
    work.save("words.json", NARRATION)
    for name in ("video.mp4", "captions.srt", "captions.vtt", "thumbnail.jpg"):
        (run / name).write_bytes(name.encode())
    return work


def test_the_receipt_has_url_and_privacy(tmp_path: Path) -> None:
    work = make_work(tmp_path)
    upload.run(work)
    receipt = work.load("upload.json", Published)
    assert receipt.url == (tmp_path / "published/Walden/video.mp4").as_uri()
    assert (receipt.marker, receipt.publisher, receipt.privacy) == ("m1", "folder", "unlisted")


def test_a_publication_without_a_receipt_is_not_repeated(tmp_path: Path) -> None:
    work = make_work(tmp_path)
    upload.run(work)
    first = (work.folder / "upload.json").read_bytes()
    (work.folder / "upload.json").unlink()
    upload.run(work)
    assert (work.folder / "upload.json").read_bytes() == first
    assert [path.name for path in (tmp_path / "published").iterdir()] == ["Walden"]


def test_another_marker_is_another_copy(tmp_path: Path) -> None:
    upload.run(make_work(tmp_path))
    upload.run(make_work(tmp_path, marker="m2"))
    places = sorted((tmp_path / "published").glob("*/metadata.json"))
    assert [json.loads(path.read_text())["marker"] for path in places] == ["m1", "m2"]


def test_an_unknown_publisher_is_an_error_that_lists_all_publishers(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailableError, match='"nowhere"') as caught:
        upload.run(make_work(tmp_path, publisher="nowhere"))
    assert "folder" in caught.value.remedy


def test_the_publication_has_title_and_description_of_the_script(tmp_path: Path) -> None:
    upload.run(make_work(tmp_path))
    metadata = json.loads((tmp_path / "published/Walden/metadata.json").read_text())
    assert metadata["title"] == SCRIPT.title
    assert metadata["description"].startswith(SCRIPT.description)


def test_chapters_are_in_the_description_and_in_the_metadata(tmp_path: Path) -> None:
    work = make_work(tmp_path)
    work.save("script.json", replace(SCRIPT, description="Notes on a house."))
    upload.run(work)
    metadata = json.loads((tmp_path / "published" / "Walden" / "metadata.json").read_text())
    assert metadata["description"] == "Notes on a house.\n\n0:00 Walden\n0:14 One\n0:29 Two ‹b›"
    assert metadata["chapters"][1] == {"start": 14, "title": "One"}


def test_a_long_description_is_cut_and_keeps_its_chapters(tmp_path: Path) -> None:
    work = make_work(tmp_path)
    work.save("script.json", replace(SCRIPT, description="ä" * 2500))
    upload.run(work)
    metadata = json.loads((tmp_path / "published" / "Walden" / "metadata.json").read_text())
    assert len(metadata["description"].encode()) <= 5000
    assert metadata["description"].endswith("ä…\n\n0:00 Walden\n0:14 One\n0:29 Two ‹b›")


def test_a_video_without_chapters_does_not_mention_them(tmp_path: Path) -> None:
    work = make_work(tmp_path)
    work.save("script.json", replace(SCRIPT, description="Notes."))
    work.save("words.json", replace(NARRATION, passages=NARRATION.passages[-2:]))
    upload.run(work)
    metadata = json.loads((tmp_path / "published" / "Walden" / "metadata.json").read_text())
    assert (metadata["description"], metadata["chapters"]) == ("Notes.", [])
