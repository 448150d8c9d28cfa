"""Columns are found by their names in any order, or by position."""

from __future__ import annotations

from typing import Any

import pytest

from pressrun.errors import RowsError
from pressrun.kinds.ideas.rows import (
    FIELDS,
    Reading,
    Rows,
    SheetFormat,
    ValidationLevel,
    read_cells,
    read_csv,
    read_list,
)

LENIENT = ValidationLevel.PERMISSIVE
WHOLE = ("Bees", "How they dance", "Children", "calm", "120", "youtube", "Bees dance.", "female", "classic", "low")


def custom(columns: dict[str, str], **more: Any) -> Reading:
    return Reading(SheetFormat.CUSTOM, LENIENT, columns, **more)


def complaint(rows: list[list[Any]], reading: Reading) -> str:
    with pytest.raises(RowsError) as caught:
        read_cells(rows, reading)
    assert caught.value.remedy
    return caught.value.message


def titles(rows: Rows) -> list[tuple[int, str]]:
    return [(row.number, row.idea.idea_title) for row in rows.accepted]


def test_columns_stand_in_any_order_and_are_written_in_any_way() -> None:
    header = ["Script Content *", "PRIORITY", "idea-title", "Duration (seconds)", " voice preference "]
    found = read_cells([header, ["Bees dance.", "high", "Bees", "90", "male"]])
    idea = found.accepted[0].idea
    assert (idea.idea_title, idea.script_content, idea.duration_seconds) == ("Bees", "Bees dance.", 90)
    assert (idea.voice_preference, idea.priority) == ("male", "high")
    assert not found.warnings


def test_short_names_of_columns_are_known() -> None:
    header = ["Title", "Script", "Voice", "Style", "Audience", "Platforms"]
    idea = read_cells([header, ["A", "B", "male", "minimal", "C", "tiktok"]]).accepted[0].idea
    assert (idea.voice_preference, idea.style_override, idea.target_audience) == ("male", "minimal", "C")


SCRIPT = "A lighthouse keeper on a small island counts the ships that pass, and writes their number down. " * 3


@pytest.mark.parametrize(
    "header",
    [
        ["Title", "Description", "Audience", "Tone", "Duration", "Platforms", "Script"],
        ["Video title", "Summary", "Target group", "Mood", "Length", "Platform", "Text"],
        ["Titel", "Beschreibung", "Zielgruppe", "Ton", "Dauer", "Plattformen", "Skript"],
        ["Thema", "Beschreibung", "Publikum", "Stimmung", "Länge", "Plattform", "Drehbuch"],
        ["Titre", "Description", "Public cible", "Ton", "Durée", "Plateformes", "Scénario"],
        ["TITRE", "RÉSUMÉ", "PUBLIC", "TON", "DUREE", "PLATEFORME", "TEXTE"],
        ["Título", "Descripción", "Público objetivo", "Tono", "Duración", "Plataformas", "Guion"],
        ["Titulo", "Descripcion", "Audiencia", "Tono", "Duracion (s)", "Plataforma", "Texto"],
    ],
)
def test_headers_in_other_words_and_languages_are_recognized(header: list[str]) -> None:
    found = read_cells([header, ["The Tower", "x", "y", "z", "2 min", "YouTube", SCRIPT]])
    (row,) = found.accepted
    idea = row.idea
    assert (idea.idea_title, idea.description, idea.target_audience, idea.tone) == ("The Tower", "x", "y", "z")
    assert (idea.duration_seconds, idea.platform_preferences) == (120, ("youtube",))
    assert idea.script_content == SCRIPT.strip()
    assert found.warnings == ()


@pytest.mark.parametrize(
    "header",
    [
        ["Otsikko", "Kuvaus", "Yleisö", "Sävy", "Kesto", "Alustat", "Käsikirjoitus"],
        ["Naslov", "Opis", "", "", "Trajanje", "", "Scenarij"],
    ],
)
@pytest.mark.parametrize("level", ValidationLevel)
def test_a_header_in_an_unknown_language_is_rejected_and_never_a_video(
    header: list[str], level: ValidationLevel
) -> None:
    row = ["The Tower", "x", "y", "z", "2 min", "YouTube", SCRIPT]
    message = complaint([header, row], Reading(validation=level))
    assert message.startswith(f'Row 1 looks like a header with unknown names: "{header[0]}"')
    assert titles(read_cells([header, row], Reading(validation=LENIENT, header=False)))[-1] == (2, "The Tower")


def test_rows_without_a_header_are_not_taken_for_one() -> None:
    rows = [["Bees", "How they dance"], ["Ants", "How they walk"], ["2666", "A long book"]]
    assert len(read_cells(rows, Reading(validation=LENIENT)).accepted) == 3


def test_of_two_names_for_one_field_our_own_is_used() -> None:
    found = read_cells([["Topic", "Title", "Script"], ["Nature", "Bees", "Bees dance."]])
    assert titles(found) == [(2, "Bees")]
    assert dict(found.accepted[0].extra) == {"Topic": "Nature"}
    assert found.warnings[0].startswith('The column "Topic" is stored but not used')


def test_a_duration_in_other_units_suggests_the_column() -> None:
    found = read_cells([["Title", "Script", "Duration in minutes"], ["Bees", "Bees dance.", "2"]])
    assert found.accepted[0].idea.duration_seconds == 300
    assert found.warnings == (
        'The column "Duration in minutes" is stored but not used; did you mean duration_seconds?',
    )


