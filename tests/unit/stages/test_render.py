"""render creates a real video, with captions and a thumbnail."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from tests.media_info import read_media_info
from tests.unit.stages.events import Recorder

from pressrun.errors import BrokenFileError, MissingGlyphsError, NoSpaceError, RenderError, SettingsError
from pressrun.media.loudness import TARGET_LOUDNESS
from pressrun.media.sound import Sound, write_wav
from pressrun.model.book import Book
from pressrun.model.script import Narration, Scene, Script
from pressrun.model.stage_protocol import Progress
from pressrun.stages import render, tts
from pressrun.stages.work import Declared, Work

SETTINGS = {
    "resolution": "320x180", "fps": 10, "style": "modern", "font_dir": "", "speech_rate": 200,
    "format": "mp4", "video_codec": "auto", "audio_codec": "auto", "quality": "standard", "music": "",
    "scene_pause": 0.6, "short_seconds": 45.0,
}
SCRIPT = Script(
    title="A small house", book_title="Walden \U0001f642", author="Henry David Thoreau", language="en", direction="ltr",
    hook="A man builds a house.", scenes=(Scene("Living on purpose", "He counts every nail, and then he rests."),),
    close="Read it slowly.", description="", tags=(), short="A small house.", target_seconds=20.0,
)


def make_work(folder: Path, **changed: Any) -> Work:
    settings = Declared(SETTINGS | changed, "render", "setting")
    services = Declared({"voice": "espeak", "cover": "drawn"}, "render", "service")
    return Work(folder, folder, Book("Walden"), "render", "m", settings, services, events=Recorder())


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Work:
    work = make_work(tmp_path_factory.mktemp("run"))
    work.save("script.json", SCRIPT)
    tts.run(work)
    render.run(work)
    return work


@pytest.fixture
def spoken(rendered: Work, tmp_path: Path) -> Path:
    """A new run folder with the inputs of render."""
    for name in ("script.json", "words.json", "voice.wav"):
        (tmp_path / name).write_bytes((rendered.folder / name).read_bytes())
    return tmp_path


def loudness_and_peak(path: Path) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dB of the finished file."""

    def measured() -> Iterator[tuple[float, float]]:
        with av.open(str(path)) as file:
            graph = av.filter.Graph()
            source = graph.add_abuffer(template=file.streams.audio[0])
            meter = graph.add("ebur128", "metadata=1:peak=true")
            graph.link_nodes(source, meter, graph.add("abuffersink")).configure()
            for frame in file.decode(audio=0):
                graph.push(frame)
                try:
                    while True:
                        found = graph.pull().metadata
                        yield float(found["lavfi.r128.I"]), float(found["lavfi.r128.true_peak"])
                except (av.error.BlockingIOError, av.error.EOFError):
                    pass

    *_, (integrated, peak) = measured()
    return integrated, 20 * math.log10(peak)


def test_the_video_is_as_long_as_the_voice(rendered: Work) -> None:
    narration = rendered.load("words.json", Narration)
    found = read_media_info(rendered.folder / "video.mp4")
    assert found.video_duration == pytest.approx(narration.duration, abs=0.1)
    assert found.duration == pytest.approx(narration.duration, abs=0.1)
    assert (found.width, found.height, found.fps) == (320, 180, 10)


def test_the_voice_has_the_loudness_that_platforms_require(rendered: Work) -> None:
    integrated, peak = loudness_and_peak(rendered.folder / "video.mp4")
    assert integrated == pytest.approx(TARGET_LOUDNESS, abs=0.5)
    assert peak < -1


def test_the_format_changes_the_name_and_music_is_declared(spoken: Path) -> None:
    song = spoken / "song.wav"
    samples = (12_000 * np.sin(np.arange(3 * 22050) / 9) * (np.arange(3 * 22050) % 5000 < 4000)).astype(np.int16)
    write_wav(song, Sound(samples.tobytes(), 22050))
    work = make_work(spoken, format="webm", quality="draft", music="song.wav")
    render.run(work)
    found = read_media_info(spoken / "video.webm")
    assert (found.video_codec, found.audio_codec) == ("vp9", "opus")
    assert found.duration == pytest.approx(work.load("words.json", Narration).duration, abs=0.15)
    assert not (spoken / "video.mp4").exists()
    assert str(song) in work.events.read
    integrated, peak = loudness_and_peak(spoken / "video.webm")
    assert integrated == pytest.approx(TARGET_LOUDNESS, abs=0.5)
    assert peak < -1


@pytest.mark.parametrize("published", [False, True])
def test_a_film_in_another_format_is_removed_unless_it_was_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published: bool
) -> None:
    monkeypatch.setattr(render, "render_film", lambda path, *args: path.write_bytes(b"new"))
    film: Any = SimpleNamespace(frame_count=1)
    for name in ("video.mp4", "short.mp4", "video.txt", *(["upload.json"] if published else [])):
        (tmp_path / name).write_text("old")
    render.write_film(make_work(tmp_path, format="webm"), "video.webm", film, Sound(b"", 22050))
    assert (tmp_path / "video.mp4").exists() == published
    assert (tmp_path / "video.webm").read_bytes() == b"new"
    assert (tmp_path / "short.mp4").exists()
    assert (tmp_path / "video.txt").exists()


def test_the_picture_changes_with_every_word(rendered: Work) -> None:
    narration = rendered.load("words.json", Narration)
    with av.open(str(rendered.folder / "video.mp4")) as file:
        bands = [frame.to_ndarray(format="gray")[140:170].astype(int) for frame in file.decode(video=0)]
    checked = 0
    for passage in narration.passages:
        # A word shorter than a frame may have none; the others have one whose middle lies in their time.
        spoken = [
            next((n for n in range(len(bands)) if word.start <= (n + 0.5) / 10 < word.end), None)
            for word in passage.words
        ]
        for first, second in pairwise(each for each in spoken if each is not None):
            assert (abs(bands[first] - bands[second]) > 60).any(), (first, second)
            checked += 1
    assert checked > 10


