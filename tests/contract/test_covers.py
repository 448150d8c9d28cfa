"""What holds for every service of covers, asked of a library on this machine where it needs one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.loopback.covers import Library, Shelved

from pressrun.media.pictures import PICTURES, read_picture
from pressrun.model.book import Book
from pressrun.services.covers import COVERS
from pressrun.services.protocols import Context, Cover

pytestmark = pytest.mark.parametrize("cover", [pytest.param(service, id=name) for name, service in COVERS.items()])


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    with Library([Shelved("Walden", "Henry David Thoreau", 7)]) as library:
        for name, value in library.environment.items():
            monkeypatch.setenv(name, value)
        yield library


def test_a_cover_is_a_picture_in_the_folder_that_was_named(cover: Cover, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    found = cover.find_cover(Book("Walden", "Henry David Thoreau"), folder, Context(tmp_path, {}))
    if found is None:
        assert not list(folder.iterdir())
    else:
        assert found.file.parent == folder
        assert found.file.suffix in PICTURES
        assert read_picture(found.file, (64, 64)).mode == "RGB"
        assert found.title
        assert found.url.startswith("https://")


def test_a_book_that_nobody_has_gets_none(cover: Cover, tmp_path: Path) -> None:
    assert cover.find_cover(Book("Nobody Wrote This", "No One"), tmp_path, Context(tmp_path, {})) is None
    assert not [path for path in tmp_path.rglob("*") if path.suffix in PICTURES]


def test_asked_twice_it_gives_the_same(cover: Cover, tmp_path: Path) -> None:
    context = Context(tmp_path, {})
    first, second = (cover.find_cover(Book("Walden", "Thoreau"), tmp_path, context) for _ in range(2))
    assert first == second
