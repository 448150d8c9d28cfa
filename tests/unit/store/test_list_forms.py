"""Lists that are not written as `Title | Author`: read if they can mean only one thing, else a question."""

from __future__ import annotations

import io

import pytest

from pressrun.model.reason import ReasonKind
from pressrun.store.books_file import read_books
from pressrun.wording import sentence


def read(text: str) -> tuple[list[str], list[ReasonKind], list[str]]:
    """Return the books, the kinds of the warnings, and their sentences."""
    found = read_books(None, io.BytesIO(text.encode()))
    return (
        [str(book) for book in found.books],
        [warning.kind for warning in found.warnings],
        [sentence(warning) for warning in found.warnings],
    )


@pytest.mark.parametrize(
    "text",
    [
        'Title,Author\n"Walden","Henry Thoreau"\nEmma,Jane Austen\n',
        "Title;Author\nWalden;Henry Thoreau\nEmma;Jane Austen\n",
        "sep=;\r\nTitle;Author\r\nWalden;Henry Thoreau\r\nEmma;Jane Austen\r\n",
        "Nr;Autor;Titel;Jahr\n1;Henry Thoreau;Walden;1854\n2;Jane Austen;Emma;1815\n",
        "auteur\ttitre\nHenry Thoreau\tWalden\nJane Austen\tEmma\n",
        "Walden\tHenry Thoreau\nEmma\tJane Austen\n",
        '"Walden","Henry Thoreau"\n"Emma","Jane Austen"\n',
        "Walden – Henry Thoreau\nEmma – Jane Austen\n",
        "Walden - Henry Thoreau\nEmma - Jane Austen\n",
        "1. Walden by Henry Thoreau\n2. Emma by Jane Austen\n",
        "1) Walden — Henry Thoreau\n2) Emma — Jane Austen\n",
        "Walden by Henry Thoreau\nEmma by Jane Austen\n",
        "| Title | Author |\n|---|:---|\n| Walden | Henry Thoreau |\n| Emma | Jane Austen |\n",
    ],
)
def test_other_forms_are_read_and_the_plan_says_so(text: str) -> None:
    books, kinds, sentences = read(text)
    assert books == ["Walden | Henry Thoreau", "Emma | Jane Austen"]
    assert kinds[-1] is ReasonKind.LIST_READ_AS
    assert sentences[-1].endswith("was read as: Walden | Henry Thoreau")


@pytest.mark.parametrize(
    "text",
    [
        "- Walden | Henry Thoreau\n- Emma | Jane Austen\n",
        "* Walden | Henry Thoreau\n\n* Emma | Jane Austen\n",
        "1. Walden | Henry Thoreau\n2. Emma | Jane Austen\n",
        "- [ ] Walden | Henry Thoreau\n- [x] Emma | Jane Austen\n",
    ],
)
def test_bullets_and_numbers_are_left_out(text: str) -> None:
    books, kinds, _ = read(text)
    assert (books, kinds) == (["Walden | Henry Thoreau", "Emma | Jane Austen"], [])


def test_a_header_is_not_a_book() -> None:
    books, _, sentences = read("Title | Author\nWalden | Henry Thoreau\n")
    assert books == ["Walden | Henry Thoreau"]
    assert sentences == ['Standard input, line 1: "Title | Author" was read as a header, not as a book']
    assert read("Titel\nWalden\nEmma\n")[:2] == (["Walden", "Emma"], [ReasonKind.LIST_HEADER])


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Walden;Henry Thoreau\nEmma;Jane Austen\n", 'is this a CSV? Every line contains ; and none contains "|"'),
        ("Walden;Henry Thoreau\n", "Walden | Henry Thoreau"),
        ("Walden, Henry Thoreau\nEmma, Jane Austen\n", "is this a CSV?"),
        ("Moby Dick – Herman Melville\nOliver Twist – Charles Dickens\n", 'does "–" separate title and author?'),
        ("Henry Thoreau – Walden\n", 'does "–" separate title and author?'),
        ("Walden by Henry Thoreau\n", "Write, for example: Walden | Henry Thoreau"),
    ],
)
def test_a_form_that_may_mean_two_things_is_a_question_and_changes_nothing(text: str, question: str) -> None:
    books, _, sentences = read(text)
    assert books == text.strip().split("\n")
    assert len(sentences) == 1
    assert question in sentences[0]


@pytest.mark.parametrize(
    "text",
    [
        "Walden\nEmma\n",
        "Eats, Shoots & Leaves\n",
        "Stand by Me\nDeath by Black Hole\n",
        "1984\n2666\n",
        "1. FC Nowhere: A History\n",
        "Sapiens: A Brief History\n20,000 Leagues\nIt\n",
        "Half - Life\nWalden\n",
        "- \n",
        "Walden | Henry Thoreau\nEmma\n",
        "This - That | Ann Author\n",
    ],
)
def test_ordinary_lists_stay_as_they_are(text: str) -> None:
    books, kinds, _ = read(text)
    assert (books, kinds) == (text.replace("- \n", "-").strip().split("\n"), [])


def test_lines_keep_their_numbers() -> None:
    found = read_books(None, io.BytesIO(b"# list\n\nTitle;Author\nWalden;Henry Thoreau\n\nEmma;\n"))
    assert [(str(book), book.line) for book in found.books] == [("Walden | Henry Thoreau", 4), ("Emma", 6)]
