"""Sentences that point back are known by their words."""

from __future__ import annotations

import pytest

from pressrun.services.languages import words
from pressrun.services.writers.references import refers_back


def leaning(before: str, sentence: str, code: str = "en") -> bool:
    said = {word.casefold() for word in words(before, code)}
    return refers_back(sentence, code, said, said)


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("Whoever knows himself will not be in danger.", "The second half is the harder one."),
        ("Today he will meet arrogant people.", "The point of the list is not contempt."),
        ("The experiment was simple.", "Nobody needs a pond to repeat the experiment."),
        ("A stone sank.", "The stone found one at a hundred feet."),
        ("He grew beans.", "Other work, such as surveying, covered the rest."),
        ("He worked little.", "By his own account six weeks could pay for a whole year."),
        ("A room was cheap.", "A student paid more than that each year."),
        ("He was arrested.", "Somebody paid the debt for him."),
    ],
)
def test_a_sentence_that_speaks_of_what_was_said_leans(before: str, sentence: str) -> None:
    assert leaning(before, sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The highest skill is to win without fighting.", "The Meditations reward small doses.",
        "The book sold slowly.", "The most powerful man in the world kept a notebook.",
        "Human beings are made to work together.", "In the summer of 1846 Thoreau walked into a village.",
        "Food came from a field of beans.",
    ],
)
def test_a_sentence_that_names_what_it_speaks_of_is_clear_without_context(sentence: str) -> None:
    assert not leaning("Thoreau built a hut.", sentence)


@pytest.mark.parametrize(
    ("before", "sentence", "code"),
    [
        ("Ein Mann baute eine Hütte.", "Die Hütte stand am See.", "de"),
        ("Un homme construit une cabane.", "Dans la cabane, rien ne manque.", "fr"),
        ("Un joven construyó una cabaña.", "En su campo crecían judías.", "es"),
        ("Es gibt zwei Hälften.", "Schwer ist die zweite Hälfte.", "de"),
    ],
)
def test_other_languages_are_known_by_article_and_noun(before: str, sentence: str, code: str) -> None:
    assert leaning(before, sentence, code)


def test_what_begins_a_section_may_begin_with_the() -> None:
    assert not refers_back("The hut measured ten feet by fifteen.", "en")
