"""Titles, descriptions and tags within their limits, labels of shorts, and the credit of the source."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressrun.model.script import Scene, Script, Segment, Transcript
from pressrun.services.writers import publishing_text
from pressrun.services.writers.publishing_text import add_credit, credit_line, short_description, short_title


def test_the_longest_title_that_fits_is_taken_and_the_last_is_cut_at_a_word() -> None:
    assert publishing_text.fit_title("x" * 101, "short form", "shorter") == "short form"
    assert publishing_text.fit_title("word " * 30) == "word " * 18 + "word…"
    assert publishing_text.fit_title("本" * 120) == "本" * 99 + "…"


def test_angle_brackets_are_replaced() -> None:
    assert publishing_text.fit_title("a <b> c") == "a ‹b› c"
    assert publishing_text.fit_description("<script>") == "‹script›"


def test_hidden_characters_are_taken_away_and_lines_stay() -> None:
    assert publishing_text.fit_title("a\x1b[1m \u202eb\x85c") == "a[1m b c"
    assert publishing_text.fit_description("one\x07\n\ntwo\u2067") == "one\n\ntwo"
    assert publishing_text.fit_tags(["a\x00b"]) == ("ab",)
    assert publishing_text.replace_forbidden("نمی\u200cخواهم") == "نمی\u200cخواهم", "joiners belong to the script"


def test_a_description_is_cut_between_letters() -> None:
    cut = publishing_text.fit_description("é" * 4000)
    assert cut == "é" * 2498 + "…"
    assert len(cut.encode()) <= 5000


def test_tags_are_taken_while_they_fit_each_once_and_without_commas() -> None:
    assert publishing_text.fit_tags(["Walden", "walden", "", "a, b", 'say "hut"']) == ("Walden", "a b", "say hut")
    assert publishing_text.fit_tags(["x" * 101, "y"]) == ("y",)


@given(st.lists(st.text(max_size=120), max_size=30), st.text(max_size=300))
def test_the_limits_always_hold(tags: list[str], title: str) -> None:
    chosen = publishing_text.fit_tags(tags)
    # As the site counts: commas between tags, and quotation marks around those with blanks.
    assert len(",".join(f'"{tag}"' if " " in tag else tag for tag in chosen)) <= 500
    assert len(publishing_text.fit_title(title)) <= 100
    assert len(publishing_text.fit_description(title * 20).encode()) <= 5000


SCRIPT = Script(
    title="Walden by Thoreau: the key ideas", book_title="Walden", author="Thoreau", language="en", direction="ltr",
    hook="Hook.", scenes=(Scene("Ice", "Scene."),), close="Close.", description="In this video:\n• Ice", tags=(),
    short="A hut stood there. It was small.", target_seconds=20.0,
)


def test_the_title_says_that_it_is_a_short() -> None:
    assert short_title(SCRIPT) == "Walden by Thoreau: the key ideas #Shorts"
    assert short_title(replace(SCRIPT, title="x" * 95)) == "Walden #Shorts"


def test_the_description_says_what_is_in_the_short_and_where_the_video_is() -> None:
    url = "https://video.example/1"
    assert short_description(SCRIPT, url) == f"A hut stood there.\n\n{SCRIPT.title}\n{url}"


def test_a_place_on_this_machine_is_not_told() -> None:
    assert short_description(SCRIPT, "file:///books/ann/published/video.mp4") == f"A hut stood there.\n\n{SCRIPT.title}"


VIDEO = Transcript(
    "en", "ltr", (Segment("Text."),), "Walden in ten minutes", source_url="https://www.youtube.com/watch?v=abc",
    source_author="Pond Talks",
)
UNCREDITED = Script(
    "Walden", "Walden", "", "en", "ltr", "H", (Scene("S", "N"),), "C", "What the book says.", ("t",), "S", 120.0
)


def test_a_video_is_credited_below_the_description() -> None:
    assert add_credit(UNCREDITED, VIDEO).description == (
        "What the book says.\n\nMade from: Walden in ten minutes, Pond Talks\nhttps://www.youtube.com/watch?v=abc"
    )


def test_the_credit_is_in_the_language_of_the_script() -> None:
    assert credit_line(dataclasses.replace(VIDEO, language="de")).startswith("Grundlage: ")
    assert credit_line(dataclasses.replace(VIDEO, language="fi")).startswith("Made from: ")


@pytest.mark.parametrize("url", ["", "sources/walden.md", "file:///books/ann/walden.md", "https://x\nhttps://y"])
def test_what_has_no_address_for_others_is_not_named(url: str) -> None:
    transcript = dataclasses.replace(VIDEO, source="walden.md", source_url=url)
    assert add_credit(UNCREDITED, transcript) == UNCREDITED


def test_a_long_description_gives_way_to_the_credit() -> None:
    long = dataclasses.replace(UNCREDITED, description="ж" * 4000)
    transcript = dataclasses.replace(VIDEO, source="A title " * 200)
    made = add_credit(long, transcript).description
    assert len(made.encode()) <= 5000
    assert made.endswith("…, Pond Talks\nhttps://www.youtube.com/watch?v=abc")


def test_crediting_twice_changes_nothing() -> None:
    assert add_credit(add_credit(UNCREDITED, VIDEO), VIDEO) == add_credit(UNCREDITED, VIDEO)


def test_a_title_breaks_no_line_and_holds_no_brackets() -> None:
    made = add_credit(UNCREDITED, dataclasses.replace(VIDEO, source="Wal\nden <b>"))
    assert "Made from: Wal den ‹b›, Pond Talks\n" in made.description


def test_a_title_turns_no_terminal_and_no_direction_and_leads_nowhere() -> None:
    title, owner = "Wal\x1b[31mden \u202ehttps://elsewhere.example/x", "Pond www.elsewhere.example"
    made = credit_line(dataclasses.replace(VIDEO, source=title, source_author=owner))
    assert made == "Made from: Wal[31mden, Pond\nhttps://www.youtube.com/watch?v=abc"


def test_a_title_that_is_an_address_alone_is_not_named() -> None:
    made = credit_line(dataclasses.replace(VIDEO, source="https://elsewhere.example", source_author=""))
    assert made == "Made from: https://www.youtube.com/watch?v=abc"
