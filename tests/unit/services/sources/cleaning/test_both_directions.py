"""Every rule in both directions: what it removes, and the words that look like it and stay."""

from __future__ import annotations

import pytest

from pressrun.services.sources.cleaning import clean_text
from pressrun.services.sources.cleaning.formats import Form

PROSE = "The keeper counts the ships that pass the island every evening, and she writes their number down."


def spoken(text: str, form: Form = "plain") -> str:
    """Return what is read aloud, a piece per line."""
    return "\n".join(each.text for each in clean_text(text, form).segments if not each.heading)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It passed.[1] It came.[12][13]", "It passed. It came."),
        ("It passed[citation needed] by.", "It passed by."),
        ("He said [he] was late.", "He said he was late."),
        ("He knew [that] it rained.", "He knew that it rained."),
        ("[T]he sea was calm.", "The sea was calm."),
        ("The interval [0, 1] is closed.", "The interval 0, 1 is closed."),
        ("It is 5 km² wide.", "It is 5 km² wide."),
        ("E = mc² is known.", "E = mc² is known."),
        ("He came from Paris¹ that day.", "He came from Paris that day."),
        ("She was old.* He was young.", "She was old. He was young."),
        ("Multiply 5 * 3 * 2 now.", "Multiply 5 * 3 * 2 now."),
        ("The [Illustration] sea.", "The sea."),
        ("An [illustration of his] own.", "An illustration of his own."),
        ("The man[oe]uvre failed.", "The manoeuvre failed."),
        ("He wrote [Greek: logos] down.", "He wrote logos down."),
        ("It [laughs] came.", "It came."),
        ("He heard [the wind] howl.", "He heard the wind howl."),
    ],
)
def test_square_brackets_lose_marks_and_keep_words(text: str, kept: str) -> None:
    assert spoken(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("A **bold** and _soft_ word.", "A bold and soft word."),
        ("A snake_case_word and x*y stay.", "A snake_case_word and x*y stay."),
        ("AT&T and R&D stay.", "AT&T and R&D stay."),
        ("Tom &amp; Ann &#8212; both.", "Tom & Ann — both."),
        ("If a < b and c > d, stop.", "If a < b and c > d, stop."),
        ("It cost $5 and then $10.", "It cost $5 and then $10."),
        ("Where $x$ is known.", "Where x is known."),
        ("He wrote it at https://example.org/a.", "He wrote it."),
        ("See https://example.org/a for more. It rained.", "It rained."),
        ("The way from A --> B is short.", "The way from A – B is short."),
        ("I write C# and am #1.", "I write C# and am #1."),
    ],
)
def test_markup_goes_and_signs_of_the_author_stay(text: str, kept: str) -> None:
    assert spoken(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{PROSE} It was a light-\nhouse of wood.", f"{PROSE} It was a lighthouse of wood."),
        (f"{PROSE} It was well-\nknown to all.", f"{PROSE} It was well-known to all."),
        (f"{PROSE} The pre-\nand postwar years.", f"{PROSE} The pre- and postwar years."),
        (f"{PROSE} Two- or three-day trips.", f"{PROSE} Two- or three-day trips."),
        (f"{PROSE} A clock- maker came.", f"{PROSE} A clockmaker came."),
    ],
)
def test_words_cut_at_line_ends_are_joined_and_hyphens_of_the_author_stay(text: str, kept: str) -> None:
    assert spoken(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a) bread\nb) butter\nc) tea", "bread\nbutter\ntea"),
        ("1. Go home.\n2. Sleep well.", "Go home.\nSleep well."),
        ("(i) bread\n(ii) butter", "bread\nbutter"),
        ("I. Bread\nII. Butter\nIII. Tea", "Bread\nButter\nTea"),
        ("1.1 Bread\n1.2 Butter\n1.3 Tea", "Bread\nButter\nTea"),
        (f"{PROSE} It was in chapter\n5. Then he left.", f"{PROSE} It was in chapter 5. Then he left."),
        ("1.1 million people came to the island last year.", "1.1 million people came to the island last year."),
        ("A. Smith wrote it in the winter of that year.", "A. Smith wrote it in the winter of that year."),
        ("The sea was calm — and\n— as he said — cold.", "The sea was calm — and — as he said — cold."),
    ],
)
def test_markers_of_lists_go_and_numbers_of_sentences_stay(text: str, kept: str) -> None:
    assert spoken(text) == kept


def test_lines_without_full_stops_stay_lines_and_wrapped_prose_is_joined() -> None:
    poem = "The river sleeps below the mill\nThe wheel is white with frost\nThe silent clocks are ticking still"
    assert spoken(f"{PROSE}\n\n{poem}").split("\n")[1:] == poem.split("\n")
    wrapped = "The keeper of the light on the\nIsland of Mull, a friend of Anna\nand Peter, counts ships of the\nwest."
    assert spoken(wrapped) == " ".join(wrapped.split("\n"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0:00\nShe came.\n0:07\nHe left.", "She came. He left."),
        ("NARRATOR: She came.\n\nHe left.", "She came.\nHe left."),
        ("At 5:30 she came.\n\nNOTE: He left.", "At 5:30 she came.\nNOTE: He left."),
        ("The rule is simple: go home.", "The rule is simple: go home."),
        ("[SCENE 2: The shop, at night]\n\nShe came.", "She came."),
    ],
)
def test_times_and_labels_of_transcripts_go_and_those_of_sentences_stay(text: str, kept: str) -> None:
    assert spoken(text) == kept


def test_pages_are_left_out_and_the_paragraphs_they_parted_are_joined() -> None:
    text = "\n\n".join(f"{PROSE} It was late and the\n\n{page}\n\nsea was calm." for page in (11, 12, 13))
    assert spoken(text).split("\n") == [f"{PROSE} It was late and the sea was calm."] * 3
    assert spoken(f"{PROSE}\n\n42\n\n{PROSE}") == f"{PROSE}\n{PROSE}"


def test_a_chapter_that_is_called_notes_stays() -> None:
    text = f"CHAPTER I\n\n{PROSE}\n\nNotes\n\n{PROSE} She kept them in a box.\n\n{PROSE} Nobody read them."
    assert "kept them in a box" in spoken(text)
    notes = f"{PROSE}\n\nNotes\n\n1. Smith, Clocks, p. 12.\n\n2. Miller, Bread, 1990."
    assert spoken(notes) == PROSE


def test_front_matter_is_left_out_and_prose_between_rules_stays() -> None:
    assert spoken(f"---\ntitle: A\n---\n{PROSE}", "markdown") == PROSE
    assert spoken(f"+++\ntitle = 'A'\n+++\n{PROSE}", "markdown") == PROSE
    assert spoken(f"---\n{PROSE}\n---\n\nMore.") == f"{PROSE}\nMore."


def test_sentences_that_look_like_notices_stay() -> None:
    for line in (
        "Produced by hand, the clocks were sold in every town of the coast.",
        "Copyright is a word that she never used in her letters.",
        "The end of the street was dark.",
        "Contents of the drawer were silent clocks and a brush.",
        "Location is everything, said the baker, and sold his shop.",
    ):
        assert spoken(f"{PROSE}\n\n{line}\n\n{PROSE}").split("\n")[1] == line


def test_what_is_left_out_is_counted_and_described() -> None:
    left_out = clean_text("It passed.[1] It came.[2]\n\n[Illustration: The sea]\n\nIt went.").left_out
    assert left_out.counts == {"reference_marks": 2, "illustrations": 1}
    assert str(left_out) == "left out: 2 reference marks, 1 illustration"
    assert not clean_text(PROSE).left_out
