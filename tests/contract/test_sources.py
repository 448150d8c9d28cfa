"""What holds for every source: those on the network are asked for what a site on this machine has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.loopback.video_site import Clip, VideoSite

from pressrun.errors import PressrunError
from pressrun.model.book import Book
from pressrun.model.script import Candidate
from pressrun.services.protocols import Context, Source
from pressrun.services.sources import SOURCES
from pressrun.settings import ItemSettings, as_plain

ALL = [pytest.param(source, id=name) for name, source in SOURCES.items()]
TEXT = "A man goes to the woods."
BOOKS = [
    Book("Walden", "Henry David Thoreau"), Book("Emma", "Jane Austen"), Book("本", None), Book("x" * 300, "y" * 300),
]

pytestmark = pytest.mark.parametrize("source", ALL)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[VideoSite]:
    with VideoSite() as site:
        for name, value in site.environment.items():
            monkeypatch.setenv(name, value)
        yield site


@pytest.fixture
def empty(tmp_path: Path, site: VideoSite) -> Context:
    return Context(tmp_path, {**as_plain(ItemSettings()), **site.settings, "search_phrases": "{title}"})


@pytest.fixture
def context(empty: Context, site: VideoSite) -> Context:
    (empty.workspace / "sources").mkdir()
    (empty.workspace / "sources" / "Walden.txt").write_text(TEXT)
    site.clips = (Clip("walden", "Walden by Henry David Thoreau", text=(TEXT,)), Clip("emma", "Emma, a trailer"))
    return empty


def test_every_book_gets_one_match_in_its_place(source: Source, context: Context) -> None:
    matches = source.find(BOOKS, context)
    assert len(matches) == len(BOOKS)
    assert matches == [source.find([book], context)[0] for book in BOOKS]
    assert source.find([], context) == []


def test_a_match_gives_its_reason_and_its_candidates_best_first(source: Source, context: Context) -> None:
    for match in source.find(BOOKS, context):
        scores = [candidate.score for candidate in match.candidates]
        assert match.reason
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 100 for score in scores)
        assert match.chosen is None or match.chosen == match.candidates[0]


def test_what_is_chosen_can_be_fetched(source: Source, context: Context, tmp_path: Path) -> None:
    chosen = source.find(BOOKS, context)[0].chosen
    assert chosen is not None
    into = tmp_path / "run"
    path = source.fetch(chosen, into, context)
    assert TEXT in path.read_text()
    assert path.is_relative_to(into) or path.is_relative_to(context.workspace / "sources")


def test_what_does_not_exist_cannot_be_fetched(source: Source, context: Context, tmp_path: Path) -> None:
    for location in ("sources/nothing.txt", "../outside.txt", "http://localhost/watch/walden"):
        with pytest.raises(PressrunError) as caught:
            source.fetch(Candidate("nothing", location, "text", 100.0), tmp_path, context)
        assert caught.value.remedy


def test_a_workspace_without_anything_gives_no_choice_and_no_error(
    source: Source, empty: Context, tmp_path: Path
) -> None:
    assert [match.chosen for match in source.find(BOOKS, empty)] == [None] * len(BOOKS)
    assert list(tmp_path.iterdir()) == []
