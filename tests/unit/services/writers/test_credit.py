"""Title, owner and address of the material stand in the description; of a file of the user nothing does."""

from __future__ import annotations

import dataclasses

import pytest

from pressrun.model.script import Scene, Script, Segment, Transcript
from pressrun.services.writers.credit import add_credit, credit_line

VIDEO = Transcript(
    "en", "ltr", (Segment("Text."),), "Walden in ten minutes", source_url="https://www.youtube.com/watch?v=abc",
    source_author="Pond Talks",
)
SCRIPT = Script(
    "Walden", "Walden", "", "en", "ltr", "H", (Scene("S", "N"),), "C", "What the book says.", ("t",), "S", 120.0
)


def test_a_video_is_credited_below_the_description() -> None:
    assert add_credit(SCRIPT, VIDEO).description == (
        "What the book says.\n\nMade from: Walden in ten minutes, Pond Talks\nhttps://www.youtube.com/watch?v=abc"
    )


def test_the_credit_is_in_the_language_of_the_script() -> None:
    assert credit_line(dataclasses.replace(VIDEO, language="de")).startswith("Grundlage: ")
    assert credit_line(dataclasses.replace(VIDEO, language="fi")).startswith("Made from: ")


@pytest.mark.parametrize("url", ["", "sources/walden.md", "file:///books/ann/walden.md", "https://x\nhttps://y"])
def test_what_has_no_address_for_others_is_not_named(url: str) -> None:
    transcript = dataclasses.replace(VIDEO, source="walden.md", source_url=url)
    assert add_credit(SCRIPT, transcript) == SCRIPT


def test_a_long_description_gives_way_to_the_credit() -> None:
    long = dataclasses.replace(SCRIPT, description="ж" * 4000)
    transcript = dataclasses.replace(VIDEO, source="A title " * 200)
    made = add_credit(long, transcript).description
    assert len(made.encode()) <= 5000
    assert made.endswith("…, Pond Talks\nhttps://www.youtube.com/watch?v=abc")


def test_crediting_twice_changes_nothing() -> None:
    assert add_credit(add_credit(SCRIPT, VIDEO), VIDEO) == add_credit(SCRIPT, VIDEO)


def test_a_title_breaks_no_line_and_holds_no_brackets() -> None:
    made = add_credit(SCRIPT, dataclasses.replace(VIDEO, source="Wal\nden <b>"))
    assert "Made from: Wal den ‹b›, Pond Talks\n" in made.description


def test_a_title_turns_no_terminal_and_no_direction_and_leads_nowhere() -> None:
    title, owner = "Wal\x1b[31mden \u202ehttps://elsewhere.example/x", "Pond www.elsewhere.example"
    made = credit_line(dataclasses.replace(VIDEO, source=title, source_author=owner))
    assert made == "Made from: Wal[31mden, Pond\nhttps://www.youtube.com/watch?v=abc"


def test_a_title_that_is_an_address_alone_is_not_named() -> None:
    made = credit_line(dataclasses.replace(VIDEO, source="https://elsewhere.example", source_author=""))
    assert made == "Made from: https://www.youtube.com/watch?v=abc"