def test_captions_have_every_word_in_both_formats(rendered: Work) -> None:
    narration = rendered.load("words.json", Narration)
    for name in ("captions.srt", "captions.vtt"):
        text = (rendered.folder / name).read_text("utf-8")
        lines = text.removeprefix("WEBVTT").split("\n")
        shown = [line for line in lines if line and "-->" not in line and not line.isdigit()]
        assert " ".join(shown) == " ".join(passage.text for passage in narration.passages)


def test_the_thumbnail_has_the_size_that_platforms_require(rendered: Work) -> None:
    with Image.open(rendered.folder / "thumbnail.jpg") as picture:
        assert (picture.size, picture.format) == ((1280, 720), "JPEG")


def test_progress_ends_with_all_frames_and_an_omitted_symbol_is_noted(rendered: Work) -> None:
    last = [each for each in rendered.events.of(Progress) if each.unit == "frames"][-1]
    assert last.done == last.total == read_media_info(rendered.folder / "video.mp4").frames
    assert "\U0001f642" in rendered.events.notes[0]


def test_the_same_inputs_give_the_same_files(rendered: Work, spoken: Path) -> None:
    render.run(make_work(spoken))
    for name in ("video.mp4", "captions.srt", "captions.vtt", "thumbnail.jpg"):
        assert (spoken / name).read_bytes() == (rendered.folder / name).read_bytes(), name


def test_fonts_of_the_user_are_declared(spoken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pressrun.media.fonts import BUNDLED_FOLDER

    (spoken / "fonts").mkdir()
    (spoken / "fonts" / "Mine.ttf").write_bytes((BUNDLED_FOLDER / "DejaVuSans.ttf").read_bytes())
    monkeypatch.setattr(render, "write_film", lambda *args: None)
    work = make_work(spoken, font_dir="fonts")
    render.run(work)
    assert str(spoken / "fonts" / "Mine.ttf") in work.events.read


def test_pictures_and_styles_of_the_user_are_declared(spoken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, style = spoken / "images" / "Walden", spoken / "styles" / "mine.toml"
    pictures.mkdir(parents=True)
    style.parent.mkdir()
    Image.new("RGB", (64, 48), "teal").save(pictures / "pond.png")
    style.write_text('like = "classic"\n', "utf-8")
    monkeypatch.setattr(render, "write_film", lambda *args: None)
    work = make_work(spoken, style="mine")
    render.run(work)
    read = work.events.read
    named_like_the_title = spoken / "images" / "Walden 🙂"
    assert read == [str(style), f"{pictures}/", f"{named_like_the_title}/", str(pictures / "pond.png")]


def test_a_broken_picture_is_reported_before_rendering(spoken: Path) -> None:
    folder = spoken / "images" / "Walden"
    folder.mkdir(parents=True)
    (folder / "list.jpg").write_text("#EXTM3U\nfile:///etc/hostname\n")
    with pytest.raises(RenderError, match=r"list\.jpg cannot be read: it is a playlist"):
        render.run(make_work(spoken))
    assert not list(spoken.glob("video*"))


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"resolution": "huge"}, "huge"), ({"style": "baroque"}, "baroque"), ({"font_dir": "nowhere"}, "nowhere")],
)
def test_an_invalid_setting_is_reported_before_rendering(
    spoken: Path, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        render.run(make_work(spoken, **changed))
    assert not (spoken / "video.mp4").exists()


def test_letters_without_a_font_are_reported_before_rendering(spoken: Path) -> None:
    work = make_work(spoken)
    work.save("script.json", replace(SCRIPT, author="夏目漱石"))
    with pytest.raises(MissingGlyphsError, match="夏 目 漱 石"):
        render.run(work)
    assert not (spoken / "video.mp4").exists()


@pytest.mark.parametrize("name", ["voice.wav", "words.json", "script.json"])
def test_a_missing_or_broken_input_is_reported(spoken: Path, name: str) -> None:
    (spoken / name).write_bytes(b"RIFF broken")
    with pytest.raises(BrokenFileError, match=name):
        render.run(make_work(spoken))
    (spoken / name).unlink()
    with pytest.raises(BrokenFileError, match=name):
        render.run(make_work(spoken))


def test_words_that_do_not_match_the_script_are_an_error(spoken: Path) -> None:
    work = make_work(spoken)
    narration = work.load("words.json", Narration)
    work.save("words.json", replace(narration, passages=narration.passages[:-1]))
    with pytest.raises(BrokenFileError, match="2 passages"):
        render.run(work)
    silent = replace(narration.passages[0], words=())
    work.save("words.json", replace(narration, passages=(silent, *narration.passages[1:])))
    with pytest.raises(BrokenFileError, match="without words"):
        render.run(work)
    work.save("script.json", replace(SCRIPT, scenes=()))
    with pytest.raises(BrokenFileError, match="no scenes"):
        render.run(work)


def test_a_full_disk_leaves_no_partial_video(spoken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *args: object) -> None:
        path.write_bytes(b"half")
        raise NoSpaceError(f"No space left while writing in {path.parent}")

    monkeypatch.setattr(render, "render_film", full)
    with pytest.raises(NoSpaceError):
        render.run(make_work(spoken))
    assert sorted(path.name for path in spoken.iterdir()) == ["cover.json", "script.json", "voice.wav", "words.json"]
