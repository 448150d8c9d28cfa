"""Whole inputs: every row is accepted or rejected once, with reasons that a person can act on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.size import examples

from pressrun.errors import RowsError
from pressrun.kinds.ideas.rows import (
    FIELDS,
    Reading,
    RejectedRow,
    Rows,
    SheetFormat,
    ValidationLevel,
    read_cells,
    read_csv,
    read_list,
)
from pressrun.kinds.ideas.rows.tables import MAX_ROWS
from pressrun.kinds.problems import Problem

STRICT, MODERATE, PERMISSIVE = ValidationLevel
WHOLE = {
    "idea_title": "Bees", "description": "How they dance", "target_audience": "Children", "tone": "calm",
    "duration_seconds": 120, "platform_preferences": "youtube", "script_content": "Bees dance.",
    "voice_preference": "female", "style_override": "classic", "priority": "low",
}


def listed(level: ValidationLevel, *rows: dict[str, Any]) -> Rows:
    return read_list(rows, Reading(validation=level))


def test_a_whole_row_passes_every_level_and_carries_the_ten_columns_and_three_short_names() -> None:
    for level in ValidationLevel:
        row = listed(level, WHOLE).accepted[0]
        assert row.idea.idea_data() == WHOLE | {
            "platform_preferences": ["youtube"], "script": "Bees dance.", "voice": "female", "style": "classic",
        }
        json.dumps(row.idea.idea_data())


@pytest.mark.parametrize("missing", FIELDS)
def test_strict_requires_all_ten_and_moderate_title_and_script(missing: str) -> None:
    row, other = WHOLE | {missing: " "}, WHOLE | {"idea_title": "Wasps"}
    strict = listed(STRICT, row, other)
    assert [(each.number, each.column, each.found) for each in strict.rejected] == [(1, missing, "nothing")]
    assert strict.rejected[0].expected
    moderate = listed(MODERATE, row, other)
    assert bool(moderate.rejected) == (missing in ("idea_title", "script_content"))


def test_an_omitted_field_has_its_default_and_is_not_given() -> None:
    row = listed(MODERATE, {"title": "Bees", "script": "Bees dance."}).accepted[0]
    assert row.idea.duration_seconds == 300
    assert row.idea.platform_preferences == ("youtube", "tiktok")
    assert row.idea.priority == "normal"
    assert row.given == {"idea_title", "script_content"}


@pytest.mark.parametrize("field", ["idea_title", "description", "script_content"])
def test_permissive_needs_one_text_to_make_a_video_of(field: str) -> None:
    found = listed(PERMISSIVE, {field: "Bees dance. And wasps?", "tone": "calm"}, {"tone": "calm", "priority": "low"})
    assert found.accepted[0].idea.idea_title.startswith("Bees dance")
    assert str(found.rejected[0]) == (
        "Row 2, idea_title: found nothing; expected a title, a description or a script"
    )


def test_a_title_taken_from_a_text_is_short_and_reported() -> None:
    found = listed(PERMISSIVE, {"description": "word " * 100}, {"script": "Bees dance. And wasps?"}, {"script": ". !"})
    first, second, third = (row.idea.idea_title for row in found.accepted)
    assert len(first) <= 80
    assert first.endswith("word…")
    assert (second, third) == ("Bees dance", ".")
    assert str(found.fixes[1]) == (
        'Row 2, idea_title: nothing was read as "Bees dance", the beginning of script_content'
    )
    assert found.accepted[1].given == {"script_content"}


def test_a_value_that_cannot_be_read_rejects_its_row_or_leaves_the_default_with_a_warning() -> None:
    row = WHOLE | {"duration_seconds": "about five", "voice_preference": "robot"}
    for level in (STRICT, MODERATE):
        rejected = listed(level, row).rejected[0]
        assert str(rejected) == (
            'Row 1, duration_seconds: found "about five"; expected seconds from 20 to 1800, e.g. 300, "5 min" or "1:30"'
            ', and voice_preference: found "robot"; expected female, male or neutral'
        )
        assert rejected.as_data()["problems"][1] == {
            "column": "voice_preference", "found": '"robot"', "expected": "female, male or neutral",
        }
    lenient = listed(PERMISSIVE, row)
    assert lenient.accepted[0].idea.duration_seconds == 300
    assert "duration_seconds" not in lenient.accepted[0].given
    assert [note.split(";")[0] for note in lenient.warnings] == [
        'Row 1, duration_seconds: "about five" is ignored', 'Row 1, voice_preference: "robot" is ignored',
    ]


def test_every_corrected_value_is_recorded() -> None:
    found = read_csv(
        "idea_title;script_content;duration_seconds;platform_preferences;priority\n"
        "Bees;Bees dance.;5 min;Youtube, TikTok;HIGH\nWasps;Wasps\x00 fly.;300;youtube;high\n"
    )
    assert [str(fix) for fix in found.fixes] == [
        'Row 2, duration_seconds: "5 min" was read as 300',
        'Row 2, platform_preferences: "Youtube, TikTok" was read as "youtube,tiktok"',
        'Row 2, priority: "HIGH" was read as "high"',
        "Row 3, script_content: a text with invisible characters was read as the text without them",
    ]


def test_half_a_surrogate_pair_rejects_its_row_at_every_level_wherever_it_is() -> None:
    for level in ValidationLevel:
        rows = [WHOLE | {"tone": "\ud83d"}, WHOLE | {"priority": "\udc00"}, WHOLE | {"notes": "\ud83d"}]
        found = listed(level, *rows)
        assert [each.number for each in found.rejected] == [1, 2, 3]
        json.dumps([each.as_data() for each in found.rejected], ensure_ascii=False).encode()


def test_the_same_title_and_script_is_made_once() -> None:
    again = WHOLE | {"idea_title": "  BEES", "voice_preference": "male"}
    for level in (STRICT, MODERATE):
        found = listed(level, WHOLE, again)
        assert str(found.rejected[0]) == (
            'Row 2, idea_title: found "BEES" with the same script as row 1; expected each video only once'
        )


def test_a_permissive_list_may_tell_the_same_in_another_voice_but_not_the_very_same() -> None:
    again = WHOLE | {"voice_preference": "male"}
    found = listed(PERMISSIVE, WHOLE, again, again, WHOLE | {"priority": "high"})
    assert [row.number for row in found.accepted] == [1, 2]
    assert [each.found for each in found.rejected] == [
        '"Bees" with the same script as row 2', '"Bees" with the same script as row 1',
    ]
    assert found.warnings == ("Row 2 has the same content as row 1 and differs only in voice_preference",)


def test_ideas_without_a_script_are_distinguished_by_their_description() -> None:
    found = listed(PERMISSIVE, {"title": "Bees", "description": "A"}, {"title": "Bees", "description": "B"})
    assert len(found.accepted) == 2


def test_ten_thousand_rows_are_read_within_seconds() -> None:
    header = "idea_title,script_content,duration_seconds\n"
    started = time.monotonic()
    found = read_csv(header + "".join(f"Title {n},{'word ' * 50}{n},300s\n" for n in range(MAX_ROWS)))
    assert len(found.accepted) == MAX_ROWS
    assert time.monotonic() - started < 5
    with pytest.raises(RowsError, match=f"more than {MAX_ROWS} rows"):
        read_list([["a", "b"]] * (MAX_ROWS + 1))


_NAMES = st.sampled_from((*FIELDS, "Title", "script", "Notes", ""))
_CELLS = st.one_of(
    st.text(st.characters(), max_size=12),
    st.sampled_from(("300", "5 min", "youtube;tiktok", "high", "male", "=A1", '"', "\ud800", "\u200b", "\x00")),
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
_READINGS = st.builds(
    Reading,
    format=st.sampled_from((SheetFormat.STANDARD, SheetFormat.MINIMAL)),
    validation=st.sampled_from(ValidationLevel),
    header=st.sampled_from((None, True, False)),
) | st.builds(
    Reading,
    format=st.just(SheetFormat.CUSTOM),
    columns=st.dictionaries(_NAMES | st.sampled_from("ABZ"), _NAMES, max_size=3),
    validation=st.sampled_from(ValidationLevel),
)


def rows_or_none(read: Callable[[], Rows]) -> Rows | None:
    """None where the input is refused as a whole, which is said in words."""
    refusal = None
    try:
        return read()
    except RowsError as error:
        refusal = error
    assert f"{refusal}{refusal.remedy}".encode()
    assert refusal.remedy
    return None


def check_each_once(found: Rows | None, numbers: set[int]) -> None:
    if found is None:
        return
    ends = [row.number for row in found.accepted] + [row.number for row in found.rejected]
    assert len(ends) == len(set(ends))
    assert set(ends) <= numbers
    assert len(numbers) - len(ends) <= 1, "only a header is neither"
    for fix in found.fixes:
        assert fix.number in {row.number for row in found.accepted}
    for rejected in found.rejected:
        assert all(each.column and each.found and each.expected for each in rejected.problems)
    told = [str(each) for each in (*found.rejected, *found.fixes, *found.warnings)]
    data = [row.idea.idea_data() | dict(row.extra) for row in found.accepted]
    assert "\x00" not in json.dumps([told, data], ensure_ascii=False).encode().decode()


def said_something(row: Any) -> bool:
    return any(cell not in (None, []) and (not isinstance(cell, str) or cell.strip()) for cell in row)


@settings(max_examples=examples(400), deadline=None)
@given(st.lists(st.lists(_NAMES | _CELLS, max_size=6), max_size=6), _READINGS)
def test_any_sheet_is_rejected_with_a_message_or_each_row_is_accepted_or_rejected_once(
    rows: list[list[str]], reading: Reading
) -> None:
    found = rows_or_none(partial(read_cells, rows, reading))
    check_each_once(found, {number for number, row in enumerate(rows, 1) if said_something(row)})


@settings(max_examples=examples(400), deadline=None)
@given(st.lists(_JSON, max_size=5) | st.lists(st.dictionaries(_NAMES, _JSON, max_size=4), max_size=5), _READINGS)
def test_any_list_of_a_request_is_rejected_with_a_message_or_each_row_ends_once(
    rows: list[Any], reading: Reading
) -> None:
    found = rows_or_none(partial(read_list, rows, reading))
    cells = [row.values() if isinstance(row, dict) else row for row in rows if isinstance(row, dict | list)]
    check_each_once(found, {number for number, row in enumerate(cells, 1) if said_something(row)})


@settings(max_examples=examples(400), deadline=None)
@given(st.text(st.characters() | st.sampled_from('",;\t\n\r='), max_size=80), _READINGS)
def test_any_csv_raises_nothing_but_its_own_error(text: str, reading: Reading) -> None:
    for head in ("", "idea_title,script_content\n", "\ufeffTitle;Script\r\n"):
        found = rows_or_none(partial(read_csv, head + text, reading))
        assert found is None or found.accepted or found.rejected


def test_a_rejection_is_data_too() -> None:
    rejected = RejectedRow(7, (Problem("tone", "nothing", "text"),))
    assert rejected.as_data() == {
        "number": 7, "column": "tone", "found": "nothing", "expected": "text",
        "problems": [{"column": "tone", "found": "nothing", "expected": "text"}],
        "message": "Row 7, tone: found nothing; expected text",
    }
