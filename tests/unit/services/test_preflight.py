"""What is checked before the question: sources, languages, letters and pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.unit.services.sources.books import page, write_epub, write_pdf

from pressrun.model.book import Book
from pressrun.model.plan import Decision, PlanRow, ServiceChoice
from pressrun.model.reason import Reason, ReasonKind
from pressrun.model.script import Scene, Script
from pressrun.services import preflight
from pressrun.services.preflight import check_books
from pressrun.settings import load_settings
from pressrun.store import json_files
from pressrun.wording import sentence

FOLDER = (ServiceChoice("source", "folder", "the only one"),)
ENGLISH = "A lighthouse keeper on a small island counts the ships that pass. Every evening she writes it down. " * 3
GERMAN = "Die Wärterin zählt jeden Abend die Schiffe. Sie schreibt ihre Zahl in ein Heft, das niemand liest. " * 3
CHINESE = "守灯人住在一座小岛上。每天晚上，她把经过的船数写进绿色的笔记本。有一年冬天，十九天没有船来。" * 3


def row(title: str, *stages: str, number: int = 1) -> PlanRow:
    decision = Decision(stages or ("search", "render"))
    return PlanRow(number, Book(title), "new", "process", Reason(ReasonKind.FRESH_START), decision)


def put(workspace: Path, name: str, text: str = ENGLISH) -> Path:
    path = workspace / "sources" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def check(
    workspace: Path, *rows: PlanRow, choices: tuple[ServiceChoice, ...] = FOLDER, **flags: object
) -> list[list[str]]:
    settings = load_settings(workspace, flags, {})
    found = check_books(rows, "search", choices, settings, workspace)
    return [[sentence(each) for each in warnings] for warnings in found]


def test_a_book_without_a_source_is_named_and_only_if_it_searches(tmp_path: Path) -> None:
    put(tmp_path, "Walden.txt")
    rows = (row("Walden"), row("Walden Two"), row("Emma"), row("Emma", "render"))
    assert check(tmp_path, *rows) == [
        [],
        ["No source: nothing in sources matches; nearest: Walden.txt (title is near)"],
        ["No source: nothing in sources comes near; it holds Walden.txt"],
        [],
    ]


def test_a_source_that_needs_the_network_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(preflight.SOURCES, "online", SimpleNamespace(NEEDS_NETWORK=True))  # type: ignore[misc]
    choices = (ServiceChoice("source", "online", "set"),)
    assert check(tmp_path, row("Emma"), choices=choices) == [[]]


def test_a_text_in_another_language_than_the_one_set_is_named(tmp_path: Path) -> None:
    put(tmp_path, "Walden.txt", GERMAN)
    put(tmp_path, "Emma.txt", ENGLISH)
    rows = (row("Walden"), row("Emma"))
    found = check(tmp_path, *rows, language="en")
    assert found[0][0].startswith('sources/Walden.txt is in "de", but the language is set to "en"')
    assert found[1] == []
    assert check(tmp_path, *rows) == [[], []]


def test_epubs_are_checked_by_their_text(tmp_path: Path) -> None:
    write_epub(tmp_path / "sources" / "Walden.epub", {"1.xhtml": page(f"<h1>I</h1><p>{GERMAN}</p>")})
    write_epub(tmp_path / "sources" / "Case.epub", {"1.xhtml": page(f"<p>{CHINESE}</p>")}, title="Case")
    assert 'is in "de", but' in check(tmp_path, row("Walden"), language="en")[0][0]
    assert check(tmp_path, row("Walden"), language="de") == [[]]
    assert "no font has these letters" in check(tmp_path, row("Case"))[0][0]


def test_pdfs_are_checked_by_their_first_pages(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    lines = [each.strip() for each in (GERMAN.replace("ä", "ae") * 2).split(".") if each.strip()]
    write_pdf(tmp_path / "sources" / "Walden.pdf", [["Walden"], lines, lines])
    (warning,) = check(tmp_path, row("Walden"), language="en")[0]
    assert "Walden.pdf" in warning
    assert "de" in warning
    assert check(tmp_path, row("Walden"), language="de") == [[]]
    (tmp_path / "sources" / "Walden.pdf").write_bytes(b"%PDF-1.4 broken")
    assert check(tmp_path, row("Walden"), language="en") == [[]]


def test_only_the_first_pdfs_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "MAX_CHECKED_PDFS", 1)
    (tmp_path / "sources").mkdir()
    lines = [each.strip() for each in (GERMAN.replace("ä", "ae") * 2).split(".") if each.strip()]
    for name in ("Walden", "Emma"):
        write_pdf(tmp_path / "sources" / f"{name}.pdf", [lines])
    assert [len(each) for each in check(tmp_path, row("Walden"), row("Emma"), language="en")] == [1, 0]


def test_letters_of_an_rtf_that_no_font_has_are_named(tmp_path: Path) -> None:
    text = "{\\rtf1\\ansi " + "".join(f"\\u{ord(each)}?" for each in "ጤና ይስጥልኝ") + " " + ENGLISH + "}"
    put(tmp_path, "Walden.rtf", text)
    (warning,) = check(tmp_path, row("Walden"))[0]
    assert "ጤ" in warning


def test_captions_are_checked(tmp_path: Path) -> None:
    put(tmp_path, "Talk of Ann.mp4", "x")
    put(tmp_path, "Talk of Ann.de.srt", f"1\n00:00:00,000 --> 00:00:09,000\n{GERMAN}\n")
    warning = check(tmp_path, row("Talk of Ann"), language="en")[0][0]
    assert warning.startswith('sources/Talk of Ann.de.srt is in "de"')


def test_letters_of_the_title_count_too(tmp_path: Path) -> None:
    put(tmp_path, "守灯人.txt")
    assert "no font has these letters of sources/守灯人.txt: 人 守 灯" in check(tmp_path, row("守灯人"))[0][0]


def test_letters_that_no_font_has_are_named(tmp_path: Path) -> None:
    put(tmp_path, "Case.txt", CHINESE)
    put(tmp_path, "Russian.txt", "Война и мир. Все счастливые семьи похожи друг на друга. " * 3)
    chinese, russian = check(tmp_path, row("Case"), row("Russian"))
    assert chinese[0].startswith("no font has these letters of sources/Case.txt: ")
    assert " more; put a font that has them into a folder and name it with --font-dir" in chinese[0]
    assert russian == []


def test_two_books_with_one_source_are_named(tmp_path: Path) -> None:
    put(tmp_path, "Walden.txt")
    put(tmp_path, "Emma.txt")
    assert check(tmp_path, row("Walden"), row("The Walden"), row("Emma")) == [
        ["sources/Walden.txt is also the source of The Walden"],
        ["sources/Walden.txt is also the source of Walden"],
        [],
    ]


def test_pictures_that_cannot_be_used_and_folders_with_another_name_are_named(tmp_path: Path) -> None:
    for name in ("My Case/1.png", "My_Case/2.gif", "My_Case/notes.txt", "The Walden/1.jpg", "Emma/1.png"):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    put(tmp_path, "My Case.txt")
    put(tmp_path, "Walden.txt")
    put(tmp_path, "Dune.txt")
    assert check(tmp_path, row("My Case"), row("Walden"), row("Dune"), row("My Case", "upload")) == [
        ["not used in images/My_Case: 2.gif; save pictures as JPEG or PNG, and clips as MP4"],
        ["the pictures in images/The Walden are not used; name the folder Walden if they belong to it"],
        [],
        [],
    ]


def test_only_the_files_of_the_first_books_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "MAX_CHECKED", 2)
    for number in range(4):
        put(tmp_path, f"Title number {number}.txt", GERMAN)
    found = check(tmp_path, *(row(f"Title number {number}") for number in range(4)), language="en")
    assert [len(each) for each in found] == [1, 1, 0, 0]


def test_an_edited_script_is_checked_before_it_is_spoken(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "walden"
    folder.mkdir(parents=True)
    script = Script(
        "Walden", "Walden", "", "en", "ltr", "A pond [1 in the woods is quiet.", (Scene("A", "The ships pass by."),),
        "Read the book now.", "", (), "A pond in the woods is quiet.", 60.0,
    )  # fmt: skip
    json_files.save(folder / "script.json", script)
    found = (folder / "script.json").stat()
    spoken = replace(row("Walden", "tts", "render"), run_folder="runs/walden")
    written = replace(row("Walden", "process", "tts"), run_folder="runs/walden")
    for change, warned in ((0, False), (1, True)):
        output = {"sha256": "", "size": found.st_size + change, "mtime_ns": found.st_mtime_ns}
        json_files.save(folder / "stages.json", {"process": {"outputs": {"script.json": output}}})
        first, second = check(tmp_path, spoken, written)
        assert any("contains a square bracket" in each for each in first) is warned
        assert not any("contains a square bracket" in each for each in second)
    (folder / "script.json").write_text("{")
    assert not any("bracket" in each for each in check(tmp_path, spoken)[0])
