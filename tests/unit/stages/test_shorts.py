"""The short is vertical, shorter than a minute, has its own captions, and is published once."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import Any

import pytest
from tests.media_info import read_media_info

from pressrun.errors import BrokenFileError
from pressrun.model.book import Book
from pressrun.model.script import Narration, Scene, Script
from pressrun.model.stage_protocol import StageEvent
from pressrun.services.protocols import Published
from pressrun.stages import shorts, tts
from pressrun.stages.cover import CoverRecord
from pressrun.stages.work import Declared, EventPipe, Work

SETTINGS: dict[str, Any] = {
    "resolution": "320x180", "fps": 10, "style": "modern", "font_dir": "", "speech_rate": 200, "privacy": "private",
    "format": "mp4", "video_codec": "auto", "audio_codec": "auto", "quality": "standard", "music": "",
    "scene_pause": 0.6, "short_seconds": 45.0,
}
SCRIPT = Script(
    title="A small house", book_title="Walden", author="Thoreau", language="en", direction="ltr", hook="Hook.",
    scenes=(Scene("One", "Scene."),), close="Close.", description="", tags=("a",),
    short="A small house. A large thought.", target_seconds=20.0,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Work:
    workspace = tmp_path_factory.mktemp("workspace")
    (workspace / "run").mkdir()
    settings = Declared(SETTINGS, "shorts", "setting")
    services = Declared({"voice": "espeak", "publisher": "folder"}, "shorts", "service")
    work = Work(workspace / "run", workspace, Book("Walden"), "shorts", "m1", settings, services)
    work.save("script.json", SCRIPT)
    work.save("cover.json", CoverRecord("drawn"))
    work.save("upload.json", Published("file:///somewhere/video.mp4", "m0", "folder", "private"))
    tts.run(work)
    shorts.run(work)
    return work


def test_it_is_vertical_at_the_scale_of_the_video(made: Work) -> None:
    found = read_media_info(made.folder / "short.mp4")
    narration = made.load("short_words.json", Narration)
    assert (found.width, found.height) == (180, 320)
    assert found.duration == pytest.approx(narration.duration, abs=0.1)
    assert found.duration <= 60


def test_it_has_its_own_captions_that_fit_the_vertical_frame(made: Work) -> None:
    blocks = (made.folder / "short.srt").read_text("utf-8").strip().split("\n\n")
    lines = [line for block in blocks for line in block.split("\n")[2:]]
    assert " ".join(lines) == SCRIPT.short
    assert all(len(block.split("\n")) <= 4 for block in blocks)
    assert max(map(len, lines)) < 20


def test_it_is_published_with_the_address_of_its_video(made: Work) -> None:
    receipt = made.load("short.json", Published)
    assert receipt.url == (made.workspace / "published/Walden_Short/short.mp4").as_uri()
    metadata = json.loads((made.workspace / "published/Walden_Short/metadata.json").read_text())
    assert (metadata["kind"], metadata["related_url"]) == ("short", "file:///somewhere/video.mp4")
    assert metadata["title"] == "A small house #Shorts"
    assert metadata["description"] == "A small house.\n\nA small house"


def test_it_reports_the_end_of_computing_before_it_is_published(made: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    class Heard(EventPipe):
        def send(self, event: StageEvent) -> None:
            order.append(type(event).__name__)

    monkeypatch.setattr(shorts, "publish_once", lambda *_: order.append("publish"))
    shorts.run(replace(made, events=Heard(None)))
    assert order[-2:] == ["Computed", "publish"]


def test_it_is_published_once(made: Work) -> None:
    before = (made.folder / "short.json").read_bytes()
    shorts.run(made)
    assert (made.folder / "short.json").read_bytes() == before
    assert [path.name for path in (made.workspace / "published").iterdir()] == ["Walden_Short"]


def test_words_of_two_passages_are_an_error(made: Work) -> None:
    narration = made.load("short_words.json", Narration)
    made.save("short_words.json", replace(narration, passages=narration.passages * 2))
    with pytest.raises(BrokenFileError, match="2 passages"):
        shorts.run(made)
    made.save("short_words.json", narration)


def test_publishing_elsewhere_does_not_render_it_again(made: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    film = (made.folder / "short.mp4").stat()
    said: list[str] = []
    monkeypatch.setattr(EventPipe, "send", lambda _, event: said.append(type(event).__name__))
    shutil.rmtree(made.workspace / "published")
    shorts.run(replace(made, marker="m2"))
    now = (made.folder / "short.mp4").stat()
    assert (now.st_ino, now.st_mtime_ns) == (film.st_ino, film.st_mtime_ns)
    assert made.load("short.json", Published).marker == "m2"
    assert "Reads" in said  # what it depends on is said all the same


@pytest.mark.parametrize("change", ["settings", "version", "product"])
def test_a_changed_input_renders_it_again(made: Work, change: str) -> None:
    film = made.folder / "short.mp4"
    changed = made
    if change == "settings":
        changed = replace(made, settings=Declared(SETTINGS | {"fps": 12}, "shorts", "setting"))
    elif change == "version":
        changed = replace(made, version=made.version + 1)
    else:
        film.write_bytes(film.read_bytes() + b"more")
    before = film.stat().st_ino
    shorts.run(changed)
    assert film.stat().st_ino != before
    shorts.run(made)
