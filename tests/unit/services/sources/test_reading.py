"""Material of any kind: what is read, and that everything read is told."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pressrun.errors import SourceError
from pressrun.model.script import Segment
from pressrun.services.sources import reading
from pressrun.services.sources.cleaning import Cleaned, clean_text
from pressrun.services.sources.cleaning.formats import Form
from pressrun.services.sources.reading import read_material

SRT = "1\n00:00:00,000 --> 00:00:02,000\n<i>Hello</i> there\n\n2\n00:00:02,000 --> 00:00:04,000\nand good bye\n"


def read(path: Path) -> tuple[list[str], list[str]]:
    """(texts of the pieces, names of the files that were read)."""
    seen: list[str] = []

    def reads(each: Path) -> Path:
        seen.append(each.name)
        return each

    return [piece.text for piece in read_material(path, reads).segments], seen


def make_media(folder: Path, name: str, *options: str) -> Path:
    import imageio_ffmpeg

    (folder / "in.srt").write_text(SRT)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *options, str(folder / name)]
    subprocess.run(command, check=True, cwd=folder, stdin=subprocess.DEVNULL)
    (folder / "in.srt").unlink()
    return folder / name


def test_texts_and_captions_are_read_by_their_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Title\n\nSome *text*.")
    (tmp_path / "b.SRT").write_text(SRT)
    assert read(tmp_path / "a.md") == (["Title", "Some text."], ["a.md"])
    assert read(tmp_path / "b.SRT") == (["Hello there", "and good bye"], ["b.SRT"])


def test_headings_without_text_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Title\n\n## Part\n")
    with pytest.raises(SourceError, match="no text besides headings"):
        read(tmp_path / "a.md")


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "srt"), ("a.mp4", "mov_text")])
def test_a_subtitle_track_inside_media_is_read(tmp_path: Path, name: str, codec: str) -> None:
    path = make_media(tmp_path, name, "-i", "in.srt", "-c:s", codec)
    assert read(path) == (["Hello there", "and good bye"], [name])


def test_captions_beside_media_come_before_what_is_inside(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no media at all")
    (tmp_path / "a.en.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nBeside.\n")
    assert read(tmp_path / "a.mp4") == (["Beside."], ["a.en.vtt"])
    (tmp_path / "a.srt").write_text(SRT)
    assert read(tmp_path / "a.mp4")[1] == ["a.srt"]


def test_media_without_any_text_say_what_to_put_beside_them(tmp_path: Path) -> None:
    path = make_media(tmp_path, "talk.wav", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "0.1")
    with pytest.raises(SourceError, match="no text subtitles") as caught:
        read(path)
    assert "talk.srt" in caught.value.remedy


def test_a_play_list_with_the_name_of_a_video_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "secret.srt").write_text(SRT)
    (tmp_path / "a.mp4").write_text("#EXTM3U\n#EXTINF:1,\nsecret.srt\n#EXT-X-ENDLIST\n")
    with pytest.raises(SourceError, match="cannot be read as media"):
        read(tmp_path / "a.mp4")
    (tmp_path / "b.mkv").write_text("ffconcat version 1.0\nfile secret.srt\n")
    with pytest.raises(SourceError, match="cannot be read as media"):
        read(tmp_path / "b.mkv")


def test_what_is_heard_is_requested_only_where_media_have_no_text(tmp_path: Path) -> None:
    silent = make_media(tmp_path, "talk.wav", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "0.1")
    heard = (Segment("What was heard."),)
    asked: list[str] = []

    def transcribe(path: Path) -> tuple[Segment, ...]:
        asked.append(path.name)
        return heard

    assert read_material(silent, lambda path: path, transcribe).segments == heard
    (tmp_path / "talk.srt").write_text(SRT)
    assert len(read_material(silent, lambda path: path, transcribe).segments) == 2
    assert asked == ["talk.wav"]


def test_a_text_that_looks_like_deeply_nested_data_is_read_as_a_text(tmp_path: Path) -> None:
    path = tmp_path / "Brackets.md"
    path.write_text("[" * 20_000)
    with pytest.raises(SourceError, match=r"Brackets\.md"):
        read_material(path, lambda read: read)


def write_captions(folder: Path, name: str, line: str) -> None:
    (folder / name).write_text(f"1\n00:00:01,000 --> 00:00:03,000\n{line}\n", encoding="utf-8")


def test_of_several_captions_beside_media_those_in_the_language_are_used_and_the_others_named(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no media at all")
    write_captions(tmp_path, "a.de.srt", "Die Wärterin zählt die Schiffe.")
    write_captions(tmp_path, "a.eng.srt", "The keeper counts the ships.")
    english = read_material(tmp_path / "a.mp4", lambda path: path, language="en")
    assert [each.text for each in english.segments] == ["The keeper counts the ships."]
    assert english.notes == ("Captions: a.eng.srt; not used: a.de.srt",)
    assert read_material(tmp_path / "a.mp4", lambda path: path).notes == ("Captions: a.de.srt; not used: a.eng.srt",)


def test_the_track_in_the_language_is_used(tmp_path: Path) -> None:
    import imageio_ffmpeg

    write_captions(tmp_path, "de.srt", "Die Wärterin zählt die Schiffe.")
    write_captions(tmp_path, "en.srt", "The keeper counts the ships.")
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", "de.srt", "-i", "en.srt", "-map", "0", "-map", "1"),
        *("-metadata:s:s:0", "language=ger", "-metadata:s:s:1", "language=eng", "-c:s", "srt", "a.mkv"),
    ]
    subprocess.run(command, check=True, cwd=tmp_path, stdin=subprocess.DEVNULL)
    for language, text in (("en", "The keeper counts the ships."), ("de", "Die Wärterin zählt die Schiffe.")):
        material = read_material(tmp_path / "a.mkv", lambda path: path, language=language)
        assert [each.text for each in material.segments] == [text]


def test_what_is_heard_is_cleaned_like_captions(tmp_path: Path) -> None:
    silent = make_media(tmp_path, "talk.wav", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "0.1")
    heard = (Segment("[Music] The keeper counts.", 0.0, 2.0), Segment("(applause)", 2.0, 3.0))
    material = read_material(silent, lambda path: path, lambda _: heard)
    assert material.segments == (Segment("The keeper counts.", 0.0, 2.0),)
    assert material.left_out.counts == {"sounds": 2}


def test_a_source_that_several_stages_read_is_cleaned_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned: list[int] = []

    def count(text: str, form: Form = "plain") -> Cleaned:
        cleaned.append(len(text))
        return clean_text(text, form)

    monkeypatch.setattr(reading, "clean_text", count)
    path = tmp_path / "drawer.txt"
    path.write_text("The drawer of the clockmaker was never locked.", encoding="utf-8")
    first = read_material(path, lambda each: each)
    assert read_material(path, lambda each: each) is first
    assert len(cleaned) == 1
    path.write_text("The drawer of the clockmaker was always locked.", encoding="utf-8")
    assert "always" in read_material(path, lambda each: each).segments[0].text
