"""A book gets the user's own cover, that of the service, or a drawn one. A failing service does not fail the book."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.loopback.covers import Library, Shelved
from tests.unit.stages.events import Recorder

from pressrun.media.pictures import Gallery
from pressrun.model.book import Book
from pressrun.model.script import Scene, Script
from pressrun.stages.cover import CoverRecord, add_cover, find_cover
from pressrun.stages.work import Declared, Work

SCRIPT = Script(
    title="A small house", book_title="Walden", author="Henry David Thoreau", language="en", direction="ltr", hook="A.",
    scenes=(Scene("One", "Two."),), close="B.", description="", tags=(), short="C.", target_seconds=20.0,
)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    with Library([Shelved("Walden", "Henry David Thoreau", 7)]) as library:
        for name, value in library.environment.items():
            monkeypatch.setenv(name, value)
        yield library


def make_work(workspace: Path, cover: str = "openlibrary", book: Book | None = None) -> Work:
    folder = workspace / "run"
    folder.mkdir(exist_ok=True)
    services = Declared({"cover": cover}, "render", "service")
    book = book or Book("Walden", "Thoreau")
    return Work(folder, workspace, book, "render", "m", Declared({}, "render", "setting"), services, events=Recorder())


def notes(work: Work) -> list[str]:
    assert isinstance(work.events, Recorder)
    return work.events.notes


def test_the_cover_of_the_service_is_used_for_video_and_short(library: Library, tmp_path: Path) -> None:
    work = make_work(tmp_path)
    gallery = find_cover(work, SCRIPT, Gallery())
    assert gallery.cover == work.folder / "cover.jpg"
    record = work.load("cover.json", CoverRecord)
    assert (record.service, record.file, record.title) == ("openlibrary", "cover.jpg", "Walden")
    assert record.author == "Henry David Thoreau"
    assert record.url.startswith("https://openlibrary.org/")
    assert add_cover(work, Gallery()) == gallery
    assert notes(work) == []


def test_the_same_response_gives_the_same_files(library: Library, tmp_path: Path) -> None:
    products = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        work = make_work(tmp_path / name)
        find_cover(work, SCRIPT, Gallery())
        products.append((work.folder / "cover.json").read_bytes())
    assert products[0] == products[1]


def test_the_cover_of_the_user_comes_first_and_no_service_is_asked(library: Library, tmp_path: Path) -> None:
    own = tmp_path / "cover.png"
    Image.new("RGB", (20, 30)).save(own)
    work = make_work(tmp_path)
    assert find_cover(work, SCRIPT, Gallery(cover=own)).cover == own
    assert work.load("cover.json", CoverRecord).file is None
    assert add_cover(work, Gallery(cover=own)).cover == own
    assert library.asked == []


def test_a_book_without_author_is_searched_with_the_author_of_the_script(library: Library, tmp_path: Path) -> None:
    library.books.append(Shelved("Walden", "Ralph Emerson", 8))
    work = make_work(tmp_path, book=Book("Walden"))
    find_cover(work, SCRIPT, Gallery())
    assert work.load("cover.json", CoverRecord).author == "Henry David Thoreau"


def test_an_unknown_book_gets_a_drawn_cover_without_a_note(library: Library, tmp_path: Path) -> None:
    library.books = []
    work = make_work(tmp_path)
    assert find_cover(work, SCRIPT, Gallery()) == Gallery()
    assert work.load("cover.json", CoverRecord) == CoverRecord("openlibrary")
    assert notes(work) == []


@pytest.mark.parametrize("trouble", [404, 503, "hang up", "nonsense"])
def test_if_the_service_fails_the_cover_is_drawn(library: Library, tmp_path: Path, trouble: int | str) -> None:
    library.trouble = trouble
    work = make_work(tmp_path)
    assert find_cover(work, SCRIPT, Gallery()) == Gallery()
    assert work.load("cover.json", CoverRecord) == CoverRecord("openlibrary")
    (note,) = notes(work)
    assert note.startswith("Using a drawn cover: ")


def test_the_old_cover_is_removed_when_the_service_changes(library: Library, tmp_path: Path) -> None:
    find_cover(make_work(tmp_path), SCRIPT, Gallery())
    work = make_work(tmp_path, "drawn")
    assert find_cover(work, SCRIPT, Gallery()) == Gallery()
    assert sorted(path.name for path in work.folder.iterdir()) == ["cover.json"]


def test_without_a_cover_service_only_a_cover_of_the_user_is_used(tmp_path: Path) -> None:
    work = make_work(tmp_path, "none")
    assert find_cover(work, SCRIPT, Gallery()) == add_cover(work, Gallery()) == Gallery(bare=True)
    own = Gallery(cover=tmp_path / "cover.png")
    assert find_cover(work, SCRIPT, own) == own


@pytest.mark.parametrize("file", ["../secret.jpg", "cover.txt", "cover.jpg", "/etc/passwd"])
def test_a_record_cannot_lead_to_another_file(tmp_path: Path, file: str) -> None:
    Image.new("RGB", (20, 30)).save(tmp_path / "secret.jpg")
    work = make_work(tmp_path)
    work.save("cover.json", CoverRecord("openlibrary", file))
    assert add_cover(work, Gallery()) == Gallery()


def test_a_broken_cover_in_the_run_folder_is_replaced_by_a_drawn_one(library: Library, tmp_path: Path) -> None:
    work = make_work(tmp_path)
    find_cover(work, SCRIPT, Gallery())
    (work.folder / "cover.jpg").write_bytes(b"broken")
    assert add_cover(work, Gallery()) == Gallery()
    assert "cover.jpg" in notes(work)[0]


def test_without_a_record_the_cover_is_drawn(tmp_path: Path) -> None:
    assert add_cover(make_work(tmp_path), Gallery()) == Gallery()
