"""The final check of a script quotes the sentences that a person would not say."""

from __future__ import annotations

import pytest

from pressrun.model.script import Scene, Script
from pressrun.services.writers.final_check import MAX_WARNINGS, foreign_letters, language_warning, script_warnings

FINE = "The keeper counts the ships that pass the island every evening. She writes their number into a green notebook."
GERMAN = (
    "Die Wärterin zählt jeden Abend die Schiffe und schreibt ihre Zahl in ein grünes Heft. Im Winter kommt neunzehn "
    "Tage lang kein Schiff, und das Heft bleibt leer. Die Leute im Dorf schicken ihr Briefe mit Tauben. Ein Brief "
    "fragt, ob das Meer den Hafen vergessen hat."
)


def script(*narrations: str, language: str = "en") -> Script:
    scenes = tuple(Scene(f"Scene {n}", text) for n, text in enumerate(narrations))
    return Script("T", "Book", "Author", language, "ltr", FINE, scenes, FINE, "", (), FINE, 60)


def test_a_script_that_reads_well_has_no_warning() -> None:
    dialogue = "“Where is it?” she asked. AT&T and C# cost $5 at 10:30 p.m. (or so), e.g. in Zürich — café no. 3."
    assert script_warnings(script(FINE, dialogue)) == []


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("It passed the notebook[1] and went home again.", "square bracket"),
        ("See the [notebook](http) for all of the details.", "link"),
        ("The way from A --> B is short and good.", "arrow"),
        ("The keeper went </i> home in the evening again.", "HTML tag"),
        ("The keeper \\par went home in the evening again.", "RTF"),
        ("The cue 0000000a-1a2b-4c3d-8e9f-0123456789ab was heard by all.", "identifier"),
        ("Read more at https://example.org/a in the evening.", "web address"),
        ("The keeper &amp; the painter went home again.", "HTML entity"),
        ("The **keeper** went home in the evening again.", "markup"),
        ("The keeper lives in a house at approx.", 'the abbreviation "approx."'),
        ("The keeper wrote хорошо into the green notebook.", "letters that the voice may not know: х о р ш"),
    ],
)
def test_the_sentence_and_what_is_wrong_with_it_are_named(sentence: str, reason: str) -> None:
    (warning,) = script_warnings(script(f"{FINE} {sentence}"))
    assert reason in warning
    assert f'"{sentence}"' in warning
    assert warning.startswith("Scene 1: ")


def test_a_scene_of_three_words_is_named() -> None:
    assert script_warnings(script(FINE, "He came home.")) == ['Scene 2 has fewer than 4 words: "He came home."']


def test_a_text_in_another_language_than_the_voice_is_named() -> None:
    (warning,) = script_warnings(script(GERMAN))
    assert "another language (de) than the voice (en)" in warning
    assert "--language de" in warning
    assert language_warning(GERMAN, "de", "It") == ""
    assert language_warning("Kurz.", "en", "It") == ""


def test_many_warnings_are_counted() -> None:
    found = script_warnings(script(*(f"The keeper saw the ship[{n}] in the evening." for n in range(9))))
    assert len(found) == MAX_WARNINGS + 1
    assert found[-1] == "4 more sentences of script.json may not read well"


@pytest.mark.parametrize(
    ("text", "code", "foreign"),
    [
        ("café Zürich", "en", []),
        ("Москва", "ru", []),
        ("漢字かな", "ja", []),
        ("λόγος", "en", ["λ", "ό", "γ", "ο", "ς"]),
        ("NASA", "th", []),
    ],
)
def test_letters_of_other_scripts_are_foreign(text: str, code: str, foreign: list[str]) -> None:
    assert foreign_letters(text, code) == foreign
