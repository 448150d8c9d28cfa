"""What holds for every source that needs no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.errors import PressrunError
from pressrun.model.book import Book
from pressrun.model.script import Candidate
from pressrun.services.protocols import Context, Source
from pressrun.services.sources import SOURCES

OFFLINE = [pytest.param(source, id=name) for name, source in SOURCES.items() if not source.NEEDS_NETWORK]
BOOKS = [
    Book("Walden", "Henry David Thoreau"), Book("Emma", "Jane Austen"), Book("本", None), Book("x" * 300, "y" * 300),
]

pytestmark = pytest.mark.parametrize("source", OFFLINE)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "Walden.txt").write_text("A man goes to the woods.")
    return Context(tmp_path, {})


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
    assert source.fetch(chosen, tmp_path, context).read_text() == "A man goes to the woods."


def test_what_does_not_exist_cannot_be_fetched(source: Source, context: Context, tmp_path: Path) -> None:
    for location in ("sources/nothing.txt", "../outside.txt"):
        with pytest.raises(PressrunError) as caught:
            source.fetch(Candidate("nothing", location, "text", 100.0), tmp_path, context)
        assert caught.value.remedy


def test_a_workspace_without_anything_gives_no_choice_and_no_error(source: Source, tmp_path: Path) -> None:
    assert [match.chosen for match in source.find(BOOKS, Context(tmp_path, {}))] == [None] * len(BOOKS)
    assert list(tmp_path.iterdir()) == []
