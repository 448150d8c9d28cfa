"""search writes the match. A book without one fails with the closest names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.errors import NoSourceError
from pressrun.model.book import Book
from pressrun.model.script import SourceMatch
from pressrun.stages import search
from pressrun.stages.work import Declared, Work


def make_work(workspace: Path, book: Book) -> Work:
    (workspace / "run").mkdir()
    services = Declared({"source": "folder"}, "search", "service")
    return Work(workspace / "run", workspace, book, "search", "m", Declared({}, "search", "setting"), services)


def add_sources(workspace: Path, *names: str) -> None:
    (workspace / "sources").mkdir()
    for name in names:
        (workspace / "sources" / name).write_text("Text.")


def test_the_candidates_and_the_choice_are_written(tmp_path: Path) -> None:
    add_sources(tmp_path, "Walden.txt", "Walden.mp3")
    work = make_work(tmp_path, Book("Walden", "Henry David Thoreau"))
    search.run(work)
    match = work.load("search.json", SourceMatch)
    assert match.chosen is not None
    assert match.chosen.location == "sources/Walden.txt"
    assert [each.name for each in match.candidates] == ["Walden.txt", "Walden.mp3"]


def test_a_book_without_a_source_fails_with_the_folder_and_the_closest_names(tmp_path: Path) -> None:
    add_sources(tmp_path, "Walden Two.txt")
    work = make_work(tmp_path, Book("Walden", "Henry David Thoreau"))
    with pytest.raises(NoSourceError) as caught:
        search.run(work)
    assert caught.value.message.startswith("No source for Walden | Henry David Thoreau: nothing in sources matches")
    assert "Walden Two.txt" in caught.value.message
    assert str(tmp_path / "sources") in caught.value.remedy
    assert work.load("search.json", SourceMatch).chosen is None


def test_two_books_with_one_title_need_the_author_and_not_a_file(tmp_path: Path) -> None:
    add_sources(tmp_path, "Poems - John Keats.txt", "Poems - William Blake.txt")
    with pytest.raises(NoSourceError, match=r"fit equally$") as caught:
        search.run(make_work(tmp_path, Book("Poems")))
    assert caught.value.remedy == 'Name the author in the list of books, e.g. "Poems | Author".'


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    add_sources(tmp_path, "Walden.txt", "Walden Pond.txt")
    work = make_work(tmp_path, Book("Walden"))
    search.run(work)
    first = (work.folder / "search.json").read_bytes()
    search.run(work)
    assert (work.folder / "search.json").read_bytes() == first


def test_what_is_left_out_of_the_chosen_text_is_counted(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "Walden.txt").write_text("He came.[1] He went.[2]\n\n[Illustration: The hut]\n\nHe stayed.")
    work = make_work(tmp_path, Book("Walden"))
    search.run(work)
    assert work.load("search.json", SourceMatch).left_out == {"reference_marks": 2, "illustrations": 1}


def test_captions_in_the_configured_language_are_chosen(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    for code, line in (("de", "Die Wärterin zählt die Schiffe."), ("en", "The keeper counts the ships.")):
        cue = f"1\n00:00:01,000 --> 00:00:03,000\n{line}\n"
        (tmp_path / "sources" / f"Walden.{code}.srt").write_text(cue, encoding="utf-8")
    work = make_work(tmp_path, Book("Walden"))
    search.run(work)
    match = work.load("search.json", SourceMatch)
    assert match.chosen is not None
    assert match.chosen.name == "Walden.de.srt"
    assert "they are in de and en: choose with --language" in match.reason
    settings = Declared({"language": "en"}, "search", "setting")
    english = Work(work.folder, tmp_path, work.book, "search", "m", settings, work.services)
    search.run(english)
    match = english.load("search.json", SourceMatch)
    assert match.chosen is not None
    assert match.chosen.name == "Walden.en.srt"
    assert "it is in the configured language, en" in match.reason
