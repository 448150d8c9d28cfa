"""The folder of sources: the right file is chosen, a wrong one never."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.services.sources.books import page, write_epub

from pressrun.errors import SourceError
from pressrun.model.book import Book
from pressrun.model.script import Candidate, SourceMatch
from pressrun.services.protocols import Context
from pressrun.services.sources import folder


def find(workspace: Path, title: str, author: str | None = None) -> SourceMatch:
    return folder.find([Book(title, author)], Context(workspace, {}))[0]


def put(workspace: Path, *names: str, text: str = "Some text.") -> None:
    for name in names:
        path = workspace / "sources" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def chosen(workspace: Path, title: str, author: str | None = None) -> str | None:
    match = find(workspace, title, author).chosen
    return match.name if match else None


@pytest.mark.parametrize(
    ("name", "title", "author"),
    [
        ("walden.md", "Walden", "Henry David Thoreau"),
        ("Walden.txt", "walden", None),
        ("Walden - Henry David Thoreau.txt", "Walden", "Henry David Thoreau"),
        ("Henry David Thoreau - Walden.srt", "Walden", "H. D. Thoreau"),
        ("thoreau_walden.txt", "Walden", "Henry David Thoreau"),
        ("walden_by_thoreau.vtt", "Walden", "Henry David Thoreau"),
        ("henry_david_thoreau-walden.txt", "Walden", "Thoreau"),
        ("Walden (Thoreau, 1854).mp3", "Walden", "Henry David Thoreau"),
        ("Walden [Qx7_audio].en.vtt", "Walden", "Henry David Thoreau"),
        ("Thoreau/Walden.txt", "Walden", "Henry David Thoreau"),
        ("essays/old/Walden summary.txt", "Walden", "Henry David Thoreau"),
        ("artofwar.txt", "The Art of War", "Sun Tzu"),
        ("The Art of War.txt", "Art of War", None),
        ("Persuasian.txt", "Persuasion", "Jane Austen"),
        ("sapiens.txt", "Sapiens: A Brief History of Humankind", "Yuval Noah Harari"),
        ("Sapiens - A Brief History of Humankind.txt", "Sapiens: A Brief History of Humankind", "Yuval Noah Harari"),
        ("Les Misérables.txt", "Les Miserables", "Victor Hugo"),
        ("吾輩は猫である.txt", "吾輩は猫である", "夏目漱石"),
        ("夏目漱石 - 吾輩は猫である.txt", "吾輩は猫である", "夏目漱石"),
        ("كليلة ودمنة.txt", "كليلة ودمنة", "ابن المقفع"),
        ("1984.txt", "1984", "George Orwell"),
        ("It.txt", "It", None),
        ("Crime and Punishment - Fyodor Dostoyevsky.txt", "Crime and Punishment", "Fyodor Dostoevsky"),
        ("The Hobbit - JRR Tolkien.txt", "The Hobbit", "J. R. R. Tolkien"),
        ("Pride & Prejudice.txt", "Pride and Prejudice", "Jane Austen"),
        ("pride_and_prejudice.txt", "Pride & Prejudice", None),
        ("Pride&Prejudice - Jane Austen.txt", "Pride and Prejudice", "Jane Austen"),
        ("Krieg & Frieden.txt", "Krieg und Frieden", None),
        ("Le Rouge et le Noir.txt", "Le Rouge & le Noir", None),
        ("Cuerpo y alma.txt", "Cuerpo & Alma", None),
        ("Guerra e pace.txt", "Guerra & pace", None),
        ("Oorlog en vrede.txt", "Oorlog & vrede", None),
        ("Krig och fred.txt", "Krig & fred", None),
        ("Война и мир.txt", "Война & мир", None),
        ("战争与和平.txt", "战争&和平", None),
        ("Romeo + Juliet.txt", "Romeo and Juliet", None),
        ("Love & Friendship and Other Works.txt", "Love and Friendship & Other Works", None),
        ("the.old.man.and.the.sea.txt", "The Old Man and the Sea", "Ernest Hemingway"),
        ("the.art.of.war.txt", "The Art of War", None),
        ("make.it.srt", "Make It", None),
        ("walden.eng.srt", "Walden", None),
        ("walden.by.henry.david.thoreau.txt", "Walden", "Henry David Thoreau"),
        ("The Long Way Part II.txt", "The Long Way: Part 2", None),
        ("The Long Way - Part 2.txt", "The Long Way, Part II", None),
        ("The Long Way, Part Two.txt", "The Long Way Part 2", None),
        ("The Thirty-Nine Lamps.txt", "The 39 Lamps", None),
        ("Nineteen Eighty-Four.txt", "1984", None),
        ("Henry 4.txt", "Henry IV", None),
        ("Volume 02.txt", "Vol. II", None),
        ("Faust Ⅱ.txt", "Faust 2", None),
        ("Faust. Teil II.txt", "Faust: Teil zwei", None),
        ("Voice.opus", "Voice", None),
    ],
)
def test_a_file_is_found_by_its_name(tmp_path: Path, name: str, title: str, author: str | None) -> None:
    put(tmp_path, name)
    assert chosen(tmp_path, title, author) == name


@pytest.mark.parametrize(
    ("name", "title", "author"),
    [
        ("Make It Stick.txt", "It", None),
        ("What to Read in Emma and Persuasion.txt", "Emma", None),
        ("Walden Two.txt", "Walden", "Henry David Thoreau"),
        ("Walden - B. F. Skinner.txt", "Walden", "Henry David Thoreau"),
        ("The Trail.txt", "The Trial", None),
        ("Volume 2.txt", "Volume 1", None),
        ("1985.txt", "1984", None),
        ("Harry Porter 2.txt", "Harry Porter 1", None),
        ("A Room Without a View.txt", "A Room With a View", None),
        ("Women Without Men.txt", "Men Without Women", None),
        ("June.txt", "Dune", None),
        ("Emmas.txt", "Emma", None),
        ("The Principles - Henry James.txt", "The Principles", "William James"),
        ("Star Tales: The Last Moon.txt", "Star Tales: The First Sun", None),
        ("The Long Way: Part 2.txt", "The Long Way", None),
        ("こころの旅.txt", "こころ", "夏目漱石"),
        ("War.txt", "War and Peace", "Leo Tolstoy"),
        ("Leo Tolstoy.txt", "War and Peace", "Leo Tolstoy"),
        ("Pride Prejudice.txt", "Pride and Prejudice", None),
        ("War or Peace.txt", "War & Peace", None),
        ("The Old Man and the.sea.txt", "The Old Man", None),
        ("Henry VI.txt", "Henry IV", None),
        ("The Long Way: III.txt", "The Long Way", None),
        ("The Long Way, Part III.txt", "The Long Way, Part 2", None),
    ],
)
def test_a_wrong_book_is_never_chosen(tmp_path: Path, name: str, title: str, author: str | None) -> None:
    put(tmp_path, name)
    assert chosen(tmp_path, title, author) is None


def test_front_matter_says_more_than_the_file_name(tmp_path: Path) -> None:
    put(tmp_path, "notes-7.md", text="---\ntitle: \"Walden\"\nauthor: Henry David Thoreau\n---\n\nText.")
    match = find(tmp_path, "Walden", "Henry David Thoreau")
    assert match.chosen is not None
    assert (match.chosen.location, match.chosen.score) == ("sources/notes-7.md", 100.0)
    assert "title and author match" in match.reason


def test_the_author_in_front_matter_can_contradict(tmp_path: Path) -> None:
    put(tmp_path, "walden-two.md", text="---\ntitle: Walden\nauthor: Burrhus Skinner\n---\nText.")
    match = find(tmp_path, "Walden", "Henry David Thoreau")
    assert match.chosen is None
    assert "Burrhus Skinner" in match.reason


@pytest.mark.parametrize("text", ["# Walden\n\nText.", "# Walden by Henry David Thoreau #\n", "Walden\n======\nText."])
def test_the_first_heading_names_the_book(tmp_path: Path, text: str) -> None:
    put(tmp_path, "notes.md", text=text)
    assert chosen(tmp_path, "Walden", "Henry David Thoreau") == "notes.md"


def test_title_and_author_lines_at_the_head_of_a_plain_text_count(tmp_path: Path) -> None:
    put(tmp_path, "pg205.txt", text="An electronic book\n\nTitle: Walden\n\nAuthor: Henry David Thoreau\n\nText.")
    assert chosen(tmp_path, "Walden", "Henry David Thoreau") == "pg205.txt"


def test_an_epub_is_found_by_its_own_title_and_author(tmp_path: Path) -> None:
    write_epub(tmp_path / "sources" / "pg205.epub", {"1.xhtml": page("<p>Text.</p>")})
    match = find(tmp_path, "Walden", "Henry David Thoreau")
    assert match.chosen is not None
    assert (match.chosen.name, match.chosen.score) == ("pg205.epub", 100.0)


def test_the_better_match_wins_over_the_first_name(tmp_path: Path) -> None:
    put(tmp_path, "Walden - B. F. Skinner.txt", "Walden - Henry David Thoreau.txt", "Walden Pond.txt")
    assert chosen(tmp_path, "Walden", "Henry David Thoreau") == "Walden - Henry David Thoreau.txt"


def test_a_text_comes_before_captions_and_media_and_the_reason_reports_it(tmp_path: Path) -> None:
    put(tmp_path, "Walden.mp3", "Walden.srt", "Walden.txt")
    match = find(tmp_path, "Walden")
    assert [each.kind for each in match.candidates] == ["text", "captions", "media"]
    assert "texts come before captions and media" in match.reason


def test_equal_texts_are_taken_by_name(tmp_path: Path) -> None:
    put(tmp_path, "walden.txt", "walden.md")
    match = find(tmp_path, "Walden")
    assert match.chosen is not None
    assert match.chosen.name == "walden.md"
    assert "walden.txt fits equally, first by name" in match.reason


def test_two_authors_of_one_title_are_not_guessed_at(tmp_path: Path) -> None:
    put(tmp_path, "Poems - John Keats.txt", "Poems - William Blake.txt")
    match = find(tmp_path, "Poems")
    assert match.chosen is None
    assert "John Keats" in match.reason
    assert "William Blake" in match.reason
    assert chosen(tmp_path, "Poems", "Keats") == "Poems - John Keats.txt"


def test_hidden_files_and_folders_and_other_kinds_are_ignored(tmp_path: Path) -> None:
    put(tmp_path, ".Walden.txt", ".git/Walden.txt", "Walden.doc")
    match = find(tmp_path, "Walden")
    assert match.candidates == ()
    assert match.reason == (
        "Walden.doc has the right name, but .doc files cannot be read; save it as .txt or .md with your word processor"
    )


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("Dune.mobi", ".mobi files cannot be read; save it as .epub"),
        ("Dune - Frank Herbert.docx", ".docx files cannot be read; save it as .txt or .md with your word processor"),
        ("Dune.avi", ".avi files cannot be read; save it as .mp4"),
        ("Dune.epub", "its content is not EPUB; put another copy there"),
        ("Dune.pdf", "its content is not PDF; put another copy there"),
        ("Dune", "it has no extension; name it .txt if it is a text"),
    ],
)
def test_a_file_with_the_right_name_and_an_unsupported_extension_is_named(
    tmp_path: Path, name: str, advice: str
) -> None:
    put(tmp_path, name, "Emma.txt")
    reason = find(tmp_path, "Dune", "Frank Herbert").reason
    assert reason.startswith(f"{name} has the right name, but {advice}")
    assert name not in find(tmp_path, "Persuasion").reason


def test_an_epub_that_is_a_folder_is_named_and_not_searched(tmp_path: Path) -> None:
    put(tmp_path, "Dune.epub/OEBPS/Dune.txt", "Emma.txt")
    assert find(tmp_path, "Dune").reason.startswith("Dune.epub has the right name, but its content is not EPUB")


def test_a_usable_file_comes_before_an_unsupported_one(tmp_path: Path) -> None:
    put(tmp_path, "Dune.docx", "Dune.txt")
    assert chosen(tmp_path, "Dune") == "Dune.txt"


def test_a_folder_without_usable_files_says_which_files_it_has(tmp_path: Path) -> None:
    put(tmp_path, "a.docx", "b.docx", "c.docx", "d.docx")
    reason = find(tmp_path, "Emma").reason
    assert reason.startswith("the folder sources holds no file that can be used (.txt .md")
    assert reason.endswith("only a.docx, b.docx, c.docx and 1 more")


def test_links_that_leave_the_folder_are_named_and_rejected(tmp_path: Path) -> None:
    (tmp_path / "private.txt").write_text("secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "Walden.txt").write_text("x")
    put(tmp_path, "Emma.txt")
    (tmp_path / "sources" / "Walden.txt").symlink_to(tmp_path / "private.txt")
    (tmp_path / "sources" / "more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "sources" / "broken.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "sources" / "Persuasion.txt").symlink_to(tmp_path / "sources" / "Emma.txt")
    assert find(tmp_path, "Walden").reason == (
        "Walden.txt is a link that leaves the folder sources; copy the file itself into the folder"
    )
    assert find(tmp_path, "More").reason.startswith("more is a link that leaves the folder sources")
    assert find(tmp_path, "Broken").reason.startswith("broken.txt is a link to a file that does not exist")
    assert chosen(tmp_path, "Persuasion") == "Persuasion.txt"
    with pytest.raises(SourceError, match="leads out of the folder"):
        fetch(tmp_path, "sources/Walden.txt")


def fetch(workspace: Path, location: str) -> Path:
    return folder.fetch(Candidate("x", location, "text", 100.0), workspace, Context(workspace, {}))


def test_fetch_gives_the_file_in_place_and_rejects_every_other_place(tmp_path: Path) -> None:
    put(tmp_path, "Emma.txt")
    (tmp_path / "books.txt").write_text("x")
    assert fetch(tmp_path, "sources/Emma.txt").read_text() == "Some text."
    for location in ("books.txt", "sources/../books.txt", "/etc/hostname"):
        with pytest.raises(SourceError, match="leads out of the folder"):
            fetch(tmp_path, location)
    with pytest.raises(SourceError, match="is gone"):
        fetch(tmp_path, "sources/Persuasion.txt")


def test_the_reason_for_nothing_names_the_nearest(tmp_path: Path) -> None:
    put(tmp_path, "Walden Two.txt", "zzz.txt")
    assert find(tmp_path, "Walden", "Thoreau").reason.startswith("nothing in sources matches; nearest: Walden Two.txt")
    assert find(tmp_path, "Q").reason == "nothing in sources comes near; it holds Walden Two.txt, zzz.txt"


def test_an_absent_and_an_empty_folder_are_distinguished(tmp_path: Path) -> None:
    assert find(tmp_path, "Walden").reason == "the folder sources does not exist"
    (tmp_path / "sources").mkdir()
    assert find(tmp_path, "Walden").reason == "the folder sources is empty"


def test_a_thousand_books_are_matched_in_one_reading_of_the_folder(tmp_path: Path) -> None:
    put(tmp_path, *(f"Title number {number}.txt" for number in range(60)))
    books = [Book(f"Title number {number}", "Ann Author") for number in range(1000)]
    matches = folder.find(books, Context(tmp_path, {}))
    assert sum(match.chosen is not None for match in matches) == 60


def test_the_result_does_not_depend_on_the_order_of_the_files(tmp_path: Path) -> None:
    names = ["b/Walden.txt", "a/Walden.txt", "Walden.md"]
    put(tmp_path / "one", *names)
    put(tmp_path / "two", *reversed(names))
    assert find(tmp_path / "one", "Walden") == find(tmp_path / "two", "Walden")
