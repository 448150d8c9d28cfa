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
        "Walden | Henry Thoreau | 1854\nEmma | Jane Austen | 1815\n",
        "Walden | Henry Thoreau | ★★★★\nEmma | Jane Austen | ★★\n",
        "Walden | Henry Thoreau |\nEmma | Jane Austen |\n",
        "- **Walden** by Henry Thoreau\n- **Emma** by Jane Austen\n",
        "- [Walden](https://example.org/a) by Henry Thoreau\n- [Emma](https://example.org/b) by Jane Austen\n",
        "“Walden” by Henry Thoreau\n“Emma” by Jane Austen\n",
        "Title: Walden\nAuthor: Henry Thoreau\n\nTitle: Emma\nAuthor: Jane Austen\n",
        "- title: Walden\n  author: Henry Thoreau\n- title: 'Emma'\n  author: Jane Austen\n",
        '[{"title": "Walden", "author": "Henry Thoreau"},\n {"title": "Emma", "author": "Jane Austen"}]\n',
        '{"title": "Walden", "author": "Henry Thoreau"}\n{"title": "Emma", "author": "Jane Austen"}\n',
        "I. Walden by Henry Thoreau\nII. Emma by Jane Austen\n",
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
        "📚 Walden | Henry Thoreau\n📖 Emma | Jane Austen\n",
        "I. Walden | Henry Thoreau\nII. Emma | Jane Austen\n",
        "a) Walden | Henry Thoreau\nb) Emma | Jane Austen\n",
        "Walden ｜ Henry Thoreau\nEmma ｜ Jane Austen\n",
        "Walden ¦ Henry Thoreau\nEmma ¦ Jane Austen\n",
        '"Walden" | Henry Thoreau\n"Emma" | Jane Austen\n',
        "*Walden* | Henry Thoreau\n*Emma* | Jane Austen\n",
        "// to read\nWalden | Henry Thoreau\n// next\nEmma | Jane Austen\n",
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


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("Walden (Henry Thoreau)\nEmma (Jane Austen)\n", "("),
        ("Walden / Henry Thoreau\nEmma / Jane Austen\n", "/"),
        ("Henry Thoreau: Walden\nJane Austen: Emma\n", ":"),
        ("Les Misérables de Victor Hugo\nLe Horla de Guy de Maupassant\n", "de"),
    ],
)
def test_more_forms_that_could_mean_two_things_are_asked_about(text: str, separator: str) -> None:
    books, kinds, sentences = read(text)
    assert books == text.strip().split("\n")
    assert kinds == [ReasonKind.LIST_IS_AMBIGUOUS]
    assert f'does "{separator}" separate title and author?' in sentences[0]


@pytest.mark.parametrize(
    "text",
    [
        "The Waves: A Novel\nEmma: A Novel\n",
        "Emma (Penguin)\nWalden (1854)\n",
        "War / Peace\nNothing\n",
        "Don Quijote de la Mancha\nEl viejo y el mar\n",
        "1984\n2001\n",
        "I, Claudius\nII. Henry\n",
        "*batteries not included\nWalden\n",
        "Title: the musical\nWalden\n",
        "This | That | Ann Author\nThis | Ann Author\n",
    ],
)
def test_titles_that_only_look_like_another_form_stay_as_they_are(text: str) -> None:
    books, kinds, _ = read(text)
    lines = text.strip().split("\n")
    assert (books, kinds) == (lines, [])


def test_numbers_of_a_list_may_have_gaps() -> None:
    assert read("1. Walden\n2. Emma\n4. Persuasion\n")[0] == ["Walden", "Emma", "Persuasion"]
    assert read("1. Walden\n1984\n")[0] == ["1. Walden", "1984"]


def test_a_heading_above_the_books_is_no_book() -> None:
    books, kinds, sentences = read("My reading list:\nWalden | Henry Thoreau\nEmma | Jane Austen\n")
    assert books == ["Walden | Henry Thoreau", "Emma | Jane Austen"]
    assert kinds == [ReasonKind.LIST_HEADER]
    assert '"My reading list:" was read as a header' in sentences[0]
