"""`pressrun preview` on real run folders, with a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pressrun.cli.preview import preview
from pressrun.model.book import Book
from pressrun.model.script import Scene, Script
from pressrun.pipelines.book_video import BOOK_VIDEO, PREVIEW
from pressrun.settings import ItemSettings, as_plain
from pressrun.stages import tts
from pressrun.stages.work import Declared, Work
from pressrun.store import run_folder
from pressrun.store.run_folder import RunFolder
from pressrun.store.workspace import Workspace

BOOK = Book("Walden", "Thoreau")
SCRIPT = Script(
    title="A small house", book_title="Walden", author="Thoreau", language="en", direction="ltr", hook="A man builds.",
    scenes=(Scene("Nails", "He counts every nail."),), close="Read it.", description="", tags=(),
    short="A small house.", target_seconds=20.0,
)
SERVICES = {"source": "folder", "writer": "extractive", "voice": "espeak", "publisher": "folder"}


@pytest.fixture
def begun(tmp_path: Path) -> RunFolder:
    settings = as_plain(ItemSettings(resolution="320x180", speech_rate=300))
    return run_folder.create(Workspace(tmp_path), BOOK, BOOK_VIDEO.name, BOOK_VIDEO.names, settings, SERVICES)


@pytest.fixture
def spoken(begun: RunFolder, tmp_path: Path) -> RunFolder:
    settings, services = Declared(begun.item.settings, "tts", "setting"), Declared(SERVICES, "tts", "service")
    work = Work(begun.path, tmp_path, BOOK, "tts", "m", settings, services)
    work.save("script.json", SCRIPT)
    tts.run(work)
    return begun


def kept(folder: RunFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.path.iterdir() if path.is_file()}


def test_a_book_that_nobody_began_gets_the_command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert preview("Emma | Jane Austen", tmp_path, {}) == 2
    said = capfd.readouterr()
    assert "Emma | Jane Austen was never started." in said.err
    assert 'run-pipeline "Emma | Jane Austen" --until tts' in said.err
    assert said.out == ""
    assert not list(tmp_path.iterdir())


def test_a_book_without_a_spoken_text_gets_the_command(
    begun: RunFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert preview("Walden", tmp_path, {}) == 2
    assert "Walden has no voice yet." in capfd.readouterr().err


def test_it_prints_the_paths_and_changes_nothing_that_resuming_looks_at(
    spoken: RunFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = kept(spoken)
    assert preview("walden", tmp_path, {}) == 0
    paths = capfd.readouterr().out.splitlines()
    assert paths == [str(spoken.path / name) for name in PREVIEW.makes]
    assert all(Path(path).stat().st_size > 1000 for path in paths)
    assert kept(spoken) == before


def test_a_style_that_is_tried_is_not_kept(
    spoken: RunFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (spoken.path / "short_voice.wav").unlink()
    assert preview("Walden", tmp_path, {}) == 0
    plain = (spoken.path / PREVIEW.makes[0]).read_bytes()
    before = kept(spoken)
    assert preview("Walden", tmp_path, {"style": "minimal"}) == 0
    assert (spoken.path / PREVIEW.makes[0]).read_bytes() != plain
    assert kept(spoken) == before


def test_what_goes_wrong_is_reported_with_its_remedy(
    spoken: RunFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (spoken.path / "voice.wav").write_bytes(b"RIFF")
    assert preview("Walden", tmp_path, {}) == 1
    said = capfd.readouterr()
    assert "voice.wav" in "".join(said.err.split())
    assert "the stage tts creates it" in said.err
    assert said.out == ""


def test_an_interrupt_ends_it_at_once_and_leaves_nothing_partial(spoken: RunFolder, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; from pressrun.cli.entry import pressrun; sys.exit(pressrun())"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESSRUN_")}
    process = subprocess.Popen(
        [*command, "preview", "Walden", "--workspace", str(tmp_path)], stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        env=environment | {"PRESSRUN_RESOLUTION": "1080p"}, text=True,
    )
    place = spoken.path / "preview"
    deadline = time.monotonic() + 30
    while not list(place.glob("*.part.*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert time.monotonic() - asked < 4
    assert process.returncode == 130
    assert "Interrupted" in stderr
    assert not list(place.iterdir())
