"""Which book a video is about: titles of videos as people write them, and titles that only look alike."""

from __future__ import annotations

import pytest

from pressrun.model.book import Book
from pressrun.services.sources.matching import MIN_SCORE
from pressrun.services.sources.youtube.titles import match_video

WALDEN = Book("Walden", "Henry David Thoreau")


@pytest.mark.parametrize(
    ("book", "title"),
    [
        (WALDEN, "Walden by Henry David Thoreau | Full Audiobook"),
        (WALDEN, "Walden - Henry David Thoreau"),
        (WALDEN, "Henry David Thoreau - Walden (Book Summary)"),
        (WALDEN, "Thoreau's Walden: Summary and Analysis"),
        (WALDEN, "WALDEN, by THOREAU // animated book summary in 10 minutes"),
        (WALDEN, "Summary of Walden by Henry D. Thoreau"),
        (WALDEN, "[Full Audiobook] Henry David Thoreau: Walden, 1854"),
        (WALDEN, "“Walden” | Henry David Thoreau | explained"),
        (Book("Walden"), "Walden summary"),
        (Book("The Jungle Book", "Rudyard Kipling"), "The Jungle Book, Rudyard Kipling, free audio book"),
        (Book("The Man by the Sea", "Ann Harbour"), "The Man by the Sea by Ann Harbour"),
        (Book("The Keeper of the Lamp", "Ann Harbour"), "The Keeper of the Lamp book review"),
        (Book("Über den Lampen", "Anna Hafen"), "Über den Lampen von Anna Hafen Hörbuch"),
        (Book("灯台守", "港あん"), "【要約】灯台守【港あん】"),
    ],
)
def test_a_video_of_the_book_is_known(book: Book, title: str) -> None:
    found = match_video(book, title)
    assert found.score >= MIN_SCORE, found


@pytest.mark.parametrize(
    ("book", "title"),
    [
        (WALDEN, "Walden Two by B. F. Skinner"),
        (WALDEN, "Walden (band) live"),
        (WALDEN, "A walk around Walden Pond"),
        (WALDEN, "Walden by B. F. Skinner"),
        (Book("It", "Stephen King"), "Make It Stick by Peter Brown"),
        (Book("It", "Stephen King"), "It"),
        (Book("Dune", "Frank Herbert"), "Dune: Part Two - Official Trailer"),
        (Book("The Jungle", "Upton Sinclair"), "The Jungle Book, Rudyard Kipling, free audio book"),
        (Book("Walden"), "Everything about Thoreau"),
        (Book("1984", "George Orwell"), "1985 by George Orwell"),
        (WALDEN, ""),
    ],
)
def test_another_book_and_something_near_are_not_taken_for_it(book: Book, title: str) -> None:
    found = match_video(book, title, "A channel", "words about books")
    assert found.score < MIN_SCORE, found


def test_the_author_may_be_named_by_the_channel_or_in_the_description() -> None:
    assert match_video(WALDEN, "Walden", "Henry David Thoreau").score >= MIN_SCORE
    assert match_video(WALDEN, "Walden", "Books", "A summary of the book of Henry David Thoreau.").score >= MIN_SCORE
    assert match_video(WALDEN, "Walden", "Thoreau Plumbing", "").score < MIN_SCORE


def test_naming_the_author_is_better_than_not() -> None:
    book = Book("The Keeper of the Lamp", "Ann Harbour")
    named, unnamed = (match_video(book, f"The Keeper of the Lamp{more}").score for more in (" by Ann Harbour", ""))
    assert named > unnamed >= MIN_SCORE