def test_without_a_header_the_ten_columns_stand_in_their_order() -> None:
    found = read_cells([WHOLE])
    row = found.accepted[0]
    assert row.number == 1
    assert row.given == frozenset(FIELDS)
    assert row.idea.idea_data()["platform_preferences"] == ["youtube"]
    assert "so it was read as the first row of data, in the order A idea_title, B description" in found.warnings[0]


def test_a_single_title_that_is_also_the_name_of_a_column_is_not_a_header() -> None:
    reading = Reading(SheetFormat.MINIMAL)
    assert titles(read_cells([["Style", "How to dress well."], ["Tone", "How to sing well."]], reading)) == [
        (1, "Style"), (2, "Tone"),
    ]


def test_whether_row_one_is_a_header_can_be_said() -> None:
    assert titles(read_cells([["Title", "Script"], ["A", "B"]], Reading(SheetFormat.MINIMAL, header=False))) == [
        (1, "Title"), (2, "A"),
    ]
    foreign = [["Otsikko", "Teksti"], ["A", "B"]]
    assert "Missing column idea_title, script_content" in complaint(foreign, Reading(header=True))


def test_unknown_columns_are_kept_aside_and_named_with_what_was_perhaps_meant() -> None:
    found = read_cells([["idea_title", "script_content", "Notes", "descripton"], ["A", "B", "to do", "C"]])
    assert dict(found.accepted[0].extra) == {"Notes": "to do", "descripton": "C"}
    assert found.warnings == (
        'The column "Notes" is stored but not used',
        'The column "descripton" is stored but not used; did you mean description?',
    )


def test_what_is_kept_aside_has_names_that_can_be_written_everywhere() -> None:
    found = read_cells([["title", "script", "N\x00ote", "Note", " ", "\ud83d"], ["A", "B", "1", "2", "3", "4"]])
    assert dict(found.accepted[0].extra) == {"Note": "1", "Note (D)": "2", "E": "3", "\\ud83d": "4"}


def test_a_column_that_appears_twice_is_rejected() -> None:
    said = complaint([["Title", "script", "idea_title"], ["A", "B", "C"]], Reading())
    assert said == 'Columns A ("Title") and C ("idea_title") are both idea_title'


def test_a_column_that_every_row_needs_is_missed_once_and_not_in_every_row() -> None:
    assert complaint([["idea_title", "tone"], ["A", "B"]], Reading()) == (
        "Missing column script_content, which validation moderate requires"
    )
    assert "none of the columns idea_title, description, script_content" in complaint(
        [["tone", "priority"], ["A", "low"]], Reading(validation=LENIENT)
    )


def test_the_minimal_format_uses_title_and_script_only() -> None:
    found = read_csv("Script,Tone,Title\nB,calm,A\n", Reading(SheetFormat.MINIMAL))
    assert (found.accepted[0].idea.idea_title, found.accepted[0].idea.tone) == ("A", "")
    assert dict(found.accepted[0].extra) == {"Tone": "calm"}
    assert "validation strict requires" in complaint(
        [["A", "B"]], Reading(SheetFormat.MINIMAL, ValidationLevel.STRICT)
    )


def test_a_mapping_names_columns_by_header_or_by_letter() -> None:
    rows = [["Überschrift", "x", "Text"], ["A", "-", "B"]]
    by_name = read_cells(rows, custom({"überschrift": "idea_title", "C": "script_content"}))
    assert (by_name.accepted[0].idea.idea_title, by_name.accepted[0].idea.script_content) == ("A", "B")
    by_letter = read_cells(rows[1:], custom({"A": "idea_title", "C": "script_content"}))
    assert by_letter.accepted[0].number == 1
    assert dict(by_letter.accepted[0].extra) == {"B": "-"}


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"A": "title"}, 'columns, "A": unknown field "title"'),
        ({"A": "idea_title", "B": "idea_title"}, 'columns: "A" and "B" are both idea_title'),
        ({"Head": "idea_title", "Headline": "description"}, 'columns: the sheet has no column "Headline"'),
        ({"Kopf": "idea_title"}, 'row 1 is no header, so "Kopf" cannot be found'),
        ({}, "The format custom needs columns"),
    ],
)
def test_a_mapping_that_cannot_hold_is_rejected(columns: dict[str, str], said: str) -> None:
    rows = [["Head", "Text", "Tone"], ["A", "B", "C"]]
    assert said in complaint(rows, custom(columns, header=False if "Kopf" in columns else None))


def test_columns_without_the_custom_format_are_rejected() -> None:
    assert "takes no columns" in complaint([["a"]], Reading(columns={"A": "idea_title"}))


def test_cells_to_the_right_of_the_header_reject_their_row_because_columns_may_have_shifted() -> None:
    found = read_csv("idea_title,script_content\nBees, wasps,They fly.\nAnts,They walk.\n")
    assert titles(found) == [(3, "Ants")]
    assert str(found.rejected[0]) == (
        'Row 2, column C: found "They fly."; expected 2 cells at most, and quotation marks around text that contains a '
        "separator"
    )


@pytest.mark.parametrize("rows", [[], [["", " "]], [["idea_title", "script_content"]]])
def test_a_sheet_without_rows_is_rejected(rows: list[list[str]]) -> None:
    assert "There are no rows" in complaint(rows, Reading())
    with pytest.raises(RowsError):
        read_list([])
