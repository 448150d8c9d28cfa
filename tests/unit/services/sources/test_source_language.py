"""The language of a file, from its name, its tags and its first kilobytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.services.sources.source_language import language_code, language_of_name, source_language

GERMAN = "Die Wärterin zählt jeden Abend die Schiffe. Sie schreibt ihre Zahl in ein grünes Heft. "
ENGLISH = "The keeper counts the ships every evening. She writes their number into a green notebook. "


@pytest.mark.parametrize(
    ("tag", "code"), [("en", "en"), ("en-US", "en"), ("eng", "en"), ("ger", "de"), ("DEU", "de"), ("sea", ""), ("", "")]
)
def test_tags_of_two_and_three_letters_mean_the_same_code(tag: str, code: str) -> None:
    assert language_code(tag) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [("talk.de.srt", "de"), ("talk.ger.srt", "de"), ("talk.en-US.vtt", "en"), ("talk.en.sdh.srt", "en"),
     ("talk.srt", ""), ("the.old.man.and.the.sea.txt", "")],
)
def test_the_name_of_a_file_may_carry_its_language(name: str, code: str) -> None:
    assert language_of_name(Path(name)) == code


@pytest.mark.parametrize(("text", "code"), [(GERMAN, "de"), (ENGLISH, "en")])
def test_captions_and_texts_are_detected(tmp_path: Path, text: str, code: str) -> None:
    cues = "".join(
        f"{number}\n00:00:{number:02},000 --> 00:00:{number + 1:02},000\n<i>{line}.</i>\n\n"
        for number, line in enumerate(text.split(". "), 1) if line
    )
    for name, content in (("a.txt", text), ("a.srt", cues), ("a.html", f"<html><p>{text}</p></html>")):
        (tmp_path / name).write_text(content, encoding="utf-8")
        found = source_language(tmp_path / name)
        assert found is not None, name
        assert found.code == code


def test_what_cannot_be_detected_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Short.")
    (tmp_path / "b.txt").write_bytes(b"\x00\x01" * 200)
    assert source_language(tmp_path / "a.txt") is None
    assert source_language(tmp_path / "b.txt") is None
    assert source_language(tmp_path / "gone.txt") is None
