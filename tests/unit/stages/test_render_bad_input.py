"""Invalid user files lead to a clear error of render and leave no partial files."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.media_info import read_media_info

from pressrun.errors import NoSpaceError, RenderError
from pressrun.model.book import Book
from pressrun.model.script import Narration, Scene, Script, Word
from pressrun.stages import render, tts
from pressrun.stages.work import Declared, Work

SETTINGS = {
    "resolution": "320x180", "fps": 5, "style": "modern", "font_dir": "", "speech_rate": 240, "format": "mp4",
    "video_codec": "auto", "audio_codec": "auto", "quality": "draft", "music": "", "scene_pause": 0.6,
    "short_seconds": 45.0,
}
SCRIPT = Script(
    title="A house", book_title="Walden", author="Thoreau", language="en", direction="ltr", hook="A man builds.",
    scenes=(Scene("Nails", "He counts every nail."),), close="Read it.", description="", tags=(), short="A house.",
    target_seconds=20.0,
)
UNUSUAL = 'He said "50%": C:\\temp\\n \x07\x1b[31m\'red\' & <b>{x}</b>;\t%d %s [v]\u202e\r\n-i'
GIVEN = {"script.json", "voice.wav", "words.json", "short_voice.wav", "short_words.json", "images", "fonts"}


def make_work(folder: Path, **changed: Any) -> Work:
    settings = Declared(SETTINGS | changed, "render", "setting")
    return Work(
        folder, folder, Book("Walden"), "render", "m", settings, Declared({"voice": "espeak", "cover": "drawn"}, "", "")
    )


def spoken(folder: Path, script: Script) -> Path:
    work = make_work(folder)
    work.save("script.json", script)
    tts.run(work)
    return folder


@pytest.fixture(scope="module")
def prepared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spoken(tmp_path_factory.mktemp("prepared_folder"), SCRIPT)


@pytest.fixture
def folder(prepared_folder: Path, tmp_path: Path) -> Path:
    for name in ("script.json", "voice.wav", "words.json"):
        (tmp_path / name).write_bytes((prepared_folder / name).read_bytes())
    return tmp_path


def films_in(folder: Path) -> list[str]:
    """Complete and partial output files of the stage."""
    return sorted(each.name for each in folder.rglob("*") if "video." in each.name or ".part" in each.name)


def write_playlist(path: Path) -> None:
    path.with_suffix(".jpg").write_text("#EXTM3U\nfile:///etc/hostname\n")


def write_truncated_picture(path: Path) -> None:
    Image.effect_noise((90, 60), 80).save(path.with_suffix(".jpg"))
    whole = path.with_suffix(".jpg").read_bytes()
    path.with_suffix(".jpg").write_bytes(whole[: len(whole) // 2])


def write_clip_without_pictures(path: Path) -> None:
    import av
    import numpy as np

    with av.open(str(path.with_suffix(".mp4")), "w") as file:
        stream = file.add_stream("aac", rate=22050)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 22050
        file.mux(stream.encode(frame))
        file.mux(stream.encode())


def write_huge_picture(path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(path.with_suffix(".png"))


@pytest.mark.parametrize(
    ("put", "message"),
    [
        (write_playlist, r"theirs\.jpg cannot be read: it is a playlist"),
        (write_truncated_picture, r"theirs\.jpg is broken"),
        (write_clip_without_pictures, r"theirs\.mp4 has no video"),
        (write_huge_picture, r"theirs\.png has 20,000 x 20,000 pixels"),
    ],
)
def test_an_unusable_file_is_reported_with_a_remedy_before_rendering(
    folder: Path, put: Callable[[Path], None], message: str
) -> None:
    (folder / "images" / "Walden").mkdir(parents=True)
    put(folder / "images" / "Walden" / "theirs")
    with pytest.raises(RenderError, match=message) as caught:
        render.run(make_work(folder))
    assert caught.value.remedy
    assert films_in(folder) == []


def test_all_kinds_of_pictures_are_shown(folder: Path) -> None:
    pictures = folder / "images" / "Walden"
    pictures.mkdir(parents=True)
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("CMYK", (90, 60), (0, 200, 200, 0)).save(pictures / "1 print.jpg")
    Image.new("RGB", (90, 60), "teal").save(pictures / "2 'phone' 50%.jpg", exif=turned)
    render.run(make_work(folder))
    assert read_media_info(folder / "video.mp4").frames > 10


def test_a_huge_jpeg_does_not_need_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    Image.new("L", (20_000, 20_000), 90).save(path, quality=20)
    # The peak of its own memory: that of rusage begins with what the parent had.
    program = (
        "import sys; from pathlib import Path; from pressrun.media.pictures import read_picture;"
        "print(read_picture(Path(sys.argv[1]), (1920, 1080)).size);"
        "print(next(int(line.split()[1]) // 1024 for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    run = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    size, megabytes = run.stdout.splitlines()
    assert size == "(2500, 2500)"
    assert int(megabytes) < 300


@pytest.mark.parametrize("text", [UNUSUAL, "\U0001f642\U0001f680", "%", "\x00\x01", "-i /etc/passwd"])
def test_titles_and_headings_may_have_any_characters(folder: Path, text: str) -> None:
    script = replace(SCRIPT, title=text, book_title=text, author=text, scenes=(Scene(text, "He counts every nail."),))
    work = make_work(folder)
    work.save("script.json", script)
    render.run(work)
    made = read_media_info(folder / "video.mp4")
    assert made.duration == pytest.approx(work.load("words.json", Narration).duration, abs=0.2)
    assert (folder / "thumbnail.jpg").is_file()


@pytest.mark.parametrize("text", [UNUSUAL, "\U0001f642"])
def test_words_and_captions_may_have_any_characters(folder: Path, text: str) -> None:
    work = make_work(folder)
    narration = work.load("words.json", Narration)
    words = [replace(each, text=text, words=(Word(text, each.start, each.end),)) for each in narration.passages]
    work.save("words.json", replace(narration, passages=tuple(words)))
    render.run(work)
    assert read_media_info(folder / "video.mp4").frames > 10
    assert (folder / "captions.srt").read_text("utf-8").count("-->") == len(words)


def test_an_unreadable_font_is_reported_before_rendering(folder: Path) -> None:
    (folder / "fonts").mkdir()
    (folder / "fonts" / "Mine.ttf").write_bytes(b"no font at all")
    with pytest.raises(RenderError, match=r"Mine\.ttf cannot be read") as caught:
        render.run(make_work(folder, font_dir="fonts"))
    assert caught.value.remedy
    assert films_in(folder) == []


@contextmanager
def max_file_size(size: int) -> Iterator[None]:
    """Limit the size of files to `size` bytes, which has the same effect as a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_becomes_full_leaves_no_partial_file_and_the_next_run_continues(
    prepared_folder: Path, folder: Path
) -> None:
    render.run(make_work(prepared_folder))
    whole = (prepared_folder / "video.mp4").read_bytes()
    for share in (0.03, 0.5, 0.97):
        with max_file_size(int(len(whole) * share)), pytest.raises(NoSpaceError, match=folder.name) as caught:
            render.run(make_work(folder))
        assert caught.value.remedy
        assert films_in(folder) == []
    render.run(make_work(folder))
    assert (folder / "video.mp4").read_bytes() == whole
