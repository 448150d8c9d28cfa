"""The preview creates a contact sheet and drafts, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.media_info import read_media_info
from tests.unit.stages.events import Recorder

from pressrun.errors import BrokenFileError
from pressrun.media.preview import MAX_DRAFT_FPS
from pressrun.model.book import Book
from pressrun.model.script import Narration, Scene, Script
from pressrun.model.stage_protocol import Progress
from pressrun.pipelines.book_video import PREVIEW
from pressrun.stages import preview, tts
from pressrun.stages.work import Declared, Work

SETTINGS: dict[str, Any] = {"resolution": "320x180", "fps": 30, "style": "modern", "font_dir": "", "music": ""}
SCRIPT = Script(
    title="A small house", book_title="Walden", author="Thoreau", language="en", direction="ltr", hook="A man builds.",
    scenes=(Scene("Nails", "He counts every nail."),), close="Read it.", description="", tags=(),
    short="A small house.", target_seconds=20.0,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Work:
    folder = tmp_path_factory.mktemp("run")
    spoken = Declared({"speech_rate": 240, "scene_pause": 0.6, "short_seconds": 45.0}, "tts", "setting")
    work = Work(folder, folder, Book("Walden"), "tts", "m", spoken, Declared({"voice": "espeak"}, "tts", "service"))
    work.save("script.json", SCRIPT)
    tts.run(work)
    looking = Work(
        folder, folder, Book("Walden"), "preview", "", Declared(SETTINGS, "preview", "setting"),
        Declared({}, "preview", "service"), events=Recorder(),
    )
    preview.run(looking)
    return looking


def test_all_settings_it_reads_are_declared() -> None:
    assert set(PREVIEW.settings) == set(SETTINGS)


def test_it_creates_a_sheet_and_both_drafts(made: Work) -> None:
    assert sorted(f"preview/{path.name}" for path in (made.folder / "preview").iterdir()) == sorted(PREVIEW.makes)
    video, short = (read_media_info(made.folder / "preview" / name) for name in (preview.DRAFT, preview.SHORT_DRAFT))
    assert (video.width, video.height, video.fps) == (320, 180, MAX_DRAFT_FPS)
    assert (short.width, short.height) == (180, 320)
    narration = made.load("words.json", Narration)
    assert video.duration == pytest.approx(narration.duration, abs=0.2)


def test_the_sheet_shows_title_scene_end_and_short(made: Work) -> None:
    with Image.open(made.folder / "preview" / preview.SHEET) as sheet:
        assert sheet.size == (1520, 20 + 330 + 540)


def test_no_other_file_of_the_run_folder_is_created(made: Work) -> None:
    names = {path.name for path in made.folder.iterdir()}
    assert names == {"script.json", "voice.wav", "words.json", "short_voice.wav", "short_words.json", "preview"}


def test_progress_ends_with_all_frames(made: Work) -> None:
    assert isinstance(made.events, Recorder)
    last = made.events.of(Progress)[-1]
    assert last.done == last.total


def test_a_short_without_a_voice_has_no_draft(made: Work, tmp_path: Path) -> None:
    for name in PREVIEW.needs:
        (tmp_path / name).write_bytes((made.folder / name).read_bytes())
    preview.run(Work(tmp_path, tmp_path, made.book, "preview", "", made.settings, made.services))
    assert sorted(path.name for path in (tmp_path / "preview").iterdir()) == [preview.SHEET, preview.DRAFT]


def test_a_broken_voice_is_named_and_leaves_no_draft(made: Work, tmp_path: Path) -> None:
    for name in PREVIEW.needs:
        (tmp_path / name).write_bytes((made.folder / name).read_bytes()[:2000])
    (tmp_path / "script.json").write_bytes((made.folder / "script.json").read_bytes())
    (tmp_path / "words.json").write_bytes((made.folder / "words.json").read_bytes())
    with pytest.raises(BrokenFileError, match=r"voice\.wav"):
        preview.run(Work(tmp_path, tmp_path, made.book, "preview", "", made.settings, made.services))
    assert not list((tmp_path / "preview").iterdir())
