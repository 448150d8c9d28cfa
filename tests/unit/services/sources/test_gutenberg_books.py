"""Three books of 20,000 words in the form of Project Gutenberg become scripts that read well."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from bench.sources.gutenberg import BOOKS

from pressrun.model.book import Book
from pressrun.model.script import Script, Transcript
from pressrun.services.languages import detect_language, split_sentences
from pressrun.services.protocols import Brief, Context
from pressrun.services.sources.cleaning import Cleaned, clean_text
from pressrun.services.writers import extractive
from pressrun.services.writers.final_check import script_warnings

NEVER_SPOKEN = re.compile(
    r"gutenberg|ebook|e-text|license|chapter|section [ivx]+|kapitel|contents|inhalt\b|illustration|transcri|transkri"
    r"|footnote"
    r"|sidenote|proofread|finis|the end|^ende|internet archive|page \d|\bpg\b|index|volume|verlag|\d{4}\.$|[\[\]{}|*_]"
    r"|--$"
    r"|^(?:of|preface|m\. h\.)\b.{0,40}$",
    re.IGNORECASE,
)


@cache
def cleaned(title: str) -> Cleaned:
    return clean_text(BOOKS[title](), "plain")


def script_of(title: str) -> Script:
    segments = cleaned(title).segments
    language = detect_language("\n".join(each.text for each in segments if not each.heading))
    transcript = Transcript(language.code, language.direction, segments, f"{title}.txt")
    brief = Brief(Book(title, "Ann Author"), 600, 45, 165, 0.5)
    return extractive.write(transcript, brief, Context(Path(), {}, None, 1, lambda _: None, lambda _a, _b: None))


@pytest.mark.parametrize("title", BOOKS)
def test_the_books_are_as_long_as_books(title: str) -> None:
    assert len(BOOKS[title]().split()) >= 19_000


@pytest.mark.parametrize("title", BOOKS)
def test_every_piece_that_is_read_is_prose_or_verse(title: str) -> None:
    pieces = [each.text for each in cleaned(title).segments if not each.heading]
    assert not [each for each in pieces if NEVER_SPOKEN.search(each) and not each.startswith("Of ")]
    assert sum(len(each.split()) for each in pieces) > 0.9 * len(BOOKS[title]().split())


@pytest.mark.parametrize("title", BOOKS)
def test_the_script_reads_well_from_start_to_finish(title: str) -> None:
    script = script_of(title)
    assert not script_warnings(script)
    for part in (script.hook, *(scene.narration for scene in script.scenes), script.close, script.short):
        for sentence in split_sentences(part, script.language):
            assert not NEVER_SPOKEN.search(sentence), sentence
            assert sentence.rstrip("”«»").endswith((".", "?", "!", "…")), sentence


def test_headings_of_scenes_are_titles_and_never_only_numbers() -> None:
    headings = [scene.heading for title in BOOKS for scene in script_of(title).scenes]
    assert not [each for each in headings if re.fullmatch(
        r"(?:chapter|section|\w+ kapitel).{0,6}", each, re.IGNORECASE,
    )]


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("The Marshes of Fenwick", {"licences", "notes_of_producers", "contents", "illustrations", "endings"}),
        ("A Treatise on Attention", {"page_marks", "footnotes", "reference_marks", "tables", "indexes", "contents"}),
        ("Erzählungen von der Saale", {"licences", "notes_of_producers", "contents", "illustrations", "endings"}),
    ],
)
def test_what_is_left_out_is_counted(title: str, kinds: set[str]) -> None:
    assert kinds <= set(cleaned(title).left_out.counts)
